"""The proxy itself: one coroutine per connection, all in one loop.

A message is read whole before it is passed on: the servers behind it are on loopback and their messages are small, and
what is whole can be dropped, kept back or cut.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cloud_api.sandbox.tap_http import Head, body_of_answer, body_of_request, write
from cloud_api.sandbox.tap_record import CANNED, Outcome, Record, TapBook, TapFault

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

HOST = "127.0.0.1"
_LONGEST_HEAD = 1 << 20
_BROKEN = (OSError, asyncio.IncompleteReadError)


class TapProxy:
    """Passes on what comes to its port. Every method belongs to the loop it runs in."""

    def __init__(self, to: tuple[str, int], book: TapBook, *, port: int = 0) -> None:
        """Reserve the port; nothing listens yet.

        Args:
            to: host and port of the server behind.
            book: where requests are written down.
            port: 0 lets the system choose.
        """
        self._to, self._book = to, book
        # Bound and never listening: it keeps the port ours while the network is "gone", and connects are refused.
        self._reservation = _bound(port)
        self.port: int = self._reservation.getsockname()[1]
        self.delay_s = 0.0
        self._server: asyncio.Server | None = None
        self._clients: set[StreamWriter] = set()
        self._released = asyncio.Event()

    @property
    def is_cut(self) -> bool:
        """Whether connects are refused."""
        return self._server is None

    async def open(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, sock=_bound(self.port), limit=_LONGEST_HEAD)

    async def cut(self) -> None:
        """Refuse connects and break off what is open, as when the network is gone."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for writer in tuple(self._clients):
            writer.transport.abort()

    async def close(self) -> None:
        """Cut, and give the port back."""
        await self.cut()
        self._reservation.close()

    def release(self) -> None:
        """Let all answers go that are held now."""
        self._released.set()
        self._released = asyncio.Event()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self._book.connections += 1
        self._clients.add(writer)
        upstream = _Upstream(self._to)
        try:
            while await self._one(reader, writer, upstream):
                pass
        except _BROKEN:
            return  # the client is gone, or the network was cut: its record says how far it came
        except asyncio.CancelledError:
            return  # the tap stops; Python 3.11 would report a cancelled handler as a fault of its own
        finally:
            self._clients.discard(writer)
            upstream.close()
            writer.close()

    async def _one(self, reader: StreamReader, writer: StreamWriter, upstream: _Upstream) -> bool:
        """Pass one request on; say whether the connection lives on."""
        try:
            head = await Head.read(reader)
        except asyncio.IncompleteReadError:
            return False
        body = await body_of_request(reader, head)
        record = self._book.begin(head.method, head.target)
        record = self._book.note(record, bytes_up=len(head.raw) + len(body))
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        match record.fault:
            case TapFault.DROP_REQUEST:
                self._book.note(record, outcome=Outcome.DROPPED)
                return False
            case TapFault.STATUS | TapFault.EMPTY | TapFault.HTML | TapFault.DEAD_TOKEN:
                return await self._made_up(record, writer, record.fault)
            case _:
                return await self._forwarded(record, head, body, _Client(reader, writer), upstream)

    async def _made_up(self, record: Record, writer: StreamWriter, fault: TapFault) -> bool:
        line, kind, text = CANNED[fault]
        body = text.encode()
        again = "Retry-After: 1\r\n" if fault is TapFault.STATUS else ""
        head = f"HTTP/1.1 {line}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{again}\r\n"
        sent = await write(writer, head.encode(), body)
        self._book.note(record, outcome=Outcome.ANSWERED, status=int(line[:3]), bytes_down=sent)
        return True

    async def _forwarded(self, record: Record, head: Head, body: bytes, client: _Client, upstream: _Upstream) -> bool:
        if record.fault is TapFault.LATE:
            released = self._released
            record = self._book.note(record, outcome=Outcome.WAITING)
            await released.wait()
        try:
            answer, content = await upstream.asked(head, body)
        except _BROKEN:
            self._book.note(record, outcome=Outcome.SERVER_GONE)
            return False
        record = self._book.note(record, status=answer.status)
        if record.fault is TapFault.DROP_RESPONSE:
            self._book.note(record, outcome=Outcome.DROPPED)
            return False
        if record.fault is TapFault.HOLD:
            record = self._book.note(record, outcome=Outcome.HELD)
            if not await client.waits_until(self._released):
                self._book.note(record, outcome=Outcome.CLIENT_GONE)
                return False
        if record.fault is TapFault.CUT:
            sent = await write(client.writer, answer.raw, content[: len(content) // 2])
            self._book.note(record, outcome=Outcome.DROPPED, bytes_down=sent)
            return False
        try:
            sent = await write(client.writer, answer.raw, content)
        except OSError:
            self._book.note(record, outcome=Outcome.CLIENT_GONE)
            raise
        self._book.note(record, outcome=Outcome.ANSWERED, bytes_down=sent)
        return not (answer.ends_connection or head.ends_connection)


@dataclass
class _Client:
    reader: StreamReader
    writer: StreamWriter

    async def waits_until(self, released: asyncio.Event) -> bool:
        """Wait for the release; False if the client ends first. A client that waits for an answer sends nothing."""
        gone = asyncio.ensure_future(self.reader.read(1))
        free = asyncio.ensure_future(released.wait())
        try:
            await asyncio.wait({gone, free}, return_when=asyncio.FIRST_COMPLETED)
            return free.done()
        finally:
            for task in (gone, free):
                task.cancel()
            await asyncio.gather(gone, free, return_exceptions=True)


@dataclass
class _Upstream:
    """The connection to the server behind, kept alive as long as the client's."""

    to: tuple[str, int]
    _streams: tuple[StreamReader, StreamWriter] | None = field(default=None, init=False)

    async def asked(self, head: Head, body: bytes) -> tuple[Head, bytes]:
        """Send one request and give the whole answer; interim answers (1xx) are swallowed."""
        if self._streams is None or self._streams[0].at_eof() or self._streams[1].is_closing():
            self.close()
            self._streams = await asyncio.open_connection(*self.to, limit=_LONGEST_HEAD)
        reader, writer = self._streams
        await write(writer, head.raw, body)
        answer = await Head.read(reader)
        while answer.status < 200:
            answer = await Head.read(reader)
        content = await body_of_answer(reader, answer, head.method)
        if answer.ends_connection:
            self.close()
        return answer, content

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


def _bound(port: int) -> socket.socket:
    """Bind a loopback port that a second socket of ours may bind, too."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    reuse = getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR)
    bound.setsockopt(socket.SOL_SOCKET, reuse, 1)
    bound.bind((HOST, port))
    return bound
