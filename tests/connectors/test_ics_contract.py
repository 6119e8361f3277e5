"""The reading half of the contract on feeds: with validators, without, and from a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.ics.account import FeedAccount, FeedReader
from connectors.registry import Credentials, open_calendars
from tests.connectors.contract import ReadingContract
from tests.connectors.feed_world import FOOT, HEAD, FeedWorld, events_of
from tests.servers.feeds import FeedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TestFeed(ReadingContract):
    """A server that gives an ETag."""

    with_validators = True

    @pytest.fixture
    def world(self) -> Iterator[FeedWorld]:
        server = FeedServer()
        with server.started() as running:
            world = FeedWorld(server, running.port, with_validators=self.with_validators)
            yield world
            world.close()


class TestFeedWithoutValidators(TestFeed):
    """One that gives nothing to recognise an unchanged file by."""

    with_validators = False


class _FileWorld:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._objects: dict[str, str] = {}
        self.account: FeedAccount = open_calendars("ics", Credentials("", {"file": str(path)}))

    def reader(self) -> FeedReader:
        return self.account.reader("")

    def put(self, name: str, text: str) -> None:
        self._objects[name] = events_of(text)
        self._write()

    def remove(self, name: str) -> None:
        del self._objects[name]
        self._write()

    def _write(self) -> None:
        self._path.write_text(HEAD + "".join(self._objects.values()) + FOOT, encoding="utf-8", newline="")


class TestFile(ReadingContract):
    """A file on this computer."""

    @pytest.fixture
    def world(self, tmp_path: Path) -> _FileWorld:
        return _FileWorld(tmp_path / "timetable.ics")
