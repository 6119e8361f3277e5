"""The engine with a clock that tests move and connections that they choose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.registry import Credentials, open_calendars, open_meetings, open_platform
from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform
from sync_agent.engine.conflicts.values import WorkingHours
from sync_agent.engine.desk.accounts import NewAccount, suggested_role
from sync_agent.engine.engine import Engine
from sync_agent.engine.store.database import open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.sync.book import EngineSettings
from sync_agent.engine.values import Account, CalendarRow

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ZONE = "Europe/Berlin"


class MovingClock:
    """Time stands still until a test moves it; each look takes a millisecond, so that no two edits are at one instant."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now

    def now(self) -> datetime:
        self._now += timedelta(milliseconds=1)
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


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

    def requests(self, account_id: str) -> int:
        found = self._open.get(account_id)
        return int(getattr(found, "requests", 0))

    def _opened(self, account: Account, how):  # type: ignore[no-untyped-def]
        if account.id not in self._open:
            self._open[account.id] = how(self.credentials[account.id])
        return self._open[account.id]


class World:
    """One tutor's engine on a file of its own."""

    def __init__(self, folder: Path, clock: MovingClock | None = None) -> None:
        self.clock = clock or MovingClock()
        self.folder = folder
        self.book = Book()
        self.told: list[tuple[str, Sequence[str]]] = []
        self.settings = EngineSettings(home_zone=ZONE, working_hours=WorkingHours.usual(ZONE))
        self.open()

    def open(self) -> None:
        self.store = Store(open_file(self.folder / "tutorsync.db"), "me")
        self.engine = Engine(
            store=self.store,
            clock=self.clock,
            book=self.book,
            settings=lambda: self.settings,
            tenant="tenant-1",
            device="laptop:test",
            notify=lambda kind, ids: self.told.append((kind, list(ids))),
        )

    def close(self) -> None:
        self.store.close()

    def connect(
        self, provider: str, credentials: Credentials, *, calendar: str = ""
    ) -> tuple[Account, list[CalendarRow]]:
        """Connect an account; the named calendar takes the sessions."""
        account = open_calendars(provider, credentials)
        account_id = self.engine.accounts.new_id()
        self.book.credentials[account_id] = credentials
        found = [(info, suggested_role(info, wanted=calendar)) for info in account.calendars()]
        new = NewAccount(account_id, provider, account.identify(), credentials.base_url)
        return self.engine.accounts.connect(new, found, confirmed=True)
