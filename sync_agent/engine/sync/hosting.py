"""Who makes which meetings in a pass: the chosen host account all, others only what they made before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.meetings.ensure import Meetings, MeetingTally
from sync_agent.engine.naming import host_key
from sync_agent.engine.sync.book import MEETING_PROVIDERS
from sync_agent.engine.sync.pass_state import Hosted, State

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import AccountBook
    from sync_agent.engine.sync.lanes import Halt
    from sync_agent.engine.sync.rights import Rights
    from sync_agent.engine.sync.sweeps import Sweeps
    from sync_agent.engine.values import Account


class Hosting:
    """Ensures meetings at host accounts, each in its lane."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        book: AccountBook,
        rights: Rights,
        sweeps: Sweeps,
        *,
        meetings: Meetings,
        chosen: str,
    ) -> None:
        """Prepare.

        Args:
            store: everything that is kept.
            clock: says what time it is.
            book: opens connections.
            rights: at which host accounts this device makes meetings.
            sweeps: when all meetings of a host were last looked at.
            meetings: ensures them.
            chosen: the provider that the tutor chose; "": the oldest account.
        """
        self._store, self._clock, self._book, self._rights, self._sweeps = store, clock, book, rights, sweeps
        self._meetings, self._chosen = meetings, chosen

    def work(self, state: State, busy: Collection[str]) -> Sequence[tuple[Account, Callable[[Halt], Hosted]]]:
        """Say what is to be done at which account now.

        Args:
            state: of the pass.
            busy: accounts whose lane is not free: their meetings are being made, and nobody else makes them meanwhile.
        """
        found = []
        for number, account in enumerate(self._hosts(state, busy)):
            if account.id in busy:
                continue
            state.hosts.add(account.id)
            sweep = self._sweeps.is_due(account.id, self._clock.elapsed())
            due = self._due(account, state, sweep=sweep)
            mine = due if number == 0 else self._made_by(account, due)
            found.append((account, partial(self._host, account, mine, sweep)))
        return found

    def leave(self, state: State, busy: Collection[str]) -> None:
        """Leave to the next pass what somebody changed after the meetings were looked at, and before it was planned.

        All calendars know of it by now, so nothing else would ever ask whether its meeting has to move or to go.
        """
        hosts = state.hosts | {account.id for account in self._hosts(state, busy)}
        if not hosts or not state.planned:
            return
        overtaken = self._meetings.overtaken(state.planned, hosts)
        if overtaken:
            with self._store.write() as connection:
                self._store.sessions.unsettle(connection, overtaken)

    def _hosts(self, state: State, busy: Collection[str]) -> list[Account]:
        """Give the hosts at which meetings are made in this pass, the chosen one first; those in `busy`, too."""
        asked, report = {account.id for account in state.due}, state.report.accounts
        hosts = [
            account
            for account in state.seen.accounts.values()
            if account.provider in MEETING_PROVIDERS
            and self._rights.may_send(host_key(account), self._clock.elapsed())
            and (account.id in busy or (account.id in asked and report[account.id].ok))
        ]
        return sorted(hosts, key=lambda account: (account.provider != self._chosen, account.created_at))

    def _host(self, account: Account, sessions: Sequence[str], sweep: bool, halt: Halt) -> Hosted:
        before = self._book.requests(account.id)
        try:
            provider = self._book.meetings(account)
        except ConnectorError as error:
            return Hosted(MeetingTally(failed=error), 0)
        is_new = self._rights.to_search(host_key(account))
        tally = self._meetings.ensure_all(account, provider, sessions, halt, sweep=sweep, taken_over=is_new)
        if tally.failed is None and tally.is_whole:
            self._sweeps.looked(account.id)
            self._rights.searched(host_key(account))
            if sweep:
                self._sweeps.note(account.id, self._clock.elapsed())
        return Hosted(tally, self._book.requests(account.id) - before)

    def _due(self, account: Account, state: State, *, sweep: bool) -> list[str]:
        """Give the sessions to look at: what changed, and all of them after a failure or when sweeping.

        Likewise after a pass that broke off: who changed something meanwhile may have been at rest before (`leave`).
        """
        with self._store.read() as connection:
            changed = set(self._store.sessions.unsettled(connection)) | state.touched
        is_all = sweep or account.failures > 0 or self._sweeps.is_in_doubt(account.id)
        due = self._meetings.due(sorted(changed), sweep=is_all)
        return [session for session in due if session not in state.ended]

    def _made_by(self, account: Account, sessions: Sequence[str]) -> list[str]:
        """Give those sessions whose meeting was made at this account: others are the chosen one's."""
        with self._store.read() as connection:
            rows = self._store.meetings.of_sessions(connection, sessions)
        return [session for session, row in rows.items() if row.account == account.id]
