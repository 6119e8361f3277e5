"""A counting reverse proxy for HTTP/1.1 on loopback, with delay and faults on demand.

As a program: python -m tests.servers.wiretap --listen 9100 --to 9200 [--delay-ms 40], steered by GET /__tap__/stats,
/reset, /log, /set?delay_ms=40 and /fault?kind=K&after=N&method=PUT&every=1 (never forwarded).
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from tests.servers.running import Running, read_body, read_head

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEAD = b'<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>'
_EMPTY = b'<?xml version="1.0"?><multistatus xmlns="DAV:"><sync-token>http://null/0</sync-token></multistatus>'
_LOGIN = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Hotel Wi-Fi<br></form></body></html>"
_WRITES = frozenset({"PUT", "DELETE"})
_XML = b"application/xml; charset=utf-8"
# Lying answers that are given without asking the server.
CANNED: dict[str, tuple[bytes, bytes, bytes]] = {
    "status": (b"503 Service Unavailable\r\nRetry-After: 1", b"text/plain", b""),
    "broken": (b"500 Internal Server Error", b"text/plain", b""),
    "refused": (b'401 Unauthorized\r\nWWW-Authenticate: Basic realm="calendars"', b"text/plain", b""),
    "locked": (b"423 Locked", b"text/plain", b""),
    "busy": (b"429 Too Many Requests\r\nRetry-After: 7", b"text/plain", b""),
    "later": (b"307 Temporary Redirect\r\nLocation: /elsewhere/\r\nRetry-After: 9", b"text/plain", b""),
    "forbidden-now": (b"403 Forbidden\r\nRetry-After: 11", b"text/plain", b"Too many requests"),
    "broken-later": (b"502 Bad Gateway\r\nRetry-After: 13", b"text/plain", b""),
    "unavailable": (b"503 Service Unavailable", b"text/plain", b""),
    "too-many": (b"429 Too Many Requests", b"text/plain", b""),
    "full": (b"507 Insufficient Storage", b"text/plain", b""),
    "empty": (b"207 Multi-Status", _XML, _EMPTY),
    "html": (b"200 OK", b"text/html", _LOGIN),
    "dead-token": (b"403 Forbidden", _XML, _DEAD),
    "dead-token-409": (b"409 Conflict", _XML, _DEAD),
    "dead-token-412": (b"412 Precondition Failed", _XML, _DEAD),
    "dead-token-400": (b"400 Bad Request", _XML, _DEAD),
    "no-report": (b"405 Method Not Allowed", b"text/plain", b""),
    "no-method": (b"501 Not Implemented", b"text/plain", b""),
}


@dataclass(slots=True)
class Fault:
    """What happens to a request.

    Attributes:
        kinds: one after another: a name of `CANNED`; "drop-request" (it is lost), "drop-response" (the server did it,
            the client never hears), "cut" (half of the true answer, then the connection ends).
        after: the how-many-th matching request from now on is hit.
        method: only this one; "" for any.
        containing: only requests with this in their address or body.
        every: each matching request from there on, too.
    """

    kinds: Sequence[str]
    after: int = 1
    method: str = ""
    containing: bytes = b""
    every: bool = False


@dataclass(slots=True)
class Counts:
    """What went through since the last reset; bytes with heads and bodies."""

    methods: dict[str, int] = field(default_factory=dict)
    bytes_up: int = 0
    bytes_down: int = 0
    connections: int = 0
    faults: int = 0
    most_writes_at_once: int = 0
    log: list[tuple[str, str, int | str]] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """All requests, those that were hit by a fault included."""
        return sum(self.methods.values())


class Wiretap:
    """The proxy: forwards to one port of this computer, counts, and fails as it is told.

    Attributes:
        refuses_company: a name of `CANNED`: the answer to a write while another one is under way; "" for none.
    """

    def __init__(self, to: int, *, delay_s: float = 0) -> None:
        self._to = to
        self.delay_s = delay_s
        self.counts = Counts()
        self.refuses_company = ""
        self._fault: Fault | None = None
        self._writing = 0
        self._held: asyncio.Event | None = None
        self._held_method = ""
        self._loop: asyncio.AbstractEventLoop | None = None

    def started(self) -> Running:
        """Give the proxy, to be used in a `with` block."""
        return Running(self.converse)

    def reset(self) -> None:
        """Count from zero."""
        self.counts = Counts()

    def fail(self, *kinds: str, after: int = 1, method: str = "", containing: bytes = b"", every: bool = False) -> None:
        """Arm a fault; see `Fault`. Without kinds: disarm."""
        self._fault = Fault(list(kinds), after, method, containing, every) if kinds else None

    @property
    def is_through(self) -> bool:
        """Whether what was armed has happened, every one of its kinds, or nothing is armed."""
        return self._fault is None

    def hold(self, method: str = "") -> None:
        """Answer nothing from now on (or none of these requests), as a server that hangs. They are counted."""
        self._held, self._held_method = asyncio.Event(), method

    def release(self) -> None:
        """Answer again, also what came meanwhile."""
        held, self._held = self._held, None
        if held is not None and self._loop is not None:
            self._loop.call_soon_threadsafe(held.set)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward the requests of one connection."""
        self.counts.connections += 1
        self._loop = asyncio.get_running_loop()
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        try:
            while True:
                head, headers = await read_head(reader)
                method, target = head.decode("latin-1").split(" ", 2)[:2]
                if target.startswith("/__tap__/"):
                    _answer_json(writer, self._steered(target))
                    await writer.drain()
                    return
                body = await read_body(reader, headers)
                self._count(method, len(head) + len(body))
                with self._under_way(method) as is_alone:
                    if self.delay_s:
                        await asyncio.sleep(self.delay_s)  # stands in for the round trip
                    if self._held is not None and self._held_method in {"", method}:
                        await self._held.wait()
                    hit = self._hit(method, target.encode() + body) or ("" if is_alone else self.refuses_company)
                    if hit == "drop-request" or hit in CANNED:
                        self.counts.log.append((method, target, hit))
                        if hit == "drop-request":
                            return
                        self._answer_canned(writer, hit)
                        await writer.drain()
                        continue
                    if upstream is None or upstream[0].at_eof() or upstream[1].is_closing():
                        upstream = await asyncio.open_connection("127.0.0.1", self._to, limit=1 << 20)
                    if await self._forwarded(upstream, writer, head + body, (method, target), hit):
                        return
        finally:
            if upstream is not None:
                upstream[1].close()

    @contextmanager
    def _under_way(self, method: str) -> Iterator[bool]:
        """Count a write in while it is under way; says whether it is the only one."""
        if method not in _WRITES:
            yield True
            return
        self._writing += 1
        self.counts.most_writes_at_once = max(self.counts.most_writes_at_once, self._writing)
        try:
            yield self._writing == 1
        finally:
            self._writing -= 1

    async def _forwarded(
        self,
        upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        writer: asyncio.StreamWriter,
        request: bytes,
        named: tuple[str, str],
        hit: str,
    ) -> bool:
        """Forward one request and its answer; says whether the connection ends."""
        upstream[1].write(request)
        await upstream[1].drain()
        head, headers = await read_head(upstream[0])
        status = int(head.split(b" ", 2)[1])
        ends = head.startswith(b"HTTP/1.0") or headers.get("connection", "").lower() == "close"
        body = b""
        if named[0] != "HEAD" and status not in {204, 304} and status >= 200:
            body = await read_body(upstream[0], headers, until_end=ends)
        self.counts.log.append((*named, hit or status))
        if hit == "drop-response":
            return True
        if hit == "cut":
            body = body[: max(1, len(body) // 2)]
        # Counted before the client can hear it: what it does next may be to count from zero.
        self.counts.bytes_down += len(head) + len(body)
        writer.write(head + body)
        await writer.drain()
        return ends or hit == "cut"

    def _count(self, method: str, size: int) -> None:
        self.counts.methods[method] = self.counts.methods.get(method, 0) + 1
        self.counts.bytes_up += size

    def _hit(self, method: str, request: bytes) -> str:
        """Say which fault hits this request, "" for none."""
        fault = self._fault
        if fault is None or fault.method not in {"", method} or fault.containing not in request:
            return ""
        fault.after -= 1
        if fault.after > 0:
            return ""
        self.counts.faults += 1
        hit, rest = fault.kinds[0], fault.kinds[1:]
        fault.kinds = rest or ([hit] if fault.every else [])
        if not fault.kinds:
            self._fault = None
        return hit

    def _answer_canned(self, writer: asyncio.StreamWriter, name: str) -> None:
        line, kind, body = CANNED[name]
        writer.write(b"HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (line, kind, len(body)) + body)

    def _steered(self, target: str) -> object:
        """Obey an order that came over HTTP, and answer with the counts or the log as they were before."""
        url = urlsplit(target)
        given, order = dict(parse_qsl(url.query)), url.path.rpartition("/")[2]
        counts = self.counts
        answer = {
            "requests": counts.requests,
            "methods": counts.methods,
            "bytes_up": counts.bytes_up,
            "bytes_down": counts.bytes_down,
            "connections": counts.connections,
            "faults": counts.faults,
        }
        match order:
            case "reset":
                self.reset()
            case "set":
                self.delay_s = float(given["delay_ms"]) / 1000
            case "fault":
                kinds = [] if given.get("kind") == "none" else given["kind"].split(",")
                after, method = int(given.get("after", 1)), given.get("method", "")
                self.fail(*kinds, after=after, method=method, every=bool(given.get("every")))
            case "log":
                return counts.log
        return answer


def _answer_json(writer: asyncio.StreamWriter, answer: object) -> None:
    body = json.dumps(answer).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    writer.write(head % len(body) + body)


async def _serve(listen: int, tap: Wiretap) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await tap.converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # one side hung up
        finally:
            writer.close()

    running = await asyncio.start_server(converse, "127.0.0.1", listen, limit=1 << 20, backlog=512)
    async with running:
        await running.serve_forever()


def main() -> None:
    """Run as a program until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen", type=int, required=True)
    parser.add_argument("--to", type=int, required=True)
    parser.add_argument("--delay-ms", type=float, default=0)
    given = parser.parse_args()
    asyncio.run(_serve(given.listen, Wiretap(given.to, delay_s=given.delay_ms / 1000)))


if __name__ == "__main__":
    main()
