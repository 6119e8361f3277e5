"""Calendar servers for the connectors: a real Radicale, one in memory, and a proxy that counts and fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.radicale import Radicale

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """One for the whole run: it takes a second to start; every test makes a calendar of its own in it."""
    with Radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server
