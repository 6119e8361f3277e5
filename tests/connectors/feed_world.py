"""The publisher's side of a feed."""

from __future__ import annotations

import hashlib

from connectors.http import HttpRules
from connectors.ics.account import FeedAccount, FeedReader
from connectors.registry import Credentials, open_calendars
from tests.servers.feeds import FeedServer, Published

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//school//timetable//EN\r\nX-WR-CALNAME:Timetable\r\n"
FOOT = "END:VCALENDAR\r\n"


class FeedWorld:
    """A feed made of objects by name, published anew whenever one changes."""

    def __init__(self, server: FeedServer, port: int, *, with_validators: bool = True) -> None:
        self._server, self._with_validators = server, with_validators
        self._objects: dict[str, str] = {}
        self.address = f"http://127.0.0.1:{port}/private-4f2a/basic.ics"
        self.account = open_feed(self.address)
        self._publish()

    def reader(self) -> FeedReader:
        return self.account.reader(self.account.identify().subject)

    def put(self, name: str, text: str) -> None:
        self._objects[name] = text
        self._publish()

    def remove(self, name: str) -> None:
        del self._objects[name]
        self._publish()

    def publish(self, body: bytes | str, **more: object) -> None:
        """Publish exactly these bytes."""
        body = body.encode() if isinstance(body, str) else body
        self._server.published["/private-4f2a/basic.ics"] = Published(body, **more)

    def text(self) -> str:
        """The whole feed."""
        return HEAD + "".join(events_of(text) for text in self._objects.values()) + FOOT

    def _publish(self) -> None:
        text = self.text()
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        self.publish(text, etag=f'"{digest}"' if self._with_validators else "")

    def close(self) -> None:
        self.account.close()


def events_of(text: str) -> str:
    """The VEVENT components of a VCALENDAR."""
    return text[text.index("BEGIN:VEVENT") : text.index("END:VCALENDAR")]


def open_feed(address: str, *, rules: HttpRules | None = None, **settings: str) -> FeedAccount:
    """Open a feed as the agent does."""
    account: FeedAccount = open_calendars("ics", Credentials("", settings, {"url": address}, rules or HttpRules()))
    return account
