"""`/api/devices/links`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.scopes import Scope
from cloud_api.links import service
from cloud_api.links.schemas import LinkList, LinksIn, LinksWritten
from cloud_api.openapi import described
from cloud_api.pages import place_in, place_of, with_link
from cloud_api.parameters import CursorText, Limit, PathLeaseKey
from cloud_api.parts import parts_of
from cloud_api.wire import one_response
from cloud_api.writes import write

router = APIRouter(tags=["devices"])

_IN = msgspec.json.Decoder(LinksIn)
_Reader = Annotated[Caller, Depends(needs(Scope.SESSIONS_READ))]
_Writer = Annotated[Caller, Depends(needs(Scope.SESSIONS_WRITE))]


@router.get(
    "/api/devices/links/{key}",
    **described(
        "Read the link states of a calendar",
        {200: LinkList, 304: None},
        problems=(404,),
        headers=("if_none_match",),
        scope=Scope.SESSIONS_READ,
    ),
)
async def read_links(
    key: PathLeaseKey,
    request: Request,
    caller: _Reader,
    since: Annotated[int, Query(ge=0, le=2**31 - 1, description="Only what was written after this version.")] = 0,
    limit: Limit = 50,
    cursor: CursorText = None,
) -> Response:
    """Devices only, whoever holds the lease: what was written last stands at the end."""
    parts = parts_of(request)
    filters: dict[str, str | None] = {"key": key, "since": str(since)}
    place = place_in(parts.cursors, "links", cursor, filters)
    after = None if place is None else (int(place[0]), str(place[1]))
    version, found = await run_in_threadpool(
        service.page, parts, caller, key, since=since, after=after, limit=limit + 1
    )
    following = None
    if len(found) > limit:
        found = found[:limit]
        following = place_of(parts.cursors, "links", [found[-1].version, found[-1].session_id], filters)
    answer = LinkList(version, list(map(service.shown, found)), following)
    return with_link(one_response(request, answer, version), request, following)


@router.put(
    "/api/devices/links/{key}",
    **described(
        "Write link states of a calendar",
        {200: LinksWritten},
        problems=(404, 409, 412, 428),
        body=LinksIn,
        headers=("if_match_required", "key"),
        scope=Scope.SESSIONS_WRITE,
    ),
)
async def write_links(key: PathLeaseKey, request: Request, caller: _Writer) -> Response:
    """Devices only, under their lease; `If-Match` is the version of the links that this write follows."""
    return await write(request, caller, _IN, lambda unit, wish: service.put(unit, key, wish))
