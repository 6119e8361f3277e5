"""The engine's own values: session, link, base, and the groups of fields that are merged (ARCHITECTURE.md, "The star").

Pure. A group's value travels as canonical JSON text, so that merge, bases and journal compare text and need to know
nothing of what a group means; only `session_fields` and `sync/spell` do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin, SessionStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.vocabulary.times import WallSpan


class FieldGroup(StrEnum):
    """What is merged as one. The first four are a person's in a calendar too, LINK is ours one way (derived)."""

    WHEN = "when"
    WHERE = "where"
    TITLE = "title"
    NOTES = "notes"
    STATUS = "status"
    SUBJECT = "subject"
    STUDENTS = "students"
    CHARGEABLE = "chargeable"
    LINK = "link"


GROUPS = {group.value: group for group in FieldGroup}
"""By name: many are read at once, and calling the enum takes eight times as long."""

CALENDAR_GROUPS = (FieldGroup.WHEN, FieldGroup.WHERE, FieldGroup.TITLE, FieldGroup.NOTES)
PLATFORM_GROUPS = (
    *CALENDAR_GROUPS,
    FieldGroup.STATUS,
    FieldGroup.SUBJECT,
    FieldGroup.STUDENTS,
    FieldGroup.CHARGEABLE,
)


class Role(StrEnum):
    """What a calendar is for."""

    SESSIONS = "sessions"
    BUSY = "busy"
    BLOCK = "block"
    IGNORE = "ignore"
    PLATFORM = "platform"


class LinkState(StrEnum):
    """Where a link stands. `held`: a question is open, nothing is written."""

    WANT = "want"
    LIVE = "live"
    HELD = "held"
    CLOSING = "closing"
    CLOSED = "closed"


class Verb(StrEnum):
    """What a write does."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class QuestionKind(StrEnum):
    """What is asked. The first four are the guards': many deletions or shifts, as read or about to be written."""

    MASS_DELETION = "mass_deletion"
    MASS_SHIFT = "mass_shift"
    DELETIONS_TO_WRITE = "deletions_to_write"
    SHIFTS_TO_WRITE = "shifts_to_write"
    FIRST_WRITE = "first_write"
    SHAPE = "shape"
    MOVED_AWAY = "moved_away"
    TWO_VERSIONS = "two_versions"
    LATE_EDITS = "late_edits"
    REPLACED = "replaced"
    RESTORED = "restored"
    ADOPT = "adopt"
    COPY = "copy"


GUARD_KINDS = frozenset(
    {
        QuestionKind.MASS_DELETION,
        QuestionKind.MASS_SHIFT,
        QuestionKind.DELETIONS_TO_WRITE,
        QuestionKind.SHIFTS_TO_WRITE,
    }
)
ABOUT_LINKS = GUARD_KINDS | {QuestionKind.SHAPE, QuestionKind.MOVED_AWAY}
"""Questions that hold the links that they are about."""

LET_GO = "let go"
MOVED_ON = "moved on"
"""Why a link was closed whose event the tutor left to itself: from then on it is an appointment like any other."""
GIVEN_UP = "given up"
"""Likewise of an event that had been adopted; but if its session still takes place, it gets one of its own there."""

NEVER_AGAIN = frozenset({"not on the platform", "unlinked", LET_GO, MOVED_ON})
"""Why a link was closed whose session gets no other event there."""

STRAY = "stray"
"""Of a link beside the open one of its session in a calendar: its event is to be removed. It is stored as closed."""

APP, ON_PLATFORM = "app", "platform"
"""Where an edit was made, where it is no calendar: the side of its origin."""

GIVING_UP = "app:giving up"
"""Likewise of an ending in the app by which an adopting is taken back: the event stays, being the tutor's own.

It travels with the ending itself, so that nobody anywhere knows the one without the other (`giving_up`).
"""

IN_APP = frozenset({APP, GIVING_UP})


