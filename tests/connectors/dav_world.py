"""The vendor's side of a CalDAV calendar, touched by plain HTTP, as a phone would."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import httpx

from connectors.http import HttpRules
from connectors.registry import Credentials, open_calendars

if TYPE_CHECKING:
    from connectors.dav.account import DavAccount
    from connectors.vocabulary.protocols import Calendar

_names = itertools.count(1)


class DavWorld:
    """One fresh calendar of one person on one server, and our account there."""

    def __init__(self, server: str, user: str, password: str, *, through: str | None = None) -> None:
        """Make the calendar.

        Args:
            server: address of the server's root.
            user: owner of the calendar.
            password: theirs.
            through: address of a proxy that our account uses instead.
        """
        self.path = f"/{user}/work-{next(_names)}/"
        self._folder = server.rstrip("/") + self.path
        self._phone = httpx.Client(auth=(user, password), timeout=10)
        self._phone.request("MKCALENDAR", self._folder).raise_for_status()
        base = (through or server).rstrip("/")
        self.address = base + self.path
        self.account = open_dav(base, user, password)
        self.calendar: Calendar = self.account.calendar(self.address)

    def close(self) -> None:
        self._phone.close()
        self.account.close()

    def reader(self) -> Calendar:
        return self.calendar

    def put(self, name: str, text: str) -> None:
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self._phone.put(f"{self._folder}{name}.ics", content=text.encode(), headers=headers).raise_for_status()

    def remove(self, name: str) -> None:
        self._phone.delete(f"{self._folder}{name}.ics").raise_for_status()

    def text_of(self, name: str) -> str | None:
        answer = self._phone.get(f"{self._folder}{name}.ics")
        return answer.content.decode() if answer.status_code == httpx.codes.OK else None

    def drop_calendar(self) -> None:
        self._phone.delete(self._folder).raise_for_status()


def open_dav(base_url: str, user: str, password: str, rules: HttpRules | None = None) -> DavAccount:
    """Open an account as the agent does."""
    credentials = Credentials(base_url, {"username": user}, {"password": password}, rules or HttpRules())
    account: DavAccount = open_calendars("caldav", credentials)
    return account
