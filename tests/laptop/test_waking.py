"""Sleep and wake, as the agent lives through them: with a real server, a real store, and a clock that jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.values import Account
from sync_agent.laptop.agent.beating import Beating
from sync_agent.laptop.agent.due import Want
from sync_agent.laptop.office import Office
from sync_agent.laptop.operations import agent
from sync_agent.laptop.operations.request import Request
from sync_agent.laptop.profile.config import Config
from sync_agent.laptop.vault.secrets import Secret
from tests.engine.phone import Phone
from tests.laptop.clocks import FakeClock
from tests.laptop.conftest import PASSPHRASE, Desk, connect_caldav, until
from tests.servers.nullcal import NullCal
from tests.servers.radicale import PASSWORD, USER
from tests.servers.wiretap import Wiretap

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


class Laptop:
    """An agent in this process, on a profile that is connected through a wire."""

    def __init__(self, desk: Desk, wire: Wiretap) -> None:
        self.wire, self.clock = wire, FakeClock(datetime(2030, 5, 7, 9, 0, tzinfo=UTC))
        self.told: list[str] = []
        config = Config(desk.profile.config, desk.environment, {})
        self.heard: Callable[[str], None] = lambda _: None
        self.office = Office(desk.profile, config, notify=self._notify, clock=self.clock)
        self.office.vault.unlock(Secret(PASSPHRASE))
        self.beating = Beating(self.office, awake_s=self.clock.awake_s)

    def _notify(self, kind: str, ids: Sequence[str]) -> None:
        del ids
        self.told.append(kind)
        self.heard(kind)

    def start(self) -> None:
        self.beating.start()
        until(lambda: self.account.last_success_at == self.clock.now())

    def close(self) -> None:
        self.beating.stop()
        self.office.close()

    def beat(self) -> None:
        """Do what the scheduler does when somebody's time has come."""
        self.beating.worker.ask(Want.BEAT)

    @property
    def account(self) -> Account:
        with self.office.store.read() as connection:
            (found,) = self.office.store.accounts.all(connection)
        return found

    @property
    def compared_at(self) -> datetime | None:
        with self.office.store.read() as connection:
            return self.office.store.accounts.calendars(connection)[0].compared_at

    @property
    def next_in(self) -> timedelta:
        return self.beating.rhythm.next_in()

    @property
    def status(self) -> dict[str, Any]:
        return agent.status(self.office, Request()).body


@pytest.fixture
def laptop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    with NullCal().started() as server:
        phone, wire = Phone(f"http://127.0.0.1:{server.port}", USER, PASSWORD), Wiretap(server.port)
        phone.make_calendar("Work")
        phone.close()
        with wire.started() as tap:
            through = SimpleNamespace(address=f"http://127.0.0.1:{tap.port}/")
            assert connect_caldav(desk, through, monkeypatch).code == 0  # type: ignore[arg-type]
            made = Laptop(desk, wire)
            yield made
            made.close()


@pytest.mark.complaint(21)
def test_complaint_21_waking_up_is_normal(laptop: Laptop) -> None:
    """The lid was closed for an hour; the network is back half a minute late. Nothing is said and nothing is lost."""
    laptop.start()
    laptop.wire.fail("drop-request", every=True)
    laptop.wire.reset()

    # The beat that was missed comes at once. Nobody is asked for a moment: the network is not back yet.
    laptop.clock.sleep(HOUR)
    laptop.beat()
    until(lambda: laptop.next_in == 8 * SECOND)
    assert laptop.wire.counts.requests == 0

    # Then the first tries fail, and that is no news: no error, no "offline", no line in health.
    for _ in range(3):
        laptop.clock.pass_(max(laptop.next_in, SECOND))
        asked = laptop.wire.counts.requests
        laptop.beat()
        until(lambda asked=asked: laptop.wire.counts.requests > asked and laptop.next_in == 10 * SECOND)
        assert (laptop.account.error_code, laptop.account.failing_since) == ("", None)
        until(lambda: laptop.status["state"] == "ok")
        assert "health.changed" not in laptop.told

    # With the network it goes on by itself.
    laptop.wire.fail()
    laptop.clock.pass_(laptop.next_in)
    laptop.beat()
    until(lambda: laptop.account.last_success_at == laptop.clock.now())
    assert laptop.account.next_try_at is None


@pytest.mark.complaint(21)
def test_complaint_21_no_connection_is_used_that_was_slept_on(laptop: Laptop) -> None:
    """It looks alive, and nothing comes back on it for a minute."""
    laptop.start()
    opened = laptop.wire.counts.connections
    laptop.clock.pass_(2 * MINUTE)
    laptop.beat()
    until(lambda: laptop.account.last_success_at == laptop.clock.now())
    assert laptop.wire.counts.connections == opened

    laptop.clock.sleep(HOUR)
    laptop.beating.worker.ask(Want.ALL)

    until(lambda: laptop.account.last_success_at == laptop.clock.now())
    assert laptop.wire.counts.connections > opened


