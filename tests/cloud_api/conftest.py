"""One server per database for all tests; each test has a tenant of its own, so none sees another's data."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud_api.database import Database
from tests.cloud_api.postgres import running_postgres
from tests.cloud_api.server import CloudProcess, running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant

STORES = ["sqlite", "postgresql"]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL that this run started."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session", params=STORES)
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where the server keeps its data."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('cloud')}/cloud.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def server(database_url: str) -> Iterator[CloudProcess]:
    """A running server."""
    with running_cloud("--database-url", database_url) as process:
        yield process


@pytest.fixture(scope="session")
def database(server: CloudProcess, database_url: str) -> Iterator[Database]:
    """The server's database, migrated by it."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def tenant(database: Database, server: CloudProcess) -> Iterator[Tenant]:
    """A fresh tenant with a tutor, two students and a client that may do everything."""
    with made_tenant(database, server.url, f"tenant {uuid.uuid4()}", datetime.now(UTC)) as made:
        yield made


@pytest.fixture
def own_url(tmp_path: Path, database_url: str) -> str:
    """A database of one test's own, for tests that stop the server (PostgreSQL: the shared one will do)."""
    return database_url if database_url.startswith("postgresql") else f"sqlite:///{tmp_path}/own.db"
