"""What a pass did, for people and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class AccountReport:
    """What a pass did at one account; `code` and `message` are "" where it went well."""

    account: str
    name: str
    ok: bool = True
    code: str = ""
    message: str = ""
    read: int = 0
    written: int = 0
    requests: int = 0


@dataclass(slots=True)
class PassReport:
    """What a pass read, planned, wrote, asked and could not do.

    Attributes:
        refused: (calendar, session, sentence).
        asked: ids of questions asked in this pass.
    """

    id: str
    started_at: datetime
    dry_run: bool = False
    took_ms: int = 0
    objects: int = 0
    removed: int = 0
    planned: int = 0
    created: int = 0
    updated: int = 0
    deleted: int = 0
    asked: list[str] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    broken: list[tuple[str, str]] = field(default_factory=list)
    accounts: dict[str, AccountReport] = field(default_factory=dict)
    conflicts_opened: list[str] = field(default_factory=list)
    conflicts_closed: list[str] = field(default_factory=list)
    meetings_created: int = 0
    meetings_updated: int = 0
    meetings_deleted: int = 0

    @property
    def written(self) -> int:
        """All writes to calendars and the platform."""
        return self.created + self.updated + self.deleted

    @property
    def requests(self) -> int:
        """All requests of this pass."""
        return sum(account.requests for account in self.accounts.values())
