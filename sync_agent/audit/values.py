"""What the auditor works with: the hub as the store has it, a side as it is now, and what was found.

Every field is compared as text that means the same on both sides: an instant and a length for the time, ids in order
for the students, the words themselves for the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Field(StrEnum):
    """A linked field. A calendar can say the first five, the platform all of them."""

    WHEN = "when"
    TITLE = "title"
    PLACE = "place"
    NOTES = "notes"
    LINK = "link"
    ONLINE = "online"
    STATUS = "status"
    SUBJECT = "subject"
    STUDENTS = "students"
    CHARGEABLE = "chargeable"


BLOCK, BUSY = "block", "Busy"
"""A calendar that only blocks the tutor's time says of each session when it is, and this word."""

IN_A_BLOCK = (Field.WHEN, Field.TITLE)
IN_A_CALENDAR = (Field.WHEN, Field.TITLE, Field.PLACE, Field.NOTES, Field.LINK)
ON_THE_PLATFORM = tuple(Field)


class Kind(StrEnum):
    """What was found. The last three are no faults: what differs there was agreed, or waits and is known to wait."""

    DIFFERS = "differs"
    MISSING = "missing"  # the side does not have it
    DOUBLED = "doubled"  # the side has it more than once
    STRAY = "stray"  # the side has one of ours that belongs to no session
    UNREADABLE = "unreadable"  # the side has it, and nobody can read it
    OVERDUE = "overdue"  # it has waited for more than a day although the account works
    UNASKED = "unasked"  # its link is held, and there is no open question that holds it
    WAITS = "waits"  # a write of it is on its way, or it changed while we looked
    HELD = "held"  # a question to the tutor is open
    REWRITTEN = "rewritten"  # the side cannot keep it as it is, and that was agreed

    @property
    def is_fault(self) -> bool:
        """Whether it lowers the accuracy."""
        return self not in (Kind.WAITS, Kind.HELD, Kind.REWRITTEN)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not simply equal.

    Attributes:
        calendar: our id of it.
        session: its id, "" where nobody knows; title: of the session, or of what lies there.
        starts_at: of the session, None where nobody knows.
        field: None if it is about the whole object.
        here, there: what either side says, shortened; a time as "start/end" in UTC.
        is_seen: False if the side holds another version than the one that the engine last read: it will look by itself.
    """

    kind: Kind
    calendar: str
    session: str = ""
    title: str = ""
    starts_at: datetime | None = None
    field: Field | None = None
    here: str = ""
    there: str = ""
    is_seen: bool = True


@dataclass(frozen=True, slots=True)
class AccountAudit:
    """What was found in one account.

    Attributes:
        compared, equal: fields; one of ours that belongs to no session counts as one that is not equal.
        not_read: why it could not be read, "" if it was; then nothing else is said about it. code: of that error.
    """

    account: str
    started_at: datetime
    done_at: datetime
    compared: int = 0
    equal: int = 0
    findings: tuple[Finding, ...] = ()
    not_read: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """A time as it is compared."""

    start: datetime
    duration: timedelta

    @property
    def text(self) -> str:
        """Start and end in UTC."""
        start = self.start.astimezone(UTC)
        return f"{start.isoformat(timespec='seconds')}/{(start + self.duration).isoformat(timespec='seconds')}"


@dataclass(frozen=True, slots=True)
class Hub:
    """One session as the store has it.

    Attributes:
        is_at_rest: the engine believes that every side says the same.
        join_url: of its living meeting; old_links: all that it ever had.
        edited_at: field group (in the store's words) to when the edit was first seen.
    """

    id: str
    version: int
    is_at_rest: bool
    wall: str
    zone: str
    when: When
    title: str
    place: str
    online: bool
    notes: str
    status: str
    subject: str
    chargeable: bool
    students: tuple[str, ...]
    join_url: str = ""
    old_links: frozenset[str] = frozenset()
    edited_at: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether it is not cancelled."""
        return self.status != "cancelled"

    @property
    def ends_at(self) -> datetime:
        """Its end."""
        return self.when.start + self.when.duration


@dataclass(frozen=True, slots=True)
class Link:
    """One link as the store has it.

    Attributes:
        place: of its object: the path without escapes, or the platform's id; "" while there is none.
        version: of the object as last read (its ETag).
        bases: field group to (what the hub said, what the side said), in the store's words.
        is_written: a write of it is unsettled; must_look: the engine knows that it has to look at it again.
        made_at: when the link was made.
    """

    id: str
    session: str
    calendar: str
    uid: str
    state: str
    closed_why: str
    place: str
    version: str
    bases: Mapping[str, tuple[str | None, str | None]]
    is_written: bool
    must_look: bool
    made_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it ties the session to an object, or is to."""
        return self.state != "closed"


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """One calendar of an account, the platform included."""

    id: str
    account: str
    remote_id: str
    name: str
    role: str
    state: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class AccountInfo:
    """One account."""

    id: str
    provider: str
    subject: str
    base_url: str
    settings: Mapping[str, str]
    is_failing: bool
    is_paused: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the store says, read at one moment.

    Attributes:
        asked: everything (links, sessions, calendars) that an open question is about.
        put_back: (session, calendar) to when a block was last put back there.
    """

    accounts: tuple[AccountInfo, ...]
    calendars: tuple[CalendarInfo, ...]
    sessions: Mapping[str, Hub]
    links: Mapping[str, Link]
    asked: frozenset[str]
    put_back: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of a side as it is now.

    Attributes:
        place: the path without escapes, or the platform's id.
        version: its ETag, "" if the server gives none.
        session: whose it says it is: by its marker, or by its id; "" if it says nothing.
        fields: what it says, by field; empty if `trouble`.
        raw: what a base holds of it, where that is not the field's own text.
        trouble: why it is no event that a session could have ("a series", "a whole day", "cancelled", …), "" if it is.
    """

    place: str
    uid: str
    version: str
    session: str = ""
    title: str = ""
    fields: Mapping[Field, str] = field(default_factory=dict)
    raw: Mapping[Field, str] = field(default_factory=dict)
    trouble: str = ""


BROKEN = "cannot be read"
CANCELLED = "is marked as cancelled"
