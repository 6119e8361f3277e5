"""A web server that publishes a feed as it is told: validators, redirects, sizes, lies."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.servers.running import Running, read_body, read_head

if TYPE_CHECKING:
    import asyncio
    import ssl


@dataclass(slots=True)
class Published:
    """What one path answers.

    Attributes:
        etag: with quotes; "" for a server without validators.
        modified: Last-Modified likewise.
        location: where it sends on to, with a 3xx status.
        declared: the length that the head promises; more than there is means that it breaks off.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "text/calendar; charset=utf-8"
    etag: str = ""
    modified: str = ""
    location: str = ""
    packed: bool = False
    declared: int | None = None
    more: dict[str, str] = field(default_factory=dict)


class FeedServer:
    """Paths to what they answer, and every request that came."""

    def __init__(self) -> None:
        self.published: dict[str, Published] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []

    def started(self, context: ssl.SSLContext | None = None) -> Running:
        return Running(self.converse, context=context)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head, headers = await read_head(reader)
            method, path, _ = head.decode("latin-1").split(" ", 2)
            await read_body(reader, headers)
            self.requests.append((f"{method} {path}", headers))
            found = self.published.get(path.partition("?")[0], Published(b"nothing here", 404, "text/plain"))
            writer.write(_answer(found, headers))
            await writer.drain()
            if found.declared is not None:
                return


def _answer(found: Published, headers: dict[str, str]) -> bytes:
    status, body = found.status, found.body
    is_same = found.etag and headers.get("if-none-match") == found.etag
    if status == 200 and (is_same or (found.modified and headers.get("if-modified-since") == found.modified)):
        status, body = 304, b""
    rows = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {found.kind}"]
    if found.packed and body:
        body = gzip.compress(body)
        rows.append("Content-Encoding: gzip")
    for name, value in {"ETag": found.etag, "Last-Modified": found.modified, "Location": found.location}.items():
        if value:
            rows.append(f"{name}: {value}")
    rows += [f"{name}: {value}" for name, value in found.more.items()]
    if status != 304:
        rows.append(f"Content-Length: {found.declared or len(body)}")
    return "\r\n".join([*rows, "", ""]).encode() + body
