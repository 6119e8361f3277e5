"""The engine with a clock that tests move and connections that they choose."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from connectors.registry import Credentials, open_calendars, open_meetings, open_platform
from connectors.vocabulary.accounts import CalendarInfo, Identity
from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform
from sync_agent.engine.conflicts.values import WorkingHours
from sync_agent.engine.desk.accounts import NewAccount, platform_calendar, suggested_role
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.engine import Engine
from sync_agent.engine.starts import StartMark
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.bookings import ConflictRow
from sync_agent.engine.store.database import open_file
from sync_agent.engine.store.questions import Question
from sync_agent.engine.store.store import Store
from sync_agent.engine.sync.book import EngineSettings
from sync_agent.engine.sync.lanes import Begin, at_once, in_a_thread
from sync_agent.engine.sync.passes import PATIENCE
from sync_agent.engine.sync.report import PassReport
from sync_agent.engine.values import Account, CalendarRow, Role, Session
from tests.engine.phone import Phone
from tests.servers.nullcal import NullCal
from tests.servers.radicale import Radicale
from tests.servers.wiretap import Wiretap

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ZONE = "Europe/Berlin"
THURSDAY = datetime(2026, 11, 26, 15)


class MovingClock:
    """Time stands still until a test moves it; each look takes a millisecond, so that no two edits are at once."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def elapsed(self) -> timedelta:
        return self._now - NOW

    def move(self, by: timedelta) -> None:
        self._now += by


class MeasuringClock(MovingClock):
    """The hours are a test's; how long something took is true."""

    def elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic())


class Book:
    """Connections by account, opened once."""

    def __init__(self) -> None:
        self.credentials: dict[str, Credentials] = {}
        self._open: dict[str, object] = {}

    def calendars(self, account: Account) -> CalendarAccount:
        return self._opened(account, lambda c: open_calendars(account.provider, c))  # type: ignore[no-any-return]

    def meetings(self, account: Account) -> MeetingProvider:
        return self._opened(account, lambda c: open_meetings(account.provider, c))  # type: ignore[no-any-return]

    def platform(self, account: Account) -> Platform:
        return self._opened(account, open_platform)  # type: ignore[no-any-return]

    def close(self) -> None:
        """Let go of all connections."""
        for opened in self._open.values():
            opened.close()  # type: ignore[attr-defined]

    def requests(self, account_id: str) -> int:
        found = self._open.get(account_id)
        return int(getattr(found, "requests", 0))

    def _opened(self, account: Account, how):  # type: ignore[no-untyped-def]
        if account.id not in self._open:
            self._open[account.id] = how(self.credentials[account.id])
        return self._open[account.id]


@cache
def _empty_store() -> bytes:
    """Give a new profile's database; made once, because a migration takes longer than most stories."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_file(path).dispose()
        return path.read_bytes()


class World:
    """One tutor's engine on a file of its own."""

    def __init__(self, folder: Path, clock: MovingClock | None = None) -> None:
        self.clock = clock or MovingClock()
        self.begin: Begin = at_once
        self.patience, self.came_late = PATIENCE, SimpleQueue[str]()
        self.writes_at_once = 1
        self.folder = folder
        self.book = Book()
        self.told: list[tuple[str, Sequence[str]]] = []
        self.outside: StartMark | None = None
        (folder / "tutorsync.db").write_bytes(_empty_store())
        self.settings = EngineSettings(home_zone=ZONE, working_hours=WorkingHours.usual(ZONE))
        self.open()

    def open(self) -> None:
        self.store = Store(open_file(self.folder / "tutorsync.db"), "me")
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            book=self.book,
            settings=lambda: self.settings,
            installation="tenant-1",
            device="laptop:test",
            notify=lambda kind, ids: self.told.append((kind, list(ids))),
            begin=self.begin,
            came_late=self.came_late.put,
            patience=self.patience,
            writes_at_once=self.writes_at_once,
        )

    def start(self) -> None:
        """Begin as the program does: the mark outside of the store is this world's."""
        self.outside = self.engine.start(self.outside, str(uuid4()))

    def close(self) -> None:
        self.engine.close(within=timedelta(seconds=10))
        self.book.close()
        self.store.close()

    def again(self) -> None:
        """The process died: open what it left behind. What happened in memory only is forgotten."""
        self.store.close()
        self.open()

    def in_threads(self, patience: timedelta) -> None:
        """Open it as the laptop does: accounts are read and written side by side."""
        self.begin, self.patience = in_a_thread, patience
        self.again()

    def several_at_once(self, writes: int = 4) -> None:
        """Open it as the laptop does: several writes are on the way at once, where the way is long."""
        self.clock, self.writes_at_once = MeasuringClock(self.clock.now()), writes
        self.again()

    def connect(
        self,
        provider: str,
        credentials: Credentials,
        *,
        calendar: str = "",
        only: str | None = None,
        confirmed: bool = True,
    ) -> tuple[Account, list[CalendarRow]]:
        """Connect an account; the named calendar takes the sessions."""
        account = open_calendars(provider, credentials)
        found = [
            (info, suggested_role(info, wanted=calendar))
            for info in account.calendars()
            if only is None or info.name == only
        ]
        identity = account.identify()
        account.close()  # type: ignore[attr-defined]
        return self._connected(provider, credentials, identity, found, confirmed=confirmed)

    def connect_host(self, credentials: Credentials) -> Account:
        """Connect a meeting service."""
        host = open_meetings("zoom", credentials)
        identity = host.identify()
        host.close()  # type: ignore[attr-defined]
        return self._connected("zoom", credentials, identity, [])[0]

    def connect_platform(self, credentials: Credentials) -> tuple[Account, list[CalendarRow]]:
        """Connect the platform that this laptop is paired with."""
        platform = open_platform(credentials)
        identity = platform.identify()
        platform.close()  # type: ignore[attr-defined]
        return self._connected("platform", credentials, identity, [platform_calendar(identity)])

    def _connected(
        self,
        provider: str,
        credentials: Credentials,
        identity: Identity,
        found: Sequence[tuple[CalendarInfo, Role]],
        *,
        confirmed: bool = True,
    ) -> tuple[Account, list[CalendarRow]]:
        account_id = self.engine.accounts.new_id()
        self.book.credentials[account_id] = credentials
        new = NewAccount(account_id, provider, identity, credentials.base_url)
        return self.engine.accounts.connect(new, found, confirmed=confirmed)

    def run(self, *, minutes: int = 1) -> PassReport:
        """Let time go on and do a pass over everything, also over what failed a moment ago."""
        self.clock.move(timedelta(minutes=minutes))
        with self.store.write() as connection:
            self.store.accounts.wake(connection)
        return self.engine.run_pass()

    def add(self, title: str = "Maths", start: datetime = THURSDAY, **fields: Any) -> str:
        """Add a session of an hour and give its id."""
        edit = SessionEdit(start=start, duration=timedelta(hours=1), title=title, **fields)
        return self.engine.sessions.add(edit).session.id

    def change(self, session_id: str, **fields: Any) -> None:
        self.engine.sessions.change(session_id, SessionEdit(**fields))

    def session(self, session_id: str) -> Session:
        with self.store.read() as connection:
            found = self.store.sessions.get(connection, session_id)
        assert found is not None
        return found

    def session_titled(self, title: str) -> Session:
        """Give the one session with that title."""
        with self.store.read() as connection:
            everything = self.store.sessions.between(connection, NOW - timedelta(days=60), NOW + timedelta(days=430))
        (found,) = [one for one in everything if one.title == title]
        return found

    def log(self, kind: str = "") -> list[Activity]:
        """Give what was done, newest first."""
        with self.store.read() as connection:
            return [one for one in self.store.activity.newest(connection) if kind in ("", one.kind)]

    def questions(self) -> list[Question]:
        with self.store.read() as connection:
            return self.store.questions.open(connection)

    def conflicts(self) -> list[ConflictRow]:
        with self.store.read() as connection:
            return self.store.bookings.conflicts(connection)

    def busy(self) -> list[str]:
        """Give the titles of all that counts as busy."""
        with self.store.read() as connection:
            rows = self.store.bookings.touching(connection, NOW - timedelta(days=30), NOW + timedelta(days=60))
        return [row.summary for row in rows]

    def calendar(self, name: str) -> CalendarRow:
        with self.store.read() as connection:
            return self.engine.accounts.calendar(connection, name)

    def account(self, account_id: str) -> Account:
        with self.store.read() as connection:
            found = self.store.accounts.get(connection, account_id)
        assert found is not None
        return found


