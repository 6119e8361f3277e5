"""The sentences of "why?". English; others are made from the same facts."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named
from sync_agent.engine.conflicts.values import Reason
from sync_agent.engine.conflicts.words import closed_words, named, overlap_words, stale_words
from sync_agent.engine.words import WEEKDAYS, at_words, between_words, lasting_words, listed, titled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_agent.engine.conflicts.values import MovedAway, Occupied, Overlap, StaleCalendar, WorkingHours

CANCELLED = "The session is cancelled, so it takes no time."
PAST = "It is over."
CANCELLED_SESSION = "session_cancelled"

_HARMLESS: Mapping[str, str] = {
    CANCELLED_SESSION: "it is cancelled",
    "transparent": "it is shown as free",
    "declined": "you declined it",
    "cancelled": "it was cancelled",
    "taken_out": "this date was taken out of its series",
    "marked": "you marked it as free",
    "all_day": "whole days in that calendar leave you free, as you chose",
}

_VERDICTS: Mapping[str, str] = {
    "free": "Free",
    "taken": "Taken",
    "not_checked": "Not known to be free",
    "off": "Off",
}


def why_text(verdict: str, title: str, when: str, sentences: Sequence[str]) -> str:
    """Give the whole answer as one text: the verdict, what was asked about, and the reasons, a line each."""
    head = f"{_VERDICTS[verdict]}: {f'{title}, ' if title else ''}{when}"
    return "\n".join([head, *(f"  {sentence}" for sentence in sentences)])


def collision_words(slot: Occupied, overlap: Overlap, other: Occupied) -> str:
    """Say what is in the way; of a session in the words of its double booking."""
    if slot.id:
        return overlap_words(overlap)
    when = between_words(other.lo, other.hi, slot.zone)
    if overlap.reason is Reason.OVERLAP:
        repeats = ", which repeats," if other.recurring and not other.is_session else ""
        return f"{_capital(named(other))}{repeats} is there: {when}."
    return (
        f"{_capital(named(other))} is too near ({when}): {lasting_words(overlap.buffer)} are needed for the way, "
        f"{lasting_words(overlap.hi - overlap.lo)} are missing."
    )


def kept_words(overlap: Overlap, reason: str) -> str:
    """Say what the tutor decided about a pair."""
    because = f": {reason}" if reason else ""
    return f"You decided to keep {titled(overlap.a.title)} and {titled(overlap.b.title)}{because}."


def unread_words(calendar: StaleCalendar, zone: str) -> str:
    """Say that a calendar may hold something that nobody read."""
    return f"{stale_words(calendar, zone=zone)}, so it may hold something."


def harmless_words(other: Occupied, cause: str, zone: str) -> str:
    """Say why something that is there does not block."""
    when = between_words(other.lo, other.hi, zone)
    return (
        f"{_capital(named(other))} does not block, because {_HARMLESS.get(cause, _HARMLESS['transparent'])} ({when})."
    )


def moved_words(moved: MovedAway, zone: str) -> str:
    """Say that an instance of a series would be there, had it not been moved."""
    now = between_words(moved.now.lo, moved.now.hi, zone)
    return f"{_capital(named(moved.now))} usually is there, and was moved this time: {now}."


def hours_words(slot: Occupied, hours: WorkingHours, *, inside: bool) -> str:
    """Say how a slot lies to the working hours of its day."""
    if inside:
        return "It lies inside your working hours."
    weekday = slot.lo.astimezone(zone_named(hours.zone)).weekday()
    stretches = [f"{_clock(lo)}–{_clock(hi, is_end=True)}" for lo, hi in hours.days[weekday]]
    day = WEEKDAYS[weekday]
    usual = f"on {day} {listed(stretches)}" if stretches else f"none on {day}"
    return f"It lies outside your working hours ({usual}), which ranks it low and forbids nothing."


def travel_words(buffer: timedelta) -> str:
    """Say that there is time for the way."""
    return f"It is in person, so {lasting_words(buffer)} before and after it are kept for the way."


def skipped_words(slot: Occupied, wall: datetime) -> str:
    """Say that the clocks jump over an hour."""
    return (
        f"The clocks in {slot.zone} go ahead that night and {_clock(wall.time())} is skipped: "
        f"{at_words(slot.lo, slot.zone)} is meant."
    )


def repeated_words(slot: Occupied, wall: datetime) -> str:
    """Say that the clocks show an hour twice."""
    name, hour = slot.lo.astimezone(zone_named(slot.zone)).tzname(), _clock(wall.time())
    return f"The clocks in {slot.zone} go back that night and show {hour} twice: the first is meant ({name})."


def home_words(slot: Occupied, home: str) -> str:
    """Say when that is at home."""
    return f"For you that is {between_words(slot.lo, slot.hi, home)}."


def ignored_words(names: Sequence[str]) -> str:
    """Say which calendars the tutor does not want to be looked at."""
    return f"Not looked at, as you chose: {listed(list(names))}."


def open_words(opened: datetime, zone: str) -> str:
    """Say that a double booking is open."""
    return f"The double booking is open since {at_words(opened, zone)}."


def settled_words(closed: datetime, why: str, reason: str, zone: str) -> str:
    """Say when and why a double booking was settled; a reason that the tutor gave goes with it."""
    because = f": {reason}" if reason else ""
    return f"The double booking was settled {at_words(closed, zone)}, because {closed_words(why)}{because}."


def _clock(at: time, *, is_end: bool = False) -> str:
    return "24:00" if is_end and at == time(0) else f"{at.hour:02}:{at.minute:02}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
