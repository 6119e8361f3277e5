"""Who is calling, as a value: what routes and services are given."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClientKind(StrEnum):
    """What a client is."""

    DEVELOPER = "developer"
    AGENT = "agent"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True)
class Caller:
    """A client with a valid token.

    Attributes:
        tutor_id: for a device, the only tutor whose sessions it sees; else None.
        family: the sign-in that the token belongs to.
    """

    client_id: str
    name: str
    tenant: str
    kind: ClientKind
    tutor_id: str | None
    scopes: frozenset[str]
    family: str

    @property
    def is_device(self) -> bool:
        """Whether it is a tutor's own device."""
        return self.kind is ClientKind.AGENT
