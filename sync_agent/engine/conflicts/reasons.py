"""Why a slot is offered, as facts. The words for them are in words.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.values import Because, Fact, StaleCalendar

if TYPE_CHECKING:
    from connectors.vocabulary.times import WallSpan
    from sync_agent.engine.conflicts.habits import Habits


def reasons_for(
    slot: WallSpan,
    original: WallSpan,
    *,
    habits: Habits,
    inside: bool,
    stale: Sequence[StaleCalendar],
    buffer: timedelta,
) -> tuple[Fact, ...]:
    """Give the reasons for a slot, the weightiest first.

    Args:
        slot: in the zone of `original`.
        original: where the session is now.
        habits: of its students.
        inside: whether it lies inside the working hours.
        stale: calendars that were not asked.
        buffer: travel time that is kept free around it; zero: none is needed.
    """
    found = [_week(slot, original)]
    weekday = slot.start.weekday()
    if weekday in habits.weekdays:
        facts: dict[str, str | int] = {"weekday": weekday, "sessions": habits.counts[weekday], "of": habits.total}
        found.append(Fact(Because.USUAL_WEEKDAY, facts))
    elif weekday == original.start.weekday() and slot.start.date() != original.start.date():
        found.append(Fact(Because.SAME_WEEKDAY, {"weekday": weekday}))
    if slot.start.time() == original.start.time():
        found.append(Fact(Because.SAME_HOUR))
    found.append(Fact(Because.INSIDE_HOURS if inside else Because.OUTSIDE_HOURS))
    if buffer:
        found.append(Fact(Because.TRAVEL_KEPT, {"minutes": buffer // timedelta(minutes=1)}))
    found.extend(not_checked(calendar) for calendar in stale)
    return tuple(found)


def not_checked(calendar: StaleCalendar) -> Fact:
    """Say that a calendar was not asked; `since` is RFC 3339 or missing for never."""
    facts: dict[str, str | int] = {"calendar": calendar.calendar, "name": calendar.name}
    if calendar.since is not None:
        facts["since"] = calendar.since.isoformat()
    if calendar.why:
        facts["why"] = calendar.why
    return Fact(Because.NOT_CHECKED, facts)


def _week(slot: WallSpan, original: WallSpan) -> Fact:
    if slot.start.date() == original.start.date():
        return Fact(Because.SAME_DAY)
    weeks = (slot.start.toordinal() - 1) // 7 - (original.start.toordinal() - 1) // 7
    return Fact(Because.SAME_WEEK) if weeks == 0 else Fact(Because.LATER_WEEK, {"weeks": weeks})
