"""Who is plainly at rest: every side says what was last agreed, the hub says so, too, and no calendar lacks an event.

For such a session `plan` has nothing to do, so nobody needs to make one. Nearly all sessions always are: a plan looks
here first, a sweep looks at nothing else, and whoever settles a write asks whether its session is at rest with that.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.blocking import is_as_blocked
from sync_agent.engine.sync.pull_platform import platform_link_value
from sync_agent.engine.sync.spell import link_value
from sync_agent.engine.values import (
    CALENDAR_GROUPS,
    GIVEN_UP,
    GROUPS,
    NEVER_AGAIN,
    PLATFORM_GROUPS,
    Base,
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    MeetingRow,
    Role,
    Session,
)

if TYPE_CHECKING:
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow


@dataclass(frozen=True, slots=True)
class Surroundings:
    """All that tells whether sessions are at rest, beside themselves.

    Attributes:
        rows: what the links hold, by its id.
        blocked: links whose object has an unsettled write, or must be looked at first.
        left_alone: calendars that are nobody's business here; of all others, `takers` get an event of each session.
    """

    rows: Mapping[str, MirrorRow]
    calendars: Mapping[str, CalendarRow]
    blocked: Container[str]
    left_alone: Container[str]
    now: datetime
    takers: Sequence[CalendarRow] = field(init=False)

    def __post_init__(self) -> None:
        """Say once, not for each of thousands of sessions, which calendars take events."""
        roles = (Role.SESSIONS, Role.BLOCK, Role.PLATFORM)
        takers = [one for one in self.calendars.values() if one.role in roles and one.id not in self.left_alone]
        object.__setattr__(self, "takers", takers)

    def is_at_rest(self, session: Session, links: Sequence[LinkRow], meeting: MeetingRow | None) -> bool:
        """Whether a session with these links, closed ones too, is plainly at rest."""
        return not self.missing(session, links) and self.are_as_agreed(session, links, meeting)

    def are_as_agreed(self, session: Session, links: Sequence[LinkRow], meeting: MeetingRow | None) -> bool:
        """Whether the links of a session that no calendar lacks are all as hub and sides last agreed."""
        return all(self._says_as_agreed(session, row, meeting) for row in links if self.is_standing(row))

    def is_standing(self, row: LinkRow) -> bool:
        """Whether a link is open, and ours to look after."""
        return row.link.state is not LinkState.CLOSED and row.link.calendar not in self.left_alone

    def join_value(self, row: LinkRow, meeting: MeetingRow | None) -> str:
        """Give the derived group as it is to be at a side."""
        url = meeting.join_url if meeting else ""
        if self.calendars[row.link.calendar].is_platform:
            return platform_link_value(meeting.provider if meeting else "", url)
        return link_value(url)

    def missing(self, session: Session, links: Sequence[LinkRow]) -> list[str]:
        """Give the calendars that have no link of this session and may get one."""
        if not links:
            return [calendar.id for calendar in self.takers]
        open_in = [row.link.calendar for row in links if row.link.state is not LinkState.CLOSED]
        return [
            calendar.id
            for calendar in self.takers
            if calendar.id not in open_in and self._may_get_one(session, calendar, links)
        ]

    def _may_get_one(self, session: Session, calendar: CalendarRow, links: Sequence[LinkRow]) -> bool:
        """Whether a calendar in which a session has no open link may get one, after those that were closed."""
        if any(row.link.calendar == calendar.id and row.link.closed_why in NEVER_AGAIN for row in links):
            return False
        # Where an event only blocks time, the tutor's own blocks it as well.
        if calendar.role is Role.BLOCK and any(
            row.link.calendar == calendar.id and row.link.closed_why == GIVEN_UP for row in links
        ):
            return False
        return not (session.is_over(self.now) and any(row.link.calendar == calendar.id for row in links))

    def _says_as_agreed(self, session: Session, row: LinkRow, meeting: MeetingRow | None) -> bool:
        """Whether a link is as hub and side last agreed: then nobody needs to read what its object says."""
        link, obj = row.link, self.rows.get(row.link.obj or "")
        if obj is None or obj.gone_at is not None or obj.refetch or obj.shape != "single" or link.id in self.blocked:
            return False
        words = {GROUPS[name]: said[0] for name, said in obj.fields.get("groups", {}).items()}
        calendar = self.calendars[link.calendar]
        if calendar.role is Role.BLOCK:
            return is_as_blocked(session, link, row.bases, words)
        groups = PLATFORM_GROUPS if calendar.is_platform else CALENDAR_GROUPS
        return is_as_agreed(session, link, row.bases, words, self.join_value(row, meeting), groups=groups)


def is_as_agreed(
    session: Session,
    link: Link,
    bases: Mapping[FieldGroup, Base],
    words: Mapping[FieldGroup, str],
    join_value: str,
    *,
    groups: Sequence[FieldGroup],
) -> bool:
    """Whether a link's object says what it said when it last agreed with the hub, and the hub still says the same.

    Where that is so of all links of a session and no calendar lacks one, `plan` finds it at rest: a cheap first look,
    since nearly all sessions always are.

    Args:
        session: the hub.
        link: not blocked by an unsettled write.
        bases: what was last agreed.
        words: what the object says, by group; it was not seen to be gone and is of our shape.
        join_value: the derived group as it is to be there.
        groups: what that side can say.
    """
    if not session.is_live or link.state is not LinkState.LIVE:
        return False
    derived = bases.get(FieldGroup.LINK)
    if derived is None or derived.hub != join_value or derived.side != words.get(FieldGroup.LINK):
        return False
    return all(
        (base := bases.get(group)) is not None
        and base.side is not None
        and base.side == words.get(group)
        and base.hub == value_of(session, group)
        for group in groups
    )
