"""Who may ask: pure ASGI, before anything is read.

A web page in a browser cannot reach a Unix socket; on loopback TCP it could. So a request needs the token, may carry no
Origin (browsers always send it), and must name us as its Host (against DNS rebinding).
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING

from sync_agent.laptop.api.faults import told

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOST = "tutorsync"
LARGEST_BODY = 1024 * 1024


class Guard:
    """Refuses what must not come in."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app, self._expected = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer why not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        if headers.get(b"host", b"") != HOST.encode():
            await _refuse(send, 421, "request.wrong_host", "This is not the host that was asked for.")
        elif b"origin" in headers:
            await _refuse(send, 403, "request.from_a_web_page", "Web pages may not talk to the agent.")
        elif not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            await _refuse(send, 401, "request.no_token", "The token does not fit; agent.json has the present one.")
        elif _length(headers) > LARGEST_BODY:
            await _too_large(send)
        else:
            await self._counted(scope, receive, send)

    async def _counted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes that come, too: a length may be missing or a lie."""
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise BodyTooLarge
            return message

        try:
            await self._app(scope, counting, send)
        except BodyTooLarge:
            await _too_large(send)


class BodyTooLarge(Exception):
    """More came than we read."""


def _length(headers: dict[bytes, bytes]) -> int:
    value = headers.get(b"content-length", b"")
    return int(value[:12]) if value.isdigit() else 0


async def _too_large(send: Send) -> None:
    await _refuse(send, 413, "request.too_large", "That is more than the agent reads at once (1 MiB).")


async def _refuse(send: Send, status: int, code: str, message: str) -> None:
    body = json.dumps(told(code, message, "")).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
