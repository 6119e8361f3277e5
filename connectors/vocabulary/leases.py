"""Who may write to a remote calendar, and what the writer left there, for whoever goes on after it.

A *lease* belongs to one remote calendar of one tutor and to one device at a time; it lives on the platform and ends by
the platform's clock. Its *epoch* rises with each change of holder and never falls, so that a write which was meant
under an old one is recognised. Of calendars the platform learns nothing but our own fields (`LinkRecord`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_SPELLING = "tutorsync.calendar-key.1"


def calendar_key(issuer: str, subject: str, remote_id: str) -> str:
    """Name a remote calendar for the platform: the same on every device, and no address can be read out of it.

    Args:
        issuer: of the account's `Identity`.
        subject: likewise.
        remote_id: the calendar's real id, as in `CalendarInfo`.

    Returns:
        64 hexadecimal digits.
    """
    text = "\0".join((_SPELLING, issuer, subject, remote_id))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the program from one store.

    Attributes:
        counter: kept in the store, one more with each start; at least 1.
        boot: a UUID made at this start and kept nowhere, so that two copies of a store never have the same.
    """

    counter: int
    boot: str


@dataclass(frozen=True, slots=True)
class StartSeen:
    """What the platform knows of the starts of this device.

    A start is *current* if it was the last one that the platform heard of first (by its boot), or if its counter is
    higher than every one before. One that is not comes from a store that was restored from a backup, or from one of two
    copies of a store: it is given no lease. After such a store was put right it goes on with a new boot and a counter
    above `highest`.

    Attributes:
        highest: the highest counter of this device so far, this start's included if it is current.
    """

    highest: int
    is_current: bool


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write to one remote calendar, as the platform holds it.

    Attributes:
        key: `calendar_key`.
        holder: the device's id on the platform; "" if it was given back.
        holder_name: for people ("Anna's laptop").
        epoch: how often the holder changed.
        expires_at: by the platform's clock; may be past.
        is_mine: this device may write under it, by the start that asked, until it ends.
        version: rises with every change of the lease, renewals too; `release` gives back exactly the one that it knows.
        links_version: rises with every write of link states: a device that only reads need not ask before it has risen.
    """

    key: str
    holder: str
    holder_name: str
    epoch: int
    expires_at: datetime
    is_mine: bool
    version: int
    links_version: int

    def __post_init__(self) -> None:
        if self.expires_at.tzinfo is None:
            msg = "a lease ends at an aware instant"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Leases:
    """The platform's answer to a request for leases.

    Attributes:
        now: the platform's clock while it answered. Count `expires_at - now` from when the request was sent, on a clock
            that goes on while the laptop sleeps: that is too early by the way there, and never too late.
        start: whether this store may write at all.
        leases: of every calendar that was asked for. (Where `start` is not current: of those that ever had a holder.)
    """

    now: datetime
    start: StartSeen
    leases: tuple[Lease, ...]

    def of(self, key: str) -> Lease | None:
        """Give the lease of one calendar."""
        return next((lease for lease in self.leases if lease.key == key), None)


@dataclass(frozen=True, slots=True)
class BaseRecord:
    """What hub and side said about one field group when they last agreed, in the engine's own spelling.

    Attributes:
        hub: None: the side must be written again.
        side: None: the side has no words for it.
    """

    hub: str | None
    side: str | None


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link of a session to its event, as the platform keeps it for the next holder: our own fields, nothing else.

    Attributes:
        session: id of the session.
        incarnation: how often the event was made anew.
        uid: the event's UID.
        href: its place within the calendar, never the calendar's own address; "" before it is known.
        state: the engine's word (want, live, held, closing, closed).
        etag: the object's when the bases were settled.
        bases: by field group.
        sent: of writes whose answer is not known yet: field group to the hub's value that was sent.
        closed_why: why it is closed, in the engine's own word: a person may have left the event to itself. "": nobody
            need know.
    """

    session: str
    incarnation: int
    uid: str
    state: str
    href: str = ""
    etag: str | None = None
    bases: Mapping[str, BaseRecord] = field(default_factory=dict)
    sent: Mapping[str, str | None] = field(default_factory=dict)
    closed_why: str = ""


@dataclass(frozen=True, slots=True)
class LinkStates:
    """The links of one calendar.

    Attributes:
        version: as of this reading; ask with it for what changed since.
        links: one for each session at most, in no order.
    """

    version: int
    links: tuple[LinkRecord, ...]
