"""Why a slot or a session is free, taken, or not known to be either.

The same facts and sentences for window, terminal and API, offline. Decides on values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.conflicts.detect import detect
from sync_agent.engine.conflicts.reasons import not_checked
from sync_agent.engine.conflicts.values import (
    Because,
    Fact,
    Occupied,
    OccupiedKind,
    Overlap,
    Reason,
    StaleCalendar,
    WorkingHours,
)
from sync_agent.engine.conflicts.words import named, overlap_words, stale_words
from sync_agent.engine.words import at_words, between_words, lasting_words

_NOTHING = timedelta(0)


class Verdict(StrEnum):
    """What can be said. `not_checked`: nothing stands against it in what was read, but not all could be read."""

    FREE = "free"
    TAKEN = "taken"
    NOT_CHECKED = "not_checked"
    OFF = "off"


class WhyCode(StrEnum):
    """Codes of facts beside those of `Because`."""

    OVERLAP = "overlap"
    TRAVEL_BUFFER = "travel_buffer"
    DOES_NOT_BLOCK = "does_not_block"
    CANCELLED = "cancelled"
    PAST = "past"
    ZONE = "zone"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Why:
    """A verdict with its reasons, the decisive first; `sentences[i]` says `facts[i]`."""

    verdict: Verdict
    facts: tuple[Fact, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """What the tutor decided, as far as it bears on a slot."""

    working_hours: WorkingHours
    travel_buffer: timedelta = _NOTHING


def slot_of(when: WallSpan, *, in_person: bool = False, place: str = "") -> Occupied:
    """Give a bare slot the shape that `why` asks for: a session that nobody booked yet."""
    return Occupied(
        kind=OccupiedKind.SESSION,
        id="",
        title="",
        lo=when.starts_at,
        hi=when.ends_at,
        zone=when.zone,
        in_person=in_person,
        place=place,
    )


def why(
    slot: Occupied,
    *,
    occupied: Sequence[Occupied],
    rules: Rules,
    now: datetime,
    stale: Sequence[StaleCalendar] = (),
    checked_at: datetime | None = None,
) -> Why:
    """Say why a slot (`slot_of`) or a session (`occupied_by_session`) is free or not.

    Args:
        slot: what is asked about.
        occupied: all that takes the tutor's time around it, also what does not block.
        rules: working hours and travel buffer.
        now: aware.
        stale: calendars that could not be asked lately.
        checked_at: when all others were last read; None: nothing was read yet.
    """
    if not slot.blocks:
        said = (Fact(WhyCode.CANCELLED), "The session is cancelled, so it takes no time.")
        return Why(Verdict.OFF, (said[0],), (said[1],))
    overlaps = detect(slot, occupied, travel_buffer=rules.travel_buffer)
    reasons = [_collision(slot, overlap) for overlap in overlaps]
    reasons += [(not_checked(c), f"{stale_words(c, zone=slot.zone)}, so it may hold something.") for c in stale]
    reasons += [_harmless(other, slot) for other in occupied if _is_harmless(other, slot)]
    reasons.append(_hours(slot, rules.working_hours))
    reasons += _travel(slot, rules.travel_buffer, overlaps)
    reasons += _zone(slot, rules.working_hours.zone)
    if slot.hi <= now:
        reasons.append((Fact(WhyCode.PAST), "It is over."))
    if checked_at is not None:
        fact = Fact(WhyCode.CHECKED, {"at": checked_at.isoformat(), "events": len(occupied)})
        reasons.append((fact, f"Checked {at_words(checked_at, slot.zone)}."))
    verdict = Verdict.TAKEN if overlaps else Verdict.NOT_CHECKED if stale or checked_at is None else Verdict.FREE
    return Why(verdict, tuple(fact for fact, _ in reasons), tuple(words for _, words in reasons))


def _collision(slot: Occupied, overlap: Overlap) -> tuple[Fact, str]:
    other = overlap.b if overlap.a.key == slot.key else overlap.a
    code = WhyCode.OVERLAP if overlap.reason is Reason.OVERLAP else WhyCode.TRAVEL_BUFFER
    fact = Fact(code, _facts_of(other) | {"minutes": overlap.minutes, "recurring": int(other.recurring)})
    if slot.id:
        return fact, overlap_words(overlap)
    when = between_words(other.lo, other.hi, slot.zone)
    if code is WhyCode.OVERLAP:
        return fact, f"{_capital(named(other))} is there: {when}."
    return fact, (
        f"{_capital(named(other))} is too near ({when}): {lasting_words(overlap.buffer)} are needed for the way, "
        f"{lasting_words(overlap.hi - overlap.lo)} are missing."
    )


def _is_harmless(other: Occupied, slot: Occupied) -> bool:
    return not other.blocks and other.key != slot.key and max(other.lo, slot.lo) < min(other.hi, slot.hi)


def _harmless(other: Occupied, slot: Occupied) -> tuple[Fact, str]:
    why_not = "is cancelled" if other.is_session else "is shown as free, or you declined it"
    when = between_words(other.lo, other.hi, slot.zone)
    return Fact(
        WhyCode.DOES_NOT_BLOCK, _facts_of(other)
    ), f"{_capital(named(other))} does not block: it {why_not} ({when})."


def _facts_of(other: Occupied) -> dict[str, str | int]:
    return {
        "key": other.key,
        "title": other.title,
        "calendar": other.calendar,
        "calendar_name": other.calendar_name,
        "start": other.lo.isoformat(),
        "end": other.hi.isoformat(),
    }


def _hours(slot: Occupied, hours: WorkingHours) -> tuple[Fact, str]:
    if hours.hold(slot.lo, slot.hi):
        return Fact(Because.INSIDE_HOURS), "It lies inside your working hours."
    return Fact(Because.OUTSIDE_HOURS), "It lies outside your working hours, which ranks it low and forbids nothing."


def _travel(slot: Occupied, buffer: timedelta, overlaps: Sequence[Overlap]) -> list[tuple[Fact, str]]:
    if not slot.in_person or not buffer or any(o.reason is Reason.TRAVEL_BUFFER for o in overlaps):
        return []
    minutes = buffer // timedelta(minutes=1)
    words = f"It is in person, so {lasting_words(buffer)} before and after it are kept for the way."
    return [(Fact(Because.TRAVEL_KEPT, {"minutes": minutes}), words)]


def _zone(slot: Occupied, home: str) -> list[tuple[Fact, str]]:
    here = between_words(slot.lo, slot.hi, home)
    if slot.zone == home:
        return []
    return [(Fact(WhyCode.ZONE, {"zone": slot.zone, "home": home}), f"For you that is {here}.")]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
