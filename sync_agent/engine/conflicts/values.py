"""The values that double bookings are decided on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connectors.vocabulary.times import WallSpan
    from sync_agent.engine.values import Session, SessionSpan

_NOTHING = timedelta(0)


class OccupiedKind(StrEnum):
    """What takes the tutor's time."""

    SESSION = "session"
    EVENT = "event"


@dataclass(frozen=True, slots=True)
class Occupied:
    """A stretch of the tutor's time that something takes; half open, so that back to back is no overlap.

    Attributes:
        id: a session's id, or "CALENDAR:UID:RECURRENCE-ID" of an event.
        zone: IANA zone to show it in.
        place: where, if in person; equal places need no travel between them.
        blocks: False for a cancelled session and for an event that is transparent, declined or marked free.
        all_day: an event that was written as a date.
        why_free: why an event does not block, in one word; "" for a session, and for what blocks.
    """

    kind: OccupiedKind
    id: str
    title: str
    lo: datetime
    hi: datetime
    zone: str
    calendar: str = ""
    calendar_name: str = ""
    in_person: bool = False
    place: str = ""
    recurring: bool = False
    blocks: bool = True
    all_day: bool = False
    why_free: str = ""

    def __post_init__(self) -> None:
        if self.lo.tzinfo is None or self.hi.tzinfo is None or self.hi < self.lo:
            msg = "what takes time lies between two aware instants, in order"
            raise ValueError(msg)

    @property
    def key(self) -> str:
        """The name under which a conflict is stored: "session:ID" or "event:CALENDAR:UID:RECURRENCE-ID"."""
        return f"{self.kind}:{self.id}"

    @property
    def is_session(self) -> bool:
        """Whether it is one of ours."""
        return self.kind is OccupiedKind.SESSION

    @property
    def times(self) -> str:
        """Both ends as text; equal as long as it was not moved."""
        return f"{_spelled(self.lo)}/{_spelled(self.hi)}"


_UTC = zone_named("UTC")


# A session is one side of all its double bookings.
@lru_cache(maxsize=512)
def _spelled(instant: datetime) -> str:
    return f"{instant.astimezone(_UTC):%Y%m%dT%H%M%SZ}"


def occupied_by_session(session: Session, *, calendar_name: str = "") -> Occupied:
    """Give the time that a session takes."""
    return Occupied(
        kind=OccupiedKind.SESSION,
        id=session.id,
        title=session.title,
        lo=session.when.starts_at,
        hi=session.when.ends_at,
        zone=session.when.zone,
        calendar_name=calendar_name,
        in_person=not session.online,
        place="" if session.online else session.place,
        recurring=session.series_id is not None,
        blocks=session.is_live,
    )


def occupied_by_span(span: SessionSpan) -> Occupied:
    """Give the same of what the store keeps of a session's time."""
    return Occupied(
        kind=OccupiedKind.SESSION,
        id=span.id,
        title=span.title,
        lo=span.lo,
        hi=span.hi,
        zone=span.zone,
        in_person=not span.online,
        place="" if span.online else span.place,
        recurring=span.is_recurring,
        blocks=span.is_live,
    )


@dataclass(frozen=True, slots=True)
class MovedAway:
    """An instance of a series that somebody moved to another time.

    Attributes:
        now: where it is.
        was: when it would have begun.
    """

    now: Occupied
    was: datetime


