"""The direct way to a server: HTTP/1.1 over kept-alive connections, by the standard library, underneath httpx.

httpx's own transport takes 0.4 ms of CPU a request, which was a third of all that a first mirroring costs; this one a
quarter of that. It knows no proxy: `connectors.http` takes httpx's own where one is set. Errors are httpx's, so that
nobody above sees the difference: what fails until the connection stands was never sent.
"""

from __future__ import annotations

import io
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from threading import Lock
from typing import cast

import httpx

Origin = tuple[str, str, int]

_MOST_IDLE = 4
_IDLE_S = 5.0
"""As long as httpx keeps an idle connection: many servers close theirs soon after, and a write into such is lost."""

_PIECE = 65_536
PORTS = {"http": 80, "https": 443}
_SWITCHING, _FINAL = 101, 200
_BARE = frozenset({204, 304})
_DIGITS, _MOST_FIELDS, _MOST_OF_A_LINE = 3, 100, 65_537


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer whose head was read.

    Attributes:
        headers: as they came, in Latin-1.
        body: still on the wire.
    """

    status: int
    headers: list[tuple[str, str]]
    body: httpx.SyncByteStream


class DirectTransport(httpx.BaseTransport):
    """Connections to any number of servers; may be used from several threads."""

    def __init__(self, trusts: Callable[[], ssl.SSLContext]) -> None:
        """Open nothing yet.

        Args:
            trusts: gives what checks certificates; asked at each https connection.
        """
        self._trusts = trusts
        self._idle: list[_Connection] = []
        self._taking = Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the body of its answer is read by whoever iterates over it.

        Raises:
            httpx.TransportError: as httpx's own transport says.
        """
        url = request.url
        origin = (url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])
        head = head_of(request.method, url.raw_path, request.headers.raw)
        answer = self.exchange(origin, request.method, head + request.read(), request.extensions.get("timeout", {}))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        return httpx.Response(answer.status, headers=headers, stream=answer.body)

    def exchange(self, origin: Origin, method: str, sent: bytes, timeouts: Mapping[str, float | None]) -> Answered:
        """Send a request that is spelled already; the body of its answer is to be read, or closed.

        Args:
            origin: where to.
            method: of the request.
            sent: its head (`head_of`) and its body.
            timeouts: in seconds, as httpx names them.

        Raises:
            httpx.TransportError: as httpx's own transport says.
        """
        connection = self._connection(origin, timeouts.get("connect"))
        try:
            with _translated(httpx.WriteError, httpx.WriteTimeout):
                connection.socket.settimeout(timeouts.get("write"))
                connection.socket.sendall(sent)
            with _translated(httpx.ReadError, httpx.ReadTimeout):
                connection.socket.settimeout(timeouts.get("read"))
                answer = connection.answer(method)
        except BaseException:
            connection.close()
            raise
        return Answered(answer.status, answer.fields, _Body(self, connection, answer))

    def close(self) -> None:
        """Let go of all idle connections."""
        with self._taking:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def keep(self, connection: _Connection) -> None:
        """Take back a connection whose answer was read whole."""
        connection.idle_since = time.monotonic()
        with self._taking:
            self._idle.append(connection)
            surplus = self._idle.pop(0) if len(self._idle) > _MOST_IDLE else None
        if surplus is not None:
            surplus.close()

    def _connection(self, origin: Origin, within_s: float | None) -> _Connection:
        while (idle := self._taken(origin)) is not None:
            if idle.is_usable:
                return idle
            idle.close()
        with _translated(httpx.ConnectError, httpx.ConnectTimeout):
            return _Connection.opened(origin, self._trusts, within_s)

    def _taken(self, origin: Origin) -> _Connection | None:
        """The latest that is idle: the older ones may then grow too old."""
        with self._taking:
            for position in range(len(self._idle) - 1, -1, -1):
                if self._idle[position].origin == origin:
                    return self._idle.pop(position)
        return None


class _Connection:
    """One connection, and what was heard on it and not read yet."""

    def __init__(self, origin: Origin, sock: socket.socket) -> None:
        self.origin, self.socket = origin, sock
        self.idle_since = 0.0
        self._heard = _Heard(cast("io.RawIOBase", socket.SocketIO(sock, "r")))

    @classmethod
    def opened(cls, origin: Origin, trusts: Callable[[], ssl.SSLContext], within_s: float | None) -> _Connection:
        """Connect; with https the certificate is checked."""
        scheme, host, port = origin
        sock = socket.create_connection((host, port), within_s)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if scheme == "https":
                sock = trusts().wrap_socket(sock, server_hostname=host)
        except BaseException:
            sock.close()
            raise
        return cls(origin, sock)

    @property
    def is_usable(self) -> bool:
        """Whether the other side has not hung up, nor said what nobody asked for."""
        if time.monotonic() - self.idle_since > _IDLE_S:
            return False
        poll = select.poll()
        poll.register(self.socket, select.POLLIN)
        if poll.poll(0):
            return False
        self.socket.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            return not self._heard.peek(1)
        return True

    def answer(self, method: str) -> _Answer:
        """Read the head of an answer; what only announces it (RFC 9110, section 15.2) is passed over."""
        while True:
            found = _Answer(cast("socket.socket", self), method)
            found.begin()
            if found.status >= _FINAL or found.status == _SWITCHING:
                return found

    def makefile(self, mode: str) -> _Heard:
        """Let answers be read one after the other from the same place; `HTTPResponse` asks a socket for it."""
        return self._heard

    def close(self) -> None:
        """Hang up."""
        self._heard.let_go()
        self.socket.close()


