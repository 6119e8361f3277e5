"""Writes to one calendar go out several at a time where the way is long, and one by one where a server wants that."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from connectors.vocabulary.protocols import Calendar, CalendarAccount
from sync_agent.engine.values import Account
from tests.engine.test_faults import Killed
from tests.engine.world import NOW, THURSDAY, Book, Home
from tests.servers.nullcal import NullCal

FAR_AWAY_S = 0.02
TITLES = [f"Lesson {number:02}" for number in range(12)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A calendar far away, and an engine that sends up to four writes at once."""
    with Home(tmp_path, NullCal()) as made:
        made.wire.delay_s = FAR_AWAY_S
        made.world.several_at_once()
        yield made


def plan_all(home: Home) -> list[str]:
    hours = [timedelta(hours=2 * number) for number in range(len(TITLES))]
    return [home.world.add(title, start=THURSDAY + hour) for title, hour in zip(TITLES, hours, strict=True)]


def unsettled(home: Home) -> int:
    with home.world.store.read() as connection:
        return len(home.world.store.journal.unsettled(connection))


def test_several_are_on_the_way_at_once_and_each_object_once(home: Home) -> None:
    """The first one shows how long the way is; then there are four."""
    plan_all(home)
    home.wire.reset()

    report = home.run()

    assert report.created == len(TITLES)
    assert home.phone.titles(home.work) == TITLES
    assert 2 <= home.wire.counts.most_writes_at_once <= 4
    written = [target for method, target, _ in home.wire.counts.log if method == "PUT"]
    assert len(written) == len(set(written)) == len(TITLES)
    assert unsettled(home) == 0
    assert home.idle(3) == 0


def test_changes_and_deletions_too(home: Home) -> None:
    """Created, moved and cancelled in one pass."""
    sessions = plan_all(home)
    home.run()
    for session in sessions[:6]:
        home.world.change(session, place="Room 5")
    for session in sessions[6:9]:
        home.world.engine.sessions.cancel(session)
    home.world.add("New")

    report = home.run()

    assert (report.created, report.updated, report.deleted) == (1, 6, 3)
    assert home.phone.titles(home.work) == sorted([*TITLES[:6], *TITLES[9:], "New"])
    assert sum("LOCATION:Room 5" in text for text in home.events) == 6
    assert home.idle(3) == 0


@pytest.mark.parametrize("refusal", ["locked", "broken", "unavailable", "too-many"])
def test_a_server_that_bears_no_company_gets_them_one_by_one(home: Home, refusal: str) -> None:
    """423, 500, 503 or 429 to writes side by side: all is settled after this one pass, and the account remembers."""
    plan_all(home)
    home.wire.refuses_company = refusal

    home.run()

    assert home.phone.titles(home.work) == TITLES
    assert unsettled(home) == 0
    assert home.world.account(home.account.id).failures == 0
    home.wire.reset()
    home.world.again()
    for number in range(6):
        home.world.add(f"More {number}", start=THURSDAY + timedelta(days=7, hours=2 * number))
    home.run()
    assert home.wire.counts.most_writes_at_once == 1
    assert home.wire.counts.faults == 0
    assert home.idle(3) == 0


def test_after_a_week_it_is_tried_again(home: Home) -> None:
    """Servers are mended."""
    plan_all(home)
    home.wire.refuses_company = "locked"
    home.run()
    home.wire.refuses_company = ""
    home.world.clock.move(timedelta(days=8))
    for number in range(8):
        home.world.add(f"More {number}", start=THURSDAY + timedelta(days=14, hours=2 * number))
    home.wire.reset()

    home.run()

    assert home.wire.counts.most_writes_at_once >= 2
    with home.world.store.read() as connection:
        assert home.world.store.accounts.quirks(connection, home.account.id) == {}


def test_a_server_that_names_a_pause_is_left_alone_for_it(home: Home) -> None:
    """429 with Retry-After: what it says is meant; then one by one."""
    plan_all(home)
    home.wire.refuses_company = "busy"

    home.run()

    due_at = home.world.account(home.account.id).next_try_at
    assert due_at is not None
    assert due_at > NOW
    home.run()
    assert home.phone.titles(home.work) == TITLES
    assert home.idle(3) == 0


class _Watched(Book):
    """Connections on which a test does something in the middle of the writes, at their number-th creation."""

    def __init__(self, book: Book, number: int, happens: Callable[[], None]) -> None:
        super().__init__()
        self.credentials, self._open = book.credentials, book._open
        self._left, self._lock, self._happens = number, threading.Lock(), happens

    def calendars(self, account: Account) -> CalendarAccount:
        return _Handed(super().calendars(account), "calendar", self._watched)  # type: ignore[return-value]

    def _watched(self, real: Callable[..., Calendar], *args: object, **kwargs: object) -> object:
        return _Handed(real(*args, **kwargs), "create", self._created)

    def _created(self, real: Callable[..., object], *args: object) -> object:
        with self._lock:
            self._left -= 1
            is_now = self._left == 0
        if is_now:
            self._happens()
        return real(*args)


class _Handed:
    """Hands everything on, but one call to somebody else."""

    def __init__(self, real: object, call: str, instead: Callable[..., object]) -> None:
        self._real, self._call, self._instead = real, call, instead

    def __getattr__(self, name: str) -> object:
        found = getattr(self._real, name)
        if name != self._call:
            return found
        return lambda *args, **named: self._instead(partial(found, **named), *args)


def _die() -> None:
    raise Killed


@pytest.mark.parametrize("number", [1, 2, 5, 12])
def test_killed_while_several_are_on_the_way(home: Home, number: int) -> None:
    """Rows stand in the journal whose requests arrived, that were on the wire, and that never left: one event each."""
    plan_all(home)
    alive = home.world.book
    home.world.book = _Watched(alive, number, _die)
    home.world.again()
    with pytest.raises(Killed):
        home.run()

    home.world.book = alive
    home.world.again()
    home.run()
    home.run()

    assert home.phone.titles(home.work) == TITLES
    assert unsettled(home) == 0
    assert home.idle(3) == 0


def test_halted_while_several_are_on_the_way(home: Home) -> None:
    """What was on the wire is read back; what had not left is no row any more, and goes with the next pass."""
    plan_all(home)
    home.world.book = _Watched(home.world.book, 3, lambda: home.world.engine.halt())
    home.world.again()

    report = home.run()

    assert report.stopped
    assert 0 < report.created < len(TITLES)
    assert unsettled(home) == 0
    home.run()
    assert home.phone.titles(home.work) == TITLES
    assert home.idle(3) == 0


def test_an_edit_while_several_are_on_the_way_is_written_after_them(home: Home) -> None:
    """The tutor changes a session whose creation is written down or under way: nothing of it is lost."""
    sessions = plan_all(home)

    def edit() -> None:
        for session in sessions[:10]:
            home.world.change(session, place="Room 5")

    home.world.book = _Watched(home.world.book, 3, edit)
    home.world.again()

    home.run()
    home.run()

    assert home.phone.titles(home.work) == TITLES
    assert sum("LOCATION:Room 5" in text for text in home.events) == 10
    assert home.idle(3) == 0
