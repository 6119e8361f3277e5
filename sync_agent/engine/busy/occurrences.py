"""The original starts of a series: DTSTART, rules and RDATEs, before overrides; and what EXDATE takes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import zip_longest

from connectors.vocabulary.events import Event
from connectors.vocabulary.times import Moment
from sync_agent.engine.busy.clock import SeriesClock, shifted, within_calendar
from sync_agent.engine.busy.intervals import Flag
from sync_agent.engine.busy.recur import MOST_STEPS, starts
from sync_agent.engine.busy.rules import RuleMalformed, Until, parse_rule

_MIDNIGHT = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Original starts on the series' own clock.

    Attributes:
        moments: naive local start, and the duration that an RDATE's PERIOD gave it (else None).
        steps: how many finding them took.
    """

    moments: list[tuple[datetime, timedelta | None]]
    truncated: bool = False
    flags: tuple[str, ...] = ()
    steps: int = 0


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What EXDATE takes out: by instant, by the reading of the wall clock, by the day."""

    instants: frozenset[datetime]
    days: frozenset[datetime]

    @classmethod
    def of(cls, master: Event, clock: SeriesClock) -> Exceptions:
        """Read a master's EXDATEs; they may be written in another kind or zone than DTSTART."""
        days = {m.local.replace(hour=0, minute=0, second=0) for m in master.exdates if m.is_date or clock.is_date}
        return cls(frozenset(clock.read(m) for m in master.exdates if not m.is_date), frozenset(days))

    def __bool__(self) -> bool:
        return bool(self.instants or self.days)

    def hold(self, instant: datetime, local: datetime) -> bool:
        """Whether the occurrence that begins then is taken out."""
        return instant in self.instants or (
            bool(self.days) and local.replace(hour=0, minute=0, second=0, microsecond=0) in self.days
        )


def occurrences(
    master: Event,
    clock: SeriesClock,
    *,
    window: tuple[datetime, datetime],
    reach: tuple[timedelta, timedelta],
    most: int,
    steps: int = MOST_STEPS,
) -> Occurrences:
    """Give the original starts that may matter to a window.

    Args:
        master: with its rules and RDATEs.
        clock: of its DTSTART.
        window: aware instants.
        reach: how far before and after the window an original start may lie.
        most: stop after about so many.
        steps: give up after so many, for all rules together.
    """
    first = master.start.local
    lo = shifted(clock.local(window[0]), -reach[0])
    hi = shifted(clock.local(window[1]), reach[1])
    found: dict[datetime, timedelta | None] = {}
    if lo <= first <= hi:
        found[first] = None
    flags: list[str] = []
    taken = 0
    # Those before the window and those taken out do not fill the interval limit.
    room = most + len(master.exdates) + _before(master, reach[0])
    for text in master.rrule:
        try:
            rule = parse_rule(text)
        except RuleMalformed:
            flags.append(Flag.RULE_MALFORMED)
            continue
        ends = hi if rule.until is None else min(hi, last_start(rule.until, clock))
        given = starts(rule, first, lo=lo, hi=ends, most=room, steps=steps - taken)
        taken += given.steps
        found.update(dict.fromkeys(given.moments))
        if not given.is_complete:
            flags.append(Flag.RULE_TOO_DENSE)
    _add_rdates(found, master, clock, (lo, hi))
    ordered = sorted(found.items())
    return Occurrences(ordered[:room], len(ordered) >= room, tuple(dict.fromkeys(flags)), taken)


def _before(master: Event, back: timedelta) -> int:
    return 0 if not master.rrule else back.days + 1


def _add_rdates(
    found: dict[datetime, timedelta | None], master: Event, clock: SeriesClock, within: tuple[datetime, datetime]
) -> None:
    for moment, duration in zip_longest(master.rdates, master.rdate_durations[: len(master.rdates)]):
        local = start_named_by(moment, master, clock)
        if within[0] <= local <= within[1]:
            found[local] = duration or found.get(local)


def start_named_by(moment: Moment, master: Event, clock: SeriesClock) -> datetime:
    """Give the start on the series' clock that an RDATE or a RECURRENCE-ID names, whatever kind it was written in."""
    if clock.is_date:
        # As written: "20261126T000000Z" beside whole days is the 26th, west of Greenwich too.
        return moment.local.replace(hour=0, minute=0, second=0)
    if moment.is_date:
        return datetime.combine(moment.local.date(), master.start.local.time())
    return clock.local(clock.read(moment))


def last_start(until: Until, clock: SeriesClock) -> datetime:
    """Give the latest start on the series' clock that an UNTIL allows, whatever kind it was written in.

    The kinds must agree (RFC 5545, section 3.3.10) and often do not. A date means that whole day. A local time among
    zoned ones is on the series' clock. Beside whole days a UTC time is the home zone's midnight, except that
    "T000000Z" is a date with zeros behind it, as some producers write.
    """
    if until.is_date:
        return until.local.replace(hour=23, minute=59, second=59)
    if not until.is_utc:
        return until.local
    local = until.local
    if clock.is_date and (local.hour, local.minute, local.second) == _MIDNIGHT:
        return local
    return clock.local(within_calendar(local).replace(tzinfo=UTC))
