"""The coverage seal: when a time was last checked for double bookings, against which calendars (pure).

A calendar whose reading can no longer be believed makes every answer about that time "not checked since …", never
"free". The seal is derived from the readings: a reading is noted only when it was complete, and the look for double
bookings follows from the same change of the store that brings the events (`bookings.note_unchecked`), so nothing can be
read and forgotten in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sync_agent.engine.conflicts.values import StaleCalendar

_NEEDS_A_PERSON = frozenset({"reconnect", "unlock", "check_address", "check_certificate"})


class StaleWhy(StrEnum):
    """Why a reading cannot be believed."""

    NEVER = "never"
    GONE = "gone"
    REFUSED = "refused"
    LOCKED = "locked"
    WRONG_ADDRESS = "wrong_address"
    FAILING = "failing"
    PAUSED = "paused"
    OLD = "old"
    BEYOND = "beyond"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known of one calendar's last reading.

    Attributes:
        read_at: as of when it was last read in full; None: never.
        is_gone: it is no longer on its server.
        is_failing: the last try to read its account failed.
        remedy: what mends that, in one word (`Remedy`); "" if nothing is broken.
        is_paused: nothing is read until the tutor says so.
        but_for: a sentence for each thing in it that was not understood and may lie at this time.
    """

    calendar: str
    name: str
    read_at: datetime | None
    is_gone: bool = False
    is_failing: bool = False
    remedy: str = ""
    is_paused: bool = False
    but_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Belief:
    """For how long a reading is believed.

    Attributes:
        stale_after: while all goes well; the computer may have slept.
        poll_every: while its account fails or is paused: it is no better than between two looks.
        ahead: how far foreign events are kept; what lies beyond was read by nobody.
    """

    stale_after: timedelta
    poll_every: timedelta
    ahead: timedelta


@dataclass(frozen=True, slots=True)
class CalendarSeal:
    """How far one calendar was looked at for one time.

    Attributes:
        read_at: as of when; None: never.
        stale: why that cannot be believed; None: it can.
        but_for: what in it was not understood and may lie at this time.
    """

    calendar: str
    name: str
    read_at: datetime | None
    stale: StaleWhy | None = None
    but_for: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether all that the calendar holds at this time is known."""
        return self.stale is None and not self.but_for


@dataclass(frozen=True, slots=True)
class Seal:
    """When a time was last checked for double bookings, and against what.

    Attributes:
        checked_at: the oldest of the readings: all calendars were looked at then or later. None: one never was, or
            there is none.
        calendars: one entry for each that takes part.
    """

    checked_at: datetime | None
    calendars: tuple[CalendarSeal, ...] = field(default=())

    @property
    def is_whole(self) -> bool:
        """Whether all that takes the tutor's time is known: what looks free is free."""
        return all(one.is_whole for one in self.calendars)

    @property
    def stale(self) -> tuple[StaleCalendar, ...]:
        """The calendars whose reading cannot be believed."""
        return tuple(
            StaleCalendar(one.calendar, one.name, one.read_at, one.stale)
            for one in self.calendars
            if one.stale is not None
        )


def stale_why(reading: Reading, now: datetime, belief: Belief) -> StaleWhy | None:
    """Say why a reading cannot be believed now; None: it can.

    What does not heal by itself counts at once, however young the reading is: somebody changed the password, and nobody
    knows what else since. What heals by itself counts as soon as the reading is older than one interval between two
    looks: until then it is what it would be without the failure.
    """
    if reading.read_at is None:
        return StaleWhy.NEVER
    age = now - reading.read_at
    if reading.is_gone:
        return StaleWhy.GONE
    if reading.is_failing and reading.remedy in _NEEDS_A_PERSON:
        return _PERSONAL.get(reading.remedy, StaleWhy.WRONG_ADDRESS)
    if reading.is_failing and age > belief.poll_every:
        return StaleWhy.FAILING
    if reading.is_paused and age > belief.poll_every:
        return StaleWhy.PAUSED
    return StaleWhy.OLD if age > belief.stale_after else None


_PERSONAL = {"reconnect": StaleWhy.REFUSED, "unlock": StaleWhy.LOCKED}


def seal(
    readings: Iterable[Reading],
    now: datetime,
    belief: Belief,
    *,
    until: datetime | None = None,
    is_pending: bool = False,
) -> Seal:
    """Say how far a time was checked.

    Args:
        readings: of every calendar that is not ignored; the platform is one.
        now: aware.
        belief: for how long a reading is believed.
        until: where the time in question ends; None: it is now or soon.
        is_pending: something came in at this time, and the look whether it collides is still to come.

    Returns:
        Without any calendar the seal is whole: there is nothing that could be unread.
    """
    found = tuple(_sealed(one, now, belief, until, is_pending=is_pending) for one in readings)
    ats = [one.read_at for one in found if one.read_at is not None]
    return Seal(min(ats) if ats and len(ats) == len(found) else None, found)


def _sealed(
    reading: Reading, now: datetime, belief: Belief, until: datetime | None, *, is_pending: bool
) -> CalendarSeal:
    why = stale_why(reading, now, belief)
    if why is None and until is not None and reading.read_at is not None and until > reading.read_at + belief.ahead:
        why = StaleWhy.BEYOND
    if why is None and is_pending:
        why = StaleWhy.PENDING
    return CalendarSeal(reading.calendar, reading.name, reading.read_at, why, reading.but_for)
