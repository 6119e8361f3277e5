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
    """Give the reasons for a slot, in the order in which they decided its rank.

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
    days = (slot.start.date() - original.start.date()).days
    if days % 7:
        found.append(Fact(Because.DAYS_AWAY, {"days": days}))
    found.append(_hour(slot, original, habits))
    found.append(Fact(Because.INSIDE_HOURS if inside else Because.OUTSIDE_HOURS))
    if buffer:
        found.append(Fact(Because.TRAVEL_KEPT, {"minutes": buffer // timedelta(minutes=1)}))
    found.extend(not_checked(calendar) for calendar in stale)
    return tuple(found)


def not_understood(name: str, things: int) -> Fact:
    """Say that something in a calendar may lie at that time and was not understood."""
    return Fact(Because.NOT_UNDERSTOOD, {"name": name, "things": things})


def not_checked(calendar: StaleCalendar) -> Fact:
    """Say that a calendar was not asked; `since` is RFC 3339 or missing for never."""
    facts: dict[str, str | int] = {"calendar": calendar.calendar, "name": calendar.name}
    if calendar.since is not None:
        facts["since"] = calendar.since.isoformat()
    if calendar.why:
        facts["why"] = calendar.why
    return Fact(Because.NOT_CHECKED, facts)


def _hour(slot: WallSpan, original: WallSpan, habits: Habits) -> Fact:
    """Say how near it lies to the hour that is wanted: the students' on that weekday, else the session's own."""
    weekday, minute = slot.start.weekday(), _minute(slot)
    wanted = habits.minutes.get(weekday) if weekday in habits.weekdays else None
    if minute == _minute(original):
        return Fact(Because.SAME_HOUR)
    if minute == wanted:
        return Fact(Because.USUAL_HOUR)
    return Fact(Because.HOURS_AWAY, {"minutes": minute - (_minute(original) if wanted is None else wanted)})


def _minute(span: WallSpan) -> int:
    return span.start.hour * 60 + span.start.minute


def _week(slot: WallSpan, original: WallSpan) -> Fact:
    if slot.start.date() == original.start.date():
        return Fact(Because.SAME_DAY)
    weeks = (slot.start.toordinal() - 1) // 7 - (original.start.toordinal() - 1) // 7
    return Fact(Because.SAME_WEEK) if weeks == 0 else Fact(Because.LATER_WEEK, {"weeks": weeks})
