"""A CalDAV calendar server in memory, as cheap as Python allows: the floor a client can be measured against.

Knows OPTIONS, PROPFIND (principal, home, collection, depth 0 and 1), REPORT calendar-multiget, calendar-query (time
ranges ignored: everything is listed) and sync-collection with deletions, GET, PUT, DELETE with If-Match and
If-None-Match, MKCALENDAR, PROPPATCH (accepted, ignored). ETags are revision numbers; the sync token is the revision.

Rewriting does what several vendors do to an object that is PUT: a DTSTAMP and LAST-MODIFIED of its own, one X- property
more, properties in another order, and no ETag in the answer; with "count" that X- property changes with each write.

As a program: python -m tests.servers.nullcal --port 8123 [--rewrite stamp|count]
"""

from __future__ import annotations

import argparse
import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote
from xml.sax.saxutils import escape

from tests.servers.running import Running, read_body, read_head

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

Rewrite = Literal["stamp", "count"] | None
Answer = tuple[int, bytes, dict[str, str]]

_HREF = re.compile(rb"<(?:[A-Za-z]+:)?href[^>]*>\s*([^<]+?)\s*<")
_TOKEN = re.compile(rb"<(?:[A-Za-z]+:)?sync-token[^>]*>\s*([^<\s]+)\s*<")
_SPACES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
_DAV_HEADERS = {
    "DAV": "1, 2, 3, calendar-access, extended-mkcol",
    "Allow": "OPTIONS, GET, PUT, DELETE, PROPFIND, REPORT, MKCALENDAR",
}
_PHRASES = {
    200: "OK", 201: "Created", 204: "No Content", 207: "Multi-Status", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 412: "Precondition Failed",
}  # fmt: skip


