"""Sessions and events to test with: only what matters is said. Thursday, 26 November 2026, in Berlin."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.conflicts.values import Occupied, OccupiedKind
from sync_agent.engine.values import Session

BERLIN = "Europe/Berlin"
HOUR = timedelta(hours=1)
BUFFER = timedelta(minutes=30)
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # Monday, 9 o'clock in Berlin


def clock(text: str, day: int = 26, zone: str = BERLIN) -> datetime:
    """An instant in November: "15:00"."""
    hour, minute = text.split(":")
    return datetime(2026, 11, day, int(hour), int(minute), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def a_span(text: str = "15:00-16:00", day: int = 26, zone: str = BERLIN) -> WallSpan:
    """A wall span in November."""
    lo, hi = (clock(part, day, zone) for part in text.split("-"))
    return WallSpan(lo.astimezone(ZoneInfo(zone)).replace(tzinfo=None), zone, hi - lo)


def a_session(text: str = "15:00-16:00", *, day: int = 26, zone: str = BERLIN, **changes: object) -> Session:
    """A session as the engine holds it."""
    session = Session(id="s1", when=a_span(text, day, zone), title="Maths")
    return replace(session, **changes)  # type: ignore[arg-type]


def session(text: str = "15:00-16:00", *, day: int = 26, name: str = "s1", **changes: object) -> Occupied:
    """The time that a session takes."""
    taken = Occupied(OccupiedKind.SESSION, name, "Maths", clock_of(text, 0, day), clock_of(text, 1, day), BERLIN)
    return replace(taken, **changes)  # type: ignore[arg-type]


def event(text: str = "15:00-16:00", *, day: int = 26, name: str = "e1", **changes: object) -> Occupied:
    """The time that a foreign event takes."""
    lo, hi = clock_of(text, 0, day), clock_of(text, 1, day)
    taken = Occupied(OccupiedKind.EVENT, f"c1:{name}:", "Dentist", lo, hi, BERLIN, "c1", "Private")
    return replace(taken, **changes)  # type: ignore[arg-type]


def clock_of(text: str, part: int, day: int) -> datetime:
    """One end of "15:00-16:00"."""
    return clock(text.split("-")[part], day)
