"""What the engine is given: connections, settings, somebody to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform
    from sync_agent.engine.conflicts.values import WorkingHours
    from sync_agent.engine.values import Account


class AccountBook(Protocol):
    """Opens connections. Each call may raise a ConnectorError, above all where the secrets cannot be read now."""

    def calendars(self, account: Account) -> CalendarAccount:
        """Open a calendar account; the same object while its credentials stay the same."""
        ...

    def meetings(self, account: Account) -> MeetingProvider:
        """Open a host account."""
        ...

    def platform(self, account: Account) -> Platform:
        """Open the platform."""
        ...

    def requests(self, account_id: str) -> int:
        """Give how many requests this account has made since it was opened."""
        ...


CALENDAR_PROVIDERS = frozenset({"caldav", "apple", "google", "microsoft", "ics"})
MEETING_PROVIDERS = frozenset({"zoom", "meet", "teams"})
PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the tutor can set.

    Attributes:
        home_zone: IANA name; dates and floating times are read in it.
        working_hours: they rank slots, and never make a conflict.
        travel_buffer: kept free on both sides of a session in person.
        meetings_ahead: meetings are made for sessions that start within this time.
        meeting_provider: the account to make meetings with, by provider; "": the only or oldest one.
        stale_after: a calendar that was not read for so long is no longer taken as checked.
        versions: "newest": of two versions the newer counts; "ask": the tutor chooses.
        poll_every: how often calendars are usually looked at.
        is_paused: the tutor wants nothing to be looked at now.
        tutor: the name that the activity log uses for the person at this computer.
    """

    home_zone: str
    working_hours: WorkingHours
    travel_buffer: timedelta = timedelta(minutes=30)
    meetings_ahead: timedelta = timedelta(days=400)
    meeting_provider: str = ""
    stale_after: timedelta = timedelta(hours=1)
    versions: str = "newest"
    poll_every: timedelta = timedelta(minutes=1)
    is_paused: bool = False
    tutor: str = "you"
