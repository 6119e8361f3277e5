"""Events to test with: only what matters is said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from connectors.vocabulary.events import Event
from connectors.vocabulary.times import Moment, MomentKind
from sync_agent.engine.busy.clock import shifted
from sync_agent.engine.busy.expand import expand
from sync_agent.engine.busy.intervals import Busy, Expansion

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)
YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


def at(local: datetime, zone: str = BERLIN) -> Moment:
    """A zoned moment."""
    return Moment(MomentKind.ZONED, local, zone, zone)


def utc(local: datetime) -> Moment:
    """A UTC moment."""
    return Moment(MomentKind.UTC, local)


def floating(local: datetime) -> Moment:
    """A moment without a zone."""
    return Moment(MomentKind.FLOATING, local)


def on(day: date) -> Moment:
    """A whole day."""
    return Moment(MomentKind.DATE, datetime.combine(day, datetime.min.time()))


def an_event(start: Moment, *, lasts: timedelta | None = None, uid: str = "choir", **changes: object) -> Event:
    """An event of an hour, or of a day where it is one."""
    duration = lasts if lasts is not None else timedelta(days=1) if start.is_date else HOUR
    event = Event(uid, start, replace(start, local=shifted(start.local, duration)), duration, "Choir")
    return replace(event, **changes)  # type: ignore[arg-type]


def expanded(
    *events: Event, window: tuple[datetime, datetime] = YEAR, home: str = BERLIN, limit: int = 5000
) -> Expansion:
    """Expand in a window of the year 2026, at home in Berlin."""
    return expand(events, window=window, home_zone=home, limit=limit)


def starts(*events: Event, window: tuple[datetime, datetime] = YEAR, home: str = BERLIN) -> list[str]:
    """The UTC starts of what blocks, short: "26 Nov 14:00"."""
    return [spelled(busy) for busy in expanded(*events, window=window, home=home).intervals if busy.opaque]


def spelled(busy: Busy) -> str:
    """Spell a start: "26 Nov 14:00"."""
    return f"{busy.lo.day} {busy.lo:%b %H:%M}"
