"""The starts that one rule gives, on the naive local clock of its series (RFC 5545, section 3.3.10).

Time zones, exceptions and overrides come in expand.py. Not dateutil's rrule: that one walks from DTSTART through every
period, on to the year 9999 for a rule that never matches ("30 February"), and so lets one line of a foreign feed
stop the agent. Here the walk begins at the window, ends at the window, and its length is bounded. dateutil remains
the yardstick in the tests.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import count

from sync_agent.engine.busy.rules import Freq, Rule

MOST_STEPS = 400_000
"""For all rules of one object. Enough for a daily rule with COUNT since the year 1601: about 0.4 s at the most."""

_DAY_S = 86_400
_LAST_ORDINAL = date.max.toordinal()

Days = Callable[[int], "tuple[int, Sequence[int]]"]
"""Gives for a period's number the ordinal of its first day, and the ordinals of its days that match, in order."""


@dataclass(frozen=True, slots=True)
class Starts:
    """What a rule gives.

    Attributes:
        moments: naive local, ascending, each later than DTSTART.
        is_complete: False: given up after so many steps as were allowed.
        steps: how many it took.
    """

    moments: list[datetime]
    is_complete: bool = True
    steps: int = 0


def starts(rule: Rule, first: datetime, *, lo: datetime, hi: datetime, most: int, steps: int = MOST_STEPS) -> Starts:
    """Give the starts after DTSTART with lo <= start <= hi.

    DTSTART itself is always the first instance, whether or not it matches, and COUNT counts it (RFC 5545, section
    3.3.10); the caller adds it.

    Args:
        rule: UNTIL is the caller's business: it narrows `hi`.
        first: DTSTART, naive local.
        lo: naive local, inclusive.
        hi: naive local, inclusive.
        most: stop after so many.
        steps: give up after so many moments and periods that were looked at.
    """
    left = None if rule.count is None else rule.count - 1
    if left == 0 or hi <= first:
        return Starts([])
    rule = _simplest(rule)
    spent = _times_of_a_day(rule) * max(len(rule.by_day), 1)
    if spent > steps:
        return Starts([], is_complete=False, steps=steps)
    cycle = _cycle(rule, first)
    if cycle is not None:
        moments = cycle.between(first, max(lo, first), hi, left=left, most=most)
        return Starts(moments, steps=spent + len(moments) // 10)
    return _walked(rule, first, max(lo, first), hi, left=left, most=most, spent=spent, allowed=steps)


def _times_of_a_day(rule: Rule) -> int:
    """How many times of day a rule names: the work of putting them together, before any date is found."""
    return max(len(rule.by_hour), 1) * max(len(rule.by_minute), 1) * max(len(rule.by_second), 1)


def _walked(
    rule: Rule, first: datetime, lo: datetime, hi: datetime, *, left: int | None, most: int, spent: int, allowed: int
) -> Starts:
    """Look at one period after the other."""
    found: list[datetime] = []
    days, moments = _days(rule, first.date()), _moments(rule, first)
    last_day, steps = hi.toordinal(), spent
    for index in count(0 if left is not None else _period_before(rule, first.date(), lo.date())):
        opens_on, matching = days(index)
        if opens_on > last_day:
            break
        steps += 1 + len(matching)
        for moment in moments(index, matching):
            steps += 1
            if steps > allowed:
                return Starts(found, is_complete=False, steps=allowed)
            if moment is None or moment <= first:
                continue
            if moment > hi or left == 0:
                return Starts(found, steps=steps)
            left = None if left is None else left - 1
            if moment >= lo:
                found.append(moment)
            if len(found) >= most:
                return Starts(found, steps=steps)
    return Starts(found, steps=min(steps, allowed))


def _simplest(rule: Rule) -> Rule:
    """Spell some rules in a way that is quicker to walk and means the same."""
    if rule.interval != 1 or rule.by_set_pos or rule.freq < Freq.DAILY:
        return rule
    if rule.freq >= Freq.HOURLY:  # every hour, minute or second is every day at many times
        rule = replace(
            rule,
            freq=Freq.DAILY,
            by_hour=rule.by_hour or tuple(range(24)),
            by_minute=rule.by_minute or (() if rule.freq is Freq.HOURLY else tuple(range(60))),
            by_second=rule.by_second or (tuple(range(60)) if rule.freq is Freq.SECONDLY else ()),
        )
    return replace(rule, freq=Freq.WEEKLY) if rule.by_day else rule


# --- rules that repeat exactly -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Cycle:
    """A pattern that repeats after so many days: nearly every rule of a real calendar, found by division.

    Attributes:
        base: where the first repetition begins.
        stride: from one to the next.
        offsets: of its moments from its beginning, ascending.
    """

    base: datetime
    stride: timedelta
    offsets: tuple[timedelta, ...]

    def between(self, first: datetime, lo: datetime, hi: datetime, *, left: int | None, most: int) -> list[datetime]:
        """Give the moments after `first` with lo <= moment <= hi, of them only the first `left` after `first`."""
        base, stride, offsets = self.base, self.stride, self.offsets
        opens = self._passed(first, bisect_right)
        begin, end = max(opens, self._passed(lo, bisect_left)), self._passed(hi, bisect_right)
        if left is not None:
            end = min(end, opens + left)
        numbers = range(begin, min(end, begin + most))
        if len(offsets) == 1:
            base += offsets[0]
            return [base + stride * n for n in numbers]
        size = len(offsets)
        return [base + stride * (n // size) + offsets[n % size] for n in numbers]

    def _passed(self, moment: datetime, bisect: Callable[[Sequence[timedelta], timedelta], int]) -> int:
        """How many moments lie before one."""
        rounds, rest = divmod(moment - self.base, self.stride)
        return max(0, rounds * len(self.offsets) + bisect(self.offsets, rest))


def _cycle(rule: Rule, first: datetime) -> _Cycle | None:
    if rule.by_month or rule.by_month_day or rule.by_year_day or rule.by_set_pos:
        return None
    times = _times(rule, first)
    midnight = datetime.combine(first.date(), datetime.min.time())
    if rule.freq is Freq.DAILY and not rule.by_day:
        return _Cycle(midnight, timedelta(days=rule.interval), times) if times else None
    if rule.freq is not Freq.WEEKLY or not times:
        return None
    monday = midnight - timedelta(days=(first.weekday() - rule.week_start) % 7)
    days = sorted({(weekday - rule.week_start) % 7 for _, weekday in rule.by_day or ((0, first.weekday()),)})
    return _Cycle(
        monday, timedelta(weeks=rule.interval), tuple(timedelta(days=day) + time for day in days for time in times)
    )


# --- the times within a period -------------------------------------------------------------------------------------


def _moments(rule: Rule, first: datetime) -> Callable[[int, Sequence[int]], Iterable[datetime | None]]:
    if rule.freq >= Freq.HOURLY:
        return lambda index, matching: _within_day(rule, first, index) if matching else ()
    times = _times(rule, first)
    if rule.by_set_pos:
        # By number, not by list: a year of all its seconds would not fit into memory.
        size = len(times)
        return lambda _, matching: (
            _at(matching[number // size], times[number % size])
            for number in _picked(len(matching) * size, rule.by_set_pos)
        )
    if len(times) == 1:
        return lambda _, matching: [_at(day, times[0]) for day in matching]
    return lambda _, matching: (_at(day, t) for day in matching for t in times)


def _at(day: int, time: timedelta) -> datetime:
    return datetime.fromordinal(day) + time


def _times(rule: Rule, first: datetime) -> tuple[timedelta, ...]:
    return tuple(
        timedelta(hours=hour, minutes=minute, seconds=second)
        for hour in rule.by_hour or (first.hour,)
        for minute in rule.by_minute or (first.minute,)
        for second in rule.by_second or (first.second,)
        if second < 60
    )


def _picked(size: int, positions: tuple[int, ...]) -> list[int]:
    """Give the numbers of those moments of a period, of which there are so many, that BYSETPOS means."""
    numbers = {p - 1 if p > 0 else size + p for p in positions}
    return [number for number in sorted(numbers) if 0 <= number < size]


def _within_day(rule: Rule, first: datetime, index: int) -> Iterator[datetime | None]:
    """Walk one day in steps of `interval` hours, minutes or seconds; None for a step that does not match."""
    unit = {Freq.HOURLY: 3600, Freq.MINUTELY: 60, Freq.SECONDLY: 1}[rule.freq]
    midnight = datetime.combine(first.date() + timedelta(days=index), datetime.min.time())
    per_day = _DAY_S // unit
    first_unit = (first.hour * 3600 + first.minute * 60 + first.second) // unit
    for step in range((first_unit - index * per_day) % rule.interval, per_day, rule.interval):
        period = midnight + timedelta(seconds=step * unit)
        if not _step_matches(rule, period):
            yield None
            continue
        minutes = (rule.by_minute or (first.minute,)) if rule.freq is Freq.HOURLY else (period.minute,)
        seconds = (rule.by_second or (first.second,)) if rule.freq < Freq.SECONDLY else (period.second,)
        seconds = seconds if seconds[-1] < 60 else tuple(second for second in seconds if second < 60)
        size = len(seconds)
        numbers = range(len(minutes) * size)
        for number in _picked(len(numbers), rule.by_set_pos) if rule.by_set_pos else numbers:
            yield period.replace(minute=minutes[number // size], second=seconds[number % size])


def _step_matches(rule: Rule, period: datetime) -> bool:
    if rule.by_hour and period.hour not in rule.by_hour:
        return False
    if rule.freq >= Freq.MINUTELY and rule.by_minute and period.minute not in rule.by_minute:
        return False
    return not (rule.freq is Freq.SECONDLY and rule.by_second and period.second not in rule.by_second)


# --- the days of a period ------------------------------------------------------------------------------------------


def _period_before(rule: Rule, first: date, lo: date) -> int:
    """Number of a period that surely begins before `lo`, so that the walk need not begin at DTSTART."""
    match rule.freq:
        case Freq.YEARLY:
            passed = lo.year - first.year
        case Freq.MONTHLY:
            passed = (lo.year - first.year) * 12 + lo.month - first.month
        case Freq.WEEKLY:
            passed = (lo - first).days // 7
        case Freq.DAILY:
            passed = (lo - first).days
        case _:  # below a day the periods that are walked are days, whatever the interval
            return max(0, (lo - first).days - 1)
    return max(0, passed // rule.interval - 1)


def _days(rule: Rule, first: date) -> Days:
    by_default = not (rule.by_week_no or rule.by_year_day or rule.by_month_day or rule.by_day)
    match rule.freq:
        case Freq.YEARLY:
            if by_default:
                rule = replace(rule, by_month=rule.by_month or (first.month,), by_month_day=(first.day,))
            return _days_of_years(rule, first)
        case Freq.MONTHLY:
            return _days_of_months(replace(rule, by_month_day=(first.day,)) if by_default else rule, first)
        case Freq.WEEKLY:
            return _days_of_weeks(replace(rule, by_day=((0, first.weekday()),)) if by_default else rule, first)
        case Freq.DAILY:
            return _single_days(rule, first, rule.interval)
        case _:
            return _single_days(rule, first, 1)


def _single_days(rule: Rule, first: date, interval: int) -> Days:
    base, matches = first.toordinal(), _matcher(rule)

    def days(index: int) -> tuple[int, Sequence[int]]:
        day = base + index * interval
        if day > _LAST_ORDINAL:
            return day, ()
        return day, (day,) if matches is None or matches(day) else ()

    return days


def _days_of_weeks(rule: Rule, first: date) -> Days:
    base = first.toordinal() - (first.weekday() - rule.week_start) % 7
    weekdays = {weekday for _, weekday in rule.by_day} or set(range(7))
    offsets = sorted((weekday - rule.week_start) % 7 for weekday in weekdays)
    stride, matches = 7 * rule.interval, _matcher(replace(rule, by_day=()))

    def days(index: int) -> tuple[int, Sequence[int]]:
        opens_on = base + index * stride
        if opens_on + 7 > _LAST_ORDINAL:
            return _LAST_ORDINAL + 1, ()
        found = [opens_on + offset for offset in offsets]
        return opens_on, found if matches is None else [day for day in found if matches(day)]

    return days


def _days_of_months(rule: Rule, first: date) -> Days:
    base = first.year * 12 + first.month - 1

    def days(index: int) -> tuple[int, Sequence[int]]:
        year, month0 = divmod(base + index * rule.interval, 12)
        if year > date.max.year:
            return _LAST_ORDINAL + 1, ()
        opens_on = date(year, month0 + 1, 1).toordinal()
        if rule.by_month and month0 + 1 not in rule.by_month:
            return opens_on, ()
        return opens_on, _in_month(rule, year, month0 + 1)

    return days


def _days_of_years(rule: Rule, first: date) -> Days:
    by_whole_year = bool(rule.by_week_no or rule.by_year_day) or (
        not rule.by_month and any(number for number, _ in rule.by_day)
    )

    def days(index: int) -> tuple[int, Sequence[int]]:
        year = first.year + index * rule.interval
        if year > date.max.year:
            return _LAST_ORDINAL + 1, ()
        opens_on = date(year, 1, 1).toordinal()
        if by_whole_year:
            return opens_on, _in_year(rule, year)
        months = rule.by_month or range(1, 13)
        return opens_on, [day for month in months for day in _in_month(rule, year, month)]

    return days


def _in_month(rule: Rule, year: int, month: int) -> list[int]:
    opens_on, length = date(year, month, 1).toordinal(), monthrange(year, month)[1]
    by_number = {n if n > 0 else length + 1 + n for n in rule.by_month_day}
    if rule.by_day:
        found = _weekdays_between(rule.by_day, opens_on, length)
        if rule.by_month_day:
            found &= {opens_on + n - 1 for n in by_number}
    elif rule.by_month_day:
        found = {opens_on + n - 1 for n in by_number if 1 <= n <= length}
    else:
        found = set(range(opens_on, opens_on + length))
    if rule.by_year_day:  # not allowed in a month (RFC 5545, table), but read as one more condition
        found = {day for day in found if _year_day_matches(rule, date.fromordinal(day))}
    return sorted(found)


def _in_year(rule: Rule, year: int) -> list[int]:
    opens_on = date(year, 1, 1).toordinal()
    length = date(year, 12, 31).toordinal() - opens_on + 1
    found = set(range(opens_on, opens_on + length))
    if rule.by_day:
        if rule.by_month:
            found = set()
            for month in rule.by_month:
                start = date(year, month, 1).toordinal()
                found |= _weekdays_between(rule.by_day, start, monthrange(year, month)[1])
        else:
            found = _weekdays_between(rule.by_day, opens_on, length)
    matches = _matcher(replace(rule, by_day=()))
    return sorted(day for day in found if (matches is None or matches(day)) and _week_matches(rule, day))


def _weekdays_between(by_day: tuple[tuple[int, int], ...], opens_on: int, length: int) -> set[int]:
    """All, the nth or the nth last such weekdays within a span of days."""
    found: set[int] = set()
    for number, weekday in by_day:
        # Ordinal 1 is a Monday.
        days = range(opens_on + (weekday - (opens_on - 1)) % 7, opens_on + length, 7)
        if number == 0:
            found.update(days)
        elif abs(number) <= len(days):
            found.add(days[number - 1 if number > 0 else number])
    return found


def _matcher(rule: Rule) -> Callable[[int], bool] | None:
    """The conditions on a single day; None if there are none."""
    if not (rule.by_month or rule.by_month_day or rule.by_year_day or rule.by_day):
        return None
    weekdays = {weekday for _, weekday in rule.by_day}

    def matches(ordinal: int) -> bool:
        day = date.fromordinal(ordinal)
        if rule.by_month and day.month not in rule.by_month:
            return False
        if weekdays and day.weekday() not in weekdays:
            return False
        if rule.by_month_day:
            length = monthrange(day.year, day.month)[1]
            if day.day not in rule.by_month_day and day.day - length - 1 not in rule.by_month_day:
                return False
        return not rule.by_year_day or _year_day_matches(rule, day)

    return matches


def _year_day_matches(rule: Rule, day: date) -> bool:
    opens_on = date(day.year, 1, 1).toordinal()
    length = date(day.year, 12, 31).toordinal() - opens_on + 1
    number = day.toordinal() - opens_on + 1
    return number in rule.by_year_day or number - length - 1 in rule.by_year_day


def _week_matches(rule: Rule, ordinal: int) -> bool:
    """Week 1 is the first with at least four days in the year (ISO 8601, with the rule's own first weekday)."""
    if not rule.by_week_no:
        return True
    opens_on = ordinal - (ordinal - 1 - rule.week_start) % 7
    year = date.fromordinal(min(opens_on + 3, _LAST_ORDINAL)).year
    first, following = _first_week(year, rule.week_start), _first_week(year + 1, rule.week_start)
    number = (opens_on - first) // 7 + 1
    return number in rule.by_week_no or number - (following - first) // 7 - 1 in rule.by_week_no


def _first_week(year: int, week_start: int) -> int:
    fourth = date(min(year, date.max.year), 1, 4).toordinal()
    return fourth - (fourth - 1 - week_start) % 7
