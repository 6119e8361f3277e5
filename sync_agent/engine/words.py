"""When something is, in words for people: always with weekday and zone.

English; the desktop makes its own from the same facts in other languages. No locale is asked: the same text on every
machine, in window, terminal and API.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named

if TYPE_CHECKING:
    from connectors.vocabulary.times import WallSpan

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUTE = timedelta(minutes=1)


def when_words(span: WallSpan) -> str:
    """Give "Thu 26 Nov 2026, 15:00–16:00, Europe/Berlin"."""
    return between_words(span.starts_at, span.ends_at, span.zone)


def between_words(lo: datetime, hi: datetime, zone: str) -> str:
    """Give the words for the time between two aware instants, read in a zone.

    A second day shows its date, whole days say so, and where the clocks change in between each hour names its half of
    the year ("01:30 CEST–02:30 CET").

    Raises:
        UnknownZone: no such zone.
    """
    begins, ends = lo.astimezone(zone_named(zone)), hi.astimezone(zone_named(zone))
    if _is_midnight(begins) and _is_midnight(ends) and begins.date() < ends.date():
        last = ends.date() - timedelta(days=1)
        until = "" if last == begins.date() else f" – {day_words(last)}"
        return f"{day_words(begins.date())}{until}, all day, {zone}"
    named = begins.utcoffset() != ends.utcoffset()
    first, second = _clock_words(begins, named=named), _clock_words(ends, named=named)
    if begins.date() == ends.date():
        return f"{day_words(begins.date())}, {first}–{second}, {zone}"
    return f"{day_words(begins.date())}, {first} – {day_words(ends.date())}, {second}, {zone}"


def at_words(at: datetime, zone: str) -> str:
    """Give "Thu 26 Nov 2026, 15:00, Europe/Berlin" for an aware instant."""
    local = at.astimezone(zone_named(zone))
    return f"{day_words(local.date())}, {_clock_words(local, named=False)}, {zone}"


def day_words(day: date) -> str:
    """Give "Thu 26 Nov 2026"."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def lasting_words(lasting: timedelta) -> str:
    """Give "30 minutes", "1 hour", "2 hours 15 minutes", "3 days 4 hours"; a part of a minute counts as one."""
    minutes = -(-lasting // _MINUTE)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [_counted(days, "day"), _counted(hours, "hour"), _counted(minutes, "minute")]
    return " ".join(filter(None, parts)) or "0 minutes"


def titled(title: str) -> str:
    """Give a title in quotes; a nameless thing says so."""
    return f"“{title}”" if title.strip() else "an event without a title"


def listed(names: list[str]) -> str:
    """Give "A", "A and B", "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}" if number else ""


def _clock_words(local: datetime, *, named: bool) -> str:
    clock = f"{local.hour:02}:{local.minute:02}"
    return f"{clock} {local.tzname()}" if named else clock


def _is_midnight(local: datetime) -> bool:
    return (local.hour, local.minute, local.second) == (0, 0, 0)


def shape_words(shape: str) -> str:
    """Say what an event is that no session can be, by its shape (`sync/spell.py`)."""
    return _SHAPES.get(shape, "something that a session cannot be")


_SHAPES = {
    "series": "a repeating appointment, which a session cannot be",
    "all_day": "a whole-day appointment, which a session cannot be",
    "floating": "an appointment without a time zone, which a session cannot be",
    "zero": "an appointment without a length, which a session cannot be",
    "long": "an appointment of a day or more, which a session cannot be",
    "unreal": "an appointment in a year that no session can lie in",
    "empty": "empty",
}
