"""From a request to its operation: the same for the socket and for a command that works without an agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog
from sqlalchemy.exc import SQLAlchemyError

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.errors import EngineError
from sync_agent.laptop.api.faults import error_document, status_of, told
from sync_agent.laptop.errors import LaptopError, RouteUnknown
from sync_agent.laptop.operations.request import Reply, Request

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office
    from sync_agent.laptop.operations.request import Route

log = structlog.get_logger()


class Router:
    """Finds and does what a request asks for. May be used from any thread."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = [(route, route.pattern.strip("/").split("/")) for route in routes]

    def answer(
        self, office: Office, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]
    ) -> Reply:
        """Do what is asked. Never raises: what goes wrong is the answer."""
        try:
            route, params = self._found(method, path)
            return route.operation(office, Request(path=params, query=dict(query), body=dict(body)))
        except (EngineError, ConnectorError, LaptopError) as error:
            log.info("request.refused", code=error.code, method=method, route=_shape(path))
            return Reply(error_document(error), status_of(error))
        except SQLAlchemyError as cause:
            # Not the whole error: its text holds the values of the row.
            log.error("store.failed", code="store.failed", kind=type(cause).__name__)  # noqa: TRY400
            words = "The database of this profile does not answer. Nothing was changed."
            return Reply(told("store.failed", words, "Try again; “tutorsync doctor” says more."), 500)
        except Exception:  # The edge of a request: a fault of ours must not take the agent down.
            log.exception("request.crashed", code="laptop.crashed", method=method, route=_shape(path))
            words = "Something went wrong inside TutorSync. Nothing more was done."
            return Reply(told("laptop.crashed", words, "Try again; the log says more."), 500)

    def _found(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        # An empty id at the end is one that nothing bears, and not the list.
        parts = path.removeprefix("/").split("/")
        for route, pattern in self._routes:
            if route.method == method and (params := _matched(pattern, parts)) is not None:
                return route, params
        raise RouteUnknown(path=path)


def _matched(pattern: Sequence[str], parts: Sequence[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    params = {}
    for expected, part in zip(pattern, parts, strict=True):
        if expected.startswith("{"):
            params[expected.strip("{}")] = unquote(part)
        elif expected != part:
            return None
    return params


def _shape(path: str) -> str:
    """Give a path without what may be somebody's: the log shows the first two parts."""
    return "/".join(path.split("/")[:3])
