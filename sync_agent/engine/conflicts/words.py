"""Sentences about double bookings, for people. English; others are made from the same facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.reconcile import CloseReason
from sync_agent.engine.conflicts.values import Because, Fact, Occupied, Overlap, Reason, StaleCalendar
from sync_agent.engine.words import WEEKDAYS, at_words, between_words, lasting_words, titled

if TYPE_CHECKING:
    from collections.abc import Mapping

_BECAUSE: Mapping[str, str] = {
    Because.SAME_DAY: "same day",
    Because.SAME_WEEK: "same week",
    Because.USUAL_WEEKDAY: "usual weekday",
    Because.SAME_WEEKDAY: "same weekday",
    Because.SAME_HOUR: "same hour",
    Because.INSIDE_HOURS: "inside working hours",
    Because.OUTSIDE_HOURS: "outside working hours",
}

_CLOSED: Mapping[CloseReason, str] = {
    CloseReason.MOVED: "one of the two was moved",
    CloseReason.CANCELLED: "the session was cancelled",
    CloseReason.GONE: "the other appointment is no longer in the calendar",
    CloseReason.LEFT_OUT: "the calendar of the other appointment is no longer looked at",
    CloseReason.FREE: "the appointment no longer blocks the time",
    CloseReason.MARKED_FREE: "you marked the appointment as free",
    CloseReason.ALL_DAY_FREE: "whole days in its calendar no longer take your time",
    CloseReason.DECLINED: "you declined the other appointment",
    CloseReason.CALLED_OFF: "the other appointment was called off",
    CloseReason.NEAR_ENOUGH: "no travel time is needed any more",
    CloseReason.KEPT: "you decided to keep both",
    CloseReason.OVER: "its time has passed",
}


def overlap_words(overlap: Overlap) -> str:
    """Give "“Dentist” in Private overlaps “Maths” by 30 minutes."."""
    other, session = named(overlap.b), titled(overlap.a.title)
    repeats = ", which repeats," if overlap.b.recurring and not overlap.b.is_session else ""
    lasting = lasting_words(overlap.hi - overlap.lo)
    if overlap.reason is Reason.OVERLAP:
        return _sentence(f"{other}{repeats} overlaps {session} by {lasting}.")
    gap = overlap.buffer - (overlap.hi - overlap.lo)
    between = f"only {lasting_words(gap)}" if gap else "no time"
    side = "after" if overlap.b.lo >= overlap.a.hi else "before"
    needed = lasting_words(overlap.buffer)
    return _sentence(f"{other}{repeats} leaves {between} {side} {session}, but {needed} are needed for the way.")


def overlap_when(overlap: Overlap) -> str:
    """Give the part that both take, in the session's zone: "Thu 26 Nov 2026, 15:00–15:30, Europe/Berlin"."""
    return between_words(overlap.lo, overlap.hi, overlap.a.zone)


def named(occupied: Occupied) -> str:
    """Give "“Dentist” in Private" or "the session “Maths”"."""
    if occupied.is_session:
        return f"the session {titled(occupied.title)}"
    where = f" in {occupied.calendar_name}" if occupied.calendar_name else ""
    return f"{titled(occupied.title)}{where}"


def because_words(fact: Fact, *, zone: str) -> str:
    """Give a suggestion's reason in a few words: "same week", "usual weekday", "inside working hours".

    Args:
        fact: with a code of `Because`.
        zone: IANA zone in which instants are shown.
    """
    match fact.code:
        case Because.LATER_WEEK:
            weeks = int(fact.facts["weeks"])
            return "the week after" if weeks == 1 else f"{weeks} weeks later"
        case Because.USUAL_WEEKDAY:
            return f"usual weekday ({WEEKDAYS[int(fact.facts['weekday'])]})"
        case Because.TRAVEL_KEPT:
            return f"{lasting_words(timedelta(minutes=int(fact.facts['minutes'])))} for the way kept free"
        case Because.NOT_CHECKED:
            return _not_checked(str(fact.facts["name"]), fact.facts.get("since"), zone)
        case _:
            return _BECAUSE[fact.code]


def stale_words(calendar: StaleCalendar, *, zone: str) -> str:
    """Give "Private not checked since Thu 26 Nov 2026, 15:00, Europe/Berlin"."""
    return _not_checked(calendar.name, calendar.since.isoformat() if calendar.since else None, zone)


def closed_words(why: str) -> str:
    """Give why a double booking is settled: "one of the two was moved". An unknown code is given back."""
    return _CLOSED[CloseReason(why)] if why in set(CloseReason) else why


def _not_checked(name: str, since: str | int | None, zone: str) -> str:
    if not isinstance(since, str):
        return f"{name} never checked yet"
    return f"{name} not checked since {at_words(datetime.fromisoformat(since), zone)}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
