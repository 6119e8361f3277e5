"""One computer: the shipped engine on the shipped store, a clock of its own, and a process that may die at any commit.

The database file lies in memory where the system has such a place. It is made once, empty and migrated; each history
empties it again. The connections to it are kept, so that no statement is compiled twice, neither by the store library
nor by SQLite. Nothing of a process lies in them but what it had begun, and that is taken back when it dies.
"""

from __future__ import annotations

import atexit
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp
from types import SimpleNamespace
from typing import TYPE_CHECKING

from sqlalchemy import event

from connectors.vocabulary.errors import Unreachable
from sync_agent.engine import ids
from sync_agent.engine.conflicts.values import WorkingHours
from sync_agent.engine.engine import Engine
from sync_agent.engine.errors import StoreFull
from sync_agent.engine.starts import StartMark
from sync_agent.engine.store.database import migrate, open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.store.tables import metadata
from sync_agent.engine.sync.book import EngineSettings
from tests.simulation import order
from tests.simulation.world.clock import DeviceClock, WorldClock
from tests.simulation.world.faults import CALM, Fault, Met, Weather
from tests.simulation.world.network import ProcessDied

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection
    from sqlalchemy.engine import Engine as SqlEngine

    from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform
    from sync_agent.engine.values import Account

HOME_ZONE = "Europe/Berlin"
TENANT = "tenant-1"
_SHARED_MEMORY = Path("/dev/shm")


class ModelBook:
    """Connections by account id."""

    def __init__(self) -> None:
        self.accounts: dict[str, CalendarAccount] = {}
        self.hosts: dict[str, MeetingProvider] = {}
        self.platforms: dict[str, Platform] = {}

    def calendars(self, account: Account) -> CalendarAccount:
        return self._found(self.accounts, account)

    def meetings(self, account: Account) -> MeetingProvider:
        return self._found(self.hosts, account)

    def platform(self, account: Account) -> Platform:
        return self._found(self.platforms, account)

    def requests(self, account_id: str) -> int:
        return 0

    def _found(self, where: dict, account: Account):  # type: ignore[no-untyped-def,type-arg]
        if account.id not in where:
            raise Unreachable(account.name)
        return where[account.id]


@dataclass(slots=True)
class Commits:
    """What may go wrong at a commit of one device."""

    met: Met
    weather: Weather = CALM
    step: str = "commit"


class CrashingStore(Store):
    """The shipped store, whose process may die just before or just after a commit, or whose disk may be full."""

    commits: Commits

    def clean(self) -> AbstractContextManager[Connection]:
        """Open a unit of work to which nothing happens."""
        return super().write()

    def abandon(self) -> None:
        """Let nothing more come of it: its process died. The file is not closed, and nothing is tidied up in it."""
        self._is_closed = True

    @contextmanager
    def write(self) -> Iterator[Connection]:
        commits = self.commits
        fault = commits.weather.draw_commit()
        with super().write() as connection:
            yield connection
            if fault in (Fault.DIED_COMMITTING, Fault.DISK_FULL):
                commits.met.count(fault, commits.step)
                raise StoreFull if fault is Fault.DISK_FULL else ProcessDied
        if fault is Fault.DIED_COMMITTED:
            commits.met.count(fault, commits.step)
            raise ProcessDied


@cache
def _folder() -> Path:
    where = _SHARED_MEMORY if _SHARED_MEMORY.is_dir() else None
    folder = Path(mkdtemp(prefix="tutorsync-simulation-", dir=where))
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


@cache
def empty_database() -> bytes:
    """Give a new profile's database; made once."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_file(path).dispose()
        return path.read_bytes()


@cache
def _sql_engine(slot: str) -> SqlEngine:
    path = _folder() / f"{slot}.db"
    path.write_bytes(empty_database())
    engine = open_file(path)
    event.listen(engine, "connect", order.set_order)
    return engine


_turned: dict[str, bool] = {}
"""Slot to whether the rows of what is open there come the other way round."""


@cache
def _store(slot: str) -> CrashingStore:
    """Give a store of which copies are opened: its repositories keep nothing but statements that were put together."""
    return CrashingStore(_sql_engine(slot), "me")


class Device:
    """One laptop.

    Attributes:
        slot: names its file; a device of the next history takes it over.
        known_as: its name at the platform; a copied profile takes it along.
        told: what the engine told whoever listens.
        mark: what the last start left outside of the store.
    """

    def __init__(self, slot: str, clock: WorldClock, met: Met, *, name: str = "laptop:1", known_as: str = "") -> None:
        self.slot, self.name, self.known_as = slot, name, known_as or name
        self.clock = DeviceClock(clock)
        self.book = ModelBook()
        self.commits = Commits(met)
        self.told: list[tuple[str, Sequence[str]]] = []
        self.settings = EngineSettings(home_zone=HOME_ZONE, working_hours=WorkingHours.usual(HOME_ZONE))
        self.restarts = 0
        self.starts = 0
        self.mark: StartMark | None = None
        self._empty()
        self.open()

    @property
    def path(self) -> Path:
        return _folder() / f"{self.slot}.db"

    def open(self) -> None:
        self.store = copy(_store(self.slot))
        self.store.commits = self.commits
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            book=self.book,
            settings=lambda: self.settings,
            installation=TENANT,
            device=self.name,
            notify=lambda kind, found: self.told.append((kind, list(found))),
        )
        self.mark = self.engine.start(self.mark, nonce=f"{self.name}:{self.restarts}:{self.starts}")
        self.starts += 1

    def restart(self) -> None:
        """Open what the dead process left behind: nothing but what it had committed."""
        self.restarts += 1
        self.store.abandon()
        migrate(_sql_engine(self.slot))
        self.open()

    def faults_in_store(self) -> list[str]:
        """Open the file as a new process finds it, and say what is wrong with it, if anything."""
        with closing(sqlite3.connect(self.path)) as fresh:
            found = [f"foreign key: {row}" for row in fresh.execute("PRAGMA foreign_key_check")]
            return found + [row[0] for row in fresh.execute("PRAGMA quick_check") if row[0] != "ok"]

    def database(self) -> bytes:
        """Give what a backup of this moment holds."""
        self.store.close()
        return self.path.read_bytes()

    def put_database(self, content: bytes) -> None:
        """Put another file in its place: an empty one, an old backup, a clone."""
        _store(self.slot).let_go()
        for name in (f"{self.slot}.db-wal", f"{self.slot}.db-shm"):
            (_folder() / name).unlink(missing_ok=True)
        self.path.write_bytes(content)

    def _empty(self) -> None:
        """Begin with an empty file, where the last history left one that is open."""
        if _turned.get(self.slot) is not order.is_turned():
            _turned[self.slot] = order.is_turned()
            self.put_database(empty_database())
            return
        with _store(self.slot).clean() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.exec_driver_sql(f'DELETE FROM "{table.name}"')


@contextmanager
def seeded_ids(random: Random) -> Iterator[None]:
    """Let ids be drawn from a seed: they decide the order of concurrent edits, and a failing seed must replay."""
    before = ids.os
    ids.os = SimpleNamespace(urandom=random.randbytes)  # type: ignore[assignment]
    try:
        yield
    finally:
        ids.os = before
