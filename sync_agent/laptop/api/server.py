"""The local API on a socket: Starlette on uvicorn, in the agent's main thread."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sync_agent.engine.errors import EngineError
from sync_agent.laptop.api.faults import error_document, status_of, told
from sync_agent.laptop.api.guard import Guard
from sync_agent.laptop.api.stream import frames
from sync_agent.laptop.profile.places import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request as WebRequest
    from starlette.types import ASGIApp

    from sync_agent.laptop.api.events import Events
    from sync_agent.laptop.api.routing import Router
    from sync_agent.laptop.office import Office

_METHODS = ["GET", "POST", "PATCH", "DELETE"]
_BACKLOG = 64
_GRACE_S = 3


class LocalServer:
    """Answers on one socket until it is told to stop. May be run once."""

    def __init__(
        self, office: Office, router: Router, events: Events, token: str, *, start_sync: Callable[[str | None], None]
    ) -> None:
        """Prepare.

        Args:
            office: the profile.
            router: knows the operations.
            events: what the stream tells.
            token: every request must bear it.
            start_sync: begins a pass over one account (id) or all and returns at once.
        """
        self._office, self._router, self._events = office, router, events
        self._start_sync = start_sync
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        routes = [
            Route("/v1/events-stream", self._stream, methods=["GET"]),
            Route("/v1/shutdown", self._shutdown, methods=["POST"]),
            Route("/v1/sync", self._sync, methods=["POST"]),
            Route("/{path:path}", self._operation, methods=_METHODS),
        ]
        self.app: ASGIApp = Guard(Starlette(routes=routes), token)

    def run(self, listener: socket.socket) -> None:
        """Answer until SIGTERM, SIGINT, a request to shut down, or `stop`. Only from the main thread."""
        asyncio.run(self._serve(listener))

    def stop(self) -> None:
        """End soon; from any thread."""
        if self._loop is not None and self._stopping is not None:
            # RuntimeError: it has ended already, which is what is wanted.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self, listener: socket.socket) -> None:
        loop = self._loop = asyncio.get_running_loop()
        stopping = self._stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            try:
                loop.add_signal_handler(number, stopping.set)
            except NotImplementedError:  # Windows: the handler runs in the main thread, between two events
                signal.signal(number, lambda *_: self.stop())
        config = uvicorn.Config(
            self.app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE_S,
        )
        await _Server(config, stopping).serve(sockets=[listener])

    async def _sync(self, request: WebRequest) -> Response:
        """Begin a pass and say so, where nobody wants to wait for it; else do it."""
        try:
            body = _body_of(await request.body())
        except ValueError:
            return _not_an_object()
        account = body.get("account")
        if body.get("wait") or body.get("dry_run") or not isinstance(account, str | None):
            return await self._operation(request)
        try:
            self._start_sync(None if account is None else await run_in_threadpool(self._account_id, account))
        except EngineError as error:
            return _json(status_of(error), error_document(error))
        return _json(202, {"started": True})

    def _account_id(self, wanted: str) -> str:
        with self._office.store.read() as connection:
            return self._office.engine.accounts.account(connection, wanted).id

    async def _operation(self, request: WebRequest) -> Response:
        try:
            body = _body_of(await request.body())
        except ValueError:
            return _not_an_object()
        query = dict(request.query_params)
        reply = await run_in_threadpool(
            self._router.answer, self._office, request.method, request.url.path, query, body
        )
        return _json(reply.status, reply.body)

    async def _stream(self, request: WebRequest) -> Response:
        assert self._stopping is not None  # noqa: S101  (set before the first request can come)
        stream = frames(self._events, request.headers.get("last-event-id", ""), self._stopping)
        return StreamingResponse(stream, media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    async def _shutdown(self, request: WebRequest) -> Response:
        asyncio.get_running_loop().call_later(0.05, self.stop)  # after this answer is on its way
        return _json(200, {"stopping": True})


class _Server(uvicorn.Server):
    """uvicorn without its ten wake-ups a second and without its own idea of signals (it raises them again at the end).

    An idle agent must not keep a laptop's processor awake.
    """

    def __init__(self, config: uvicorn.Config, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._stopping = stopping

    async def main_loop(self) -> None:
        await self._stopping.wait()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen_on(path: Path) -> socket.socket:
    """Open the socket (0600). What an earlier agent left there is removed: the caller holds the profile's lock."""
    with suppress(FileNotFoundError):
        path.unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    # Nobody can connect before `listen`, so there is no moment in which others could.
    path.chmod(PRIVATE_FILE)
    listener.listen(_BACKLOG)
    return listener


def listen_on_loopback() -> socket.socket:
    """Open a socket on 127.0.0.1 with a free port, where there are no Unix sockets (Windows)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(_BACKLOG)
    return listener


def _body_of(raw: bytes) -> dict[str, Any]:
    body = json.loads(raw) if raw.strip() else {}
    if not isinstance(body, dict):
        msg = "not an object"
        raise ValueError(msg)  # noqa: TRY004  (to the caller it is a wrong value like broken JSON)
    return body


def _not_an_object() -> Response:
    return _json(400, told("request.wrong", "The body is no JSON object.", "Send one object, like {}."))


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(json.dumps(body, ensure_ascii=False).encode(), status, media_type="application/json")
