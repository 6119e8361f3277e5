"""One link of a session as it stands: all that the plan knows of a side. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.session_fields import is_no_place, value_of
from sync_agent.engine.sync.giving_up import is_taken_back
from sync_agent.engine.sync.merge import Opinion
from sync_agent.engine.sync.spell import is_rewriting, spellings
from sync_agent.engine.values import (
    APP,
    CALENDAR_GROUPS,
    PLATFORM_GROUPS,
    Base,
    FieldGroup,
    Link,
    LinkState,
    Session,
    SideWord,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LONG_AGO = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
UNKNOWN = Origin(who="", device="", side="", since=_LONG_AGO, until=_LONG_AGO)
"""Of a value of which nobody knows who made it."""

_DEVICE = "calendar:{}"


@dataclass(frozen=True, slots=True)
class LinkNow:
    """One link as it stands.

    Attributes:
        bases: what was last agreed, by group.
        said: what the object says now; None: there is no object (not created yet, or gone).
        shape: of the object ("single" is ours as we know it).
        is_gone: the object was there and a direct look did not find it.
        is_writable: the calendar may be written and its account answers.
        is_blocked: a write is unsettled; nothing is planned for this object before it was looked up.
        echoes: (group, value) that we sent and gave up waiting for.
        last_seen: the last look that still found the object.
        stamp: names this state of the object: another one after every change, the same while nothing happens.
        reshaped: the human edit that made the object something that no session can be.
        beside: what such an object says all the same (its title, its notes, its place): nothing is written to it, but
            what somebody typed there is heard.
        held_for: the kind of the open question that holds this link, "" if none does.
        is_block: its calendar only blocks the tutor's time (`blocking`).
        is_adopted: its event was made by somebody else (`giving_up`).
        bears_ours: something of ours stands in its event, or may yet arrive there.
        may_put_back: what a stranger does to such a block was not put back today.
        last_said: what an object said last that is gone or called off: whoever ended it there saw that; nothing else.
        written: by group the short hash of what one of our engines last wrote there, where it says something else now.
        looked_at: as of when its calendar was last read in full.
        is_overtaken: it says that the session was ended, and since then an edit lost that was not known there.
        may_be_ours: the object is gone, and we had sent a deletion of it that was given up: it may have come late.
    """

    link: Link
    is_platform: bool
    bases: Mapping[FieldGroup, Base]
    said: Mapping[FieldGroup, SideWord] | None
    shape: str = "single"
    is_gone: bool = False
    is_writable: bool = True
    is_blocked: bool = False
    echoes: frozenset[tuple[FieldGroup, str]] = frozenset()
    last_seen: datetime | None = None
    stamp: str = ""
    held_for: str = ""
    reshaped: Origin | None = None
    is_block: bool = False
    may_put_back: bool = True
    is_adopted: bool = False
    bears_ours: bool = True
    last_said: Mapping[FieldGroup, SideWord] = field(default_factory=dict)
    written: Mapping[FieldGroup, str] = field(default_factory=dict)
    beside: Mapping[FieldGroup, SideWord] | None = None
    looked_at: datetime | None = None
    may_be_ours: bool = False
    is_overtaken: bool = False

    @property
    def heard(self) -> Mapping[FieldGroup, SideWord]:
        """What is heard of its object, group by group."""
        return self.said or self.beside or {}

    @property
    def has_object(self) -> bool:
        """Whether something of ours lies there, in whatever shape."""
        return self.link.obj is not None and not self.is_gone

    def gives_up(self, session: Session) -> bool:
        """Whether its event is somebody else's own and is to be so again: what is ours goes out of it."""
        is_to_go = self.link.state is LinkState.CLOSING or is_taken_back(session)
        return is_to_go and self.is_adopted and self.has_object

    @property
    def why_ended(self) -> str:
        """Why it ends without a write, though its session lives.

        What was to go anyway, and went by itself, is no word of anybody: there may be another event there.
        """
        return "removed" if self.link.state is LinkState.CLOSING and self.link.obj is not None else "unlinked"

    @property
    def has_last_word(self) -> bool:
        """Whether an event that is to be removed, because its calendar takes no sessions any more, was one's own event.

        What somebody had typed there before is taken over first: nobody else has it. A block never had a say.
        """
        return self.link.state is LinkState.CLOSING and is_whole(self.bases)

    @property
    def edited(self) -> dict[FieldGroup, str]:
        """Give what somebody changed there since it last agreed with the hub, by group. An ending is no such change."""
        return {
            group: word.value
            for group in self.groups
            if (base := self.bases.get(group)) is not None
            and (word := self.heard.get(group)) is not None
            and word.words != base.side
            and not self.is_reworded(group)
            and (group, word.value) not in self.echoes
            and not (group is FieldGroup.STATUS and word.value == SessionStatus.CANCELLED.value)
        }

    @property
    def is_unmet(self) -> bool:
        """Whether something is said there that was never agreed with: until it is, no edit there can be told as one."""
        is_heard = self.link.state is LinkState.LIVE and self.said is not None and not self.is_blocked
        return is_heard and any(group in self.heard and group not in self.bases for group in self.groups)

    def is_as_agreed(self, group: FieldGroup, hub: str) -> bool:
        """Whether a side says of a group what it said when it last agreed, and the hub does, too: nothing to merge."""
        base, word = self.bases.get(group), self.heard.get(group)
        return base is not None and word is not None and base.side == word.words and base.hub == hub

    def is_reworded(self, group: FieldGroup) -> bool:
        """Whether a side names no place, as agreed, in other words: with our link there, another one, or none."""
        base, word = self.bases.get(group), self.heard.get(group)
        if group is not FieldGroup.WHERE or base is None or base.hub is None or base.side is None or word is None:
            return False
        return word.words != base.side and is_no_place(base.hub) and is_no_place(word.value)

    def was_retyped_since(self, session: Session, group: FieldGroup) -> bool:
        """Whether somebody typed once more what a side said when it was last looked at: who knows what it says by now.

        It agrees when it was looked at since: what was typed there meanwhile was typed over the earlier one. A platform
        tells whose value it holds and goes on holding the earlier one's: another laptop may bring what knew only that.
        What was typed elsewhere was taken back by nobody here, and another clock says when.
        """
        base, word = self.bases.get(group), self.heard.get(group)
        if base is None or base.hub is not None or word is None or word.value != value_of(session, group):
            return False
        if (origin := session.origins.get(group)) is None:
            return False
        if self.is_platform:
            return word.origin is not None and word.origin != origin
        return origin.side == APP and self.looked_at is not None and self.looked_at < origin.until

    def must_wait(self, session: Session) -> bool:
        """Whether an object is blocked, or the next look tells whether a side agrees."""
        if self.is_blocked or self.is_platform:
            return self.is_blocked
        return any(self.was_retyped_since(session, group) for group in self.groups)

    @property
    def groups(self) -> tuple[FieldGroup, ...]:
        """The authored groups that this side can say."""
        return PLATFORM_GROUPS if self.is_platform else CALENDAR_GROUPS