@pytest.mark.complaint(21)
def test_complaint_21_who_is_still_away_after_a_while_is_told(laptop: Laptop) -> None:
    """A minute and a half is no longer waking up: then it is said, in health and in the tray."""
    laptop.start()
    laptop.wire.fail("drop-request", every=True)
    laptop.clock.sleep(8 * HOUR)
    laptop.beat()
    until(lambda: laptop.next_in == 8 * SECOND)

    laptop.clock.pass_(2 * MINUTE)
    laptop.beat()

    until(lambda: laptop.account.error_code == "connection.answer_lost")
    until(lambda: laptop.status["state"] == "offline")


@pytest.mark.complaint(7)
def test_complaint_7_a_quarter_of_an_hour_before_a_session_everybody_is_asked_once_more(laptop: Laptop) -> None:
    """Looked at five minutes before that, its own next look is an hour away: this one is made as well, and once."""
    laptop.office.config.change({"sync.poll_seconds": 3600})
    laptop.office.engine.sessions.add(
        SessionEdit(start=datetime(2030, 5, 7, 12), zone="UTC", duration=HOUR, title="Maths")
    )
    laptop.start()
    laptop.clock.pass_(160 * MINUTE)
    laptop.beat()
    until(lambda: laptop.account.last_success_at == laptop.clock.now())
    until(lambda: laptop.next_in == 5 * MINUTE)

    laptop.clock.pass_(5 * MINUTE)
    laptop.beat()

    until(lambda: laptop.account.last_success_at == laptop.clock.now())
    until(lambda: laptop.next_in > 20 * MINUTE)


def test_a_clock_set_back_stalls_nothing(laptop: Laptop) -> None:
    """The account failed, the clock is set back by three hours: its wait is not three hours longer."""
    laptop.start()
    laptop.wire.fail("broken", every=True)
    laptop.clock.pass_(MINUTE * 2)
    laptop.beat()
    until(lambda: laptop.account.error_code)
    waits = laptop.next_in

    laptop.clock.set_by(-3 * HOUR)
    laptop.beating.pulse.look()

    assert laptop.next_in == waits
    laptop.wire.fail()
    laptop.clock.pass_(waits)
    laptop.beat()
    until(lambda: not laptop.account.error_code)


def test_after_the_clock_was_set_everything_is_compared_once_more(laptop: Laptop) -> None:
    """What was noted by the other time may be wrong, so the next look lists the calendar in full."""
    laptop.start()
    until(lambda: laptop.compared_at is not None)
    before = laptop.compared_at

    laptop.clock.set_by(-3 * HOUR)
    laptop.clock.pass_(2 * MINUTE)
    laptop.beat()

    until(lambda: laptop.compared_at not in {None, before})


def test_overlapping_passes_are_one_time_of_syncing(laptop: Laptop) -> None:
    """A person asks while the worker is at it: the first to end does not say that all is at rest."""
    office, wire = laptop.office, laptop.wire

    def first_ends(kind: str) -> None:
        if kind == "pass.finished":
            wire.hold("REPORT")

    laptop.heard = first_ends
    wire.hold("REPORT")
    passes = [Thread(target=office.run_pass) for _ in range(2)]
    for one in passes:
        one.start()
    until(lambda: laptop.told.count("state.changed") == 2 and wire.counts.methods.get("REPORT"))
    wire.release()

    until(lambda: laptop.told.count("state.changed") == 3)
    assert office.is_syncing
    laptop.heard = lambda _: None
    wire.release()
    for one in passes:
        one.join()
    assert not office.is_syncing


def test_status_says_when_it_is_looked_at_next(laptop: Laptop) -> None:
    """While an agent runs by its rhythm; without one when somebody asks."""
    (before,) = laptop.status["accounts"]
    laptop.start()
    laptop.office.wait_of = laptop.beating.beats.wait_of
    (running,) = until(lambda: [one for one in laptop.status["accounts"] if one["next_look_at"]])

    assert before["words"] == f"{before['name']}: next look when you sync."
    assert running["words"].startswith(f"{before['name']}: next look ")
    assert datetime.fromisoformat(running["next_look_at"]) > laptop.clock.now()


def test_a_person_waits_for_no_pace(laptop: Laptop) -> None:
    """Sync now means now: right after a look, right after waking, and whatever the account waits for."""
    laptop.start()
    laptop.clock.sleep(HOUR)
    laptop.beating.pulse.look()
    laptop.clock.pass_(SECOND)

    laptop.beating.worker.ask(Want.ALL)

    until(lambda: laptop.account.last_success_at == laptop.clock.now())


def test_while_paused_nobody_is_asked_and_then_it_goes_on(laptop: Laptop) -> None:
    laptop.start()
    laptop.office.pause(laptop.clock.now() + HOUR)
    assert laptop.next_in == HOUR
    laptop.wire.reset()

    laptop.clock.pass_(10 * MINUTE)
    laptop.beat()
    laptop.office.resume()
    laptop.beat()

    until(lambda: laptop.account.last_success_at == laptop.clock.now())
