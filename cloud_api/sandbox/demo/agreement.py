"""What the outside systems say of the same sessions, brought side by side."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cloud_api.sandbox.demo.outside import instant
from cloud_api.sandbox.demo.stage import CALENDAR, PRIVATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_api.sandbox.demo.stage import Stage

_BACK, _AHEAD = timedelta(days=30), timedelta(days=400)
_ALONE = timedelta(hours=3)

Entry = tuple[str, datetime, datetime]
"""Title, start and end: what a session is to somebody who looks at a calendar."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Platform and calendar side by side.

    Attributes:
        missing: on the platform and not in the calendar; doubled: more often in the calendar; extra: only there.
    """

    sessions: int
    events: int
    missing: tuple[Entry, ...]
    extra: tuple[Entry, ...]

    @property
    def holds(self) -> bool:
        """Whether each session is there exactly once, and nothing else is."""
        return self.sessions > 0 and not self.missing and not self.extra

    @property
    def words(self) -> str:
        """What was seen, in one line."""
        if self.holds:
            return f"{self.sessions} sessions on the platform, each exactly once in the calendar"
        parts = [f"{self.sessions} sessions on the platform, {self.events} events in the calendar"]
        if self.missing:
            parts.append(f"missing: {_named(self.missing)}")
        if self.extra:
            parts.append(f"too many: {_named(self.extra)}")
        return "; ".join(parts)


def compare(stage: Stage) -> Agreement:
    """Read both sides, each over its own protocol, and compare."""
    wanted = Counter(entry(session) for session in mirrored(stage))
    found = Counter(event_entry(event) for event in stage.phone.events(CALENDAR) if not event["repeats"])
    return Agreement(
        sessions=wanted.total(),
        events=found.total(),
        missing=tuple(sorted((wanted - found).elements())),
        extra=tuple(sorted((found - wanted).elements())),
    )


def mirrored(stage: Stage) -> list[dict[str, Any]]:
    """Give the platform's sessions that belong into a calendar: not cancelled, not long over."""
    now = datetime.now(UTC)
    return [
        session
        for session in stage.platform.sessions(stage.tutor.id)
        if session["status"] != "cancelled"
        and instant(session["end"]) >= now - _BACK
        and instant(session["start"]) <= now + _AHEAD
    ]


def upcoming(stage: Stage) -> list[dict[str, Any]]:
    """Give the sessions that are still to come, by start, none of them near another one."""
    now = datetime.now(UTC)
    found = sorted(
        (one for one in mirrored(stage) if one["status"] == "planned" and instant(one["start"]) > now + _ALONE),
        key=lambda one: instant(one["start"]),
    )
    return [one for one in found if _is_alone(one, found)]


def event_of(stage: Stage, session: dict[str, Any]) -> dict[str, Any] | None:
    """Find the event of a session as the phone shows it: same title, same start; None if there is not exactly one."""
    title, start, _ = entry(session)
    found = [
        event
        for event in stage.phone.events(CALENDAR)
        if event["summary"] == title and instant(event["start"]) == start
    ]
    return found[0] if len(found) == 1 else None


def entry(session: dict[str, Any]) -> Entry:
    """Give what the platform says of a session."""
    return session["title"], instant(session["start"]), instant(session["end"])


def event_entry(event: dict[str, Any]) -> Entry:
    """Give what the calendar says of an event."""
    return event["summary"], instant(event["start"]), instant(event["end"])


def overlapping(stage: Stage, session: dict[str, Any]) -> list[str]:
    """Give what else is in both calendars while a session takes place, repeating appointments expanded by the phone."""
    _, start, end = entry(session)
    mine = event_of(stage, session)
    return [
        busy["uid"]
        for calendar in (CALENDAR, PRIVATE)
        for busy in stage.phone.busy(calendar, start.isoformat(), end.isoformat())
        if (mine is None or busy["uid"] != mine["uid"])
        and instant(busy["start"]) < end
        and instant(busy["end"]) > start
    ]


def _is_alone(one: dict[str, Any], others: Sequence[dict[str, Any]]) -> bool:
    _, start, end = entry(one)
    return not any(
        other["id"] != one["id"] and entry(other)[1] < end + _ALONE and entry(other)[2] > start - _ALONE
        for other in others
    )


def _named(entries: Sequence[Entry]) -> str:
    shown = ", ".join(f"“{title}” {start:%a %d %b %H:%M} UTC" for title, start, _ in entries[:3])
    return shown + (f" and {len(entries) - 3} more" if len(entries) > 3 else "")
