"""`/api/feed`: long poll."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.scopes import Scope
from cloud_api.feed import service
from cloud_api.feed.schemas import FeedAnswer
from cloud_api.openapi import described
from cloud_api.parameters import CursorText
from cloud_api.parts import parts_of
from cloud_api.wire import JSON_TYPE, encoded

if TYPE_CHECKING:
    from cloud_api.parts import Parts

router = APIRouter(tags=["feed"])

# Another process may have committed: its changes are looked for that often. The bell of this one is heard at once.
_LOOK_EVERY_S = 1.0


@router.get("/api/feed", **described("Read what changed", {200: FeedAnswer}, problems=(410,), scope=Scope.FEED_READ))
async def read_feed(
    request: Request,
    caller: Annotated[Caller, Depends(needs(Scope.FEED_READ))],
    cursor: CursorText = None,
    wait: Annotated[int, Query(ge=0, le=60, description="Seconds to wait for news if there are none.")] = 0,
    limit: Annotated[int, Query(ge=1, le=500, description="How many changes at most.")] = 200,
) -> Response:
    """Without a cursor: a full listing, part by part. With one: what changed since, as it is now."""
    answered = await _with_patience(request, parts_of(request), caller, cursor, wait_s=wait, limit=limit)
    return Response(encoded(answered), media_type=JSON_TYPE)


async def _with_patience(
    request: Request, parts: Parts, caller: Caller, cursor: str | None, *, wait_s: int, limit: int
) -> FeedAnswer:
    ends = asyncio.get_running_loop().time() + wait_s
    with parts.bell.listening(caller.tenant) as bell:
        while True:
            bell.clear()
            answered = await run_in_threadpool(service.answer, parts, caller, cursor, limit)
            left = ends - asyncio.get_running_loop().time()
            if not service.is_empty(answered) or left <= 0 or parts.stopping() or await request.is_disconnected():
                return answered
            # What others changed moves the number, not the news: go on from where this look ended.
            cursor = answered.cursor
            with suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), min(left, _LOOK_EVERY_S))
