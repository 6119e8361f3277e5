"""Sessions and students as the platform holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Cursor
    from connectors.vocabulary.times import WallSpan


class SessionStatus(StrEnum):
    """What became of a session."""

    PLANNED = "planned"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


@dataclass(frozen=True, slots=True)
class Origin:
    """The human edit that made a value; it travels with the value unchanged through every hop.

    Attributes:
        who: a person's id or name, "" if unknown.
        device: where it was made ("laptop:…", "platform", "calendar:…").
        side: which side showed the value that was edited.
        since: last look that still showed the old value, on the engine's clock; UTC.
        until: first look that showed the new one; UTC, never before `since`.
    """

    who: str
    device: str
    side: str
    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since.tzinfo is None or self.until.tzinfo is None or self.until < self.since:
            msg = "an origin is an interval of aware instants"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class StudentRecord:
    """A student (of the platform, or of this laptop).

    Attributes:
        zone: IANA name.
    """

    id: str
    name: str
    zone: str
    email: str = ""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session as the platform holds it.

    Attributes:
        id: UUID, made where the session was made.
        version: rises by one with each change; the ETag.
        origins: field group name to the human edit that made its value, as far as the platform knows.
        meeting_provider, join_url: "" if there is no meeting.
    """

    id: str
    version: int
    when: WallSpan
    title: str
    subject: str = ""
    place: str = ""
    online: bool = True
    notes: str = ""
    status: SessionStatus = SessionStatus.PLANNED
    chargeable: bool = True
    students: tuple[str, ...] = ()
    series_id: str | None = None
    meeting_provider: str = ""
    join_url: str = ""
    origins: dict[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A part of the platform's change feed.

    Attributes:
        sessions: current state of each session named in this part (cancelled ones included).
        removed: ids that this device may no longer see.
        full: this is one page of a full listing.
        restarted: the first page of a full listing that was not asked for: the platform no longer knows the cursor,
            because a backup was put back there. Versions may have fallen, and values may be old ones.
        cursor: where to go on after this page; None: only after the last page of a full listing.
        more: ask again at once.
    """

    sessions: tuple[SessionRecord, ...]
    students: tuple[StudentRecord, ...]
    removed: tuple[str, ...]
    cursor: Cursor | None
    full: bool = False
    more: bool = False
    restarted: bool = False
