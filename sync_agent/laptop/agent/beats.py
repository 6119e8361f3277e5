"""What the agent remembers of its looks at each account, and so whom to look at now and when the next look is due.

Counted on the clock of elapsed time, which nobody sets: a laptop's wall clock jumps.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.sync.book import PLATFORM
from sync_agent.engine.sync.waiting import is_due
from sync_agent.laptop.agent.due import FEED
from sync_agent.laptop.agent.pace import Facts, Tempo, interval, is_night

if TYPE_CHECKING:
    from datetime import datetime

    from sync_agent.engine.clock import Clock
    from sync_agent.engine.sync.report import PassReport
    from sync_agent.engine.values import Account

NOTHING_TO_DO = timedelta(hours=1)
_SPREAD = 0.1


class Beats:
    """When each account was last looked at, and what was seen. Any thread may use it."""

    def __init__(self, clock: Clock, tempo: Callable[[], Tempo], draw: Callable[[], float] = random.random) -> None:
        """Begin with nobody looked at.

        Args:
            clock: says what time it is and how much has passed.
            tempo: asked anew each time, so that a setting takes effect at once.
            draw: gives chance between 0 and 1, so that thousands of laptops do not knock at once.
        """
        self._clock, self._tempo, self._draw = clock, tempo, draw
        self._lock = threading.Lock()
        self._begun = clock.elapsed()
        self._looked: dict[str, tuple[timedelta, float]] = {}
        self._changed: dict[str, timedelta] = {}
        self._read_before: set[str] = set()
        self._edited: timedelta | None = None
        self._quiet_until = timedelta.min
        self.is_listening = False

    def looked_at(self, accounts: Iterable[str]) -> None:
        """Note that these are looked at now."""
        with self._lock:
            now = self._clock.elapsed()
            for account in accounts:
                self._looked[account] = (now, 1 + _SPREAD * (2 * self._draw() - 1))

    def forget(self, account: str) -> None:
        """Let an account's time have come: it has news."""
        with self._lock:
            self._looked.pop(account, None)

    def edited(self) -> None:
        """Note that a person edited something here."""
        with self._lock:
            self._edited = self._clock.elapsed()

    def heard(self, report: PassReport, accounts: Iterable[Account]) -> None:
        """Note what a pass saw: who is read and written is edited by people; feeds publish what they like."""
        sides = {one.id for one in accounts if one.provider != FEED}
        with self._lock:
            now = self._clock.elapsed()
            for one in report.accounts.values():
                # Whatever an account holds is new when it is first read: that was nobody's edit just now.
                if one.read and one.account in self._read_before:
                    self._changed[one.account] = now
                    self._edited = now if one.account in sides else self._edited
                if one.ok and not one.late:
                    self._read_before.add(one.account)

    def quiet(self, lasting: timedelta) -> None:
        """Look at nobody for a while."""
        with self._lock:
            self._quiet_until = self._clock.elapsed() + lasting

    def ready(self, accounts: Iterable[Account]) -> set[str]:
        """Give the accounts whose time has come."""
        now = self._clock.now()
        return {one.id for one in accounts if not one.paused and self.wait_of(one, now) <= timedelta(0)}

    def next_in(self, accounts: Iterable[Account]) -> timedelta:
        """Give how long nobody has to be looked at."""
        now = self._clock.now()
        waits = [self.wait_of(one, now) for one in accounts if not one.paused]
        return max(min(waits, default=NOTHING_TO_DO), timedelta(0))

    def wait_of(self, account: Account, now: datetime) -> timedelta:
        """Give how long an account is left alone from now on; nothing or less: its time has come."""
        with self._lock:
            elapsed = self._clock.elapsed()
            quiet = self._quiet_until - elapsed if self._quiet_until > elapsed else timedelta(0)
            if account.next_try_at is not None:
                return quiet if is_due(account, now) else max(account.next_try_at - now, quiet)
            looked = self._looked.get(account.id)
            if looked is None:
                return quiet
            at, spread = looked
            return max(at + interval(self._facts(account, now, elapsed)) * spread - elapsed, quiet)

    def _facts(self, account: Account, now: datetime, elapsed: timedelta) -> Facts:
        tempo, changed = self._tempo(), self._changed.get(account.id)
        return Facts(
            base=tempo.feeds if account.provider == FEED else tempo.sides,
            stale_after=tempo.stale_after,
            is_feed=account.provider == FEED,
            is_night=is_night(now, tempo.hours),
            is_listening=self.is_listening and account.provider == PLATFORM,
            since_edit=None if self._edited is None else elapsed - self._edited,
            since_change=None if changed is None else elapsed - changed,
            running_for=elapsed - self._begun,
        )
