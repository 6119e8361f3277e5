"""One slow server never delays another, and a pass ends when somebody wants it to: with real threads and sockets."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.registry import Credentials
from sync_agent.engine.sync.report import PassReport
from tests.engine.phone import Phone
from tests.engine.world import THURSDAY, Home
from tests.servers.nullcal import NullCal
from tests.servers.wiretap import Wiretap

SOON = timedelta(seconds=1.5)
"""Long enough for a server that answers, also on a busy machine."""


def until(holds: Callable[[], object]) -> None:
    """Wait for a condition."""
    deadline, pause = time.monotonic() + 20, threading.Event()
    while not holds():
        assert time.monotonic() < deadline
        pause.wait(0.01)


class Two(AbstractContextManager["Two"]):
    """A tutor with two accounts at two servers: one answers, of the other the wire can be held.

    Attributes:
        slow: path of the calendar for sessions at the server that can hang.
        wire: to that server.
    """

    def __init__(self, folder: Path) -> None:
        self._open = ExitStack()
        self.home = self._open.enter_context(Home(folder, NullCal()))
        self.world = self.home.world
        port = self._open.enter_context(NullCal().started()).port
        self.phone = Phone(f"http://127.0.0.1:{port}", "anna", "x")
        self._open.callback(self.phone.close)
        self.wire = Wiretap(port)
        through = self._open.enter_context(self.wire.started()).port
        self.slow = self.phone.make_calendar("slow")
        credentials = Credentials(f"http://127.0.0.1:{through}/", {"username": "anna"}, {"password": "x"})
        self.account, _ = self.world.connect("caldav", credentials, calendar="slow", only="slow")
        self.world.in_threads(SOON)

    def __exit__(self, *exc: object) -> None:
        self.wire.release()
        self._open.close()

    def agent_pass(self) -> PassReport:
        """Do a pass as the agent does: whoever is late is left behind."""
        return self.world.engine.run_pass(wait=False)

    def until_late(self) -> str:
        """Wait until what was left behind can be taken in; gives the account."""
        return self.world.came_late.get(timeout=20)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with Two(tmp_path) as made:
        yield made


def test_accounts_are_read_and_written_side_by_side(two: Two) -> None:
    """Both calendars have the session after one pass, and nothing is written afterwards."""
    two.world.add()

    report = two.world.engine.run_pass()

    assert two.home.phone.titles(two.home.work) == two.phone.titles(two.slow) == ["Maths"]
    assert (report.created, report.late) == (2, [])
    assert two.home.idle(3) == 0


def test_who_hangs_while_it_is_read_holds_up_nobody(two: Two) -> None:
    """One server answers nothing: the other is read, planned and written, again and again, while the first hangs."""
    session = two.world.add()
    two.agent_pass()
    two.wire.hold()
    two.wire.reset()

    two.home.phone.edit(two.home.work, {"SUMMARY:Maths": "SUMMARY:Physics"})
    first = two.agent_pass()
    two.home.phone.edit(two.home.work, {"SUMMARY:Physics": "SUMMARY:Chemistry"})
    second = two.agent_pass()

    assert first.late == [two.account.id]
    assert first.accounts[two.account.id].ok
    # The second pass finds it still under way and asks nothing more.
    assert second.late == [two.account.id]
    assert two.wire.counts.requests == 1
    assert two.world.session(session).title == "Chemistry"
    assert two.phone.titles(two.slow) == ["Maths"]

    two.wire.release()
    assert two.until_late() == two.account.id
    third = two.agent_pass()

    assert third.updated == 1
    assert two.phone.titles(two.slow) == two.home.phone.titles(two.home.work) == ["Chemistry"]
    assert two.home.idle(3) == 0


def test_who_hangs_while_it_is_written_holds_up_nobody(two: Two) -> None:
    """The other calendar has all; of the first one write is on the wire, and no further one is sent after it."""
    for hour in range(4):
        two.world.add(f"Session {hour}", THURSDAY + timedelta(hours=hour * 2))
    two.wire.hold("PUT")
    two.wire.reset()

    report = two.agent_pass()

    assert report.late == [two.account.id]
    assert len(two.home.phone.titles(two.home.work)) == 4

    two.wire.release()
    two.until_late()
    assert two.wire.counts.methods["PUT"] == 1
    after = two.agent_pass()

    # What was on the wire is settled, and what was not is planned anew: four in all, each once.
    assert after.created == 4
    assert sorted(two.phone.titles(two.slow)) == [f"Session {hour}" for hour in range(4)]
    assert two.wire.counts.methods["PUT"] == 4
    assert two.home.idle(3) == 0


def test_whoever_asks_to_wait_gets_all_and_the_others_do_not_wait_with_them(two: Two) -> None:
    """`tutorsync sync` beside a server that hangs: the other calendar is written meanwhile; the report says all."""
    two.wire.hold()
    session = two.world.add()
    reports: list[PassReport] = []
    asking = threading.Thread(target=lambda: reports.append(two.world.engine.run_pass()))
    asking.start()

    until(lambda: two.home.phone.titles(two.home.work) == ["Maths"])
    assert not reports
    # Meanwhile a person works on, and the agent does its passes.
    two.world.change(session, title="Physics")
    two.agent_pass()
    assert two.home.phone.titles(two.home.work) == ["Physics"]
    two.wire.release()
    asking.join(20)

    (report,) = reports
    assert report.late == []
    assert report.accounts[two.account.id].written == 1
    assert report.accounts[two.account.id].requests > 0
    two.agent_pass()
    assert two.phone.titles(two.slow) == two.home.phone.titles(two.home.work) == ["Physics"]


def test_absence_is_not_believed_of_an_account_that_is_still_being_read(two: Two) -> None:
    """An event is deleted at the server that then hangs: its session lives until that account was read whole."""
    session = two.world.add()
    two.agent_pass()
    two.phone.delete(two.slow)
    two.wire.hold()

    two.agent_pass()
    assert two.world.session(session).is_live

    two.wire.release()
    two.until_late()
    two.agent_pass()
    assert not two.world.session(session).is_live


def test_what_a_late_account_brings_is_looked_at_for_double_bookings(two: Two) -> None:
    """A dentist that arrives late is a double booking all the same."""
    two.world.add()
    two.agent_pass()
    two.phone.add(two.slow, "dentist", "SUMMARY:Dentist", "DTSTART:20261126T140000Z", "DTEND:20261126T150000Z")
    two.wire.hold()
    two.agent_pass()
    assert not two.world.conflicts()

    two.wire.release()
    two.until_late()
    two.agent_pass()

    assert len(two.world.conflicts()) == 1


def test_an_account_that_fails_late_is_told_in_health_and_left_alone(two: Two) -> None:
    two.agent_pass()
    two.wire.hold()
    two.agent_pass()
    two.wire.fail("broken", every=True)

    two.wire.release()
    two.until_late()
    report = two.agent_pass()

    assert report.accounts[two.account.id].code == "connection.server_fault"
    assert two.world.account(two.account.id).next_try_at is not None
    assert two.account.id not in two.agent_pass().accounts


def test_an_account_that_is_removed_while_it_hangs_takes_nothing_with_it(two: Two) -> None:
    """Disconnected in the middle of its reading: nobody misses what it would have brought."""
    two.world.add()
    two.agent_pass()
    two.wire.hold()
    two.agent_pass()

    two.world.engine.accounts.disconnect(two.account.id)
    two.wire.release()
    two.until_late()
    report = two.agent_pass()

    assert two.account.id not in report.accounts
    assert two.home.phone.titles(two.home.work) == ["Maths"]


def test_a_pass_that_is_halted_ends_at_once_and_loses_nothing(two: Two) -> None:
    """Ctrl+C, a pause, a shutdown: no server is waited for; the next pass goes on where this one ended."""
    two.world.add()
    two.wire.hold()
    reports: list[PassReport] = []
    asking = threading.Thread(target=lambda: reports.append(two.world.engine.run_pass()))
    asking.start()
    until(lambda: two.wire.counts.requests)

    two.world.engine.halt()
    asking.join(5)

    (report,) = reports
    assert report.stopped
    two.wire.release()
    again = two.world.engine.run_pass()
    assert not again.stopped
    assert two.home.phone.titles(two.home.work) == two.phone.titles(two.slow) == ["Maths"]
    assert two.home.idle(3) == 0


def test_a_halt_between_two_writes_sends_no_further_one(two: Two) -> None:
    """What is on the wire stands in the journal and is looked up; the rest was never sent."""
    for hour in range(3):
        two.world.add(f"Session {hour}", THURSDAY + timedelta(hours=hour * 2))
    two.wire.hold("PUT")
    asking = threading.Thread(target=two.world.engine.run_pass)
    asking.start()
    until(lambda: two.wire.counts.methods.get("PUT"))

    two.world.engine.halt()
    asking.join(5)
    assert not asking.is_alive()
    two.wire.release()
    assert two.world.engine.close(within=timedelta(seconds=20))

    assert two.wire.counts.methods["PUT"] == 1
    two.world.engine.run_pass()
    assert two.wire.counts.methods["PUT"] == 3
    assert two.home.idle(3) == 0


def test_the_store_is_closed_to_work_that_outlives_its_program(two: Two) -> None:
    """An answer that comes when the profile may be somebody else's changes nothing; the next start looks it up."""
    session = two.world.add()
    two.wire.hold("PUT")
    two.agent_pass()
    two.world.store.close()
    two.wire.release()
    until(lambda: two.phone.titles(two.slow))
    two.until_late()

    two.world.open()

    with two.world.store.read() as connection:
        assert [row.session for row in two.world.store.journal.unsettled(connection)] == [session]
    two.world.engine.run_pass()
    assert two.phone.titles(two.slow) == ["Maths"]
    assert two.home.idle(3) == 0