class _Heard(io.BufferedReader):
    """What came over a connection. Each answer closes its file at its end; the connection goes on."""

    def close(self) -> None:
        """Stay open."""

    def flush(self) -> None:
        """There is nothing to write."""

    def readline(self, size: int | None = -1) -> bytes:
        """Read a line of a head.

        Raises:
            HTTPException: it breaks off; `HTTPResponse` would take what is there for the last one.
        """
        line = super().readline(size)
        if not line.endswith(b"\n") and len(line) != size:
            raise HTTPException("the answer breaks off")
        return line

    def let_go(self) -> None:
        """Close for good."""
        super().close()


class _Answer(HTTPResponse):
    """An answer. Its head is taken apart here: the standard library does it as it does mails, in half of all the time.

    Attributes:
        fields: of the head, as they came, in Latin-1.
    """

    def __init__(self, sock: socket.socket, method: str) -> None:
        super().__init__(sock, method=method)
        self._is_head = method == "HEAD"
        self.fields: list[tuple[str, str]] = []

    def begin(self) -> None:
        """Read the head.

        Raises:
            HTTPException: it is none.
        """
        line = self._line()
        version, status, *_ = (*line.split(None, 2), "", "")
        if not (version.startswith("HTTP/1.") and status.isascii() and status.isdigit() and len(status) == _DIGITS):
            raise HTTPException("an answer that is no HTTP")
        self.version, self.status = 10 if version == "HTTP/1.0" else 11, int(status)
        self.fields = list(self._read_fields())
        named: dict[str, str] = {}
        for name, value in self.fields:
            named.setdefault(name.lower(), value)
        connection, length = named.get("connection", "").lower(), named.get("content-length", "")
        self.chunked = named.get("transfer-encoding", "").lower() == "chunked"
        self.chunk_left = None
        self.length = int(length) if length.isascii() and length.isdigit() and not self.chunked else None
        if self.status in _BARE or self.status < _FINAL or self._is_head:
            self.length = 0
        is_kept = (
            "keep-alive" in connection or "keep-alive" in named if self.version == 10 else "close" not in connection
        )
        self.will_close = not is_kept or (self.length is None and not self.chunked)

    def _read_fields(self) -> Iterator[tuple[str, str]]:
        name, value = "", ""
        for _ in range(_MOST_FIELDS):
            line = self._line()
            if line[:1] in (" ", "\t") and line.strip():
                value = f"{value} {line.strip()}"  # folded (RFC 9112, section 5.2)
                continue
            if name:
                yield name, value
            if not line.strip():
                return
            name, _, value = (part.strip() for part in line.partition(":"))
        raise HTTPException("an answer with too long a head")

    def _line(self) -> str:
        line = self.fp.readline(_MOST_OF_A_LINE)
        if len(line) == _MOST_OF_A_LINE:
            raise HTTPException("an answer with too long a head")
        return line.decode("latin-1")


class _Body(httpx.SyncByteStream):
    """The body of an answer. Read to its end it gives its connection back, else that is closed."""

    def __init__(self, transport: DirectTransport, connection: _Connection, answer: _Answer) -> None:
        self._transport, self._connection, self._answer = transport, connection, answer
        self._is_whole = False

    def __iter__(self) -> Iterator[bytes]:
        """Give it piece by piece, as it came over the wire.

        Raises:
            httpx.RemoteProtocolError: it breaks off.
            httpx.ReadError, httpx.ReadTimeout: nothing more comes.
        """
        left, piece = self._answer.length, b"-"
        while left != 0 and piece:
            with _translated(httpx.ReadError, httpx.ReadTimeout):
                piece = self._answer.read1(_PIECE if left is None else min(left, _PIECE))
            left = None if left is None else left - len(piece)
            if piece:
                yield piece
        if left:
            raise httpx.RemoteProtocolError("the answer breaks off")
        self._is_whole = True

    def close(self) -> None:
        """End it, read or not."""
        if self._is_whole and not self._answer.will_close:
            self._transport.keep(self._connection)
        else:
            self._connection.close()
        self._is_whole = False


def head_of(method: str, path: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Spell the head of a request.

    Raises:
        httpx.LocalProtocolError: a line end in a header would begin another one.
    """
    lines = [b"%b %b HTTP/1.1" % (method.encode("ascii"), path), *(b"%b: %b" % header for header in headers)]
    head = b"\r\n".join([*lines, b"", b""])
    if head.count(b"\r") != len(lines) + 1 or head.count(b"\n") != len(lines) + 1 or b"\0" in head:
        raise httpx.LocalProtocolError("a line end in a header")
    return head


@contextmanager
def _translated(failed: type[httpx.TransportError], late: type[httpx.TransportError]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as cause:
        raise late(str(cause)) from cause
    except ssl.SSLError as cause:  # of a certificate it is a `ValueError`, too
        raise failed(str(cause)) from cause
    except (HTTPException, ValueError) as cause:  # who hangs up without an answer is a `HTTPException`, too
        raise httpx.RemoteProtocolError(str(cause)) from cause
    except OSError as cause:
        raise failed(str(cause)) from cause


__all__ = ["Answered", "DirectTransport", "head_of"]
