"""The API's description (OpenAPI 3.1): what each route adds by hand, and the parts that all of them share.

Bodies are read and written by msgspec, so their schemas come from there; FastAPI contributes paths and parameters.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from cloud_api.auth.scopes import MEANING
from cloud_api.problems import ProblemDocument

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI

KEY_PATTERN = r'^"?[A-Za-z0-9_.:+/=-]{1,200}"?$'
_REF = "#/components/schemas/{name}"
_BODY_PROBLEMS = (400, 413, 415, 422)
_ETAG = {"ETag": {"description": "The version.", "schema": {"type": "string", "examples": ['"3"']}}}
_HEADERS = {
    "if_match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag that was read; another version there: 412.",
        "schema": {"type": "string"},
    },
    "if_match_required": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag that was read; none: 428, another version there: 412.",
        "schema": {"type": "string"},
    },
    "if_none_match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag: 304 if nothing changed.",
        "schema": {"type": "string"},
    },
    "must_be_new": {
        "name": "If-None-Match",
        "in": "header",
        "description": "`*`: make a new one, and only that.",
        "schema": {"type": "string", "const": "*"},
    },
    "key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Best a UUID. Sent again with the same request it gives the first answer again, marked "
        "`Idempotency-Replayed: true`; with another request 422; while the first is at work 409.",
        "schema": {"type": "string", "pattern": KEY_PATTERN},
    },
}


def described(
    summary: str,
    answers: Mapping[int, type | None],
    *,
    problems: Sequence[int] = (),
    body: type | None = None,
    form: Mapping[str, Any] | None = None,
    required: Sequence[str] = (),
    headers: Sequence[str] = (),
    security: list[dict[str, list[str]]] | None = None,
    scope: str | None = None,
    links: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Give the keyword arguments of a route that describe it.

    Args:
        summary: a few words for the list of operations.
        answers: status to the type of its JSON, None for an answer without a body.
        problems: statuses with a problem document, beside those that every such route has.
        body: the type that is read.
        form: properties of a form that is read instead.
        required: names in the form that must be there.
        headers: names in `_HEADERS`.
        security: what lets one in; by default a token with `scope`.
        scope: the permission that the token needs.
        links: of a thing that is made here, operation id to the name of its path parameter.
    """
    extra: dict[str, Any] = {}
    if scope is not None:
        security = [{"bearer": [scope]}]
        problems = (401, 403, *problems)
    extra["security"] = [] if security is None else security
    if headers:
        extra["parameters"] = [_HEADERS[name] for name in headers]
    if body is not None:
        problems = (*problems, *_BODY_PROBLEMS)
        extra["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(name=body.__name__)}}},
        }
    if form is not None:
        extra["requestBody"] = {"required": True, "content": {_FORM: {"schema": _form(form, required)}}}
        problems = (*problems, 413)
    responses = {status: _answer(status, model) for status, model in answers.items()}
    if links:
        responses[201] |= {"links": {name: _link(name, parameter) for name, parameter in links.items()}}
    responses |= {status: _problem(status) for status in sorted({*problems, 422 if body or scope else 500})}
    return {
        "summary": summary,
        "status_code": next(iter(answers)),
        "response_class": Response,
        "responses": responses,
        "openapi_extra": extra,
    }


_FORM = "application/x-www-form-urlencoded"


def _form(fields: Mapping[str, Any], required: Sequence[str]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(fields), "required": list(required)}


def _answer(status: int, model: type | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if model is None:
        return answer
    answer["content"] = {"application/json": {"schema": {"$ref": _REF.format(name=model.__name__)}}}
    if "version" in getattr(model, "__struct_fields__", ()):
        answer["headers"] = _ETAG
    return answer


def _link(operation: str, parameter: str) -> dict[str, Any]:
    """Say where the thing that was just made can be read and changed (OpenAPI, "Link Object")."""
    parameters = {parameter: "$response.body#/id"}
    if operation.startswith("patch_"):
        parameters["header.If-Match"] = "$response.header.ETag"
    return {"operationId": operation, "parameters": parameters}


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": {"$ref": _REF.format(name="ProblemDocument")}}},
    }


def document(app: FastAPI, models: Sequence[type]) -> dict[str, Any]:
    """Give the whole description as plain JSON values."""
    text = get_openapi(
        title=app.title, version=app.version, summary=app.summary, description=app.description, routes=app.routes
    )
    _, schemas = msgspec.json.schema_components([*models, ProblemDocument], ref_template=_REF)
    components = text.setdefault("components", {})
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = {
        "bearer": {
            "type": "oauth2",
            "description": "An access token (`tsk_…`), sent as `Authorization: Bearer`.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/api/auth/token",
                    "refreshUrl": "/api/auth/refresh",
                    "scopes": {str(scope): words for scope, words in MEANING.items()},
                }
            },
        },
        "clientKey": {"type": "http", "scheme": "basic", "description": "client_id and API key (`tsa_…`)."},
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The API key alone."},
    }
    return text
