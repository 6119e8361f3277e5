"""What people did, written down by the world itself: the ground truth that the invariants compare the engine with.

Every value that somebody types is unique, so its fate can be traced through every hop: a text carries a token, a time
is its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.sessions import SessionRecord
from connectors.vocabulary.times import MomentKind, WallSpan
from sync_agent.engine.session_fields import span_of
from sync_agent.engine.values import FieldGroup, Session

GROUPS = (FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.WHERE, FieldGroup.WHEN)
_TOKEN = re.compile(r"[TNP]\d+x")


@dataclass(slots=True)
class Edit:
    """One human edit of one field group of one session.

    Attributes:
        token: traces the value.
        saw: the token that the side showed when the edit was made; "" if it showed none.
        side: "app", "platform", or a collection's id.
        value: as the side stored it.
        is_making: the session was made with it.
        after_end: it was made where the session was shown as ended.
        is_aside: it was made in an event that is no session's: moved into another calendar, or back from the trash.
    """

    number: int
    session: str
    group: FieldGroup
    token: str
    value: str
    saw: str
    side: str
    at: datetime
    is_making: bool = False
    after_end: bool = False
    is_aside: bool = False

    @property
    def place(self) -> tuple[str, FieldGroup, str]:
        """Where the value was typed: in which group of which session."""
        return self.session, self.group, self.token


@dataclass(slots=True)
class Ending:
    """Somebody cancelled a session, or deleted its event.

    Attributes:
        saw: group to token that was shown where it was done.
        void: it no longer counts: taken back, answered with no, or put back by a person.
        sure: whether it must end the session, if nothing speaks against it.
        is_moved: its event was moved into a calendar that is not for sessions (of `removals` only).
    """

    number: int
    session: str
    side: str
    at: datetime
    saw: dict[FieldGroup, str]
    void: str = ""
    sure: bool = True
    is_moved: bool = False


@dataclass(slots=True)
class Handmade:
    """An event, or a series, that a person made by hand where the tutor's sessions stand: it may be adopted.

    Attributes:
        place, key: where it lies.
        body: as the last person who wrote there left it, as the server stores that.
        sessions: what was made of it; is_series: of each of its dates to come.
        wish: that was carried out last: (device, id); None: none was.
        wishes: all that were carried out.
    """

    uid: str
    place: str
    key: str
    body: str
    sessions: tuple[str, ...] = ()
    is_series: bool = False
    wish: tuple[str, str] | None = None
    wishes: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Ledger:
    """All human acts of one history.

    Attributes:
        sessions: every session, in the order in which they were made.
        removals: events that a person made into something that no session can be, or moved out of the calendars for
            sessions: what was typed there and not read yet goes with them.
        uids: UID of an event that the engine made, or adopted, to its session.
        handmade: UID to the event, or the series, that a person made by hand and that may be adopted.
        adopted: UID of an event that is a session's since it was adopted, to that session.
        given_up: those of them of which the tutor took the adoption back: whatever is typed there is their own affair.
        loose: (session, collection) whose event a person took out of the engine's hands.
        followed: (session, collection) that is not for sessions, and whose event follows its session all the same.
        let_go: those of `loose` that an old store left to itself: what is typed there may be heard all the same.
        returned: those of `loose` whose event came back from the trash: it is its session's again where that is given
            back, or takes place again, with all that was typed there.
        left: collections that were for sessions once and got another role: what was typed there before our events are
            taken out may be heard, for nobody can know that it was not typed a moment before.
        asked_of: session to the numbers at which somebody was asked what its event is to be; asked: those questions.
        unsure_links: (session, collection) whose link a person changed while nobody knew what the engine had written
            there: the server may have spelled it so.
        refused: session to the number up to which its shifts were refused by the tutor, who was asked.
        excused: (session, field group, token) that a server with ignored preconditions itself overwrote.
        over_unknown: likewise, typed over what the engine had written and never heard of, where a server drops the
            marker by which it could tell.
        secrets: foreign titles: they may stand nowhere else.
        blocks: UIDs of events that only block: what is typed there nobody reads.
        unsaved: sessions that had not settled when their store went: what became of their edits nobody can say.
        forgotten: sessions that no side remembered then: they need not come back.
        was_replaced: a store went, or was copied, in this history.
        doubt: so far apart an instant of the log and one of the world may be that are the same.
    """

    edits: list[Edit] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    removals: list[Ending] = field(default_factory=list)
    sessions: list[str] = field(default_factory=list)
    uids: dict[str, str] = field(default_factory=dict)
    handmade: dict[str, Handmade] = field(default_factory=dict)
    adopted: dict[str, str] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    loose: set[tuple[str, str]] = field(default_factory=set)
    followed: set[tuple[str, str]] = field(default_factory=set)
    let_go: set[tuple[str, str]] = field(default_factory=set)
    returned: set[tuple[str, str]] = field(default_factory=set)
    left: set[str] = field(default_factory=set)
    asked_of: dict[str, list[int]] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    unsure_links: set[tuple[str, str]] = field(default_factory=set)
    refused: dict[str, int] = field(default_factory=dict)
    excused: set[tuple[str, FieldGroup, str]] = field(default_factory=set)
    over_unknown: set[tuple[str, FieldGroup, str]] = field(default_factory=set)
    secrets: list[str] = field(default_factory=list)
    blocks: set[str] = field(default_factory=set)
    unsaved: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    was_replaced: bool = False
    doubt: timedelta = timedelta(0)
    number: int = 0

    def next(self) -> int:
        self.number += 1
        return self.number

    def edit(
        self,
        session: str,
        group: FieldGroup,
        *,
        token: str,
        value: str,
        saw: str,
        side: str,
        at: datetime,
        is_making: bool = False,
        after_end: bool = False,
        is_aside: bool = False,
    ) -> Edit:
        made = Edit(self.next(), session, group, token, value, saw, side, at, is_making, after_end, is_aside)
        self.edits.append(made)
        return made

    def end(self, session: str, *, side: str, at: datetime, saw: dict[FieldGroup, str], sure: bool = True) -> Ending:
        made = Ending(self.next(), session, side, at, saw, sure=sure)
        self.endings.append(made)
        return made

    def came_back(self, session: str, place: str) -> None:
        """Note that an event is back from the trash: first it is nobody's."""
        self.loose.add((session, place))
        self.returned.add((session, place))

    def excuse(self, lost: set[tuple[str, FieldGroup, str]], side: str) -> None:
        """Excuse what was overwritten at a side, with what it had replaced there and nobody had read before."""
        todo = self._typed_at(side, lost)
        while todo:
            self.excused |= todo
            before = {
                (one.session, one.group, one.saw) for one in self.edits if one.place in todo and not one.is_making
            }
            todo = self._typed_at(side, before)

    def _typed_at(self, side: str, values: set[tuple[str, FieldGroup, str]]) -> set[tuple[str, FieldGroup, str]]:
        return {one.place for one in self.edits if one.side == side and one.place in values} - self.excused

    def of(self, session: str) -> list[Edit]:
        return [one for one in self.edits if one.session == session]

    def may_be_heard(self, edit: Edit) -> bool:
        """Whether what was typed aside, in an event that is no session's, may count all the same."""
        here = (edit.session, edit.side)
        return here in self.followed | self.let_go | self.returned or edit.side in self.left

    def endings_of(self, session: str) -> list[Ending]:
        return [one for one in self.endings if one.session == session]


