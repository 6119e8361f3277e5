"""What was not understood of foreign events: whether it may bear on a time, and the words for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.busy.intervals import Flag
from sync_agent.engine.words import day_words, titled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAY_LETTERS = 8
_TIME_LETTERS = 15
_ONE_DAY = timedelta(days=1)

TOO_MANY = "too_many"
"""Code of a doubt: an object has more occurrences than are kept."""

# What of an event is missing, and what is done instead. {it}: which event, {why}: what the connector said.
_WORDS: Mapping[str, str] = {
    "unreadable": "{it} is not taken into account: {why}.",
    "zone_unknown": "{it} may be at another hour: {why}, so it is read as your own time or its calendar's.",
    "end_unreadable": "{it} may last longer than is known: {why}.",
    "date_unreadable": "{it} has a date that is left out: {why}.",
    Flag.RULE_MALFORMED: "{it} repeats by a rule that is not understood: only its first date counts.",
    Flag.RULE_TOO_DENSE: "{it} repeats by a rule that takes too long to follow: not all its dates count.",
    Flag.SEVERAL_MASTERS: "{it} is there twice under one id: only the newer counts.",
    TOO_MANY: "{it} has more dates than can be kept: only the earliest count.",
}


@dataclass(frozen=True, slots=True)
class Doubted:
    """Something of a foreign event that was not understood.

    Attributes:
        key: of its object.
        code: `DoubtCode` of the vocabulary, a `Flag`, or `TOO_MANY`.
        title: of the event, "" if nobody knows.
        starts: as spelled in its calendar, "" if nobody knows.
        reason: half a sentence from whoever read it, "" if the code says it all.
        repeats: whether it repeats.
        more: how many others of the same kind its object has.
    """

    calendar: str
    calendar_name: str
    key: str
    code: str
    title: str
    starts: str
    reason: str
    repeats: bool
    more: int
    seen_at: datetime

    @property
    def day(self) -> date | None:
        """The day on which the event starts, as it says; None if nobody knows."""
        digits = self.starts[:_DAY_LETTERS]
        try:
            return date.fromisoformat(digits) if digits.isascii() and digits.isdigit() else None
        except ValueError:
            return None


def may_touch(doubt: Doubted, lo: datetime, hi: datetime) -> bool:
    """Whether an event that was not understood may take a part of a time.

    What repeats, and what has no date that can be read, may be at any time; all else a day before its date or after
    it, because nobody knows its zone. What lasts for days is not asked for here: its end was read, or it is doubted.
    """
    day = doubt.day
    if day is None or doubt.repeats:
        return True
    return lo.date() - _ONE_DAY <= day <= hi.date() + _ONE_DAY


def still_matters(doubt: Doubted, now: datetime, *, back: timedelta) -> bool:
    """Whether it is worth a tutor's while: what is long over cannot collide with anything."""
    day = doubt.day
    return day is None or doubt.repeats or day >= (now - back).date()


def mattering(doubts: Sequence[Doubted], now: datetime, *, back: timedelta) -> list[Doubted]:
    """Give what is worth a tutor's while, by calendar and date."""
    found = [doubt for doubt in doubts if still_matters(doubt, now, back=back)]
    return sorted(found, key=lambda doubt: (doubt.calendar_name, doubt.starts[:_TIME_LETTERS], doubt.title, doubt.key))


def starts_words(doubt: Doubted) -> str:
    """Give when the event starts, as it says: "Thu 5 Nov 2026, 15:00 (Mars/Olympus)"; "" if nobody knows."""
    day = doubt.day
    if day is None:
        return ""
    clock, _, zone = doubt.starts[_DAY_LETTERS:].partition(" ")
    time = f", {clock[1:3]}:{clock[3:5]}" if len(clock) >= len("T1500") and clock[1:5].isdigit() else ""
    return f"{day_words(day)}{time}{f' ({zone})' if zone and time else ''}"


def doubt_words(doubt: Doubted) -> str:
    """Give one sentence: "“Chess” in School (Thu 5 Nov 2026, 15:00) is not taken into account: it has no end."."""
    when = starts_words(doubt)
    first = f"first {when}" if when and doubt.repeats else when
    it = f"{titled(doubt.title)} in {doubt.calendar_name}{f' ({first})' if first else ''}"
    told = _WORDS.get(doubt.code, "{it} is not fully understood: {why}.").format(it=it, why=doubt.reason or "unknown")
    others = f" The same goes for {doubt.more} more of it." if doubt.more else ""
    return told[:1].upper() + told[1:] + others