@dataclass(frozen=True, slots=True)
class Student:
    """Somebody who is taught.

    Attributes:
        zone: IANA name.
        on_platform: whether the platform knows them; a student entered here is told to it with their first session.
    """

    id: str
    name: str
    zone: str
    email: str = ""
    on_platform: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """A tutoring session, the hub of all its copies.

    Attributes:
        version: rises with each change of the hub.
        students: ids.
        ended_reason: why it was cancelled, "" while it is not.
        origins: the human edit behind each group's value.
    """

    id: str
    when: WallSpan
    title: str
    version: int = 1
    subject: str = ""
    place: str = ""
    online: bool = True
    notes: str = ""
    status: SessionStatus = SessionStatus.PLANNED
    chargeable: bool = True
    students: tuple[str, ...] = ()
    series_id: str | None = None
    ended_reason: str = ""
    origins: Mapping[FieldGroup, Origin] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it takes place or took place: everything but cancelled."""
        return self.status is not SessionStatus.CANCELLED

    def is_over(self, now: datetime) -> bool:
        """Whether its end lies before this instant."""
        return self.when.ends_at <= now


@dataclass(frozen=True, slots=True)
class SessionSpan:
    """The time that a session takes, and what decides whether something collides with it."""

    id: str
    title: str
    lo: datetime
    hi: datetime
    zone: str
    place: str
    online: bool
    is_recurring: bool
    is_live: bool


@dataclass(frozen=True, slots=True)
class Account:
    """One sign-in at one vendor.

    Attributes:
        settings: what is no secret (user name, API base, …).
        failing_since: first failure of the present row of failures, None while it works.
        next_try_at: not to be asked before; None: any time.
        quirks: what its server was found to do otherwise than the standards say, by what it is about.
    """

    id: str
    provider: str
    issuer: str
    subject: str
    name: str
    display: str
    base_url: str
    settings: Mapping[str, str]
    created_at: datetime
    last_success_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    error_code: str = ""
    error_words: str = ""
    remedy: str = ""
    next_try_at: datetime | None = None
    latency_ms: int | None = None
    paused: bool = False
    quirks: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """One calendar of an account; the platform is one too.

    Attributes:
        confirmed: the tutor agreed to the first write.
        read_at: as of when it was last read in full; None: never.
        compared_at: when it was last listed in full; None: never, or it is to be listed soon.
        all_day_blocks: whether whole days that are shown as busy take the tutor's time.
        gone_since: it is gone, and this is when all other calendars of its account were read again after that was
            noticed: what they lack since before then may have been moved there first.
    """

    id: str
    account: str
    remote_id: str
    name: str
    role: Role
    access: str
    state: str = "ok"
    incarnation: int = 0
    confirmed: bool = False
    read_at: datetime | None = None
    all_day_blocks: bool = True
    compared_at: datetime | None = None
    gone_since: datetime | None = None

    @property
    def is_platform(self) -> bool:
        """Whether sessions live there in full."""
        return self.role is Role.PLATFORM


@dataclass(frozen=True, slots=True)
class Base:
    """What hub and side said when a link last agreed on one group.

    Attributes:
        hub: the hub's value; None: the side must be written again (it said something that lost).
        side: the side's own words, as read back.
        is_told: while another device looked after it: that one may have written since, and told nobody.
    """

    hub: str | None
    side: str | None
    is_told: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Link:
    """Ties one session to one object on one side."""

    id: str
    session: str
    calendar: str
    incarnation: int
    uid: str
    state: LinkState
    obj: str | None = None
    recurrence_id: str = ""
    closed_why: str = ""


@dataclass(frozen=True, slots=True)
class SideWord:
    """One group as a side now says it.

    Attributes:
        words: in the side's own spelling; compared with the base, never with the hub.
        value: the same as a hub value.
        since, until: last look at the old words, first look at these; UTC.
        origin: the human edit, where the side itself knows it (the platform).
    """

    words: str
    value: str
    since: datetime
    until: datetime
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class MeetingRow:
    """The meeting of a session. There is no field for a host link.

    Attributes:
        state: "wanted", "live", "deleting", "gone".
        when_value: the session's WHEN value at the vendor.
    """

    session: str
    provider: str
    account: str
    state: str
    remote_id: str = ""
    join_url: str = ""
    topic: str = ""
    when_value: str = ""
