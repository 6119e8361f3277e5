"""VTIMEZONE components (RFC 5545, section 3.6.5): what offsets one declares, and one for a zone of the tz database."""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.ical.errors import Unreadable
from connectors.ical.limits import MOST_DEFINITION_LETTERS
from connectors.ical.lines import split_line

_OFFSET = re.compile(r"([+-]?)(\d{2})(\d{2})(\d{2})?")
_DAY = timedelta(days=1)
_A_YEAR = timedelta(days=365)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# The hour is that of DTSTART: where a rule repeats it, it says the same.
_RULE_PARTS = frozenset(
    {"BYMONTH", "BYDAY", "BYMONTHDAY", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYHOUR", "BYMINUTE", "BYSECOND"}
)
_SKIPPED_YEARS = 2


@dataclass(frozen=True, slots=True)
class Offsets:
    """The offsets from UTC that a definition declares over some years.

    Attributes:
        onsets: UTC instants, rising, at which an offset begins (naive, so that the year 1 fits).
        offsets: one more than onsets: the first holds before them all.
    """

    onsets: tuple[datetime, ...]
    offsets: tuple[timedelta, ...]

    def at_noons(self, year: int, years: int) -> list[tuple[datetime, timedelta]]:
        """Give the offset at each noon (UTC) of so many years from that one on."""
        first = datetime(year, 1, 1, 12, tzinfo=UTC)
        days = (date(min(year + years, 9999), 1, 1) - first.date()).days
        noons = [first + day * _DAY for day in range(days)]
        return [(noon, self.offsets[bisect_right(self.onsets, noon.replace(tzinfo=None))]) for noon in noons]

    def at_local(self, local: datetime) -> timedelta:
        """Give the offset at a local time: the first of two if it comes twice, the one before a gap."""
        for onset, offset in zip(self.onsets, self.offsets, strict=False):
            if _shifted(local, -offset) < onset:
                return offset
        return self.offsets[-1]


@dataclass(frozen=True, slots=True)
class _Observance:
    kind: str
    begins: datetime
    offset_from: timedelta
    offset_to: timedelta
    rules: tuple[str, ...]
    more: tuple[datetime, ...]


def read_offsets(definition: str, year: int, *, years: int) -> Offsets:
    """Read what a VTIMEZONE declares for some years.

    Args:
        definition: its text, unfolded, LF line ends.
        year: the first that matters.
        years: how many matter.

    Raises:
        Unreadable: it declares no offset, or in a spelling that nobody knows.
    """
    if len(definition) > MOST_DEFINITION_LETTERS:
        raise Unreadable("its time zone has a definition that is too long")
    observances = _observances(definition.split("\n"))
    if not observances:
        raise Unreadable("its time zone has a definition without offsets")
    begins: dict[datetime, timedelta] = {}
    for observance in observances:
        ends = _superseded(observance, observances)
        for local in _onsets(observance, ends, year, years):
            begins[_shifted(local, -observance.offset_from)] = observance.offset_to
    onsets = sorted(begins)
    if not onsets:
        raise Unreadable("its time zone has a definition without offsets")
    earliest = min(observances, key=lambda observance: observance.begins)
    # Before the first onset the offset is the one it changed from; Outlook's begin in 1601, so this hardly matters.
    return Offsets(tuple(onsets), (earliest.offset_from, *(begins[onset] for onset in onsets)))


def _observances(lines: list[str]) -> list[_Observance]:
    found: list[_Observance] = []
    fields: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = split_line(line)
        match name, value.strip().upper():
            case "BEGIN", "STANDARD" | "DAYLIGHT":
                fields = {}
            case "END", "STANDARD" | "DAYLIGHT":
                found.append(_observance(value.strip().upper(), fields))
            case _:
                fields.setdefault(name, []).append(value.strip())
    return found


def _observance(kind: str, fields: dict[str, list[str]]) -> _Observance:
    try:
        begins = _local(fields["DTSTART"][0])
        offset_to = _offset(fields["TZOFFSETTO"][0])
        offset_from = _offset(fields.get("TZOFFSETFROM", fields["TZOFFSETTO"])[0])
        more = tuple(_local(part.split("/")[0]) for value in fields.get("RDATE", []) for part in value.split(","))
    except (KeyError, ValueError) as cause:
        raise Unreadable("its time zone has a definition that cannot be read") from cause
    return _Observance(kind, begins, offset_from, offset_to, tuple(fields.get("RRULE", ())), more)


def _local(value: str) -> datetime:
    value = value.strip().rstrip("Zz")
    if value.startswith("0000"):
        value = "0001" + value[4:]
    return datetime.fromisoformat(value).replace(tzinfo=None)


def _offset(value: str) -> timedelta:
    match = _OFFSET.fullmatch(value)
    if match is None:
        raise Unreadable("its time zone has an offset that is no offset")
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]), seconds=int(match[4] or 0))
    if offset >= _DAY:
        raise Unreadable("its time zone has an offset of more than a day")
    return -offset if match[1] == "-" else offset


