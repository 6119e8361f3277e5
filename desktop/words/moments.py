"""Times as people say them. Pure: this instant is an argument, and so is the zone that it is said in."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.words.translation import Translate

_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)
_SOON = timedelta(hours=12)


def weekday_name(day: date, translate: Translate) -> str:
    """Name the day of the week."""
    names = (
        translate("Moments", "Monday"),
        translate("Moments", "Tuesday"),
        translate("Moments", "Wednesday"),
        translate("Moments", "Thursday"),
        translate("Moments", "Friday"),
        translate("Moments", "Saturday"),
        translate("Moments", "Sunday"),
    )
    return names[day.weekday()]


def month_name(day: date, translate: Translate) -> str:
    """Name the month."""
    names = (
        translate("Moments", "January"),
        translate("Moments", "February"),
        translate("Moments", "March"),
        translate("Moments", "April"),
        translate("Moments", "May"),
        translate("Moments", "June"),
        translate("Moments", "July"),
        translate("Moments", "August"),
        translate("Moments", "September"),
        translate("Moments", "October"),
        translate("Moments", "November"),
        translate("Moments", "December"),
    )
    return names[day.month - 1]


def short_weekday(day: date, translate: Translate) -> str:
    """Name the day of the week as short as tables do."""
    names = (
        translate("Moments", "Mon"),
        translate("Moments", "Tue"),
        translate("Moments", "Wed"),
        translate("Moments", "Thu"),
        translate("Moments", "Fri"),
        translate("Moments", "Sat"),
        translate("Moments", "Sun"),
    )
    return names[day.weekday()]


def short_month(day: date, translate: Translate) -> str:
    """Name the month as short as tables do."""
    names = (
        translate("Moments", "Jan"),
        translate("Moments", "Feb"),
        translate("Moments", "Mar"),
        translate("Moments", "Apr"),
        translate("Moments", "May", "short"),
        translate("Moments", "Jun"),
        translate("Moments", "Jul"),
        translate("Moments", "Aug"),
        translate("Moments", "Sep"),
        translate("Moments", "Oct"),
        translate("Moments", "Nov"),
        translate("Moments", "Dec"),
    )
    return names[day.month - 1]


def day_words(day: date, today: date, translate: Translate) -> str:
    """Say which day, always with its weekday: "Today, Tuesday 24 November"."""
    named = translate("Moments", "{weekday} {day} {month}").format(
        weekday=weekday_name(day, translate), day=day.day, month=month_name(day, translate)
    )
    if day == today:
        return translate("Moments", "Today · {day}").format(day=named)
    if day == today + _DAY:
        return translate("Moments", "Tomorrow · {day}").format(day=named)
    return named


def clock_words(instant: datetime, zone: tzinfo) -> str:
    """Give the hour on the wall: "09:05"."""
    return instant.astimezone(zone).strftime("%H:%M")


def span_words(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Give both hours on the wall: "15:00–16:00"."""
    return f"{clock_words(start, zone)}–{clock_words(end, zone)}"


def short_day_words(instant: datetime, now: datetime, zone: tzinfo, translate: Translate) -> str:
    """Say the hour, and the weekday unless it is today: "14:30", "tomorrow 09:00", "Thu 26 Nov, 09:00"."""
    there, today = instant.astimezone(zone), now.astimezone(zone).date()
    clock = clock_words(instant, zone)
    if there.date() == today:
        return clock
    if there.date() == today + _DAY:
        return translate("Moments", "tomorrow {clock}").format(clock=clock)
    return translate("Moments", "{weekday} {day} {month}, {clock}").format(
        weekday=short_weekday(there, translate),
        day=there.day,
        month=short_month(there, translate),
        clock=clock,
    )


def until_words(start: datetime, end: datetime, now: datetime, translate: Translate) -> str:
    """Say how far away something is: "now, until …" is the caller's; here "in 25 minutes", "in 3 hours", or ""."""
    if start <= now < end:
        return translate("Moments", "running now")
    ahead = start - now
    if ahead <= timedelta(0) or ahead > _SOON:
        return ""
    minutes = -(-ahead // _MINUTE)
    if minutes < 60:
        return translate("Moments", "in %n minute(s)", None, minutes)
    return translate("Moments", "in %n hour(s)", None, round(ahead / _HOUR))


def ago_words(instant: datetime, now: datetime, zone: tzinfo, translate: Translate) -> str:
    """Say when something was, without a figure that is wrong a minute later: "at 14:02", "yesterday at 09:00"."""
    there, today = instant.astimezone(zone).date(), now.astimezone(zone).date()
    clock = clock_words(instant, zone)
    if there == today:
        return translate("Moments", "at {clock}").format(clock=clock)
    if there == today - _DAY:
        return translate("Moments", "yesterday at {clock}").format(clock=clock)
    return translate("Moments", "on {day} {month} at {clock}").format(
        day=there.day, month=month_name(there, translate), clock=clock
    )
