"""Pure ASGI middleware, one thing each: an id per request, headers for browsers, a limit for bodies."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from cloud_api.problems import TooLarge
from cloud_api.wire import problem_response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "tutorsync.request_id"
_BODY_MOST_BYTES = 1024 * 1024
_DRAINED_MOST_BYTES = 8 * 1024 * 1024
_DOCS = "/api/docs"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=63072000",
}
_POLICY = "default-src 'none'; frame-ancestors 'none'"
# Swagger UI writes its own styles and draws its pictures from data: addresses.
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)


class RequestId:
    """Gives each request an id that stands in its answer and in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope[REQUEST_ID] = request_id

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        await self._app(scope, receive, send_with_id)


class SecurityHeaders:
    """Tells browsers what an answer is not: no page, no script, nothing to keep without asking."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_docs = scope["path"].startswith(_DOCS)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", _DOCS_POLICY if is_docs else _POLICY)
                headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses bodies over a mebibyte, by their announced length or as they come in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > _BODY_MOST_BYTES:
            await _drained(receive)
            await problem_response(_too_large(), scope.get(REQUEST_ID, ""))(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > _BODY_MOST_BYTES:
                    raise _too_large()
            return message

        await self._app(scope, counted, send)


async def _drained(receive: Receive) -> None:
    """Read what is on its way, within reason: an answer to a sender that still writes is lost with its connection."""
    seen, more = 0, True
    while more and seen < _DRAINED_MOST_BYTES:
        message = await receive()
        seen += len(message.get("body", b""))
        more = bool(message.get("more_body", False))


def _too_large() -> TooLarge:
    return TooLarge("body.too_large", "A body has at most 1 MiB.", headers={"Connection": "close"})
