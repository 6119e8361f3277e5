"""The thread that runs passes when the clock, a person's edit or a request asks for one."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.errors import EngineError
from sync_agent.laptop.agent.due import Want, due
from sync_agent.laptop.agent.fresh import to_look_at_again

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from sync_agent.laptop.agent.beats import Beats
    from sync_agent.laptop.office import Office

log = structlog.get_logger()

_BETWEEN_HALTS_S = 0.1


class Worker:
    """Collects what is wanted and does it, one pass after the other."""

    def __init__(
        self,
        office: Office,
        beats: Beats,
        *,
        settle: timedelta,
        look: Callable[[], object] = lambda: None,
        after: Callable[[], None] = lambda: None,
        rested: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare the thread.

        Args:
            office: while it is paused, nothing but a person's own request runs.
            beats: whose time has come, and who notes what was seen.
            settle: how long to wait after a wish, so that several edits go out together.
            look: called before each pass: whoever notices here that the computer slept is in time.
            after: called after each pass.
            rested: called whenever there is nothing more to do for now, also after a failure.
        """
        self._office, self._beats = office, beats
        self._look, self._after, self._rested = look, after, rested
        self._settle_s = settle.total_seconds()
        self._wanted: set[Want] = set()
        self._accounts: set[str] = set()
        self._wake = threading.Condition()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="passes", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self, want: Want) -> None:
        """Wish for a pass; returns at once."""
        with self._wake:
            self._wanted.add(want)
            self._wake.notify()

    def ask_account(self, account_id: str) -> None:
        """Wish for a pass over one account, whatever it waits for; returns at once."""
        with self._wake:
            self._accounts.add(account_id)
            self._wake.notify()

    def stop(self, *, within: timedelta) -> bool:
        """End at the next safe point of the pass that is under way; gives whether it ended in time."""
        self._stop.set()
        with self._wake:
            self._wake.notify()
        deadline = time.monotonic() + within.total_seconds()
        while self._thread.is_alive() and time.monotonic() < deadline:
            # Again and again: a pass that begins at this very moment has not heard the first.
            self._office.engine.halt()
            self._thread.join(_BETWEEN_HALTS_S)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._wake:
                self._wake.wait_for(lambda: self._wanted or self._accounts or self._stop.is_set())
            if self._stop.wait(self._settle_s):
                return
            with self._wake:
                wanted, accounts = self._wanted, self._accounts
                self._wanted, self._accounts = set(), set()
            try:
                self._one(wanted, accounts)
            except EngineError as error:
                log.warning("pass.refused", code=error.code)
            except Exception:  # The edge of a thread: one failing pass must not end all syncing.
                log.exception("pass.crashed", code="engine.crashed")
            self._rested()

    @property
    def is_mine(self) -> bool:
        """Whether this is the worker's own thread: what it tells comes of a pass, not of a person."""
        return threading.current_thread() is self._thread

    def _one(self, wanted: set[Want], accounts: set[str]) -> None:
        office = self._office
        self._look()
        if office.paused_until() is not None and Want.ALL not in wanted and not accounts:
            return
        now = office.clock.now()
        with office.store.read() as connection:
            known = office.store.accounts.all(connection)
            next_start = office.store.sessions.next_start(connection, now)
        ids = set(due(known, wanted, now, self._beats.ready(known))) | (accounts & {one.id for one in known})
        ids |= set(to_look_at_again(known, now, is_booked=Want.BOOKED in wanted, next_start=next_start))
        if not ids and Want.LATE not in wanted:
            return
        self._beats.looked_at(ids)
        self._beats.heard(office.run_pass(sorted(ids), wait=False), known)
        self._after()
