"""The contract on CalDAV: on a real server, and on those in memory, which shows that they are good stand-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.connectors.contract import WritingContract
from tests.connectors.dav_world import DavWorld
from tests.servers.nullcal import NullCal, Rewrite
from tests.servers.radicale import PASSWORD, USER, Radicale

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestRadicale(WritingContract):
    """A server that people run."""

    @pytest.fixture
    def world(self, radicale: Radicale) -> Iterator[DavWorld]:
        world = DavWorld(radicale.address, USER, PASSWORD)
        yield world
        world.close()


class _InMemory(WritingContract):
    rewrite: Rewrite = None

    @pytest.fixture
    def world(self) -> Iterator[DavWorld]:
        with NullCal(rewrite=self.rewrite).started() as server:
            world = DavWorld(f"http://127.0.0.1:{server.port}", "anna", "x")
            yield world
            world.close()


class TestNullCal(_InMemory):
    """The almost free one."""


class TestNullCalThatRewrites(_InMemory):
    """It puts its own stamps on what it gets, sorts it, and gives no ETag."""

    rewrite: Rewrite = "stamp"


class TestNullCalThatCounts(_InMemory):
    """It changes a property of its own with every write."""

    rewrite: Rewrite = "count"
