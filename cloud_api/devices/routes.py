"""`/api/devices`: pairing. No token is needed: the code is the proof."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.devices import service
from cloud_api.devices.schemas import DeviceOut, PairingIn
from cloud_api.openapi import described
from cloud_api.parts import parts_of
from cloud_api.wire import JSON_TYPE, decoded, encoded

router = APIRouter(tags=["devices"])

_IN = msgspec.json.Decoder(PairingIn)


@router.post(
    "/api/devices",
    **described("Pair a device", {201: DeviceOut}, problems=(403, 409, 410), body=PairingIn),
)
async def pair_device(request: Request) -> Response:
    """Trade a one-time code (`tutorsync cloud device-code --tutor ID`) for a client of this tutor's own device."""
    wish = decoded(await request.body(), request.headers.get("content-type", ""), _IN)
    paired = await run_in_threadpool(service.pair, parts_of(request), wish.code, wish.name)
    return Response(encoded(paired), status_code=201, media_type=JSON_TYPE, headers={"Cache-Control": "no-store"})
