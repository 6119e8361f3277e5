"""Servers that the engine's stories are played against."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.world import Home, World
from tests.servers.nullcal import NullCal
from tests.servers.radicale import PASSWORD, USER, Radicale

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
