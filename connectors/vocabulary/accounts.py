"""Accounts and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Access(StrEnum):
    """What the signed-in person may do in a calendar."""

    WRITE = "write"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in, by names that never change.

    Attributes:
        issuer: who vouches (the server's base address, "https://accounts.google.com", …).
        subject: the stable id there (principal address, `sub`, `oid`), never an alias.
        display: for people ("anna@example.org").
        addresses: what the person is invited by, in lower case ("mailto:anna@example.org"), as far as it is known.
    """

    issuer: str
    subject: str
    display: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarInfo:
    """One calendar of an account.

    Attributes:
        remote_id: the vendor's real id (never "primary"); for CalDAV the normalised collection path or address.
        subscribed: a subscription, holidays or birthdays: not the tutor's own appointments.
        colour: "#rrggbb" or "".
    """

    remote_id: str
    name: str
    access: Access
    subscribed: bool = False
    colour: str = ""
