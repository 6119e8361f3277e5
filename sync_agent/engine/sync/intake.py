"""Taking in what comes out of the lanes: into the report, into health, and into what the pass may believe.

A pass takes in one outcome after the other, in its own thread.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import AnswerLost, ConnectorError, Unreachable
from sync_agent.engine.errors import StoreFull
from sync_agent.engine.sync.leases import StoreIsOld
from sync_agent.engine.sync.pass_state import Delivery, Hosted, Reported, State, Stumbled
from sync_agent.engine.sync.reading import Reading
from sync_agent.engine.sync.waiting import BACK_SOON, retry_after
from sync_agent.engine.sync.writing import Written

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.lanes import Task
    from sync_agent.engine.sync.tally import Tally
    from sync_agent.engine.values import Account

log = structlog.get_logger()


class Intake:
    """Takes in outcomes."""

    def __init__(self, store: Store, clock: Clock, *, waking_until: timedelta) -> None:
        """Prepare.

        Args:
            store: where health is kept.
            clock: says what time it is.
            waking_until: on the clock of elapsed time: until then an unreachable account is no news.
        """
        self._store, self._clock, self._waking_until = store, clock, waking_until

    def take_in(self, task: Task[Delivery], state: State) -> None:
        """Take in one outcome.

        Raises:
            StoreFull: work in a lane found the disk full.
            StoreIsOld: the platform knows a later start than this store's.
        """
        if isinstance(task.error, StoreFull):
            raise task.error
        account = state.seen.accounts.get(task.account)
        if account is None or (task.error is not None and self._is_gone(account)):
            return  # disconnected meanwhile, and what it stumbled over went with it
        state.delivered.add(account.id)
        entry = state.entry(account)
        if task.error is not None:
            state.crash = task.error
            self._failed(account, Stumbled(account.name), state)
        match task.outcome:
            case Reading() as reading:
                self._reading(account, reading, state)
            case Written() as written:
                self._written(account, written, state)
            case Hosted() as hosted:
                self._hosted(account, hosted, state)
            case Reported():
                pass
            case None:
                return  # it was halted, or crashed: nothing is known of it
        entry.requests += task.outcome.requests

    def _is_gone(self, account: Account) -> bool:
        with self._store.read() as connection:
            return self._store.accounts.get(connection, account.id) is None

    def _reading(self, account: Account, reading: Reading, state: State) -> None:
        report, pulled = state.report, reading.pulled
        state.read |= reading.read
        state.compared |= reading.compared
        report.objects += pulled.objects
        report.removed += pulled.removed
        report.broken += reading.broken
        report.accounts[account.id].read += pulled.objects
        if reading.later_start is not None:
            raise StoreIsOld(reading.later_start)
        if reading.failed is not None:
            self._failed(account, reading.failed, state)
            return
        if reading.gone is not None:
            # The account answers and its other calendars go on; health shows which one is missing.
            self._failed(account, reading.gone, state, wait=False)
        elif reading.took is not None:
            state.answered[account.id] = reading.took
        state.answering.add(account.id)
        if reading.is_complete:
            state.complete.add(account.id)

    def _written(self, account: Account, written: Written, state: State) -> None:
        report, tally = state.report, written.tally
        count_in(tally, state)
        report.refused += tally.refused
        report.accounts[account.id].written += tally.total
        state.wants_more |= bool(tally.again or tally.total)
        if written.failed is not None:
            self._failed(account, written.failed, state)

    def _hosted(self, account: Account, hosted: Hosted, state: State) -> None:
        report, tally = state.report, hosted.tally
        report.meetings_created += tally.created
        report.meetings_updated += tally.updated
        report.meetings_deleted += tally.deleted
        report.accounts[account.id].written += tally.created + tally.updated + tally.deleted
        state.touched |= tally.changed
        if tally.failed is not None:
            self._failed(account, tally.failed, state)
            return
        if hosted.requests == 0 and not account.failures:
            return  # nobody was asked, so nothing is known anew
        with self._store.write() as connection:
            self._store.accounts.record_success(connection, account.id, at=self._clock.now(), latency_ms=None)

    def _failed(self, account: Account, error: ConnectorError, state: State, *, wait: bool = True) -> None:
        now = self._clock.now()
        is_waking = self._clock.elapsed() < self._waking_until and isinstance(error, Unreachable | AnswerLost)
        report = state.report.accounts[account.id]
        report.ok, report.code, report.message = False, error.code, error.sentence
        state.answering.discard(account.id)
        if wait:
            state.complete.discard(account.id)
        if is_waking:
            # The network comes back after a sleep: that is no news about the account.
            with self._store.write() as connection:
                self._store.accounts.postpone(connection, account.id, now + BACK_SOON)
            log.info("account.not_back_yet", code=error.code, account=account.id)
            return
        until = now + retry_after(account.failures, error) if wait else None
        with self._store.write() as connection:
            self._store.accounts.record_failure(
                connection, account.id, at=now, code=error.code, words=error.sentence, remedy=error.remedy.value,
                next_try_at=until,
            )  # fmt: skip
        log.warning("account.failed", code=error.code, account=account.id)


def count_in(tally: Tally, state: State) -> None:
    """Count writes into the report."""
    state.report.created += tally.created
    state.report.updated += tally.updated
    state.report.deleted += tally.deleted
