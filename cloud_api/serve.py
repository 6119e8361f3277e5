"""Runs the API under uvicorn until it is told to stop."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog
import uvicorn

from cloud_api.app import make_app, make_parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_api.database import Database

_ENDS_WITHIN_S = 5
# Longer than clients keep an idle connection (httpx: 5 s): who closes first must be the one who knows that nothing is
# under way, or a write meets a connection that is just being closed.
_IDLE_S = 75


class _Server(uvicorn.Server):
    """Says when it takes requests, and keeps the exit to its caller."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests."""
        await super().startup(sockets)
        self._ready()


def listen(host: str, port: int) -> socket.socket:
    """Take an address; port 0 takes a free one.

    Raises:
        OSError: it is taken, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: asyncio switches Nagle's algorithm off only then, or each answer takes 40 ms more.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except BaseException:
        listener.close()
        raise
    return listener


def serve(database: Database, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; long polls are answered at once then.

    Args:
        database: migrated.
        listener: bound, not listening yet.
        ready: called once, when requests are taken.
    """
    _log_to_stderr()
    servers: list[_Server] = []
    parts = make_parts(database, stopping=lambda: any(server.should_exit for server in servers))
    config = uvicorn.Config(
        make_app(parts),
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_ENDS_WITHIN_S,
        timeout_keep_alive=_IDLE_S,
    )
    servers.append(_Server(config, ready))
    # uvicorn raises the signal anew after it has ended well; without this the exit code would be that of a kill.
    previous = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    try:
        with suppress(KeyboardInterrupt):
            servers[0].run(sockets=[listener])
    finally:
        signal.signal(signal.SIGTERM, previous)
        database.close()


class _PatientLog:
    """The log's way out: where it cannot be written (the disk is full), the answer still goes out."""

    def write(self, text: str) -> None:
        """Write, or lose the line."""
        with suppress(OSError):
            sys.stderr.write(text)

    def flush(self) -> None:
        """Write out, or lose the line."""
        with suppress(OSError):
            sys.stderr.flush()


def _log_to_stderr() -> None:
    """Keep the log away from stdout, which belongs to whoever started the server."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(_PatientLog()),  # type: ignore[arg-type]  # all it uses is there
    )
