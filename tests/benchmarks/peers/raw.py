"""The floor: the fewest requests that do the job, with the standard library alone.

One kept connection, regular expressions instead of XML, one JSON file of names and tags; whole objects, and the folder
wins. No merge, no parsing, no journal, no guard, no retry: nothing that synchronizes in Python can be much cheaper.

Run as a program: python -m tests.benchmarks.peers.raw FOLDER CALENDAR_URL STATE_FILE
"""

from __future__ import annotations

import http.client
import json
import re
import sys
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.sax.saxutils import unescape

_RESPONSE = re.compile(r"<(?:\w+:)?response\b[^>]*>(.*?)</(?:\w+:)?response>", re.DOTALL)
_VALUES = {
    name: re.compile(rf"<(?:\w+:)?{name}\b[^>]*>(.*?)</(?:\w+:)?{name}>", re.DOTALL)
    for name in ("href", "getetag", "calendar-data", "sync-token")
}
_SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
_XML = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}


def _value(name: str, text: str) -> str:
    found = _VALUES[name].search(text)
    return unescape(found[1], {"&quot;": '"', "&#13;": "\r"}).strip() if found else ""


def _name(response: str) -> str:
    return unquote(_value("href", response)).rpartition("/")[2]


class _Calendar:
    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[str, str]:
        """Give the body and the tag of an answer."""
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status}")
        return text, answer.headers.get("ETag", "")

    def changes(self, token: str) -> str:
        """What changed since the token; without one everything, with its text."""
        data = "" if token else "<C:calendar-data/>"
        body = (
            f"<D:sync-collection {_SPACES}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
            f"<D:prop><D:getetag/>{data}</D:prop></D:sync-collection>"
        )
        return self.request("REPORT", self.path, body.encode(), _XML)[0]

    def texts(self, names: list[str]) -> str:
        """Some objects with their text."""
        hrefs = "".join(f"<D:href>{self.path}{quote(name)}</D:href>" for name in names)
        body = (
            f"<C:calendar-multiget {_SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}"
            "</C:calendar-multiget>"
        )
        return self.request("REPORT", self.path, body.encode(), _XML)[0]


class _Sync:
    """One pass; `tags` is name to (tag, time and size of the file)."""

    def __init__(self, folder: Path, calendar: _Calendar, state: Path) -> None:
        self._folder, self._calendar, self._state = folder, calendar, state
        known = json.loads(state.read_text()) if state.exists() else {"token": "", "tags": {}}
        self._token: str = known["token"]
        self._tags: dict[str, tuple[str, int, int]] = {name: tuple(tag) for name, tag in known["tags"].items()}

    def once(self) -> None:
        """Fetch what is new there, then send what is new here."""
        files = {path.name: path.stat() for path in self._folder.glob("*.ics")}
        new = [n for n, s in files.items() if self._tags.get(n, ("", 0, 0))[1:] != (s.st_mtime_ns, s.st_size)]
        dead = self._tags.keys() - files.keys()
        answer = self._calendar.changes(self._token)
        self._take(answer, {*new, *dead})
        for name in new:
            self._send(name)
        for name in dead:
            self._calendar.request("DELETE", self._calendar.path + quote(name), b"", _if_match(self._tags.pop(name)[0]))
        self._state.write_text(json.dumps({"token": _value("sync-token", answer), "tags": self._tags}))

    def _take(self, answer: str, mine: set[str]) -> None:
        wanted = []
        for found in _RESPONSE.finditer(answer):
            name, tag = _name(found[1]), _value("getetag", found[1])
            if not name or name in mine:
                continue
            if not tag:
                self._tags.pop(name, None)
                (self._folder / name).unlink(missing_ok=True)
            elif self._tags.get(name, ("", 0, 0))[0] != tag and not self._keep(name, found[1]):
                wanted.append(name)
        if wanted:
            for found in _RESPONSE.finditer(self._calendar.texts(wanted)):
                self._keep(_name(found[1]), found[1])

    def _send(self, name: str) -> None:
        body = (self._folder / name).read_bytes()
        known = self._tags.get(name)
        condition = _if_match(known[0]) if known else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        _, tag = self._calendar.request("PUT", self._calendar.path + quote(name), body, headers)
        self._note(name, tag)

    def _keep(self, name: str, response: str) -> bool:
        """Keep an object; says whether the answer carries its text."""
        text = _value("calendar-data", response)
        if text:
            (self._folder / name).write_bytes(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
            self._note(name, _value("getetag", response))
        return bool(text)

    def _note(self, name: str, tag: str) -> None:
        stat = (self._folder / name).stat()
        self._tags[name] = (tag, stat.st_mtime_ns, stat.st_size)


def _if_match(tag: str) -> dict[str, str]:
    return {"If-Match": tag}


def main(folder: str, url: str, state: str) -> None:
    """Make one pass."""
    _Sync(Path(folder), _Calendar(url), Path(state)).once()


if __name__ == "__main__":
    main(*sys.argv[1:])
