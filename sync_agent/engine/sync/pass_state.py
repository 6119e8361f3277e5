"""What a pass knows while it runs, and what comes to it out of the lanes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.meetings.ensure import MeetingTally
from sync_agent.engine.sync.reading import Reading
from sync_agent.engine.sync.report import AccountReport, PassReport
from sync_agent.engine.sync.writing import Written
from sync_agent.engine.values import Account, CalendarRow

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Cursor
    from sync_agent.engine.store.journal import Intent


class Stumbled(ConnectorError):
    """A fault of ours over what one account says: it is left alone, and the others go on."""

    code = "engine.stumbled"
    words = "TutorSync stumbled over something from {where} that it does not understand. Nothing was changed there."


@dataclass(frozen=True, slots=True)
class Hosted:
    """What ensuring the meetings of a host account came to."""

    tally: MeetingTally
    requests: int


@dataclass(frozen=True, slots=True)
class Reported:
    """The platform was told what became of our links."""

    requests: int


Delivery: TypeAlias = Reading | Written | Hosted | Reported
"""What comes out of a lane."""


@dataclass(slots=True)
class Seen:
    """What the store said when the pass began; only passes change it, and passes come one by one."""

    accounts: dict[str, Account]
    calendars: list[CalendarRow]
    cursors: dict[str, Cursor]
    unfinished: list[Intent]
    to_look: set[str]


@dataclass(slots=True)
class State:
    """What this pass knows while it runs.

    Attributes:
        due: accounts to be read; delivered: those of which something came in, from the lanes of this pass or before.
        read: calendars read so far, as of when; compared: those of them that were listed in full.
        to_compare: those that are to be listed in full; answered: accounts that answered, with how long they took.
        planned: sessions that were planned; elsewhere: calendars that another device looks after.
        hosts: host accounts at which meetings were made, though the right to do so may have ended since.
        ended: sessions that were cancelled by this pass because their event was deleted: nobody is told by it.
        wants_more: something that was written or refused asks to be planned again.
        crash: a fault of ours in one account's lane, raised when the others are served.
    """

    report: PassReport
    sweep: bool
    seen: Seen
    due: list[Account] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)
    read: dict[str, datetime] = field(default_factory=dict)
    compared: dict[str, datetime] = field(default_factory=dict)
    to_compare: frozenset[str] = frozenset()
    answered: dict[str, timedelta] = field(default_factory=dict)
    answering: set[str] = field(default_factory=set)
    complete: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)
    elsewhere: frozenset[str] = frozenset()
    hosts: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    wants_more: bool = False
    crash: Exception | None = None

    def entry(self, account: Account) -> AccountReport:
        """Give what is reported of an account."""
        return self.report.accounts.setdefault(account.id, AccountReport(account.id, account.name))
