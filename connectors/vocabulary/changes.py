"""What a calendar answers when asked what changed, and what it answers to a write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vocabulary.events import CalendarObject


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where reading goes on: opaque to the engine, kept in the same transaction as the mirror.

    Attributes:
        kind: the connector's name for the spelling ("sync-token", "ctag", "feed"); a cursor of another kind is dead.
        token: the vendor's text.
    """

    kind: str
    token: str


@dataclass(frozen=True, slots=True)
class Broken:
    """One object that could not be read; the rest goes on.

    Attributes:
        because: half a sentence for people ("it has no start").
        title: of its event, "" if nobody knows.
        starts: its start as spelled there, "" if nobody knows.
        repeats: whether it is known to repeat.
    """

    key: str
    because: str
    title: str = ""
    starts: str = ""
    repeats: bool = False

    @property
    def reason(self) -> str:
        """One sentence for people."""
        return f"An event cannot be read: {self.because}."


@dataclass(frozen=True, slots=True)
class Page:
    """A part of an answer to `changes`. The pages of one answer are stored one by one.

    Attributes:
        objects: new or changed since the cursor.
        removed: keys that the server names as gone. A hint: the engine looks before it believes.
        listed: on the last page of a full listing, every key that exists; what is known and not in it is absent (a hint
            too). None where the answer was a difference.
        cursor: on the last page, where to go on; None before (a crash then reads again, which is cheap: known etags).
        unchanged: nothing at all changed; all else is empty.
        anew: on the last page of a full listing: the cursor was no longer known, as if the calendar had been removed
            and made anew.
    """

    objects: tuple[CalendarObject, ...] = ()
    removed: tuple[str, ...] = ()
    listed: frozenset[str] | None = None
    broken: tuple[Broken, ...] = ()
    cursor: Cursor | None = None
    unchanged: bool = False
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """The answer to a direct look at some objects.

    Attributes:
        missing: keys that do not exist although their calendar does.
    """

    objects: tuple[CalendarObject, ...] = ()
    missing: tuple[str, ...] = ()
    broken: tuple[Broken, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """The answer to a create or an update.

    Attributes:
        etag: of the stored object, if the answer gave a strong one. No proof that it was stored as sent.
        stored: the object as stored, where the vendor's answer carries it (Google, Graph); else None: read it back.
    """

    href: str
    key: str
    etag: str | None
    stored: CalendarObject | None = None
