"""Reading one RRULE (RFC 5545, section 3.3.10) as servers write it. Finding its dates is recur.py."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import lru_cache

WEEKDAYS = {"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")
_MOST_LETTERS = 4_000
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z)?)?")


class RuleMalformed(ValueError):
    """Text that is no rule, or one for another calendar system (RFC 7529)."""


class Freq(IntEnum):
    """How long a period is; ordered from long to short."""

    YEARLY = 0
    MONTHLY = 1
    WEEKLY = 2
    DAILY = 3
    HOURLY = 4
    MINUTELY = 5
    SECONDLY = 6


@dataclass(frozen=True, slots=True)
class Until:
    """The last moment of a rule, as written; DTSTART's kind decides what it means (`recur.last_start`).

    Attributes:
        local: naive; midnight for a date.
        is_date: written without a time.
        is_utc: written with Z.
    """

    local: datetime
    is_date: bool
    is_utc: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, its parts as numbers. Empty tuple: the part is absent.

    Attributes:
        by_day: (n, weekday), n 0 for every such weekday, weekday 0 for Monday.
        week_start: weekday on which a week begins.
    """

    freq: Freq
    interval: int = 1
    count: int | None = None
    until: Until | None = None
    by_month: tuple[int, ...] = ()
    by_week_no: tuple[int, ...] = ()
    by_year_day: tuple[int, ...] = ()
    by_month_day: tuple[int, ...] = ()
    by_day: tuple[tuple[int, int], ...] = ()
    by_hour: tuple[int, ...] = ()
    by_minute: tuple[int, ...] = ()
    by_second: tuple[int, ...] = ()
    by_set_pos: tuple[int, ...] = ()
    week_start: int = 0


def parse_rule(text: str) -> Rule:
    """Read a rule. Order of parts, case, spaces and parts that nobody knows do not matter.

    Raises:
        RuleMalformed: no FREQ, a number outside its range, a calendar that is not Gregorian.
    """
    if len(text) > _MOST_LETTERS:
        msg = "a rule longer than one with every number in every part"
        raise RuleMalformed(msg)
    return _parsed(text)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Rule:
    parts = _parts(text)
    try:
        freq = Freq[parts.pop("FREQ", "")]
    except KeyError as cause:
        msg = "a rule needs a FREQ that we know"
        raise RuleMalformed(msg) from cause
    if parts.get("RSCALE", "GREGORIAN") != "GREGORIAN" or parts.get("SKIP", "OMIT") != "OMIT":
        msg = "RSCALE and SKIP (RFC 7529) are not understood"
        raise RuleMalformed(msg)
    week_start = WEEKDAYS.get(parts.get("WKST", "MO"))
    if week_start is None:
        msg = "WKST is no weekday"
        raise RuleMalformed(msg)
    return Rule(
        freq=freq,
        interval=_positive(parts.get("INTERVAL", "1")),
        count=_positive(parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(parts["UNTIL"]) if "UNTIL" in parts else None,
        by_month=_numbers(parts, "BYMONTH", 1, 12),
        # Only a year has weeks with numbers (RFC 5545, section 3.3.10, table).
        by_week_no=_numbers(parts, "BYWEEKNO", 1, 53, signed=True) if freq is Freq.YEARLY else (),
        by_year_day=_numbers(parts, "BYYEARDAY", 1, 366, signed=True),
        by_month_day=_numbers(parts, "BYMONTHDAY", 1, 31, signed=True),
        by_day=_by_day(parts.get("BYDAY", ""), numbered=freq in (Freq.YEARLY, Freq.MONTHLY)),
        by_hour=_numbers(parts, "BYHOUR", 0, 23),
        by_minute=_numbers(parts, "BYMINUTE", 0, 59),
        # A leap second does not exist on our clocks, so the 60th second never comes.
        by_second=_numbers(parts, "BYSECOND", 0, 60),
        by_set_pos=_numbers(parts, "BYSETPOS", 1, 366, signed=True),
        week_start=week_start,
    )


def _parts(text: str) -> dict[str, str]:
    body = text.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in filter(None, (p.strip() for p in body.split(";"))):
        name, equals, value = part.partition("=")
        if not equals:
            msg = f"“{part[:40]}” is no part of a rule"
            raise RuleMalformed(msg)
        parts[name.strip()] = value.strip()
    return parts


def _positive(value: str) -> int:
    number = _number(value)
    if not 1 <= number <= 10**9:
        msg = "INTERVAL and COUNT are at least 1"
        raise RuleMalformed(msg)
    return number


def _number(value: str) -> int:
    try:
        return int(value)
    except ValueError as cause:
        msg = f"“{value[:20]}” is no number"
        raise RuleMalformed(msg) from cause


def _numbers(parts: dict[str, str], name: str, least: int, most: int, *, signed: bool = False) -> tuple[int, ...]:
    found = {_number(item.strip()) for item in parts.get(name, "").split(",") if item.strip()}
    for number in found:
        if not least <= (abs(number) if signed else number) <= most:
            msg = f"{name}={number} is outside its range"
            raise RuleMalformed(msg)
    return tuple(sorted(found))


def _by_day(value: str, *, numbered: bool) -> tuple[tuple[int, int], ...]:
    days: set[tuple[int, int]] = set()
    for item in filter(None, (i.strip() for i in value.split(","))):
        match = _BYDAY.fullmatch(item)
        if match is None or (match[1] is not None and not 1 <= abs(int(match[1])) <= 53):
            msg = f"“{item[:20]}” is no BYDAY"
            raise RuleMalformed(msg)
        # "2MO" in a weekly or daily rule is forbidden and occurs: every Monday is meant.
        days.add((int(match[1] or 0) if numbered else 0, WEEKDAYS[match[2]]))
    return tuple(sorted(days))


def _until(value: str) -> Until:
    match = _UNTIL.fullmatch(value)
    if match is None:
        msg = f"“{value[:20]}” is no UNTIL"
        raise RuleMalformed(msg)
    day, clock, utc = match.groups()
    clock_read = clock or "000000"
    if clock_read.endswith("60"):  # a leap second is read as the second before
        clock_read = clock_read[:4] + "59"
    try:
        local = datetime.strptime(day + clock_read, "%Y%m%d%H%M%S")  # noqa: DTZ007 (naive on purpose: a wall time)
    except ValueError as cause:
        msg = f"“{value[:20]}” is no UNTIL"
        raise RuleMalformed(msg) from cause
    return Until(local, is_date=clock is None, is_utc=utc is not None)