def token_in(group: FieldGroup, value: str) -> str:
    """Give the token of a hub value, "" if it holds none."""
    if group is FieldGroup.WHEN:
        span = span_of(value)
        return when_token(span.starts_at, span.duration)
    found = _TOKEN.search(value)
    return found.group() if found else ""


def when_token(instant: datetime, duration: timedelta) -> str:
    return f"{instant:%Y-%m-%dT%H:%MZ}/{int(duration.total_seconds())}"


def tokens_of_session(session: Session | SessionRecord) -> dict[FieldGroup, str]:
    """Give what a session (of the hub or the platform) says, as tokens."""
    return {
        FieldGroup.TITLE: _text(session.title),
        FieldGroup.NOTES: _text(session.notes),
        FieldGroup.WHERE: _text(session.place),
        FieldGroup.WHEN: when_token(session.when.starts_at, session.when.duration),
    }


def tokens_of_event(event: Event, home: str) -> dict[FieldGroup, str]:
    """Give what an event says, as tokens."""
    return {
        FieldGroup.TITLE: _text(event.summary),
        FieldGroup.NOTES: _text(event.description),
        FieldGroup.WHERE: _text(event.location),
        FieldGroup.WHEN: when_token(event.start.instant(home), event.duration),
    }


def _text(value: str) -> str:
    found = _TOKEN.search(value)
    return found.group() if found else ""


def host_link(secret: str) -> str:
    """Give the link by which the host of an appointment of one's own starts its meeting."""
    return f"https://elsewhere.example/s/1?zak=HOST{secret.removeprefix('SECRET')}"


def is_plain(event: Event) -> bool:
    """Whether an event is a single, timed one, as a session's event is."""
    return (
        event.status is not EventStatus.CANCELLED
        and event.start.kind in (MomentKind.ZONED, MomentKind.UTC)
        and not event.is_recurring
        and bool(event.duration)
    )


class Words:
    """Makes values that nobody typed before."""

    def __init__(self) -> None:
        self._number = 0
        self._minute = 0
        self._seconds = 0

    def text(self, group: FieldGroup, flourish: str) -> str:
        self._number += 1
        letter = {FieldGroup.TITLE: "T", FieldGroup.NOTES: "N", FieldGroup.WHERE: "P"}[group]
        return f"{letter}{self._number}x{flourish}"

    def length(self) -> timedelta:
        """Give a duration that no other span has."""
        self._seconds += 1
        return timedelta(minutes=40, seconds=self._seconds)

    def when(self, day: datetime, zone: str, duration: timedelta) -> WallSpan:
        """Give a span on that day, at a minute that no other span has."""
        self._minute += 1
        start = day.replace(hour=6, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(minutes=self._minute)
        return WallSpan(start, zone, duration)


def flourishes() -> Iterator[str]:
    """Give what servers like to rewrite: long, with signs, with spaces, with letters of other scripts."""
    yield from (
        "", " Algebra", " & <b>more</b>; a, b", "  two  spaces", " Größe Ω", " " + "long " * 60, "\nsecond line",
        " \\n, \\; back", " — dash",
    )  # fmt: skip


def place_value(value: str) -> str:
    """Give the place in a hub value of WHERE."""
    place: str = json.loads(value)["place"]
    return place
