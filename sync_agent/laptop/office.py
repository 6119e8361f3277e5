"""The office: one profile, opened. Everything that the operations work with, put together in one place."""

from __future__ import annotations

import gc
import json
import os
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from sync_agent.engine.clock import SystemClock
from sync_agent.engine.conflicts.values import WorkingHours
from sync_agent.engine.engine import Engine
from sync_agent.engine.errors import StoreFull
from sync_agent.engine.store.database import open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.sync.book import EngineSettings
from sync_agent.engine.sync.lanes import in_a_thread
from sync_agent.laptop.accountbook import AccountBook
from sync_agent.laptop.agent.pace import Tempo
from sync_agent.laptop.profile.files import write_private
from sync_agent.laptop.profile.installation import device_name, installation_id
from sync_agent.laptop.profile.settings import DAYS, stretches_of
from sync_agent.laptop.vault.vault import PassphraseVault

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.sync.report import PassReport
    from sync_agent.engine.values import Account
    from sync_agent.laptop.profile.config import Config
    from sync_agent.laptop.profile.places import Profile

OWNER = "me"
"""On a laptop there is one owner; the same tables serve many in the cloud."""

_LAST_REQUESTS = timedelta(milliseconds=700)
"""Who quits does not wait for a slow server: what is on the wire stands in the journal."""

WRITES_AT_ONCE = 4
"""To one calendar, where its server bears it: with a long way to it, a hundred changes take a quarter of the time."""

COLLECTED_SELDOM = (20_000, 10, 10)
"""When Python looks for what only refers to itself: with its own numbers, a tenth of a big pass went into looking."""

Notify = Callable[[str, Sequence[str]], None]

log = structlog.get_logger()


