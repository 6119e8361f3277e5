"""Why a slot or a session is free, taken, or not known to be either.

The same facts and sentences for window, terminal and API, offline. Decides on values; the sentences are why_words.py's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts import why_words as words
from sync_agent.engine.conflicts.detect import detect
from sync_agent.engine.conflicts.reasons import not_checked
from sync_agent.engine.conflicts.values import (
    Because,
    Fact,
    MovedAway,
    Occupied,
    OccupiedKind,
    Overlap,
    Reason,
    WorkingHours,
)
from sync_agent.engine.conflicts.words import seal_words
from sync_agent.engine.conflicts.zones import Odd, oddness

if TYPE_CHECKING:
    from connectors.vocabulary.times import WallSpan
    from sync_agent.engine.conflicts.seal import Seal

_NOTHING = timedelta(0)

Said = tuple[Fact, str]


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
    KEPT = "kept"
    CONFLICT_OPEN = "conflict_open"
    CONFLICT_SETTLED = "conflict_settled"
    DOUBT = "doubt"
    DOES_NOT_BLOCK = "does_not_block"
    MOVED_AWAY = "moved_away"
    IGNORED = "ignored"
    CANCELLED = "cancelled"
    PAST = "past"
    ZONE = "zone"
    CLOCK_SKIPS = "clock_skips"
    CLOCK_REPEATS = "clock_repeats"
    CHECKED = "checked"


@dataclass(frozen=True, slots=True)
class Why:
    """A verdict with its reasons, the decisive first; `sentences[i]` says `facts[i]`."""

    verdict: Verdict
    facts: tuple[Fact, ...]
    sentences: tuple[str, ...]

    def after(self, first: Sequence[Said]) -> Why:
        """Give the same with some reasons before all others."""
        facts, sentences = tuple(fact for fact, _ in first), tuple(said for _, said in first)
        return Why(self.verdict, facts + self.facts, sentences + self.sentences)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the tutor decided, as far as it bears on a slot.

    Attributes:
        ignored: names of the calendars that are not looked at.
        kept: what the tutor said about a pair (`Overlap.pair`) that stays as it is.
    """

    working_hours: WorkingHours
    travel_buffer: timedelta = _NOTHING
    ignored: Sequence[str] = ()
    kept: Mapping[tuple[str, str], str] = field(default_factory=dict)


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
    seal: Seal,
    moved_away: Sequence[MovedAway] = (),
    wall: datetime | None = None,
) -> Why:
    """Say why a slot (`slot_of`) or a session (`occupied_by_session`) is free or not.

    Args:
        slot: what is asked about.
        occupied: all that takes the tutor's time around it, also what does not block.
        rules: working hours, travel buffer, and what the tutor decided.
        now: aware.
        seal: how far this time was looked at.
        moved_away: instances of series that would be here, had nobody moved them.
        wall: the naive start as it was typed, in the slot's zone, to say what a clock change makes of it.
    """
    if not slot.blocks:
        return Why(Verdict.OFF, (Fact(WhyCode.CANCELLED),), (words.CANCELLED,))
    overlaps = detect(slot, occupied, travel_buffer=rules.travel_buffer)
    reasons = [_collision(slot, overlap) for overlap in overlaps]
    reasons += _kept(overlaps, rules)
    reasons += [(not_checked(one), words.unread_words(one, slot.zone)) for one in seal.stale]
    reasons += _doubts(seal)
    reasons += [_harmless(other, slot) for other in occupied if _is_harmless(other, slot)]
    reasons += [_moved(one, slot) for one in moved_away]
    reasons.append(_hours(slot, rules.working_hours))
    reasons += _travel(slot, rules.travel_buffer, overlaps)
    reasons += _clock(slot, wall)
    reasons += _zone(slot, rules.working_hours.zone)
    if slot.hi <= now:
        reasons.append((Fact(WhyCode.PAST), words.PAST))
    if rules.ignored:
        reasons.append((Fact(WhyCode.IGNORED, {"names": ", ".join(rules.ignored)}), words.ignored_words(rules.ignored)))
    reasons += _checked(seal, slot.zone)
    verdict = Verdict.TAKEN if overlaps else Verdict.FREE if seal.is_whole else Verdict.NOT_CHECKED
    return Why(verdict, tuple(fact for fact, _ in reasons), tuple(said for _, said in reasons))


