"""Dates, times, durations and periods as iCalendar writes them (RFC 5545, sections 3.3.4 to 3.3.9)."""

from __future__ import annotations

import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.ical.errors import Unreadable
from connectors.ical.lines import parameters
from connectors.vocabulary.times import Moment, MomentKind, zone_named

if TYPE_CHECKING:
    from connectors.ical.zones import ZoneTable

_DATE_LETTERS = 8
_TIME_LETTERS = 15
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?", re.IGNORECASE
)


def read_moment(params: str, value: str, zones: ZoneTable) -> Moment:
    """Read one DATE or DATE-TIME with its parameters.

    The shape of the value decides; a VALUE parameter that contradicts it is noise, but a time marked VALUE=DATE is a
    date (Outlook). A trailing Z beats a TZID (section 3.2.19). In a zone that nobody knows it is read like a time
    without one, and keeps its TZID; `zones` then says so.

    Raises:
        Unreadable: no date.
    """
    value = value.strip()
    if ":" in value:  # no date has one: it stood in a TZID without quotes ("tzone://Microsoft/Custom")
        rest, _, value = value.rpartition(":")
        params = f"{params}:{rest}"
    if len(value) == _DATE_LETTERS:
        return Moment(MomentKind.DATE, _naive(value))
    is_utc = value[-1:] in {"Z", "z"}
    local = _naive(value[:-1] if is_utc else value)
    given = parameters(params) if params else {}
    if given.get("VALUE", "").upper() == "DATE":
        return Moment(MomentKind.DATE, local.replace(hour=0, minute=0, second=0))
    if is_utc:
        return Moment(MomentKind.UTC, local)
    tzid = given["TZID"].strip() if "TZID" in given else None
    # Exchange has been seen to write an empty TZID, and a definition without a name that belongs to it.
    zone = zones.resolve(tzid, local) if tzid or (tzid is not None and tzid in zones.definitions) else None
    zone = zone or zones.floating_zone
    return Moment(MomentKind.FLOATING if zone is None else MomentKind.ZONED, local, zone, tzid or None)


def _naive(value: str) -> datetime:
    if len(value) == _DATE_LETTERS and value.isascii() and value.isdigit():
        value += "T000000"
    digits = value[:8] + value[9:]
    if len(value) != _TIME_LETTERS or value[8] not in "Tt" or not (digits.isascii() and digits.isdigit()):
        raise Unreadable("it has a date that is no date")
    if value.endswith("60"):  # a leap second (section 3.3.12); no calendar keeps them
        value = value[:-2] + "59"
    try:
        local = datetime.fromisoformat(value)
    except ValueError as cause:
        raise Unreadable("it has a date that does not exist") from cause
    return _within_measure(local)


def _within_measure(local: datetime) -> datetime:
    """Refuse the first and the last year that a computer knows: no zone's offset may lead out of them."""
    if not MINYEAR < local.year < MAXYEAR:
        raise Unreadable("it has a date beyond all measure")
    return local


def read_duration(value: str) -> tuple[timedelta, timedelta]:
    """Read a DURATION.

    Returns:
        The nominal part (weeks and days: calendar days on the wall) and the exact part (hours and less).

    Raises:
        Unreadable: no duration.
    """
    match = _DURATION.fullmatch(value.strip())
    if match is None or not any(match.groups()[1:]):
        raise Unreadable("it has a duration that is no duration")
    sign = -1 if match[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    try:
        nominal = sign * timedelta(weeks=weeks, days=days)
        return nominal, sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as cause:
        raise Unreadable("it has a duration beyond all measure") from cause


def after(start: Moment, nominal: timedelta, exact: timedelta) -> Moment:
    """Give the moment that lies a duration later: days on the wall, hours on the clock (section 3.3.6).

    Raises:
        Unreadable: beyond the last date that a computer knows.
    """
    try:
        local = start.local + nominal
        if exact and start.zone is not None:
            zone = zone_named(start.zone)
            instant = local.replace(tzinfo=zone).astimezone(UTC) + exact
            local = instant.astimezone(zone).replace(tzinfo=None)
        else:
            local += exact
    except OverflowError as cause:
        raise Unreadable("it has a date beyond all measure") from cause
    return Moment(start.kind, _within_measure(local), start.zone, start.tzid)


def length(start: Moment, nominal: timedelta, exact: timedelta) -> timedelta:
    """Give the exact time that a duration takes from there on. Not by its end: that wall time may come twice."""
    return between(start, after(start, nominal, timedelta(0))) + exact


def between(start: Moment, end: Moment) -> timedelta:
    """Give the exact time from start to end; for dates the days. Floating times count as they stand.

    Raises:
        Unreadable: one is a date, floating or absolute and the other is not, so that no distance exists.
    """
    if start.zone is not None and end.zone is not None:
        return _utc(end) - _utc(start) if start.zone != end.zone else _within(start.zone, start.local, end.local)
    if start.kind is end.kind:
        return end.local - start.local
    absolute = (MomentKind.UTC, MomentKind.ZONED)
    if start.kind in absolute and end.kind in absolute:
        return _utc(end) - _utc(start)
    raise Unreadable("its start and end are of different kinds")


def _within(zone: str, start: datetime, end: datetime) -> timedelta:
    info = zone_named(zone)
    offset_then, offset_now = end.replace(tzinfo=info).utcoffset(), start.replace(tzinfo=info).utcoffset()
    if offset_then == offset_now or offset_then is None or offset_now is None:
        return end - start
    return (end - start) - (offset_then - offset_now)


def _utc(moment: Moment) -> datetime:
    return moment.instant("UTC")


def utc_text(instant: datetime) -> str:
    """Spell an aware instant as a UTC DATE-TIME."""
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def local_text(local: datetime) -> str:
    """Spell a naive wall time."""
    return local.strftime("%Y%m%dT%H%M%S").rjust(_TIME_LETTERS, "0")
