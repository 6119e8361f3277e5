"""Sentences about double bookings, for people. English; others are made from the same facts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.reconcile import CloseReason
from sync_agent.engine.conflicts.values import Because, Fact, Occupied, Overlap, Reason, StaleCalendar
from sync_agent.engine.words import WEEKDAYS, at_words, between_words, lasting_words, listed, titled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_agent.engine.conflicts.seal import CalendarSeal, Seal

_BECAUSE: Mapping[str, str] = {
    Because.SAME_DAY: "same day",
    Because.SAME_WEEK: "same week",
    Because.USUAL_WEEKDAY: "usual weekday",
    Because.SAME_WEEKDAY: "same weekday",
    Because.SAME_HOUR: "same hour",
    Because.USUAL_HOUR: "usual hour",
    Because.INSIDE_HOURS: "inside working hours",
    Because.OUTSIDE_HOURS: "outside working hours",
}

# Why a reading is not believed, behind "not checked since …". What is only long ago says it by its date.
_STALE: Mapping[str, str] = {
    "gone": "it is no longer on its server",
    "refused": "its password is not accepted",
    "locked": "its password is locked away",
    "wrong_address": "its address does not work",
    "failing": "it cannot be reached",
    "paused": "syncing is paused",
    "beyond": "it is not looked at so far ahead",
    "pending": "what came in since is being looked at",
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
        case Because.DAYS_AWAY:
            return _away(timedelta(days=int(fact.facts["days"])))
        case Because.HOURS_AWAY:
            return _away(timedelta(minutes=int(fact.facts["minutes"])))
        case Because.NOT_UNDERSTOOD:
            return f"{fact.facts['name']} not fully understood then"
        case Because.TRAVEL_KEPT:
            return f"{lasting_words(timedelta(minutes=int(fact.facts['minutes'])))} for the way kept free"
        case Because.NOT_CHECKED:
            # Beside five slots there is no room for the reason, and it is the same for all of them.
            return _not_checked(str(fact.facts["name"]), fact.facts.get("since"), zone, why="")
        case _:
            return _BECAUSE[fact.code]


def stale_words(calendar: StaleCalendar, *, zone: str) -> str:
    """Give "Private not checked since Thu 26 Nov 2026, 15:00, Europe/Berlin (its password is not accepted)"."""
    since = calendar.since.isoformat() if calendar.since else None
    return _not_checked(calendar.name, since, zone, why=calendar.why)


def sealed_words(sealed: CalendarSeal, *, zone: str) -> str:
    """Say how far one calendar was looked at: "Private checked Thu 26 Nov 2026, 15:00, Europe/Berlin"."""
    if sealed.stale is not None:
        return stale_words(StaleCalendar(sealed.calendar, sealed.name, sealed.read_at, sealed.stale), zone=zone)
    at = "" if sealed.read_at is None else f" {at_words(sealed.read_at, zone)}"
    unknown = len(sealed.but_for)
    but_for = f", but for {unknown} thing{'' if unknown == 1 else 's'} not understood" if unknown else ""
    return f"{sealed.name} checked{at}{but_for}"


def seal_words(seal: Seal, *, zone: str) -> str:
    """Say when a time was last checked and against what, or what of it was not: one sentence or two."""
    if not seal.calendars:
        return "No calendar is connected, so there is none to check."
    missing = [sealed_words(one, zone=zone) for one in seal.calendars if not one.is_whole]
    if missing:
        return f"{'; '.join(missing)}."
    at = "" if seal.checked_at is None else f" {at_words(seal.checked_at, zone)}"
    return f"Checked{at} against {listed([one.name for one in seal.calendars])}."


def closed_words(why: str) -> str:
    """Give why a double booking is settled: "one of the two was moved". An unknown code is given back."""
    return _CLOSED[CloseReason(why)] if why in set(CloseReason) else why


def _away(by: timedelta) -> str:
    return f"{lasting_words(abs(by))} {'later' if by > timedelta(0) else 'earlier'}"


def _not_checked(name: str, since: str | int | None, zone: str, *, why: str) -> str:
    reason = f" ({_STALE[why]})" if why in _STALE else ""
    if not isinstance(since, str):
        return f"{name} never checked yet{reason}"
    return f"{name} not checked since {at_words(datetime.fromisoformat(since), zone)}{reason}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
