"""The tutor's phone: another CalDAV client, which knows nothing of us."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
from lxml import etree

_CALENDAR_DATA = "{urn:ietf:params:xml:ns:caldav}calendar-data"
_EVERYTHING = (
    '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)


class Phone:
    """One person's calendars on one server, touched over the server's own protocol."""

    def __init__(self, address: str, user: str, password: str) -> None:
        self._root, self.user, self.password = address.rstrip("/"), user, password
        # Loopback without TLS: reading the system's certificates would take longer than the test.
        self._http = httpx.Client(auth=(user, password), timeout=20, verify=False)

    def close(self) -> None:
        self._http.close()

    def make_calendar(self, name: str) -> str:
        """Make a calendar of that name and give its path."""
        path = f"/{self.user}/{name}/"
        body = (
            '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
            f"<displayname>{name}</displayname></prop></set></C:mkcalendar>"
        )
        self._ask("MKCALENDAR", path, body)
        return path

    def events(self, path: str) -> dict[str, str]:
        """Give every object of a calendar: href to text with its lines unfolded."""
        answer = self._ask("REPORT", path, _EVERYTHING, depth="1")
        found = {}
        for response in etree.fromstring(answer.content).iter("{DAV:}response"):
            data = response.find(f".//{_CALENDAR_DATA}")
            if data is not None and data.text:
                text = data.text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
                found[response.findtext("{DAV:}href") or ""] = text
        return found

    def event(self, path: str, title: str = "") -> str:
        """Give the text of the one event with that in it."""
        return self._found(path, title)[1]

    def titles(self, path: str) -> list[str]:
        """Give the titles of all events, in order."""
        return sorted(value_of(text, "SUMMARY") for text in self.events(path).values())

    def edit(self, path: str, changes: Mapping[str, str], *, title: str = "") -> None:
        """Change the text of the one event with that title in it, as any client does: read, change, write."""
        href, text = self._found(path, title)
        for old, new in changes.items():
            assert old in text, f"{old} is not in\n{text}"
            text = text.replace(old, new)
        self.put(href, text)

    def move(self, path: str, hour: int, to: int, *, title: str = "") -> None:
        """Move an event of an hour on 26 November."""
        # Marked while it is replaced, so that no hour is moved twice.
        hours = {hour: to, hour + 1: to + 1}
        self.edit(
            path, {f"20261126T{old:02}0000": f"20261126T¤{new:02}0000" for old, new in hours.items()}, title=title
        )

    def put(self, href: str, text: str) -> None:
        self._ask("PUT", href, text.replace("¤", "").replace("\n", "\r\n"), kind="text/calendar; charset=utf-8")

    def add(self, path: str, name: str, *lines: str) -> None:
        """Put an event of the tutor's own into a calendar."""
        self.put(f"{path}{name}.ics", an_event(name, *lines))

    def delete(self, path: str, title: str = "") -> None:
        self._ask("DELETE", self._found(path, title)[0])

    def drop(self, path: str) -> None:
        """Remove a whole calendar, or one object by its href."""
        self._ask("DELETE", path)

    def _found(self, path: str, title: str) -> tuple[str, str]:
        found = [(href, text) for href, text in self.events(path).items() if title in text]
        assert len(found) == 1, f"{len(found)} events with “{title}”"
        return found[0]

    def _ask(
        self, method: str, path: str, body: str = "", *, depth: str = "0", kind: str = "application/xml"
    ) -> httpx.Response:
        headers = {"Depth": depth, "Content-Type": kind}
        answer = self._http.request(method, self._root + path, content=body.encode(), headers=headers)
        answer.raise_for_status()
        return answer


def an_event(name: str, *lines: str) -> str:
    """Give the text of an event; DTSTART and DTEND are among the lines."""
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Phone//EN", "BEGIN:VEVENT", f"UID:{name}")
    return "\n".join((*head, "DTSTAMP:20261101T080000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""))


def value_of(text: str, name: str) -> str:
    """Give the value of the first property of that name in an event, "" if it has none."""
    body = text[text.index("BEGIN:VEVENT") :]
    for line in body.splitlines():
        if line.split(":")[0].split(";")[0] == name:
            return line.split(":", 1)[1]
    return ""
