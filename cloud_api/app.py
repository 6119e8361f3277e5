"""Puts the Developer API together: the one place where its parts are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

import cloud_api.auth.routes
import cloud_api.devices.routes
import cloud_api.feed.routes
import cloud_api.leases.routes
import cloud_api.links.routes
import cloud_api.sessions.routes
from cloud_api import docs, tenants
from cloud_api.auth.cache import CallerCache
from cloud_api.auth.schemas import OAuthError, TokenAnswer
from cloud_api.clock import system_clock
from cloud_api.cursors import CursorSigner
from cloud_api.devices.schemas import SCHEMAS as DEVICES
from cloud_api.faults import add_fault_handlers
from cloud_api.feed.bell import FeedBell
from cloud_api.feed.schemas import SCHEMAS as FEED
from cloud_api.leases.schemas import SCHEMAS as LEASES
from cloud_api.links.schemas import SCHEMAS as LINKS
from cloud_api.middleware import BodyLimit, RequestId, SecurityHeaders
from cloud_api.openapi import document
from cloud_api.parts import Parts
from cloud_api.people.routes import people_router
from cloud_api.people.schemas import SCHEMAS as PEOPLE
from cloud_api.sessions.schemas import SCHEMAS as SESSIONS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cloud_api.database import Database

VERSION = "0.1.0"
_WORDS = """Tutors, students, sessions: read, made and changed, with a feed for devices.

**Begin**: `tutorsync cloud client create NAME --permissions …` gives a client and its API key; trade it at
`POST /api/auth/token` for an access token. **Lists** come in pages: send `next_cursor` as `cursor`. **Changes** name
the version that was read (`If-Match` with the `ETag`) and may carry an `Idempotency-Key`. **Errors** are problem
documents (RFC 9457) whose `code` never changes. **Times**: a session's hour on the wall with its zone is what was
agreed; `start` and `end` are derived from it.
"""


def make_parts(
    database: Database,
    *,
    clock: Callable[[], datetime] = system_clock,
    stopping: Callable[[], bool] = lambda: False,
) -> Parts:
    """Make what the routes are given.

    Args:
        database: migrated.
        clock: gives this instant, with a zone.
        stopping: whether the server is about to end.
    """
    with database.writing() as connection:
        key = tenants.prepared(connection, clock())
    return Parts(database, clock, CursorSigner(key), CallerCache(), FeedBell(), stopping)


def make_app(parts: Parts | None) -> FastAPI:
    """Give the ASGI app; without parts it can only describe itself."""
    app = FastAPI(
        title="TutorSync Developer API",
        version=VERSION,
        summary="Tutoring sessions in agreement with calendars.",
        description=_WORDS,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.parts = parts
    for middleware in (BodyLimit, SecurityHeaders, RequestId):  # the last one added is the outermost
        app.add_middleware(middleware)
    add_fault_handlers(app)
    routers = (
        cloud_api.auth.routes.router,
        cloud_api.sessions.routes.router,
        people_router(),
        cloud_api.devices.routes.router,
        cloud_api.leases.routes.router,
        cloud_api.links.routes.router,
        cloud_api.feed.routes.router,
        docs.health_router,
        docs.router,
    )
    for router in routers:
        app.include_router(router)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    made: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not made:
            schemas = (*SESSIONS, *PEOPLE, *DEVICES, *LEASES, *LINKS, *FEED)
            made.update(document(app, (TokenAnswer, OAuthError, docs.Health, *schemas)))
        return made

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the description
