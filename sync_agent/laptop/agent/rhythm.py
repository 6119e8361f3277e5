"""The rhythm: wakes the worker when somebody's time has come (APScheduler). Who that is, `beats` knows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from sync_agent.laptop.agent.fresh import last_look_at

if TYPE_CHECKING:
    from sync_agent.laptop.agent.beats import Beats
    from sync_agent.laptop.office import Office

_JOB = "beat"
_LEAST = timedelta(milliseconds=500)
"""However the accounts stand, the worker is not woken in a ring."""
_PAUSED_LOOK = timedelta(hours=1)


class Rhythm:
    """One appointment at a time: the next look that is due. Made anew whenever something changed."""

    def __init__(self, office: Office, beats: Beats, wake: Callable[[], None]) -> None:
        """Prepare.

        Args:
            office: its accounts.
            beats: when they are due.
            wake: wishes for a pass over whoever is due then.
        """
        self._office, self._beats, self._wake = office, beats, wake
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin; everything is read once at the start."""
        self._scheduler.start()
        self._wake()

    def follow(self) -> None:
        """Make the appointment anew: a pass ended, a setting or a clock changed. From any thread."""
        wait = max(self.next_in(), _LEAST)
        with self._lock:
            if not self._scheduler.running:
                return
            # A laptop that slept through an appointment keeps it when it wakes, once.
            self._scheduler.add_job(
                self._wake,
                "date",
                run_date=datetime.now(UTC) + wait,
                id=_JOB,
                misfire_grace_time=None,
                replace_existing=True,
            )

    def next_in(self) -> timedelta:
        """Give how long there is nothing to do."""
        office = self._office
        paused_until = office.paused_until()
        if paused_until is not None:
            return min(paused_until - office.clock.now(), _PAUSED_LOOK)
        now = office.clock.now()
        with office.store.read() as connection:
            accounts = office.store.accounts.all(connection)
            before_session = last_look_at(office.store.sessions.next_start(connection, now), now)
        wait = self._beats.next_in(accounts)
        return wait if before_session is None else min(wait, before_session - now)

    def stop(self) -> None:
        """End; what the worker was asked for stays asked."""
        with self._lock:
            if self._scheduler.running:
                self._scheduler.shutdown(wait=False)
