"""Where a session could go instead: free slots, the best first (ARCHITECTURE.md, "Double bookings").

Decides on values. That a slot is free is said only as far as calendars were read: each suggestion names those that
were not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from connectors.vocabulary.times import WallSpan, zone_named
from sync_agent.engine.conflicts.detect import buffer_between
from sync_agent.engine.conflicts.habits import Habits
from sync_agent.engine.conflicts.reasons import reasons_for
from sync_agent.engine.conflicts.values import (
    Occupied,
    StaleCalendar,
    Suggestion,
    WorkingHours,
    occupied_by_session,
)
from sync_agent.engine.values import Session

HORIZON = timedelta(days=28)

_NOTHING = timedelta(0)
_GRID_MINUTES = 15
# How the slots are spread: (so many a day, so far apart), the next row only while too few are found.
_SPREAD = ((2, timedelta(hours=2)), (1440, timedelta(hours=1)))


def suggest(
    session: Session,
    *,
    occupied: Sequence[Occupied],
    working_hours: WorkingHours,
    now: datetime,
    history: Sequence[WallSpan] = (),
    stale: Sequence[StaleCalendar] = (),
    travel_buffer: timedelta = _NOTHING,
    count: int = 5,
) -> tuple[Suggestion, ...]:
    """Give free slots of the session's length, ranked.

    In this order: the same week before a later one, the students' usual weekday (without history: the session's own)
    before others, fewer days away, nearer to the usual hour. Outside the working hours only if nothing inside is free.
    Spread over days and hours: two a day at most and two hours apart, or an hour apart if there is nothing else.

    Args:
        session: the one to move; it does not stand in its own way.
        occupied: all that takes the tutor's time between now and `HORIZON` after the session, from every calendar.
        working_hours: they rank, and never forbid.
        now: aware; nothing before it is offered.
        history: when the same students' other sessions were or will be.
        stale: calendars that could not be asked; each suggestion says so.
        travel_buffer: kept free around what is in person.
        count: at most so many.

    Returns:
        Wall times in the session's zone that exist on its clock. The same for the same arguments.
    """
    own = occupied_by_session(session)
    taken = _Taken(own, occupied, travel_buffer)
    free = [slot for slot in _candidates(session.when, now) if not taken.at(slot.instant)]
    lasts = session.when.duration
    inside = [slot for slot in free if working_hours.hold(slot.instant, slot.instant + lasts)]
    habits = Habits.of(history, session.when.zone)
    ranked = sorted(inside or free, key=lambda slot: _order(slot, session.when, habits))
    chosen = _spread(ranked, count, lasts)
    buffer = travel_buffer if own.in_person else _NOTHING
    return tuple(
        Suggestion(
            rank=rank,
            when=(when := WallSpan(slot.local, session.when.zone, lasts)),
            reasons=reasons_for(
                when, session.when, habits=habits, inside=bool(inside), stale=tuple(stale), buffer=buffer
            ),
            not_checked=tuple(stale),
        )
        for rank, slot in enumerate(chosen, start=1)
    )


@dataclass(frozen=True, slots=True)
class _Slot:
    local: datetime
    instant: datetime


def _candidates(when: WallSpan, now: datetime) -> Iterator[_Slot]:
    """All starts from now, or from the Monday of the session's week, to four weeks on."""
    zone = zone_named(when.zone)
    today = now.astimezone(zone).date()
    monday = when.start.date() - timedelta(days=when.start.weekday())
    last = max(today, when.start.date()) + HORIZON
    own_start = when.starts_at
    day = max(today, monday)
    while day <= last:
        for minute in range(when.start.minute % _GRID_MINUTES, 1440, _GRID_MINUTES):
            local = datetime.combine(day, time(minute // 60, minute % 60))
            instant = local.replace(tzinfo=zone).astimezone(UTC)
            # A wall time that the clocks skip comes back as another one.
            if instant > now and instant != own_start and instant.astimezone(zone).replace(tzinfo=None) == local:
                yield _Slot(local, instant)
        day += timedelta(days=1)


class _Taken:
    """Asks quickly whether a start is possible: every obstacle is the open interval of starts that it forbids."""

    def __init__(self, own: Occupied, occupied: Sequence[Occupied], travel_buffer: timedelta) -> None:
        lasts = own.hi - own.lo
        forbidden = []
        for other in occupied:
            if other.key != own.key and other.blocks and other.lo < other.hi:
                needed = buffer_between(own, other, travel_buffer)
                forbidden.append((other.lo - needed - lasts, other.hi + needed))
        self._lows: list[datetime] = []
        self._highs: list[datetime] = []
        for lo, hi in sorted(forbidden):
            # Only real overlaps are merged: where two touch, back to back is possible on both sides.
            if self._highs and lo < self._highs[-1]:
                self._highs[-1] = max(self._highs[-1], hi)
            else:
                self._lows.append(lo)
                self._highs.append(hi)

    def at(self, start: datetime) -> bool:
        index = bisect_left(self._lows, start) - 1
        return index >= 0 and start < self._highs[index]


def _order(slot: _Slot, when: WallSpan, habits: Habits) -> tuple[int, bool, int, int, datetime]:
    weekday = slot.local.weekday()
    usual = habits.weekdays or frozenset({when.start.weekday()})
    own_minute = when.start.hour * 60 + when.start.minute
    wanted = habits.minutes.get(weekday, own_minute) if weekday in habits.weekdays else own_minute
    return (
        abs(weeks_between(when.start.date(), slot.local.date())),
        weekday not in usual,
        abs((slot.local.date() - when.start.date()).days),
        abs(slot.local.hour * 60 + slot.local.minute - wanted),
        slot.local,
    )


def weeks_between(one: date, other: date) -> int:
    """Give how many weeks the second date lies after the first, weeks beginning on Monday."""
    return (other.toordinal() - 1) // 7 - (one.toordinal() - 1) // 7


def _spread(ranked: Sequence[_Slot], count: int, lasts: timedelta) -> list[_Slot]:
    """Choose from the best on, passing over near neighbours of what was chosen."""
    chosen: list[_Slot] = []
    for most_a_day, apart in _SPREAD:
        a_day = Counter(slot.local.date() for slot in chosen)
        for slot in ranked:
            if len(chosen) >= count:
                break
            is_near = any(abs(slot.instant - other.instant) < max(apart, lasts) for other in chosen)
            if a_day[slot.local.date()] < most_a_day and not is_near:
                chosen.append(slot)
                a_day[slot.local.date()] += 1
    order = {slot: rank for rank, slot in enumerate(ranked)}
    return sorted(chosen, key=order.__getitem__)