def _collision(slot: Occupied, overlap: Overlap) -> Said:
    other = overlap.b if overlap.a.key == slot.key else overlap.a
    code = WhyCode.OVERLAP if overlap.reason is Reason.OVERLAP else WhyCode.TRAVEL_BUFFER
    fact = Fact(code, _facts_of(other) | {"minutes": overlap.minutes, "recurring": int(other.recurring)})
    return fact, words.collision_words(slot, overlap, other)


def _kept(overlaps: Sequence[Overlap], rules: Rules) -> list[Said]:
    """What the tutor decided about what is in the way: it stays in the way, and is not asked again."""
    found = [(overlap, rules.kept[overlap.pair]) for overlap in overlaps if overlap.pair in rules.kept]
    return [
        (Fact(WhyCode.KEPT, {"key": overlap.b.key, "reason": reason}), words.kept_words(overlap, reason))
        for overlap, reason in found
    ]


def _doubts(seal: Seal) -> list[Said]:
    return [
        (Fact(WhyCode.DOUBT, {"calendar": one.calendar, "name": one.name}), said)
        for one in seal.calendars
        for said in one.but_for
    ]


def _is_harmless(other: Occupied, slot: Occupied) -> bool:
    return not other.blocks and other.key != slot.key and max(other.lo, slot.lo) < min(other.hi, slot.hi)


def _harmless(other: Occupied, slot: Occupied) -> Said:
    cause = words.CANCELLED_SESSION if other.is_session else other.why_free
    fact = Fact(WhyCode.DOES_NOT_BLOCK, _facts_of(other) | {"why": cause, "all_day": int(other.all_day)})
    return fact, words.harmless_words(other, cause, slot.zone)


def _moved(one: MovedAway, slot: Occupied) -> Said:
    fact = Fact(WhyCode.MOVED_AWAY, _facts_of(one.now) | {"was": one.was.isoformat()})
    return fact, words.moved_words(one, slot.zone)


def _facts_of(other: Occupied) -> dict[str, str | int]:
    return {
        "key": other.key,
        "title": other.title,
        "calendar": other.calendar,
        "calendar_name": other.calendar_name,
        "start": other.lo.isoformat(),
        "end": other.hi.isoformat(),
    }


def _hours(slot: Occupied, hours: WorkingHours) -> Said:
    inside = hours.hold(slot.lo, slot.hi)
    said = words.hours_words(slot, hours, inside=inside)
    return Fact(Because.INSIDE_HOURS if inside else Because.OUTSIDE_HOURS), said


def _travel(slot: Occupied, buffer: timedelta, overlaps: Sequence[Overlap]) -> list[Said]:
    if not slot.in_person or not buffer or any(o.reason is Reason.TRAVEL_BUFFER for o in overlaps):
        return []
    minutes = buffer // timedelta(minutes=1)
    return [(Fact(Because.TRAVEL_KEPT, {"minutes": minutes}), words.travel_words(buffer))]


def _clock(slot: Occupied, wall: datetime | None) -> list[Said]:
    if wall is None:
        return []
    match oddness(wall, slot.zone):
        case None:
            return []
        case Odd.SKIPPED:
            return [(Fact(WhyCode.CLOCK_SKIPS, {"zone": slot.zone}), words.skipped_words(slot, wall))]
        case Odd.REPEATED:
            return [(Fact(WhyCode.CLOCK_REPEATS, {"zone": slot.zone}), words.repeated_words(slot, wall))]


def _zone(slot: Occupied, home: str) -> list[Said]:
    if slot.zone == home:
        return []
    return [(Fact(WhyCode.ZONE, {"zone": slot.zone, "home": home}), words.home_words(slot, home))]


def _checked(seal: Seal, zone: str) -> list[Said]:
    """Say what was looked at and when, if all of it was."""
    if not seal.is_whole:
        return []
    facts: dict[str, str | int] = {"calendars": len(seal.calendars)}
    if seal.checked_at is not None:
        facts["at"] = seal.checked_at.isoformat()
    return [(Fact(WhyCode.CHECKED, facts), seal_words(seal, zone=zone))]
