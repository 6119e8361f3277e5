"""An ASGI app on a loopback port of its own, served from a thread."""

from __future__ import annotations

import asyncio
import socket
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

import uvicorn

if TYPE_CHECKING:
    from types import TracebackType

    from starlette.types import ASGIApp

HOST = "127.0.0.1"


class ServerDidNotStart(RuntimeError):
    """A sandbox server was not ready in time, or ended before it was."""


class LoopbackServer:
    """Serves one app while started. Not reusable after `stop`."""

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        """Prepare; nothing listens yet.

        Args:
            app: what answers; it runs in the server's thread.
            port: 0 lets the system choose.
        """
        self._app, self._port = app, port
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: Thread | None = None

    @property
    def port(self) -> int:
        """The port, once started; known after `stop`, too."""
        if self._socket is None:
            raise ServerDidNotStart
        return self._port

    @property
    def address(self) -> str:
        """The base address without a slash at its end, once started."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> Self:
        """Listen, and return when requests are answered.

        Raises:
            ServerDidNotStart: the app's own start failed.
            OSError: the port is taken.
        """
        # With the protocol named: asyncio turns Nagle's algorithm off only then, and each answer would take 40 ms.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, self._port))
        except OSError:
            listener.close()
            raise
        config = uvicorn.Config(
            self._app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            # An answer that is lost on purpose is an error in the server's eyes.
            log_level="critical",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        self._socket, self._server = listener, _Server(config)
        self._port = int(listener.getsockname()[1])
        self._thread = Thread(target=self._served, name="sandbox-server", daemon=True)
        self._thread.start()
        if not self._server.up.wait(20) or not self._server.started:
            self.stop()
            raise ServerDidNotStart
        return self

    def stop(self) -> None:
        """End all connections and free the port. Twice is fine."""
        if self._server is not None:
            self._server.should_exit = True
        if self._thread is not None:
            self._thread.join(20)
        if self._socket is not None:
            self._socket.close()
        self._thread = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _served(self) -> None:
        if self._server is None or self._socket is None:
            return
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._server.up.set()


class _Server(uvicorn.Server):
    """Says when it is up, so that nobody has to poll for it."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.up.set()
