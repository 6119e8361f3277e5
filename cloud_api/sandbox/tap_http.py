"""Just enough of HTTP/1.1 to pass messages on unchanged (RFC 9112): heads, and where bodies end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Head:
    """The first part of a message, as it came."""

    raw: bytes
    first: str
    fields: dict[str, str]

    @classmethod
    async def read(cls, reader: StreamReader) -> Head:
        """Read one.

        Raises:
            IncompleteReadError: the other side ended before it was whole; `partial` is empty if before it began.
        """
        raw = await reader.readuntil(b"\r\n\r\n")
        lines = raw.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return cls(raw, lines[0], {name.strip().lower(): value.strip() for name, _, value in pairs})

    @property
    def method(self) -> str:
        """Of a request."""
        return self.first.split(" ", 2)[0]

    @property
    def target(self) -> str:
        """Of a request: path and query."""
        return self.first.split(" ", 2)[1]

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first.split(" ", 2)[1])

    @property
    def ends_connection(self) -> bool:
        """Whether its sender closes afterwards."""
        return self.fields.get("connection", "").lower() == "close" or "HTTP/1.0" in self.first


async def body_of_request(reader: StreamReader, head: Head) -> bytes:
    """Read a request's body whole, in its transfer coding."""
    return await _body(reader, head, until_end=False)


async def body_of_answer(reader: StreamReader, head: Head, method: str) -> bytes:
    """Read an answer's body whole, in its transfer coding; some end with the connection only."""
    if method == "HEAD" or head.status in NO_BODY or head.status < 200:
        return b""
    return await _body(reader, head, until_end=True)


async def write(writer: StreamWriter, *parts: bytes) -> int:
    """Send, and say how many bytes."""
    data = b"".join(parts)
    writer.write(data)
    await writer.drain()
    return len(data)


async def _body(reader: StreamReader, head: Head, *, until_end: bool) -> bytes:
    if "chunked" in head.fields.get("transfer-encoding", "").lower():
        return await _chunks(reader)
    if "content-length" in head.fields:
        return await reader.readexactly(int(head.fields["content-length"]))
    return await reader.read(-1) if until_end else b""


async def _chunks(reader: StreamReader) -> bytes:
    parts: list[bytes] = []
    while True:
        line = await reader.readline()
        size = int(line.split(b";")[0].strip() or b"0", 16)
        parts += [line, await reader.readexactly(size + 2)]
        if size == 0:
            return b"".join(parts)
