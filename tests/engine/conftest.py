"""Servers that the engine's stories are played against."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud_api.database import Database
from tests.cloud_api.server import CloudProcess, running_cloud
from tests.cloud_api.tenant import made_tenant
from tests.engine.agency import Agency
from tests.engine.terminal import Begin, House, Side, Terminal
from tests.engine.world import Home, World
from tests.servers.nullcal import NullCal, Rewrite
from tests.servers.radicale import PASSWORD, USER, Radicale
from tests.servers.wiretap import Wiretap

_names = itertools.count(1)


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A real CalDAV server."""
    with Radicale(tmp_path_factory.mktemp("engine-radicale")) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A tutor with a calendar named Work, on a CalDAV server in memory behind a wire that can be tampered with."""
    with Home(tmp_path, NullCal()) as made:
        yield made


@pytest.fixture(params=["memory", "radicale"])
def any_home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Home]:
    """The same, also on a Radicale."""
    server = NullCal() if request.param == "memory" else request.getfixturevalue("radicale")
    with Home(tmp_path, server, user=USER, password=PASSWORD, number=next(_names)) as made:
        yield made


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A tutor's engine without any account."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def cloud_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('engine-cloud')}/cloud.db"


@pytest.fixture(scope="module")
def cloud(cloud_url: str) -> Iterator[CloudProcess]:
    """The real API, as a process."""
    with running_cloud("--database-url", cloud_url) as server:
        yield server


@pytest.fixture(scope="module")
def database(cloud: CloudProcess, cloud_url: str) -> Iterator[Database]:
    del cloud  # it migrates the database
    opened = Database(cloud_url)
    yield opened
    opened.close()


@pytest.fixture
def agency(home: Home, cloud: CloudProcess, database: Database) -> Iterator[Agency]:
    """An agency of one test's own, with a tutor whose laptop is paired."""
    wire = Wiretap(cloud.port)
    with (
        wire.started() as tap,
        made_tenant(database, cloud.url, f"agency {uuid.uuid4()}", datetime.now(UTC)) as tenant,
    ):
        yield Agency(tenant, home, wire, f"http://127.0.0.1:{tap.port}")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with Side("work") as side, Side("second") as other:
        yield House(tmp_path_factory.mktemp("house"), side, other)


@pytest.fixture
def begin(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Begin:
    """Begin a story: with an empty calendar, with sixty sessions in it ("full"), or with two accounts ("two")."""

    def start(kind: str = "empty", rewrite: Rewrite = None) -> Terminal:
        return house.terminal(tmp_path, capsys, monkeypatch, kind=kind, rewrite=rewrite)

    return start