@dataclass(slots=True)
class Collection:
    """One calendar: name to (revision, text), name to the revision that removed it."""

    items: dict[str, tuple[int, str]] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    revision: int = 0
    dead_before: int = 0
    revisions_an_etag: int = 1

    def etag(self, revision: int) -> str:
        """Give the ETag of a revision: its number, or for a coarse server that of several."""
        return str(revision // self.revisions_an_etag)


class NullCal:
    """The server's state and its answers; `started()` puts it on a port."""

    def __init__(self, user: str = "anna", *, rewrite: Rewrite = None, heeds_conditions: bool = True) -> None:
        self.home = f"/{user}/"
        self.rewrite = rewrite
        self.heeds_conditions = heeds_conditions
        self.calendars: dict[str, Collection] = {}
        self._buried: dict[str, int] = {}

    def started(self, context: ssl.SSLContext | None = None) -> Running:
        """Give the server, to be used in a `with` block; with a context it speaks TLS."""
        return Running(self.converse, context=context)

    def kill_tokens(self) -> None:
        """Every token given so far is dead from now on, for good."""
        for calendar in self.calendars.values():
            calendar.revision += 1
            calendar.dead_before = calendar.revision

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        while True:
            head, headers = await read_head(reader)
            method, target, _ = head.decode("latin-1").split(" ", 2)
            body = await read_body(reader, headers)
            status, content, more = self.answer(method, unquote(target.split("?")[0]), headers, body)
            rows = [f"HTTP/1.1 {status} {_PHRASES.get(status, 'Other')}"]
            rows += [f"{name}: {value}" for name, value in more.items()]
            if status == 207:
                rows.append("Content-Type: application/xml; charset=utf-8")
            if status != 204:
                rows.append(f"Content-Length: {len(content)}")
            head_only = method == "HEAD" or status == 204
            writer.write("\r\n".join([*rows, "", ""]).encode() + (b"" if head_only else content))
            await writer.drain()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """Answer one request."""
        if path == "/__kill_tokens__":  # for yardsticks that run the server as a program
            self.kill_tokens()
            return 204, b"", {}
        if method == "OPTIONS":
            return 200, b"", _DAV_HEADERS
        if method in {"MKCALENDAR", "MKCOL"}:
            return self._make(path.rstrip("/") + "/")
        if method == "PROPPATCH":
            return _multistatus([_response(path, "")])
        base, slash, name = path.rpartition("/")
        base += slash
        calendar = self.calendars.get(base)
        if method == "PROPFIND":
            return self._propfind(path, base, name, shows_members=headers.get("depth", "0") != "0")
        if calendar is None:
            return 404, b"", {}
        if not self.heeds_conditions:
            headers = {name: value for name, value in headers.items() if name not in {"if-match", "if-none-match"}}
        match method:
            case "REPORT":
                return _report(calendar, base, body)
            case "GET" | "HEAD":
                return _get(calendar, name)
            case "PUT":
                return self._put(calendar, name, headers, body.decode())
            case "DELETE" if not name:
                self._buried[base] = self.calendars.pop(base).revision
                return 204, b"", {}
            case "DELETE":
                return _delete(calendar, name, headers)
        return 405, b"", {}

    def _make(self, path: str) -> Answer:
        if path in self.calendars:
            return 405, b"", {}
        # One that is made anew knows no token of the one that was there before.
        revision = self._buried.pop(path, -1) + 1
        self.calendars[path] = Collection(revision=revision, dead_before=revision)
        return 201, b"", {}

    def _propfind(self, path: str, base: str, name: str, *, shows_members: bool) -> Answer:
        calendar = self.calendars.get(base)
        if name:
            if calendar is None or name not in calendar.items:
                return 404, b"", {}
            return _multistatus(
                [_response(path, f'<getetag>"{calendar.etag(calendar.items[name][0])}"</getetag><resourcetype/>')]
            )
        if path not in self.calendars and path not in {"/", self.home}:
            return 404, b"", {}
        rows = [_response(path, self._properties(path))]
        if shows_members and calendar is not None:
            kind = "<getcontenttype>text/calendar</getcontenttype><resourcetype/>"
            rows += [
                _response(base + item, f'<getetag>"{calendar.etag(revision)}"</getetag>{kind}')
                for item, (revision, _) in calendar.items.items()
            ]
        elif shows_members:
            rows += [_response(one, self._properties(one)) for one in self.calendars if one.startswith(path)]
        return _multistatus(rows)

    def _properties(self, path: str) -> str:
        home = f"<href>{self.home}</href>"
        principal = (
            f"<current-user-principal>{home}</current-user-principal><principal-URL>{home}</principal-URL>"
            f"<C:calendar-home-set>{home}</C:calendar-home-set><owner>{home}</owner>"
        )
        calendar = self.calendars.get(path)
        if calendar is None:
            return f"{principal}<resourcetype><collection/><principal/></resourcetype>"
        return (
            f"{principal}<resourcetype><collection/><C:calendar/></resourcetype>"
            f"<displayname>{escape(path.strip('/').rpartition('/')[2])}</displayname>"
            '<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>'
            f'<CS:getctag>{calendar.revision}</CS:getctag><getetag>"{calendar.revision}"</getetag>'
            f"<sync-token>http://null/{calendar.revision}</sync-token><supported-report-set>"
            "<supported-report><report><sync-collection/></report></supported-report>"
            "<supported-report><report><C:calendar-multiget/></report></supported-report></supported-report-set>"
            "<current-user-privilege-set><privilege><all/></privilege></current-user-privilege-set>"
        )

    def _put(self, calendar: Collection, name: str, headers: dict[str, str], text: str) -> Answer:
        current = calendar.items.get(name)
        if not _is_met(calendar, name, headers):
            return 412, b"", {}
        calendar.revision += 1
        if self.rewrite is not None:
            text = rewritten(text, calendar.revision, self.rewrite)
        calendar.items[name] = (calendar.revision, text)
        calendar.gone.pop(name, None)
        status = 204 if current else 201
        return status, b"", {} if self.rewrite is not None else {"ETag": f'"{calendar.etag(calendar.revision)}"'}


def _is_met(calendar: Collection, name: str, headers: dict[str, str]) -> bool:
    current = calendar.items.get(name)
    if headers.get("if-none-match") == "*" and current:
        return False
    wanted = headers.get("if-match")
    return wanted is None or (current is not None and wanted.strip('"') == calendar.etag(current[0]))


def _get(calendar: Collection, name: str) -> Answer:
    current = calendar.items.get(name)
    if current is None:
        return 404, b"", {}
    return (
        200,
        current[1].encode(),
        {"ETag": f'"{calendar.etag(current[0])}"', "Content-Type": "text/calendar; charset=utf-8"},
    )


def _delete(calendar: Collection, name: str, headers: dict[str, str]) -> Answer:
    current = calendar.items.get(name)
    if not _is_met(calendar, name, headers):
        return 412, b"", {}
    if current is None:
        return 404, b"", {}
    calendar.revision += 1
    del calendar.items[name]
    calendar.gone[name] = calendar.revision
    return 204, b"", {}


def _report(calendar: Collection, base: str, body: bytes) -> Answer:
    with_data = b"calendar-data" in body

    def one(name: str) -> str:
        if name not in calendar.items:
            return _missing(base + name)
        revision, text = calendar.items[name]
        data = f"<C:calendar-data>{escape(text)}</C:calendar-data>" if with_data else ""
        return _response(base + name, f'<getetag>"{calendar.etag(revision)}"</getetag>{data}')

    if b"calendar-multiget" in body:
        names = [unquote(href.decode()).rpartition("/")[2] for href in _HREF.findall(body)]
        return _multistatus(one(name) for name in names)
    if b"sync-collection" not in body:
        return _multistatus(one(name) for name in calendar.items)
    token = _TOKEN.search(body)
    since = _revision_of(token[1], calendar) if token else 0
    if since is None:
        return 403, f'<?xml version="1.0"?><error {_SPACES}><valid-sync-token/></error>'.encode(), {}
    rows = [one(name) for name, (revision, _) in calendar.items.items() if revision > since]
    if token:
        rows += [_missing(base + name) for name, revision in calendar.gone.items() if revision > since]
    return _multistatus(rows, f"<sync-token>http://null/{calendar.revision}</sync-token>")


def _revision_of(token: bytes, calendar: Collection) -> int | None:
    number = token.rpartition(b"/")[2]
    return int(number) if number.isdigit() and int(number) >= calendar.dead_before else None


def _multistatus(rows: Iterable[str], tail: str = "") -> Answer:
    text = f'<?xml version="1.0" encoding="utf-8"?><multistatus {_SPACES}>{"".join(rows)}{tail}</multistatus>'
    return 207, text.encode(), {}


def _response(href: str, properties: str) -> str:
    return (
        f"<response><href>{escape(href)}</href><propstat><prop>{properties}</prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def _missing(href: str) -> str:
    return f"<response><href>{escape(href)}</href><status>HTTP/1.1 404 Not Found</status></response>"


def rewritten(text: str, revision: int, how: Rewrite) -> str:
    """Change an object as vendors do: stamps, order, one property more."""
    text = re.sub(r"\r?\n[ \t]", "", text).replace("\r\n", "\n")
    stamp = (
        f"2027{1 + revision // 86400 % 12:02d}01"
        f"T{revision // 3600 % 24:02d}{revision // 60 % 60:02d}{revision % 60:02d}Z"
    )
    text = re.sub(r"^(DTSTAMP|LAST-MODIFIED):.*$", rf"\g<1>:{stamp}", text, flags=re.MULTILINE)
    text = re.sub(r"^X-NULLCAL-REV:.*\n", "", text, flags=re.MULTILINE)
    mark = f"X-NULLCAL-REV:{revision if how == 'count' else 'kept'}\n"
    text = re.sub(
        r"(BEGIN:VEVENT\n)((?:(?!BEGIN:|END:)[^\n]*\n)*)",
        lambda found: found[1] + "".join(sorted(found[2].splitlines(keepends=True))) + mark,
        text,
    )
    return text.replace("\n", "\r\n")


async def _serve(port: int, server: NullCal) -> None:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await server.converse(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    running = await asyncio.start_server(converse, "127.0.0.1", port, limit=1 << 20, backlog=512)
    async with running:
        await running.serve_forever()


def main() -> None:
    """Run as a program until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--user", default="anna")
    parser.add_argument("--rewrite", choices=["stamp", "count"])
    given = parser.parse_args()
    asyncio.run(_serve(given.port, NullCal(given.user, rewrite=given.rewrite)))


if __name__ == "__main__":
    main()