class Home(AbstractContextManager["Home"]):
    """A world with one CalDAV account, whose calendar for sessions is `work`.

    Attributes:
        work: its path at the server.
        wire: between us and the server; the phone goes around it.
        memory: the server, if it is the one in memory.
    """

    def __init__(
        self,
        folder: Path,
        server: NullCal | Radicale,
        *,
        user: str = "anna",
        password: str = "x",
        number: int = 0,
    ) -> None:
        self._open = ExitStack()
        self.memory = server if isinstance(server, NullCal) else None
        port = self._open.enter_context(server.started()).port if isinstance(server, NullCal) else server.port
        self.phone = Phone(f"http://127.0.0.1:{port}", user, password)
        self.wire = Wiretap(port)
        through = self._open.enter_context(self.wire.started()).port
        self.name = f"work{number}" if number else "work"
        self.work = self.phone.make_calendar(self.name)
        self.credentials = Credentials(f"http://127.0.0.1:{through}/", {"username": user}, {"password": password})
        self.world = World(folder)
        self.account, _ = self.world.connect("caldav", self.credentials, calendar=self.name, only=self.name)

    def __exit__(self, *exc: object) -> None:
        self.world.close()
        self.phone.close()
        self._open.close()

    def more(self, name: str) -> str:
        """Make another calendar of the same account, which the engine reads as busy; give its path."""
        path = self.phone.make_calendar(name)
        row = CalendarRow(
            id=self.world.engine.accounts.new_id(),
            account=self.account.id,
            remote_id=self.credentials.base_url.rstrip("/") + path,
            name=name,
            role=Role.BUSY,
            access="write",
            confirmed=True,
        )
        with self.world.store.write() as connection:
            self.world.store.accounts.insert_calendar(connection, row)
        return path

    def drop_markers(self) -> None:
        """Let the server in memory have kept our events without their markers, as one that keeps no X- property."""
        assert self.memory is not None
        calendar = self.memory.calendars[self.work]
        for name, (_, text) in list(calendar.items.items()):
            rows = text.replace("\r\n ", "").splitlines()
            kept = [row for row in rows if not row.startswith("X-TUTORSYNC")]
            calendar.revision += 1
            calendar.items[name] = (calendar.revision, "\r\n".join([*kept, ""]))

    def run(self, *, minutes: int = 1) -> PassReport:
        return self.world.run(minutes=minutes)

    def idle(self, passes: int = 10) -> int:
        """Count the writes of some passes in which nobody does anything."""
        return sum(self.run().written for _ in range(passes))

    @property
    def events(self) -> list[str]:
        """The texts of all events of the calendar."""
        return list(self.phone.events(self.work).values())
