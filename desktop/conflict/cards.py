"""What the double-booking window shows, as frozen values, and how they are made of the agent's answers. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from desktop.conflict.decision import Action
from desktop.words.moments import ago_words, short_month, short_weekday, span_words

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from desktop.agent.documents import Conflict, Effect, Side, Slot
    from desktop.words.translation import Translate

_CONTEXT = "ConflictWindow"


@dataclass(frozen=True, slots=True)
class SideCard:
    """One of the two things that are at one time."""

    kind: str
    title: str
    day: str
    span: str
    zone: str
    """Named only where it is not the other side's, too."""
    facts: tuple[tuple[str, str], ...]
    """Each as (glyph, sentence)."""

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        when = f"{self.day}, {self.span} {self.zone}".strip()
        return ". ".join([self.kind, self.title, when, *(words for _, words in self.facts)])


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch on the little time line, in parts of its whole length (0 to 1)."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """Both sides over each other, with the hours that bound them."""

    first: Bar
    second: Bar
    overlap: Bar
    marks: tuple[tuple[float, str], ...]


@dataclass(frozen=True, slots=True)
class SlotCard:
    """A free time to choose by its number."""

    rank: int
    day: str
    span: str
    why: str
    is_known_free: bool = True

    @property
    def spoken(self) -> str:
        """All of it, for a screen reader."""
        return f"{self.rank}: {self.day}, {self.span}. {self.why}"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One open double booking in the list."""

    id: str
    title: str
    when: str


@dataclass(frozen=True, slots=True)
class ConflictCard:
    """One double booking in full."""

    id: str
    when: str
    why: str
    sides: tuple[SideCard, SideCard]
    line: TimeLine
    sessions: tuple[tuple[str, str], ...]
    """(id, title) of the sides that can be moved or cancelled."""


@dataclass(frozen=True, slots=True)
class PreviewCard:
    """What will be written where, and who is told."""

    writes: tuple[tuple[str, str], ...]
    """Each as (where, what)."""
    told: str


def conflict_card(conflict: Conflict, now: datetime, translate: Translate) -> ConflictCard:
    """Make the card of one double booking."""
    first, second = conflict.sides
    return ConflictCard(
        id=conflict.id,
        when=conflict.when,
        why=conflict.why,
        sides=(_side(first, now, translate, home=second.zone), _side(second, now, translate, home=first.zone)),
        line=time_line(first, second),
        sessions=tuple((side.id, side.title) for side in conflict.sides if side.is_session),
    )


def list_entry(conflict: Conflict, translate: Translate) -> ListEntry:
    """Make one line of the list."""
    first, second = conflict.sides
    title = translate(_CONTEXT, "{first} and {second}").format(first=first.title, second=second.title)
    when = f"{day_and_month(first.start.date(), translate)}, {span_words(first.start, first.end, zone_of(first))}"
    return ListEntry(conflict.id, title, when)


def slot_card(slot: Slot, translate: Translate) -> SlotCard:
    """Make the card of a free slot, in the session's own zone."""
    zone = slot.start.tzinfo
    assert zone is not None  # noqa: S101 -- documents.Slot is made of aware instants only
    return SlotCard(
        rank=slot.rank,
        day=day_and_month(slot.start.date(), translate),
        span=span_words(slot.start, slot.end, zone),
        why=" · ".join(slot.reasons),
        is_known_free=slot.is_known_free,
    )


def preview_card(effects: tuple[Effect, ...], translate: Translate) -> PreviewCard:
    """Make the preview: nobody told is said, too."""
    told = list(dict.fromkeys(person for effect in effects for person in effect.told))
    return PreviewCard(
        writes=tuple((effect.where, effect.what) for effect in effects),
        told=translate(_CONTEXT, "Will be told: {names}").format(names=", ".join(told))
        if told
        else translate(_CONTEXT, "Nobody is sent a message."),
    )