def _superseded(observance: _Observance, among: list[_Observance]) -> datetime:
    """When an era ends: Exchange lists several without UNTIL, each meant to end where the next of its kind begins."""
    later = [
        other.begins
        for other in among
        if other.kind == observance.kind and other.rules and other.begins - observance.begins >= _A_YEAR
    ]
    return min(later, default=datetime.max)  # noqa: DTZ901 - local time of the zone that is being defined


def _onsets(observance: _Observance, ends: datetime, year: int, years: int) -> list[datetime]:
    """Local onsets that decide the years in question: every single one, and of a rule those that can matter."""
    last = min(datetime(min(year + years, 9998), 12, 31), ends)  # noqa: DTZ001 - local time of that zone
    onsets = [observance.begins, *observance.more]
    for text in observance.rules:
        try:
            onsets += _walked(_Rule.of(text), observance.begins, last, year)
        except (ValueError, KeyError) as cause:
            raise Unreadable("its time zone has a rule that cannot be read") from cause
    return onsets


@dataclass(frozen=True, slots=True)
class _Rule:
    """The yearly rules that time zones follow. Others are refused: a rule by the second would walk for ever."""

    months: tuple[int, ...]
    weekdays: tuple[tuple[int, int], ...]
    days: tuple[int, ...]
    interval: int
    count: int
    until: datetime

    @classmethod
    def of(cls, text: str) -> _Rule:
        parts = dict(part.split("=", 1) for part in text.upper().split(";") if part)
        if parts.pop("FREQ") != "YEARLY" or not set(parts) <= _RULE_PARTS:
            raise ValueError(text)
        until = _local(parts["UNTIL"]) if "UNTIL" in parts else datetime.max  # noqa: DTZ901 - local time of that zone
        return cls(
            months=tuple(int(month) for month in parts.get("BYMONTH", "").split(",") if month),
            weekdays=tuple(_weekday(day) for day in parts.get("BYDAY", "").split(",") if day),
            days=tuple(int(day) for day in parts.get("BYMONTHDAY", "").split(",") if day),
            interval=max(int(parts.get("INTERVAL", 1)), 1),
            count=int(parts.get("COUNT", 0)),
            until=until,
        )

    def in_year(self, year: int, begins: datetime) -> list[datetime]:
        """Every onset of one year."""
        found: list[datetime] = []
        for month in self.months or (begins.month,):
            length = monthrange(year, month)[1]
            days = {day if day > 0 else length + 1 + day for day in self.days}
            if self.weekdays:
                named = {day for weekday in self.weekdays for day in _days_of(year, month, length, weekday)}
                days = named & days if self.days else named
            if not (self.weekdays or self.days):
                days = {begins.day}
            found += [begins.replace(year=year, month=month, day=day) for day in sorted(days) if 1 <= day <= length]
        return found


def _weekday(text: str) -> tuple[int, int]:
    """Read "-1SU": which one of the month (0: each), which day of the week."""
    return int(text[:-2] or 0), _WEEKDAYS.index(text[-2:])


def _days_of(year: int, month: int, length: int, weekday: tuple[int, int]) -> list[int]:
    nth, day = weekday
    first = 1 + (day - date(year, month, 1).weekday()) % 7
    days = list(range(first, length + 1, 7))
    if nth == 0:
        return days
    return days[nth - 1 : nth] if nth > 0 else days[nth:][:1]


def _walked(rule: _Rule, begins: datetime, last: datetime, year: int) -> list[datetime]:
    """The onsets up to `last`: of an uncounted rule only the latest years, for Outlook's begin in 1601."""
    last = min(last, rule.until)
    first_year = begins.year
    if not rule.count:
        skipped = min(year, last.year) - _SKIPPED_YEARS - first_year
        first_year += max(skipped, 0) // rule.interval * rule.interval
    found: list[datetime] = []
    for one_year in range(first_year, last.year + 1, rule.interval):
        found += [onset for onset in rule.in_year(one_year, begins) if begins <= onset <= last]
        if rule.count and len(found) >= rule.count:
            return found[: rule.count]
    return found