def is_whole(bases: Mapping[FieldGroup, Base]) -> bool:
    """Whether a link was agreed with as a session's event is; of a block only the hours and one word are."""
    return FieldGroup.LINK in bases


def seen_between(calendar: str, since: datetime, until: datetime) -> Origin:
    """Give the origin of an edit in a calendar, of which the two looks are known between which it happened.

    A clock that was set back meanwhile put the later look before the earlier one: it happened somewhere around both.
    """
    since, until = min(since, until), max(since, until)
    return Origin(who="", device=_DEVICE.format(calendar), side=calendar, since=since, until=until)


def rank_of(origin: Origin, side: str = "") -> tuple[int, str]:
    """Give an edit's place in the fixed order: a person in our app or on the platform first, then calendars by id.

    By whoever made it, whichever `side` brings it: what a phone typed is not stronger for having come by the platform.
    """
    return (1, origin.side) if origin.device == _DEVICE.format(origin.side) else (0, side)


def opinion_of(now_: LinkNow, group: FieldGroup, session: Session | None = None) -> Opinion:
    """Give what a side says about one group, for the merge; `session`: the hub with which it is to be merged."""
    word = now_.heard.get(group)
    if word is None:
        return Opinion(now_.link.id, rank_of(UNKNOWN, now_.link.calendar), now_.bases.get(group), None, None, UNKNOWN)
    origin = word.origin or seen_between(now_.link.calendar, word.since, word.until)
    return Opinion(
        side=now_.link.id,
        rank=rank_of(origin, now_.link.calendar),
        base=now_.bases.get(group),
        words=word.words,
        value=word.value,
        origin=origin,
        is_echo=(group, word.value) in now_.echoes,
        over=now_.written.get(group, ""),
        is_reworded=now_.is_reworded(group),
        is_outdated=session is not None and now_.was_retyped_since(session, group),
    )


def opinions_of(links: Sequence[LinkNow], group: FieldGroup, session: Session) -> list[Opinion]:
    """Give what several sides say about one group, for the merge with the hub.

    An event with which nothing was agreed may say what the session said before its value now, as another side's
    agreement tells: one that came back from the trash does. Nobody typed that there since. A calendar does not say
    whether its place is online: the session may have come to be that since.
    """
    found = [opinion_of(now_, group, session) for now_ in links]

    def is_old(now_: LinkNow, one: Opinion) -> bool:
        if one.base is not None or one.value is None:
            return False
        meant = (one.value,) if now_.is_platform else spellings(group, one.value)
        return any(was_left_behind(value, group, found) for value in meant)

    return [replace(one, is_echo=True) if is_old(now_, one) else one for now_, one in zip(links, found, strict=True)]


def was_left_behind(value: str | None, group: FieldGroup, sides: Sequence[Opinion]) -> bool:
    """Whether the session said that before its value now, as some side's agreement tells that is this laptop's own.

    An hour is the same in whichever zone the session stood since.
    """
    bases = [one.base for one in sides if one.base is not None and not one.base.is_told]
    agreed = {base.hub for base in bases if base.hub is not None}
    if group is FieldGroup.WHEN and value is not None:
        return any(is_rewriting(group, one, value) for one in agreed)
    return value in agreed