def time_line(first: Side, second: Side) -> TimeLine:
    """Lay both sides over each other; a quarter of the whole is left free at each end where one begins or ends."""
    begins, ends = min(first.start, second.start), max(first.end, second.end)
    whole = (ends - begins).total_seconds() or 1.0

    def part(instant: datetime) -> float:
        return (instant - begins).total_seconds() / whole

    meets, parts = max(first.start, second.start), min(first.end, second.end)
    zone = zone_of(first)
    marks = {part(at): span_words(at, at, zone).split("–")[0] for at in sorted({begins, meets, parts, ends})}
    return TimeLine(
        first=Bar(part(first.start), part(first.end)),
        second=Bar(part(second.start), part(second.end)),
        overlap=Bar(part(meets), max(part(meets), part(parts))),
        marks=tuple(marks.items()),
    )


def action_words(action: Action, translate: Translate) -> str:
    """Name a way out, as a button does."""
    match action:
        case Action.MOVE:
            return translate(_CONTEXT, "&Move")
        case Action.KEEP_BOTH:
            return translate(_CONTEXT, "&Keep both")
        case Action.CANCEL:
            return translate(_CONTEXT, "&Cancel session")
        case Action.MARK_FREE:
            return translate(_CONTEXT, "Mark as &free")


def explain(action: Action, slots: tuple[SlotCard, ...] | None, translate: Translate) -> str:
    """Say what a way out means. Where a calendar could not be read, no slot is called free."""
    match action:
        case Action.MOVE if all(slot.is_known_free for slot in slots or ()):
            return translate(_CONTEXT, "Free in every connected calendar, the best first")
        case Action.MOVE:
            return translate(_CONTEXT, "Free as far as your calendars could be read, the best first")
        case Action.KEEP_BOTH:
            return translate(_CONTEXT, "Both stay as they are, and this double booking is not reported again.")
        case Action.CANCEL:
            return translate(_CONTEXT, "The session is cancelled in every calendar it is in. It can be brought back.")
        case Action.MARK_FREE:
            return translate(
                _CONTEXT, "The other entry stays in its calendar, but no longer counts as time that is taken."
            )


def day_and_month(day: date, translate: Translate) -> str:
    """Give a day with its weekday: "Thu 26 Nov"."""
    return translate(_CONTEXT, "{weekday} {day} {month}").format(
        weekday=short_weekday(day, translate), day=day.day, month=short_month(day, translate)
    )


def zone_of(side: Side) -> tzinfo:
    """Give the side's zone; an odd name falls back on the offset that the agent gave with the times."""
    try:
        return ZoneInfo(side.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = side.start.tzinfo
        assert found is not None  # noqa: S101 -- documents.Side is made of aware instants only
        return found


def _side(side: Side, now: datetime, translate: Translate, *, home: str) -> SideCard:
    """Make the card of a side; its zone is worth a word only where it is another one than `home`."""
    zone = zone_of(side)
    return SideCard(
        kind=_kind(side, translate),
        title=side.title or translate(_CONTEXT, "(without a title)"),
        day=day_and_month(side.start.astimezone(zone).date(), translate),
        span=span_words(side.start, side.end, zone),
        zone="" if side.zone == home else side.zone,
        facts=tuple(_facts(side, now, zone, translate)),
    )


def _kind(side: Side, translate: Translate) -> str:
    if not side.is_session:
        return side.calendar_name or translate(_CONTEXT, "Calendar")
    if not side.calendar_name:
        return translate(_CONTEXT, "Session")
    return translate(_CONTEXT, "Session · {calendar}").format(calendar=side.calendar_name)


def _facts(side: Side, now: datetime, zone: tzinfo, translate: Translate) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    session = side.session
    if session is not None and session.students:
        found.append(("person", ", ".join(session.students)))
    if session is not None and session.online:
        found.append(("join", translate(_CONTEXT, "Online")))
    elif session is not None and session.place:
        found.append(("place", session.place))
    if side.recurring:
        found.append(("repeat", translate(_CONTEXT, "Repeats")))
    if side.last_change is not None:
        found.append(("clock", _changed(side, now, zone, translate)))
    return found


def _changed(side: Side, now: datetime, zone: tzinfo, translate: Translate) -> str:
    """Say who changed it last: the agent's sentence names who did what, the hour is added in the side's zone."""
    change = side.last_change
    if change is None:
        return ""
    what = change.what.removesuffix(".")
    if change.at is None:
        return what
    return translate(_CONTEXT, "{what} · {when}").format(what=what, when=ago_words(change.at, now, zone, translate))
