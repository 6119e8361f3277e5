"""From the events of one object to the intervals that it takes (RFC 5545, section 3.8.5).

Pure: the window and the home zone are arguments. Which dates a rule gives is recur.py; whose events count, and what
overlaps what, is for others to say.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from operator import attrgetter

from connectors.vocabulary.events import Event, EventStatus
from sync_agent.engine.busy.clock import SeriesClock
from sync_agent.engine.busy.intervals import Busy, Expansion, Flag
from sync_agent.engine.busy.occurrences import Exceptions, Occurrences, occurrences, start_named_by
from sync_agent.engine.busy.recur import MOST_STEPS

_NOTHING = timedelta(0)
_ONE_DAY = timedelta(days=1)

Window = tuple[datetime, datetime]


def expand(
    events: Sequence[Event], *, window: Window, home_zone: str, limit: int = 5000, steps: int = MOST_STEPS
) -> Expansion:
    """Give every occurrence of an object that reaches into a window.

    Args:
        events: all VEVENTs of the object: single or master, and overrides, in any order.
        window: half open, aware. An occurrence that began before it and reaches into it counts.
        home_zone: IANA zone in which whole days and floating times are read.
        limit: at most so many intervals, the earliest.
        steps: after so many the rules are given up.

    Returns:
        Cancelled occurrences are left out; transparent and declined ones are there, not opaque. What lasts no time
        takes none and is left out. A rule that cannot be understood is flagged, and its first instance kept.

    Raises:
        UnknownZone: of `home_zone` only.
    """
    found: list[Busy] = []
    flags: dict[str, None] = {}
    truncated = False
    taken = 0
    for family in _families(events):
        opened = _Family(family, window, home_zone, limit, steps - taken)
        found.extend(opened.intervals())
        taken += opened.steps
        truncated = truncated or opened.truncated
        flags.update(dict.fromkeys(opened.flags))
    found.sort(key=attrgetter("lo", "hi", "recurrence_id"))
    return Expansion(tuple(found[:limit]), truncated or len(found) > limit, tuple(flags), taken)


def _families(events: Sequence[Event]) -> Iterable[list[Event]]:
    """Events by UID: one in a proper object, several where a server breaks the rule."""
    by_uid: dict[str, list[Event]] = {}
    for event in events:
        by_uid.setdefault(event.uid, []).append(event)
    return by_uid.values()


@dataclass(frozen=True, slots=True)
class _Range:
    """An override for this and all later instances (RFC 5545, section 3.2.13).

    Attributes:
        since: its recurrence id as an instant.
        shift: on the override's own clock, from the original start to the new one.
    """

    since: datetime
    event: Event
    clock: SeriesClock
    shift: timedelta


class _Family:
    """Master and overrides of one UID, on their way to intervals."""

    def __init__(self, events: list[Event], window: Window, home_zone: str, limit: int, steps: int) -> None:
        self._window, self._home, self._limit, self._steps = window, home_zone, limit, steps
        self.steps = 0
        self.flags: list[str] = []
        self.truncated = False
        self._master = self._only_master([e for e in events if e.recurrence_id is None])
        self._overrides = [e for e in events if e.recurrence_id is not None]

    def _only_master(self, masters: list[Event]) -> Event | None:
        if len(masters) > 1:
            self.flags.append(Flag.SEVERAL_MASTERS)
        # The higher SEQUENCE wins, then the later in the file (some exports repeat a UID).
        return max(enumerate(masters), key=lambda m: (m[1].sequence, m[0]))[1] if masters else None

    def intervals(self) -> list[Busy]:
        """Give all intervals that touch the window, unordered."""
        master = self._master
        if master is None:
            return self._alone(self._overrides)
        clock = self._clock(master)
        if not master.is_recurring and not self._overrides:
            return self._kept([self._busy(master, clock, master.start.local, "")])
        return self._series(master, clock)

    def _clock(self, event: Event) -> SeriesClock:
        clock = SeriesClock(event.start, self._home)
        if not clock.is_zone_known and Flag.ZONE_UNKNOWN not in self.flags:
            self.flags.append(Flag.ZONE_UNKNOWN)
        return clock

    def _alone(self, overrides: list[Event]) -> list[Busy]:
        """Instances whose series is not ours to see: somebody invited the tutor to those days only."""
        found = []
        for event in overrides:
            clock = self._clock(event)
            if event.recurrence_id is not None:
                id_clock = SeriesClock(event.recurrence_id, self._home)
                spelled = spell_recurrence_id(event.recurrence_id.local, id_clock)
                found.append(self._busy(event, clock, event.start.local, spelled))
        return self._kept(found)

    def _series(self, master: Event, clock: SeriesClock) -> list[Busy]:
        exceptions = Exceptions.of(master, clock)
        single: dict[datetime, Event] = {}
        ranges: list[_Range] = []
        # The later in the object and the higher in SEQUENCE replaces an earlier override of the same instance.
        for event in sorted(self._overrides, key=lambda e: e.sequence):
            if event.recurrence_id is None:
                continue
            since = clock.instant(start_named_by(event.recurrence_id, master, clock))
            if event.this_and_future:
                ranges.append(self._range(event, since))
            else:
                single[since] = event
        ranges.sort(key=lambda r: r.since)
        given = occurrences(
            master, clock, window=self._window, reach=_reach(master, ranges), most=self._limit + 1, steps=self._steps
        )
        self._note(given)
        found = self._kept(self._overridden(single, exceptions, clock))
        return found + self._plain(master, clock, given, ranges, exceptions, single)

    def _note(self, given: Occurrences) -> None:
        self.flags.extend(flag for flag in given.flags if flag not in self.flags)
        self.truncated = self.truncated or given.truncated
        self.steps += given.steps

    def _range(self, event: Event, since: datetime) -> _Range:
        clock = self._clock(event)
        return _Range(since, event, clock, event.start.local - clock.local(since))

    def _overridden(
        self, single: Mapping[datetime, Event], exceptions: Exceptions, clock: SeriesClock
    ) -> list[Busy | None]:
        found: list[Busy | None] = []
        for since, event in single.items():
            local = clock.local(since)
            # An instance that was taken out stays out, even if an override of it was left behind.
            if not exceptions.hold(since, local):
                own = self._clock(event)
                found.append(self._busy(event, own, event.start.local, spell_recurrence_id(local, clock)))
        return found

    def _plain(
        self,
        master: Event,
        clock: SeriesClock,
        given: Occurrences,
        ranges: list[_Range],
        exceptions: Exceptions,
        single: Mapping[datetime, Event],
    ) -> list[Busy]:
        instants = clock.instants([local for local, _ in given.moments])
        starts = [(local, duration, since) for (local, duration), since in zip(given.moments, instants, strict=True)]
        if single or exceptions:
            starts = [one for one in starts if one[2] not in single and not exceptions.hold(one[2], one[0])]
        if not (ranges or clock.is_date) and master.is_recurring:
            return self._as_planned(master, clock, starts)
        found: list[Busy | None] = []
        begins = [r.since for r in ranges]
        for local, duration, since in starts:
            spelled = _spelled(local, since, clock) if master.is_recurring else ""
            number = bisect_right(begins, since)
            if number == 0:
                found.append(self._busy(master, clock, local, spelled, duration))
            else:
                latest = ranges[number - 1]
                moved = latest.clock.local(since) + latest.shift
                found.append(self._busy(latest.event, latest.clock, moved, spelled, duration))
        return self._kept(found)

    def _as_planned(
        self, master: Event, clock: SeriesClock, starts: list[tuple[datetime, timedelta | None, datetime]]
    ) -> list[Busy]:
        """The common case, in a loop that does nothing else: 1,000 series in 200 ms are a goal."""
        if master.status is EventStatus.CANCELLED:
            return []
        opens, closes = self._window
        uid, opaque, summary, usual = master.uid, master.counts_as_busy, master.summary, master.duration
        why_free = master.why_free
        return [
            Busy(uid, _spelled(local, lo, clock), lo, hi, opaque, summary, False, why_free)
            for local, duration, lo in starts
            if lo < closes and (hi := _later(lo, duration or usual)) > opens and hi > lo
        ]

    def _busy(
        self, event: Event, clock: SeriesClock, local: datetime, spelled: str, duration: timedelta | None = None
    ) -> Busy | None:
        """One occurrence at a naive local start; None if it takes no time."""
        if event.status is EventStatus.CANCELLED:
            return None
        lo = clock.instant(local)
        lasts = event.duration if duration is None else duration
        if clock.is_date:
            # Days are counted on the calendar, not in hours. A date that ends on itself occurs; one day is meant.
            hi = clock.instant(_later(local, max(timedelta(days=lasts.days), _ONE_DAY)))
        else:
            hi = _later(lo, lasts)
        if hi <= lo:
            return None
        return Busy(event.uid, spelled, lo, hi, event.counts_as_busy, event.summary, clock.is_date, event.why_free)

    def _kept(self, found: Iterable[Busy | None]) -> list[Busy]:
        opens, closes = self._window
        return [busy for busy in found if busy is not None and busy.lo < closes and busy.hi > opens]


def _later(moment: datetime, by: timedelta) -> datetime:
    try:
        return moment + by
    except OverflowError:
        return moment


def _reach(master: Event, ranges: list[_Range]) -> tuple[timedelta, timedelta]:
    """How far before and after the window an original start may lie whose occurrence still touches the window."""
    longest = max([master.duration, *(d for d in master.rdate_durations if d), *(r.event.duration for r in ranges)])
    back = max([_NOTHING, *(r.shift for r in ranges)])
    ahead = max([_NOTHING, *(-r.shift for r in ranges)])
    # Two days: the widest distance between the wall clocks of two zones, and a whole day.
    return longest + back + 2 * _ONE_DAY, ahead + 2 * _ONE_DAY


def spell_recurrence_id(local: datetime, clock: SeriesClock) -> str:
    """Spell an occurrence's original start as `Busy.recurrence_id` does."""
    return _spelled(local, clock.instant(local), clock)


def _spelled(local: datetime, instant: datetime, clock: SeriesClock) -> str:
    at = local if clock.is_date or clock.is_floating else instant
    day = _day_text(at.toordinal())
    if clock.is_date:
        return day
    time = _time_text(at.hour * 3600 + at.minute * 60 + at.second)
    return day + time if clock.is_floating else f"{day}{time}Z"


# The same days and hours come again and again: a fifth of the cost of cutting up isoformat, a tenth of strftime.
@lru_cache(maxsize=2048)
def _day_text(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat().replace("-", "")


@lru_cache(maxsize=2048)
def _time_text(seconds: int) -> str:
    return f"T{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}"
