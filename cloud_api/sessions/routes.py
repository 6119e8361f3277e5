"""`/api/sessions`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from pydantic import StringConstraints
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.scopes import Scope
from cloud_api.ids import uuid7
from cloud_api.openapi import described
from cloud_api.pages import place_in, place_of, with_link
from cloud_api.parameters import INSTANT_PATTERN, CursorText, Limit, PathId, instant_named, known_id
from cloud_api.parts import parts_of
from cloud_api.sessions import service, store
from cloud_api.sessions.schemas import SessionIn, SessionList, SessionNew, SessionOut, SessionPatch, Status
from cloud_api.shapes import UUID_PATTERN
from cloud_api.wire import JSON_TYPE, encoded, one_response
from cloud_api.writes import write, write_bare

if TYPE_CHECKING:
    from cloud_api.parts import Parts
    from cloud_api.writes import Outcome, Unit

router = APIRouter(tags=["sessions"])

_IN = msgspec.json.Decoder(SessionIn)
_NEW = msgspec.json.Decoder(SessionNew)
_PATCH = msgspec.json.Decoder(SessionPatch)

_LINKS = dict.fromkeys(("read_session", "patch_session", "cancel_session"), "session_id")
_Reader = Annotated[Caller, Depends(needs(Scope.SESSIONS_READ))]
_Writer = Annotated[Caller, Depends(needs(Scope.SESSIONS_WRITE))]
_OneId = Annotated[str | None, Query(pattern=UUID_PATTERN)]
_SomeIds = Annotated[
    list[Annotated[str, StringConstraints(pattern=UUID_PATTERN)]] | None,
    Query(alias="id", max_length=100, description="Only these; repeat it for several."),
]
_When = Annotated[
    str | None,
    Query(
        pattern=INSTANT_PATTERN,
        max_length=40,
        description="A date or an instant with its offset.",
        examples=["2026-11-24"],
    ),
]


@router.get("/api/sessions", **described("List sessions", {200: SessionList}, scope=Scope.SESSIONS_READ))
async def list_sessions(
    request: Request,
    caller: _Reader,
    ids: _SomeIds = None,
    tutor_id: _OneId = None,
    student_id: _OneId = None,
    from_: Annotated[_When, Query(alias="from")] = None,
    to: _When = None,
    status: Annotated[Status | None, Query()] = None,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Response:
    """Sessions by start, a page at a time; `from` and `to` give those that lie at least partly between them."""
    filters = store.Filters(
        ids=None if ids is None else tuple(sorted(ids)),
        tutor_id=caller.tutor_id or tutor_id,
        student_id=student_id,
        begins=instant_named(from_, "from"),
        ends=instant_named(to, "to"),
        status=status,
    )
    if caller.tutor_id is not None and tutor_id not in {None, caller.tutor_id}:
        return Response(encoded(SessionList([], None)), media_type=JSON_TYPE)
    named = {
        "ids": ",".join(sorted(ids or ())),
        "tutor": tutor_id,
        "student": student_id,
        "from": from_,
        "to": to,
        "status": status,
    }
    parts = parts_of(request)
    after = place_in(parts.cursors, "sessions", cursor, named)
    found = await run_in_threadpool(_page, parts, caller, filters, after, limit)
    following = None
    if len(found) > limit:
        found = found[:limit]
        last = found[-1]
        following = place_of(parts.cursors, "sessions", [last.starts_at.isoformat(), last.id], named)
    body = encoded(SessionList([service.shown(session) for session in found], following))
    return with_link(Response(body, media_type=JSON_TYPE), request, following)


@router.get(
    "/api/sessions/{session_id}",
    **described(
        "Read a session",
        {200: SessionOut, 304: None},
        problems=(404,),
        headers=("if_none_match",),
        scope=Scope.SESSIONS_READ,
    ),
)
async def read_session(session_id: PathId, request: Request, caller: _Reader) -> Response:
    """One session, with its ETag."""
    found = await run_in_threadpool(_one, parts_of(request), caller, known_id(session_id, "session"))
    return one_response(request, service.shown(found), found.version)


@router.post(
    "/api/sessions",
    **described(
        "Make a session",
        {201: SessionOut},
        problems=(409,),
        body=SessionNew,
        headers=("key",),
        scope=Scope.SESSIONS_WRITE,
        links=_LINKS,
    ),
)
async def create_session(request: Request, caller: _Writer) -> Response:
    """A new session. With an id of your own, better `PUT` it: that can be repeated."""

    def make(unit: Unit, wish: SessionNew) -> Outcome:
        return service.create(unit, wish.id or uuid7(unit.now), wish)

    return await write(request, caller, _NEW, make)


@router.put(
    "/api/sessions/{session_id}",
    **described(
        "Make or replace a session",
        {200: SessionOut, 201: SessionOut},
        problems=(404, 409, 412, 428),
        body=SessionIn,
        headers=("if_match", "must_be_new", "key"),
        scope=Scope.SESSIONS_WRITE,
        links=_LINKS,
    ),
)
async def put_session(session_id: PathId, request: Request, caller: _Writer) -> Response:
    """`If-None-Match: *` makes it under this id; `If-Match` replaces the version that was read."""
    known = known_id(session_id, "session")
    return await write(request, caller, _IN, lambda unit, wish: service.put(unit, known, wish))


@router.patch(
    "/api/sessions/{session_id}",
    **described(
        "Change a session",
        {200: SessionOut},
        problems=(404, 409, 412, 428),
        body=SessionPatch,
        headers=("if_match_required", "key"),
        scope=Scope.SESSIONS_WRITE,
    ),
)
async def patch_session(session_id: PathId, request: Request, caller: _Writer) -> Response:
    """Some fields of the version that was read (`If-Match`); what is left out stays."""
    known = known_id(session_id, "session")
    return await write(request, caller, _PATCH, lambda unit, wish: service.patch(unit, known, wish))


@router.post(
    "/api/sessions/{session_id}/cancel",
    **described(
        "Cancel a session",
        {200: SessionOut},
        problems=(404, 409, 412),
        headers=("if_match", "key"),
        scope=Scope.SESSIONS_WRITE,
    ),
)
async def cancel_session(session_id: PathId, request: Request, caller: _Writer) -> Response:
    """The session stays, with status `cancelled`; whether it is charged is a field of its own."""
    known = known_id(session_id, "session")
    return await write_bare(request, caller, lambda unit: service.cancel(unit, known))


def _page(
    parts: Parts, caller: Caller, filters: store.Filters, after: list[Any] | None, limit: int
) -> list[store.StoredSession]:
    place = None if after is None else (datetime.fromisoformat(after[0]), str(after[1]))
    with parts.database.reading() as connection:
        return store.page(connection, caller.tenant, filters, after=place, limit=limit + 1)


def _one(parts: Parts, caller: Caller, session_id: str) -> store.StoredSession:
    with parts.database.reading() as connection:
        return service.visible(connection, caller, session_id)
