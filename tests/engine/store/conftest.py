"""The engine's store on both databases that it is made for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from sync_agent.engine.store.database import migrate, open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.values import Account, CalendarRow, Role
from tests.cloud_api.postgres import running_postgres

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


@pytest.fixture(scope="package")
def postgres_store() -> Iterator[Store]:
    """A migrated PostgreSQL; each test rolls back what it did."""
    with running_postgres() as url:
        engine = create_engine(url)
        migrate(engine)
        yield Store(engine, "me")
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    if request.param == "sqlite":
        made = Store(open_file(tmp_path / "tutorsync.db"), "me")
        yield made
        made.close()
    else:
        yield request.getfixturevalue("postgres_store")


@pytest.fixture
def connection(store: Store) -> Iterator[Connection]:
    """A unit of work that leaves nothing behind, with an account, a calendar and two sessions in it."""
    with store.engine.connect() as opened:
        made = Store(store.engine, "me")
        made.accounts.insert(opened, Account("acc", "caldav", "i", "s", "n", "d", "u", {}, NOW))
        for name in ("work", "home"):
            row = CalendarRow(name, "acc", name, name, Role.SESSIONS, "write")
            made.accounts.insert_calendar(opened, row)
        yield opened
        opened.rollback()