def _shifted(local: datetime, by: timedelta) -> datetime:
    try:
        return local + by
    except OverflowError:  # the first day of the year 1, or the last of 9999
        return local


@lru_cache(maxsize=256)
def vtimezone_for(zone: str, year: int, *, line_end: str = "\r\n") -> str:
    """Give a VTIMEZONE for a zone of the tz database, folded and ended.

    As rules where the zone changes alike every year, else as a list of the changes of the years around.

    Args:
        zone: IANA name; also its TZID.
        year: of the event that needs it.
        line_end: what ends a line in the object that it goes to.
    """
    turns = _turns(zone, year)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{zone}"]
    regular = [_yearly_rule([turn for turn in turns if turn.is_daylight is kind]) for kind in (True, False)]
    per_year = [sum(turn.local.year == other for turn in turns) for other in range(year - 1, year + 3)]
    if not turns:
        offset = ZoneInfo(zone).utcoffset(datetime(year, 1, 1)) or timedelta(0)  # noqa: DTZ001
        lines += _observance_lines("STANDARD", datetime(1970, 1, 1), offset, offset, "")  # noqa: DTZ001
    elif set(per_year) == {2} and all(regular):
        for kind, rule in zip((True, False), regular, strict=True):
            turn = next(turn for turn in turns if turn.is_daylight is kind)
            lines += _observance_lines(turn.kind, turn.local, turn.offset_from, turn.offset_to, f"RRULE:{rule}")
    else:
        for turn in turns:
            lines += _observance_lines(turn.kind, turn.local, turn.offset_from, turn.offset_to, "")
    lines.append("END:VTIMEZONE")
    return "".join(line + line_end for line in lines)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A change of offset: local time before it, as VTIMEZONE wants it."""

    local: datetime
    offset_from: timedelta
    offset_to: timedelta
    is_daylight: bool

    @property
    def kind(self) -> str:
        return "DAYLIGHT" if self.is_daylight else "STANDARD"


def _turns(zone: str, year: int) -> list[_Turn]:
    """Find the changes from two years before to three years after."""
    info = ZoneInfo(zone)
    day = datetime(max(year - 1, 1), 1, 1, tzinfo=UTC) - (_DAY if year > _SKIPPED_YEARS else timedelta(0))
    end = datetime(min(year + 3, 9999), 1, 1, tzinfo=UTC)
    turns: list[_Turn] = []
    while day < end:
        following = day + _DAY
        before, behind = _offset_at(info, day), _offset_at(info, following)
        if before != behind:
            instant = _turn_between(info, day, following)
            is_daylight = bool((instant + timedelta(seconds=1)).astimezone(info).dst())
            local = (instant + before).replace(tzinfo=None)
            turns.append(_Turn(local, before, behind, is_daylight))
        day = following
    return turns


def _offset_at(info: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(info).utcoffset() or timedelta(0)


def _turn_between(info: ZoneInfo, low: datetime, high: datetime) -> datetime:
    before = _offset_at(info, low)
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=int((high - low).total_seconds()) // 2)
        low, high = (middle, high) if _offset_at(info, middle) == before else (low, middle)
    return high


def _yearly_rule(turns: list[_Turn]) -> str:
    """Give the RRULE that all these changes follow, "" if there is none."""
    if not turns:
        return ""
    shapes = [{(turn.local.month, turn.local.weekday(), nth) for nth in _nths(turn.local)} for turn in turns]
    common = set.intersection(*shapes)
    alike = {(turn.local.time(), turn.offset_from, turn.offset_to) for turn in turns}
    if not common or len(alike) != 1:
        return ""
    month, weekday, nth = min(common, key=lambda shape: shape[2])  # "the last" before "the fourth"
    return f"FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{_WEEKDAYS[weekday]}"


def _nths(local: datetime) -> tuple[int, ...]:
    nth = (local.day - 1) // 7 + 1
    is_last = (local + 7 * _DAY).month != local.month
    return (-1, nth) if is_last else (nth,)


def _observance_lines(kind: str, local: datetime, offset_from: timedelta, offset_to: timedelta, rule: str) -> list[str]:
    return [
        f"BEGIN:{kind}",
        f"DTSTART:{local.strftime('%Y%m%dT%H%M%S').rjust(15, '0')}",
        f"TZOFFSETFROM:{_offset_text(offset_from)}",
        f"TZOFFSETTO:{_offset_text(offset_to)}",
        *([rule] if rule else []),
        f"END:{kind}",
    ]


def _offset_text(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{sign}{hours:02d}{minutes:02d}" + (f"{rest:02d}" if rest else "")