class Reason(StrEnum):
    """Why two things cannot both be."""

    OVERLAP = "overlap"
    TRAVEL_BUFFER = "travel_buffer"


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two things that take the same time; `a` is always a session, of two sessions the one with the smaller id.

    Attributes:
        lo: where the part begins that both take (for the travel buffer: the missing travel time).
        hi: where it ends.
        buffer: the travel buffer that was asked for; zero for a plain overlap.
    """

    a: Occupied
    b: Occupied
    lo: datetime
    hi: datetime
    reason: Reason
    buffer: timedelta = _NOTHING

    @property
    def pair(self) -> tuple[str, str]:
        """Keys of both sides: what a conflict is stored under."""
        return self.a.key, self.b.key

    @property
    def minutes(self) -> int:
        """How long both are, rounded up to whole minutes: an overlap is never "0 minutes"."""
        return -((self.lo - self.hi) // timedelta(minutes=1))

    @property
    def times(self) -> str:
        """Times of both sides as text: what a "keep both" is bound to."""
        return f"{self.a.times} {self.b.times}"


@dataclass(frozen=True, slots=True)
class StaleCalendar:
    """A calendar that could not be read recently. What it holds is not known, so nothing in it counts as free.

    Attributes:
        since: when it was last read in full; None: never.
        why: why that is not believed, in one word (`seal.StaleWhy`); "" if it is only long ago.
    """

    calendar: str
    name: str
    since: datetime | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When the tutor works. They rank slots and explain them, and never make a conflict.

    Attributes:
        zone: IANA zone in which the hours are meant.
        days: seven rows, Monday first; each has stretches (from, to) in order. An end of 00:00 is the end of the day.
    """

    zone: str
    days: tuple[tuple[tuple[time, time], ...], ...]

    def __post_init__(self) -> None:
        zone_named(self.zone)
        if len(self.days) != 7 or any(_minute(lo) >= _end(hi) for day in self.days for lo, hi in day):
            msg = "working hours are seven rows of stretches that end after they start"
            raise ValueError(msg)

    @classmethod
    def usual(cls, zone: str) -> WorkingHours:
        """Give what holds until the tutor says otherwise: Monday to Friday from 9 to 20, Saturday from 9 to 14."""
        week, saturday = ((time(9), time(20)),), ((time(9), time(14)),)
        return cls(zone, (week, week, week, week, week, saturday, ()))

    def hold(self, lo: datetime, hi: datetime) -> bool:
        """Whether a stretch between two aware instants lies inside the hours of one day."""
        begins, ends = lo.astimezone(zone_named(self.zone)), hi.astimezone(zone_named(self.zone))
        first, last = begins.hour * 60 + begins.minute, ends.hour * 60 + ends.minute + bool(ends.second)
        last += (ends.date() - begins.date()).days * 1440
        return any(_minute(f) <= first and last <= _end(t) for f, t in self.days[begins.weekday()])


def _minute(value: time) -> int:
    return value.hour * 60 + value.minute


def _end(value: time) -> int:
    return _minute(value) or 1440


class Because(StrEnum):
    """Why a slot is offered, or what is to be known about it. The words are made in words.py."""

    SAME_DAY = "same_day"
    SAME_WEEK = "same_week"
    LATER_WEEK = "later_week"
    USUAL_WEEKDAY = "usual_weekday"
    SAME_WEEKDAY = "same_weekday"
    DAYS_AWAY = "days_away"
    SAME_HOUR = "same_hour"
    USUAL_HOUR = "usual_hour"
    HOURS_AWAY = "hours_away"
    INSIDE_HOURS = "inside_hours"
    OUTSIDE_HOURS = "outside_hours"
    TRAVEL_KEPT = "travel_kept"
    NOT_CHECKED = "not_checked"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Fact:
    """One reason: a code that never changes, and what fills its words."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A slot to which a session could be moved.

    Attributes:
        rank: 1 is the best.
        reasons: `Because` codes with facts.
        not_checked: calendars that could not be asked.
        but_for: what was not understood of foreign events and may lie at this time.
    """

    rank: int
    when: WallSpan
    reasons: Sequence[Fact]
    not_checked: Sequence[StaleCalendar] = ()
    but_for: Sequence[str] = ()

    @property
    def is_known_free(self) -> bool:
        """Whether every calendar was asked and understood: stale is never "free"."""
        return not self.not_checked and not self.but_for