class Office:
    """One profile's store, vault, settings and engine. The process that opens it holds the profile's lock.

    Attributes:
        problem: one sentence while nothing can be kept (a full disk), else "".
        wait_of: how long an account is left alone from an instant on; None: no agent looks by itself.
    """

    def __init__(
        self,
        profile: Profile,
        config: Config,
        *,
        notify: Notify | None = None,
        clock: Clock | None = None,
        came_late: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Open the profile.

        Args:
            profile: prepared.
            config: the settings in force.
            notify: called with an event's name and ids, from any thread.
            clock: the computer's by default.
            came_late: called with an account that a pass had left behind, when there is something to take in.

        Raises:
            StoreTooNew, StoreBroken, StoreFull, InstallationBroken: nothing was changed.
        """
        gc.set_threshold(*COLLECTED_SELDOM)
        self.profile, self.config = profile, config
        self.clock: Clock = clock or SystemClock()
        self.vault = PassphraseVault(profile.vault)
        self.book = AccountBook(self.vault, config)
        self.store = Store(open_file(profile.database), OWNER)
        self._notify = notify
        self._lock = threading.Lock()
        self._passes = 0
        self.problem = ""
        self.wait_of: Callable[[Account, datetime], timedelta] | None = None
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            book=self.book,
            settings=self.engine_settings,
            installation=installation_id(profile.installation),
            device=device_name(socket.gethostname()),
            notify=self.notify,
            begin=in_a_thread,
            writes_at_once=WRITES_AT_ONCE,
            came_late=came_late,
        )

    @property
    def home_zone(self) -> str:
        """The tutor's zone: as set, else the computer's."""
        return self.config.text("home_zone") or computer_zone(os.environ, Path("/etc"))

    @property
    def is_syncing(self) -> bool:
        """Whether a pass is under way."""
        return self._passes > 0

    def now_here(self) -> datetime:
        """Give this instant in the tutor's zone."""
        return self.clock.now().astimezone(ZoneInfo(self.home_zone))

    def engine_settings(self) -> EngineSettings:
        """Give the engine's settings as they are now."""
        config = self.config
        return EngineSettings(
            home_zone=self.home_zone,
            working_hours=self.working_hours(),
            travel_buffer=config.minutes("travel_buffer_minutes"),
            meetings_ahead=timedelta(days=int(config.get("meetings.ahead_days"))),
            meeting_provider=config.text("meetings.provider"),
            stale_after=config.minutes("sync.stale_minutes"),
            versions=config.text("sync.versions"),
            poll_every=config.seconds("sync.poll_seconds"),
            is_paused=self.paused_until() is not None,
            tutor=config.text("tutor.name"),
        )

    def run_pass(
        self, accounts: Sequence[str] | None = None, *, dry_run: bool = False, wait: bool = True
    ) -> PassReport:
        """Do one pass; says so to whoever listens. Arguments as `Engine.run_pass` has them.

        Raises:
            StoreFull: nothing more can be kept; `problem` says so until a pass goes well.
        """
        self._count_pass(1)
        try:
            report = self.engine.run_pass(accounts, dry_run=dry_run, wait=wait)
        except StoreFull as error:
            self.problem = str(error)
            raise
        finally:
            self._count_pass(-1)
        self.problem = ""
        return report

    def _count_pass(self, by: int) -> None:
        # Several may overlap: the worker's, the audit's, and one that a person asked for.
        with self._lock:
            self._passes += by
        self.notify("state.changed", [])

    def notify(self, kind: str, ids: Sequence[str]) -> None:
        """Tell whoever listens."""
        if self._notify is not None:
            self._notify(kind, ids)

    def paused_until(self) -> datetime | None:
        """Give until when nothing is synced; the end of time for "until I resume"; None: not paused."""
        try:
            until = datetime.fromisoformat(json.loads(self.profile.pause.read_text(encoding="ascii"))["until"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return until if until > self.clock.now() else None

    def pause(self, until: datetime) -> None:
        """Sync nothing until then; a pass that is under way ends at its next safe point."""
        write_private(self.profile.pause, json.dumps({"until": until.isoformat()}).encode())
        self.engine.halt()
        self.notify("state.changed", [])

    def resume(self) -> None:
        """Sync again."""
        self.profile.pause.unlink(missing_ok=True)
        self.notify("state.changed", [])

    def woke(self) -> None:
        """The computer slept: connections that died in it are not trusted, and the first failures are no news."""
        self.engine.woke()
        self.book.renew()

    def clock_was_set(self, by: timedelta) -> None:
        """The wall clock was set (back, if negative): who was left alone until an hour on it waits no longer for that.

        And what was noted by it may be wrong, so every calendar is compared in full once more.

        Raises:
            StoreFull: then a wait may last as much longer.
        """
        with self.store.write() as connection:
            self.store.accounts.shift_waits(connection, by)
        self.engine.compare_soon()

    def tempo(self) -> Tempo:
        """Give how often the settings want things looked at."""
        config = self.config
        return Tempo(
            sides=config.seconds("sync.poll_seconds"),
            feeds=config.seconds("sync.feed_seconds"),
            stale_after=config.minutes("sync.stale_minutes"),
            hours=self.working_hours(),
        )

    def working_hours(self) -> WorkingHours:
        """Give when the tutor works."""
        days = tuple(stretches_of(self.config.text(f"working_hours.{day}")) for day in DAYS)
        return WorkingHours(self.home_zone, days)

    def close(self) -> None:
        """Close connections and store. What is on the wire stands in the journal and is looked up at the next start."""
        self.engine.end()
        if not self.engine.close(within=_LAST_REQUESTS):
            log.info("office.left_requests_unanswered")
        self.book.close()
        self.store.close()


def computer_zone(environment: Mapping[str, str], etc: Path) -> str:
    """Give the computer's IANA zone; UTC if it does not tell.

    Args:
        environment: TZ wins, if it is a zone's name.
        etc: the folder of the system's settings (Debian: `timezone`; others: the link `localtime`).
    """
    candidates = [environment.get("TZ", "").lstrip(":")]
    try:
        candidates.append(str((etc / "localtime").resolve()).partition("zoneinfo/")[2])
        candidates.append((etc / "timezone").read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        candidates.append("")
    for name in filter(None, candidates):
        try:
            return ZoneInfo(name).key
        except (ValueError, OSError, KeyError):
            continue
    return "UTC"
