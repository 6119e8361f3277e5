"""`/api/devices/leases`."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.scopes import Scope
from cloud_api.leases import service
from cloud_api.leases.schemas import LeaseOut, LeasesIn, LeasesOut
from cloud_api.openapi import described
from cloud_api.parameters import PathLeaseKey
from cloud_api.parts import parts_of
from cloud_api.wire import JSON_TYPE, decoded, encoded
from cloud_api.writes import write_bare

router = APIRouter(tags=["devices"])

_IN = msgspec.json.Decoder(LeasesIn)
_Writer = Annotated[Caller, Depends(needs(Scope.SESSIONS_WRITE))]


@router.post(
    "/api/devices/leases",
    **described("Take or renew leases", {200: LeasesOut}, body=LeasesIn, scope=Scope.SESSIONS_WRITE),
)
async def lease_calendars(request: Request, caller: _Writer) -> Response:
    """Only one device at a time writes to a calendar. Devices only; one that asks again renews."""
    wish = decoded(await request.body(), request.headers.get("content-type", ""), _IN)
    given = await run_in_threadpool(service.lease, parts_of(request), caller, wish)
    return Response(encoded(given), media_type=JSON_TYPE, headers={"Cache-Control": "no-store"})


@router.delete(
    "/api/devices/leases/{key}",
    **described(
        "Give a lease back",
        {200: LeaseOut},
        problems=(404, 409, 412, 428),
        headers=("if_match_required", "key"),
        scope=Scope.SESSIONS_WRITE,
    ),
)
async def release_calendar(key: PathLeaseKey, request: Request, caller: _Writer) -> Response:
    """The very lease that the device knows (`If-Match`): one that was renewed since stays."""
    return await write_bare(request, caller, lambda unit: service.release(unit, key))
