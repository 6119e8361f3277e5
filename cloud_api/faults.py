"""Turns whatever went wrong into a problem document: ours, FastAPI's, Starlette's, and what nobody expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from cloud_api.middleware import REQUEST_ID
from cloud_api.problems import Fault, Internal, Invalid, Malformed, MethodNotAllowed, NotFound, Problem, Unavailable
from cloud_api.wire import problem_response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response

log = structlog.get_logger(__name__)


def add_fault_handlers(app: FastAPI) -> None:
    """Let every error of the app go out as a problem document."""
    app.add_exception_handler(Problem, _ours)
    app.add_exception_handler(RequestValidationError, _parameters)
    app.add_exception_handler(HTTPException, _routing)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(Exception, _unexpected)


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return problem_response(error, _id_of(request))


async def _parameters(request: Request, error: Exception) -> Response:
    """Path and query parameters are checked by FastAPI."""
    if not isinstance(error, RequestValidationError):
        raise error
    faults = [Fault(detail=f"{entry['msg']}.", parameter=str(entry["loc"][-1])) for entry in error.errors()]
    words = " ".join(f"{fault.parameter}: {fault.detail}" for fault in faults)
    return problem_response(Invalid("query.invalid", words, errors=faults), _id_of(request))


async def _routing(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    problem: Problem
    match error.status_code:
        case 404:
            problem = NotFound("path.unknown", "There is nothing at this path. All paths: /api/docs.")
        case 405:
            allowed = methods_at(request.app.openapi()["paths"], request.url.path)
            headers = {"Allow": ", ".join(allowed)} if allowed else error.headers
            problem = MethodNotAllowed("path.method", "This path has no such method.", headers=headers)
        case _:
            problem = Malformed("request.refused", str(error.detail))
    return problem_response(problem, _id_of(request))


def methods_at(paths: Mapping[str, Mapping[str, object]], path: str) -> list[str]:
    """Name every method of a path (RFC 9110, section 10.2.1); Starlette names those of its first route only."""
    steps = path.split("/")
    return sorted(
        method.upper()
        for template, methods in paths.items()
        for method in methods
        if len(names := template.split("/")) == len(steps)
        and all(name == step or name.startswith("{") for name, step in zip(names, steps, strict=True))
    )


async def _database(request: Request, error: Exception) -> Response:
    """The database does not answer, is locked for too long or has no room: nothing was committed."""
    request_id = _id_of(request)
    log.error(
        "request.database_failed", code="database.unavailable", request_id=request_id, reason=type(error).__name__
    )
    problem = Unavailable(
        "database.unavailable", "Nothing was changed. Try again in a moment.", headers={"Retry-After": "5"}
    )
    return problem_response(problem, request_id)


async def _unexpected(request: Request, error: Exception) -> Response:
    request_id = _id_of(request)
    log.error("request.failed", code="internal", request_id=request_id, path=request.url.path, exc_info=error)
    problem = Internal("internal", f"Nothing was changed. If it stays so, tell us the request id {request_id}.")
    return problem_response(problem, request_id)


def _id_of(request: Request) -> str:
    request_id: str = request.scope.get(REQUEST_ID, "")
    return request_id
