"""Writing to one account: what was planned for its calendars is carried out and read back.

Runs in the account's lane, beside others, and ends at any moment between two requests: what was not sent yet is no row
in the journal, so the next plan wishes it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.sync.conditions import careful
from sync_agent.engine.sync.pace import Pace
from sync_agent.engine.sync.tally import Tally
from sync_agent.engine.values import Verb

if TYPE_CHECKING:
    from connectors.vocabulary.protocols import Calendar, Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.apply import Applier
    from sync_agent.engine.sync.book import AccountBook
    from sync_agent.engine.sync.conditions import Examiner
    from sync_agent.engine.sync.finish import Finisher
    from sync_agent.engine.sync.lanes import Halt
    from sync_agent.engine.sync.plan import PlannedWrite
    from sync_agent.engine.sync.pull import Puller
    from sync_agent.engine.sync.pull_platform import PlatformPuller
    from sync_agent.engine.sync.sharing import Sharing
    from sync_agent.engine.values import Account, CalendarRow

Writes = list[tuple[str, "PlannedWrite"]]


@dataclass(slots=True)
class Written:
    """What writing to an account came to.

    Attributes:
        failed: why the account was left alone.
        requests: how many it took.
    """

    tally: Tally = field(default_factory=Tally)
    failed: ConnectorError | None = None
    requests: int = 0


class AccountWriter:
    """Writes to accounts."""

    def __init__(
        self,
        store: Store,
        book: AccountBook,
        *,
        applier: Applier,
        sharing: Sharing,
        puller: Puller,
        platform_puller: PlatformPuller,
        finisher: Finisher,
        clock: Clock,
        at_once: int,
        examiner: Examiner,
        told: Callable[[int], None],
    ) -> None:
        self._store, self._book, self._applier, self._sharing = store, book, applier, sharing
        self._clock, self._at_once = clock, at_once
        self._puller, self._platform_puller, self._finisher = puller, platform_puller, finisher
        self._examiner, self._told = examiner, told

    def write(
        self,
        account: Account,
        planned: Sequence[tuple[CalendarRow, Writes]],
        ready: Mapping[str, int],
        platform: Platform | None,
        halt: Halt,
    ) -> Written:
        """Carry out the writes to an account's calendars, one calendar after the other.

        Args:
            account: whose.
            planned: by calendar.
            ready: session to version, where all that is to be written can be written now.
            platform: which is told first what is about to be written; None: there is none, or it does not answer.
            halt: looked at before each write; what is on the wire is waited for, and read back.
        """
        written, asked_before = Written(), self._book.requests(account.id)
        quirks = self._quirks(account)
        written.tally.pace = Pace.of(quirks, self._at_once, self._clock.now())
        for calendar, writes in planned:
            try:
                tally = self._write_calendar(account, calendar, writes, platform, halt, written.tally.pace)
            except ConnectorError as error:
                written.failed = error
                break
            written.tally.add(tally)
            if tally.failed is not None:
                written.failed = tally.failed
                break
        self._remember(account, quirks, written.tally.pace)
        refused = {session for _, session, _ in written.tally.refused}
        self._rest([(session, version) for session, version in ready.items() if session in refused])
        written.requests = self._book.requests(account.id) - asked_before
        return written

    def _quirks(self, account: Account) -> dict[str, Any]:
        with self._store.read() as connection:
            return self._store.accounts.quirks(connection, account.id)

    def _remember(self, account: Account, quirks: Mapping[str, Any], pace: Pace) -> None:
        """Let the account remember what was learned of its server."""
        learned = pace.remembered(quirks)
        if learned != quirks:
            with self._store.write() as connection:
                self._store.accounts.set_quirks(connection, account.id, learned)

    def _write_calendar(
        self,
        account: Account,
        calendar: CalendarRow,
        writes: Writes,
        platform: Platform | None,
        halt: Halt,
        pace: Pace,
    ) -> Tally:
        if calendar.is_platform:
            there = self._book.platform(account)
            new = [session for session, write in writes if write.verb is Verb.CREATE]
            waiting = self._sharing.tell_adopted(there, new)
            writes = [(session, write) for session, write in writes if session not in waiting]
            return self._applier.apply_to_platform(
                calendar, there, self._platform_puller, writes, lambda: not halt.is_asked, told=self._told
            )
        before_write = partial(self._sharing.require, calendar)
        opened = self._book.calendars(account).calendar(calendar.remote_id, before_write=before_write)
        remote = careful(opened, account)
        if not self._sharing.announce(platform, calendar, writes):
            return Tally()

        def may_send() -> bool:
            return not halt.is_asked and self._sharing.may_send(calendar)

        tally = self._applier.apply_to_calendar(
            calendar, remote, writes, may_send, pace,
            told=self._told, read_back=partial(self._finisher.read_back, calendar, remote),
        )  # fmt: skip
        self._settle(calendar, remote, tally)
        if tally.failed is None and may_send():
            self._examine(account, calendar, remote, tally)
        return tally

    def _examine(self, account: Account, calendar: CalendarRow, remote: Calendar, tally: Tally) -> None:
        """Find out whether this account's server heeds conditions, if nobody knows it yet."""
        try:
            self._examiner.examine(account, calendar, remote, tally.to_read_back)
        except ConnectorError as error:
            tally.failed = error

    def _settle(self, calendar: CalendarRow, remote: Calendar, tally: Tally) -> None:
        """Read back what was written. Where that fails the rows stand, and are settled in a later pass."""
        try:
            self._read_back(calendar, remote, tally)
        except ConnectorError as error:
            tally.failed = tally.failed or error

    def _read_back(self, calendar: CalendarRow, remote: Calendar, tally: Tally) -> None:
        unknown: list[Intent] = []
        if tally.again:
            with self._store.read() as connection:
                unknown = [
                    row for row in self._store.journal.unsettled(connection, [calendar.account])
                    if row.calendar == calendar.id and row.session in tally.again
                ]  # fmt: skip
        self._finisher.read_back(calendar, remote, [*tally.to_read_back, *unknown])
        self._puller.look(calendar, remote)

    def _rest(self, refused: Sequence[tuple[str, int]]) -> None:
        """Leave alone what a server will not take, until the session changes or the next sweep tries again."""
        if refused:
            with self._store.write() as connection:
                self._store.sessions.settle(connection, refused)
