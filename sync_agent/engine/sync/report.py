"""What a pass did, for people and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class AccountReport:
    """What a pass did at one account; `code` and `message` are "" where it went well.

    Attributes:
        late: it did not answer in time; what it brings is taken in by a later pass.
    """

    account: str
    name: str
    ok: bool = True
    code: str = ""
    message: str = ""
    read: int = 0
    written: int = 0
    requests: int = 0
    late: bool = False

    def follow(self, later: AccountReport) -> None:
        """Take a later pass over the same account as part of this one."""
        self.ok, self.code, self.message, self.late = later.ok, later.code, later.message, later.late
        self.read += later.read
        self.written += later.written
        self.requests += later.requests


@dataclass(slots=True)
class PassReport:
    """What a pass read, planned, wrote, asked and could not do.

    Attributes:
        refused: (calendar, session, sentence).
        asked: ids of questions asked in this pass.
        stopped: somebody ended it before it was through.
    """

    id: str
    started_at: datetime
    dry_run: bool = False
    stopped: bool = False
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
    def late(self) -> list[str]:
        """The accounts that were left behind."""
        return [one.account for one in self.accounts.values() if one.late]

    def follow(self, later: PassReport) -> None:
        """Take a later pass, over what this one left behind, as part of this one."""
        self.stopped = later.stopped
        self.took_ms = int((later.started_at - self.started_at).total_seconds() * 1000) + later.took_ms
        self.objects += later.objects
        self.removed += later.removed
        self.planned += later.planned
        self.created += later.created
        self.updated += later.updated
        self.deleted += later.deleted
        self.asked += later.asked
        self.refused += later.refused
        self.broken += later.broken
        self.conflicts_opened += later.conflicts_opened
        self.conflicts_closed += later.conflicts_closed
        self.meetings_created += later.meetings_created
        self.meetings_updated += later.meetings_updated
        self.meetings_deleted += later.meetings_deleted
        for account_id, account in later.accounts.items():
            self.accounts.setdefault(account_id, AccountReport(account_id, account.name)).follow(account)

    @property
    def requests(self) -> int:
        """All requests of this pass."""
        return sum(account.requests for account in self.accounts.values())
