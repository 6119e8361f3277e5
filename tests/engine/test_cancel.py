"""Whatever a pass waits for, a pause, a disconnect or the end of the program takes effect within a second.

Nothing is left half done: the next pass goes on where this one ended, and sends each thing once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from sync_agent.engine.engine import Engine
from sync_agent.engine.naming import Naming
from sync_agent.engine.sync.lanes import Halted
from sync_agent.engine.sync.planning import Planner
from sync_agent.engine.sync.reach import Reach
from sync_agent.engine.sync.report import PassReport
from tests.engine.agency import Agency
from tests.engine.test_side_by_side import Two, until
from tests.engine.world import NOW, THURSDAY, Home

AT_ONCE_S = 1.0


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Two(tmp_path) as made:
        yield made


class Running:
    """A pass that a person waits for, in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self.reports: list[PassReport] = []
        self._thread = Thread(target=lambda: self.reports.append(engine.run_pass()))
        self._thread.start()

    def ends_at_once(self, after: Callable[[], object]) -> PassReport:
        """Do something, and see the pass end within a second."""
        began = time.monotonic()
        after()
        self._thread.join(20)
        assert not self._thread.is_alive()
        assert time.monotonic() - began < AT_ONCE_S
        return self.reports[0]


@pytest.mark.parametrize("method", ["REPORT", "PUT"])
def test_a_server_that_hangs_keeps_nobody(two: Two, method: str) -> None:
    """In the middle of reading or of writing, by whoever waits for all of it."""
    for number in range(6):
        two.world.add(f"S{number}", THURSDAY + timedelta(days=number))
    two.wire.hold(method)
    running = Running(two.world.engine)
    until(lambda: two.wire.counts.methods.get(method))

    report = running.ends_at_once(two.world.engine.halt)

    assert report.stopped
    two.wire.release()
    two.world.engine.run_pass()
    titles = [f"S{number}" for number in range(6)]
    assert two.phone.titles(two.slow) == two.home.phone.titles(two.home.work) == titles
    assert two.wire.counts.methods["PUT"] == 6
    assert two.home.idle(3) == 0


def test_who_waits_for_the_pass_before_it_is_stopped_too(two: Two) -> None:
    """Two at once, one of them at work: both end, and the second asks nobody anything."""
    two.wire.hold("REPORT")
    first = Running(two.world.engine)
    until(lambda: two.wire.counts.methods.get("REPORT"))
    second = Running(two.world.engine)
    until(lambda: len(two.world.engine._halts) == 2 and two.home.wire.counts.requests)
    asked = two.home.wire.counts.requests

    first.ends_at_once(two.world.engine.halt)
    report = second.ends_at_once(lambda: None)

    assert (report.stopped, report.accounts) == (True, {})
    assert two.home.wire.counts.requests == asked
    two.wire.release()
    assert two.world.engine.close(within=timedelta(seconds=20))


def test_after_the_end_no_pass_begins(two: Two) -> None:
    """Ctrl+C a moment before the pass: it is not lost."""
    two.world.add()
    two.home.wire.reset()

    two.world.engine.end()
    report = two.world.engine.run_pass()

    assert (report.stopped, two.home.wire.counts.requests) == (True, 0)


def test_a_pause_that_a_server_asks_for_is_nobody_s_wait(two: Two) -> None:
    """`Retry-After: 7`: the pass ends without it, and the account is asked again when that time is over."""
    two.world.add()
    two.wire.fail("busy", every=True)

    began = time.monotonic()
    report = two.world.engine.run_pass()

    assert time.monotonic() - began < 5
    assert (report.accounts[two.account.id].code, report.stopped) == ("connection.throttled", False)
    waits_until = two.world.account(two.account.id).next_try_at
    assert waits_until is not None
    assert waits_until > two.world.clock.now()
    assert two.home.phone.titles(two.home.work) == ["Maths"]


def test_a_plan_for_very_many_is_given_up_in_the_middle(home: Home) -> None:
    """Ten thousand sessions take a while to be planned: nothing of it is stored, and all is planned anew."""
    for number in range(5):
        home.world.add(f"S{number}", THURSDAY + timedelta(days=number))
    store = home.world.store
    looks = iter(range(3))

    def check() -> None:
        if next(looks, None) is None:
            raise Halted

    with store.read() as connection:
        ids = store.sessions.unsettled(connection)
    naming = Naming.of([home.account], [home.world.calendar("work")], "tenant-1")
    planner = Planner(store, Reach(naming, frozenset({home.account.id}), frozenset()), check=check)

    with pytest.raises(Halted), store.write() as connection:
        planner.plan_all(connection, ids, NOW)

    with store.read() as connection:
        assert not any(store.links.of_sessions(connection, ids, closed=True).values())
        assert store.sessions.unsettled(connection) == ids
    home.run()
    assert home.phone.titles(home.work) == [f"S{number}" for number in range(5)]


def test_disconnected_in_the_middle_of_writing_no_further_write_leaves(two: Two) -> None:
    """One of six is on the wire: it ends, the others are never sent, and no pass stumbles over it."""
    for number in range(6):
        two.world.add(f"S{number}", THURSDAY + timedelta(days=number))
    two.wire.hold("PUT")
    running = Running(two.world.engine)
    until(lambda: two.wire.counts.methods.get("PUT"))

    two.world.engine.leave(two.account.id)
    two.world.engine.accounts.disconnect(two.account.id)
    two.wire.release()
    report = running.ends_at_once(lambda: None)

    assert two.wire.counts.methods["PUT"] == 1
    assert not report.stopped
    assert len(two.home.phone.titles(two.home.work)) == 6
    assert two.home.idle(3) == 0


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_a_platform_that_hangs_keeps_nobody(home: Home, agency: Agency, method: str) -> None:
    """While its feed is read, a lease is asked for, or a session is stored there."""
    home.world.in_threads(timedelta(seconds=20))
    session = home.world.add()
    agency.wire.hold(method)
    agency.wire.reset()
    running = Running(home.world.engine)
    until(lambda: agency.wire.counts.methods.get(method))

    report = running.ends_at_once(home.world.engine.halt)

    assert report.stopped
    agency.wire.release()
    for _ in range(3):
        home.run()
    assert agency.session(session)["title"] == "Maths"
    assert home.phone.titles(home.work) == ["Maths"]
    assert home.idle(2) == 0
