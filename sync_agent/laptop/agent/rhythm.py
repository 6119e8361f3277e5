"""When to look: a pass every minute, a feed every hour, and at once after something changed here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from sync_agent.engine.errors import EngineError

if TYPE_CHECKING:
    from sync_agent.engine.values import Account
    from sync_agent.laptop.office import Office

log = structlog.get_logger()

SOON = timedelta(seconds=1)
"""Edits come in bursts: this long after the first one they go out together."""
_JITTER_SHARE = 0.1
_NUDGES = frozenset({"session.changed", "question.answered"})
_FEED = "ics"


class Rhythm:
    """Runs passes by the clock, one at a time, until it is stopped."""

    def __init__(self, office: Office) -> None:
        """Prepare; `start` begins."""
        self._office = office
        # One thread: passes come one after the other anyway. After a sleep, what was missed is done once.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            timezone="UTC",
        )
        self._is_in_pass = False

    def start(self) -> None:
        """Begin, with a pass at once."""
        self._scheduler.start()
        self._plan_next(SOON / 10)

    def stop(self) -> None:
        """End; a pass that is under way comes to its end first."""
        self._scheduler.shutdown(wait=True)

    def nudge(self, kind: str) -> None:
        """Hear what happened; an edit of the tutor's is carried out soon. Called from any thread."""
        if kind in _NUDGES and not self._is_in_pass and self._scheduler.running:
            self._scheduler.add_job(self._pass, "date", run_date=self._office.clock.now() + SOON, id="soon",
                                    replace_existing=True)  # fmt: skip

    def _tick(self) -> None:
        try:
            self._pass()
        finally:
            every = self._office.config.seconds("sync.poll_seconds")
            self._plan_next(every)

    def _plan_next(self, wait: timedelta) -> None:
        """Plan the next look. Its distance is asked for each time, so that a changed setting counts from then on."""
        at = self._office.clock.now() + wait
        jitter = int(wait.total_seconds() * _JITTER_SHARE)
        self._scheduler.add_job(
            self._tick, "date", run_date=at + timedelta(seconds=_spread(at, jitter)), id="tick", replace_existing=True
        )

    def _pass(self) -> None:
        """Do one pass over what is due. The edge of this thread: a fault is logged, and the next pass comes all the same."""
        office = self._office
        if office.paused_until() is not None:
            return
        now = office.clock.now()
        self._is_in_pass = True
        try:
            with office.store.read() as connection:
                accounts = office.store.accounts.all(connection)
            wanted = due(accounts, now, feed_every=office.config.seconds("sync.feed_seconds"))
            if wanted:
                office.run_pass(wanted)
        except EngineError as error:
            log.error("pass.failed", code=error.code)  # noqa: TRY400  (a known fault: the code says it all)
        except Exception:
            log.exception("pass.broke", code="agent.fault")
        finally:
            self._is_in_pass = False


def due(accounts: Sequence[Account], now: datetime, *, feed_every: timedelta) -> list[str]:
    """Say which accounts are to be looked at now: not paused, not waiting after a fault, feeds less often."""
    return [
        account.id
        for account in accounts
        if not account.paused
        and (account.next_try_at is None or account.next_try_at <= now)
        and not (
            account.provider == _FEED
            and account.last_success_at is not None
            and account.failing_since is None
            and now - account.last_success_at < feed_every
        )
    ]


def _spread(at: datetime, seconds: int) -> float:
    """Spread looks, so that a thousand laptops do not ask in the same second. No randomness is needed for that."""
    return (at.microsecond / 1_000_000) * seconds
