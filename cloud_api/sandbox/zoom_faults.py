"""Carries out ordered faults at the simulator's edge, before or after the work is done. Pure ASGI."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from starlette.responses import HTMLResponse, JSONResponse, Response

from cloud_api.sandbox.faults import Fault, FaultBook, FaultKind, RetryAfter

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from cloud_api.sandbox.zoom_account import ZoomAccount

CONTROL = "/__sandbox__/"
_LOGIN_PAGE = "<!DOCTYPE html><html><title>Sign in</title><body><form>Hotel Wi-Fi</form></body></html>"


class FaultyEdge:
    """Lets requests through unless a fault was ordered for them. The control itself is never hit."""

    def __init__(self, app: ASGIApp, faults: FaultBook, account: ZoomAccount) -> None:
        self._app, self._faults, self._account = app, faults, account

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        fault = None
        if scope["type"] == "http" and not scope["path"].startswith(CONTROL):
            fault = self._faults.hit(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
            return
        match fault.kind:
            case FaultKind.THROTTLED:
                await _throttled(fault)(scope, receive, send)
            case FaultKind.FAILED:
                await JSONResponse({"code": 500, "message": "Internal error."}, 500)(scope, receive, send)
            case FaultKind.NOT_US:
                await HTMLResponse(_LOGIN_PAGE)(scope, receive, send)
            case FaultKind.DELAY:
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case FaultKind.TOKEN_REVOKED:
                self._account.revoke_tokens()
                await self._app(scope, receive, send)
            case FaultKind.ANSWER_LOST:
                await self._app(scope, receive, _nobody)
                await _broken_off(send)
            case _:
                assert_never(fault.kind)


async def _nobody(message: Message) -> None:
    """Hear an answer that nobody is to get."""


async def _broken_off(send: Send) -> None:
    """Begin an answer and end before it is whole: the server then closes the connection."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


def _throttled(fault: Fault) -> Response:
    """A 429 with one of the vendor's spellings of Retry-After."""
    again: dict[str, str] = {}
    if fault.retry_after is RetryAfter.SECONDS:
        again = {"Retry-After": str(int(fault.seconds))}
    elif fault.retry_after is RetryAfter.DATE:
        until = datetime.now(UTC) + timedelta(seconds=fault.seconds)
        again = {"Retry-After": until.strftime("%Y-%m-%dT%H:%M:%SZ")}
    words = "You have reached the maximum per-second rate limit for this API. Try again later."
    return JSONResponse({"code": 429, "message": words}, 429, again)
