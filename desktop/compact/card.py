"""What the small window shows: frozen values, made by the presenter for the view."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BannerCard:
    """The most important matter.

    Attributes:
        tone: "warn", "danger" or "quiet".
        glyph: "" where the sign of the state says it already.
        button: what its button says, with a mnemonic; "" where there is nothing to press.
        action: "resolve", "answer", "reconnect", "unlock" or "none".
    """

    tone: str
    glyph: str
    text: str
    button: str = ""
    action: str = "none"
    target: str | None = None


@dataclass(frozen=True, slots=True)
class NextCard:
    """The next session.

    Attributes:
        ahead: "in 25 minutes", "running now", or "".
    """

    day: str
    hours: str
    ahead: str
    title: str
    people: str
    place: str
    join_url: str


@dataclass(frozen=True, slots=True)
class RowCard:
    """One session of a day.

    Attributes:
        spoken: all of it, for a screen reader.
        conflict: a double booking that it is part of.
    """

    session: str
    hours: str
    title: str
    details: str
    spoken: str
    join_url: str = ""
    conflict: str | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class DayCard:
    """A day and its sessions."""

    heading: str
    rows: tuple[RowCard, ...]


@dataclass(frozen=True, slots=True)
class EmptyCard:
    """What stands where there is no session.

    Attributes:
        button: "" where there is nothing to do about it.
    """

    title: str
    text: str
    button: str = ""


@dataclass(frozen=True, slots=True)
class CompactCard:
    """All that the small window shows.

    Attributes:
        glyph, tone: the sign of the state and the role of its colour.
        last_sync: "Last sync at 11:02", and what waits.
        can_sync: "Sync now" makes sense at this moment.
        changes_at: when another card is due although the agent said nothing.
    """

    glyph: str
    tone: str
    headline: str
    reason: str
    banner: BannerCard | None
    following: NextCard | None
    days: tuple[DayCard, ...]
    empty: EmptyCard | None
    last_sync: str
    can_sync: bool
    changes_at: datetime | None
