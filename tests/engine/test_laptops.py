"""Two laptops of one tutor on one platform and one calendar account: one writes to the calendar, both end the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from cloud_api.database import Database
from cloud_api.devices import service as devices
from cloud_api.sandbox.faults import Fault, FaultKind
from cloud_api.sandbox.zoom import ZoomSimulator
from cloud_api.tables import calendar_leases
from connectors.http import HttpRules
from connectors.platform.client import pair
from connectors.registry import Credentials
from sync_agent.engine.values import Session
from tests.cloud_api.server import CloudProcess
from tests.cloud_api.tenant import Tenant, made_tenant
from tests.engine.phone import value_of
from tests.engine.world import NOW, THURSDAY, Home, World

_WRITES = frozenset({"PUT", "DELETE"})


class Laptops:
    """Laptop A is the home's own, B joined later; both through the home's wire, which counts who wrote."""

    def __init__(self, home: Home, tenant: Tenant, address: str, database: Database, folder: Path) -> None:
        self.home, self.tenant, self.address, self._database = home, tenant, address, database
        self._folder = folder
        self.a = home.world
        self._pair(self.a, "Anna's laptop")

    def join(self, *, calendar: bool = True) -> World:
        """Set up the second laptop."""
        folder = self._folder / f"b{uuid.uuid4()}"
        folder.mkdir()
        b = World(folder, self.a.clock)
        self._pair(b, "Anna's old laptop")
        if calendar:
            b.connect("caldav", self.home.credentials, calendar=self.home.name, only=self.home.name)
        return b

    def run(self, laptop: World) -> set[str]:
        """Do a pass. Gives which kinds of writes it sent to the calendar's server."""
        self.home.wire.reset()
        laptop.run()
        return set(self.home.wire.counts.methods) & _WRITES

    def settle(self, *laptops: World) -> dict[World, set[str]]:
        """Let everybody do passes until nothing travels any more. Gives who wrote what to the calendar."""
        wrote: dict[World, set[str]] = {one: set() for one in laptops}
        for _ in range(4):
            for one in laptops:
                wrote[one] |= self.run(one)
        return wrote

    def end_leases(self) -> None:
        """Let the platform's time for them be over, as after a quarter of an hour."""
        with self._database.engine.begin() as connection:
            connection.execute(text("UPDATE calendar_leases SET expires_at = '2020-01-01 00:00:00'"))

    def pass_at_the_platform(self, time: timedelta) -> None:
        """Let time go by for the leases only."""
        with self._database.engine.begin() as connection:
            for row in connection.execute(select(calendar_leases)).all():
                mine = calendar_leases.c.key == row.key
                connection.execute(update(calendar_leases).where(mine).values(expires_at=row.expires_at - time))

    def lock_out(self, name: str) -> None:
        """Do what the agency's operator does with a lost laptop."""
        with self._database.writing() as connection:
            (found,) = [one for one in devices.listed(connection, self.tenant.id) if one.name == name]
            assert devices.revoke(connection, self.tenant.id, found.id, datetime.now(UTC))

    def _pair(self, world: World, name: str) -> None:
        world.connect_platform(pair(self.address, self.tenant.device_code(), HttpRules(), device_name=name))


@pytest.fixture
def laptops(home: Home, cloud: CloudProcess, database: Database, tmp_path: Path) -> Iterator[Laptops]:
    with made_tenant(database, cloud.url, f"agency {uuid.uuid4()}", datetime.now(UTC)) as tenant:
        yield Laptops(home, tenant, cloud.url, database, tmp_path)


def sessions(world: World) -> dict[str, Session]:
    """Give the living sessions by id."""
    with world.store.read() as connection:
        lo = world.clock.now() - timedelta(days=30)
        found = world.store.sessions.between(connection, lo, lo + timedelta(days=120), cancelled=False)
    return {one.id: one for one in found}


def fields(world: World) -> dict[str, tuple[str, datetime, str, str]]:
    return {key: (one.title, one.when.start, one.notes, one.place) for key, one in sessions(world).items()}


def test_a_laptop_that_was_locked_out_writes_nothing_more_and_is_followed(laptops: Laptops) -> None:
    """Its lease was granted for hours; the platform says no to its next look, and it leaves the calendar alone."""
    a, home = laptops.a, laptops.home
    maths = a.add("Maths")
    laptops.run(a)
    laptops.lock_out("Anna's laptop")
    a.change(maths, title="Algebra")

    assert laptops.run(a) == set()
    assert home.phone.titles(home.work) == ["Maths"]
    b = laptops.join()
    laptops.pass_at_the_platform(timedelta(minutes=1))
    b.add("Physics", THURSDAY + timedelta(days=1))
    wrote = laptops.settle(a, b)

    assert wrote == {a: set(), b: {"PUT"}}
    assert "Physics" in home.phone.titles(home.work)
    b.close()


def test_a_second_laptop_goes_on_a_quarter_of_an_hour_after_it_joined(laptops: Laptops) -> None:
    """The only laptop was granted hours, and then it was never seen again."""
    a, home = laptops.a, laptops.home
    maths = a.add("Maths")
    laptops.run(a)

    b = laptops.join()
    laptops.run(b)
    b.change(maths, title="Algebra")
    assert laptops.settle(b) == {b: set()}
    laptops.pass_at_the_platform(timedelta(minutes=15))

    assert laptops.settle(b) == {b: {"PUT"}}
    assert home.phone.titles(home.work) == ["Algebra"]
    b.close()


def test_an_event_of_ours_is_no_appointment_once_its_session_is_known(laptops: Laptops) -> None:
    """On a new laptop the calendar answers first and the platform late: nobody is double-booked with himself."""
    a = laptops.a
    a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    with b.store.read() as connection:
        accounts = {one.provider: one.id for one in b.store.accounts.all(connection)}

    b.engine.run_pass([accounts["caldav"]])
    b.engine.run_pass([accounts["platform"]])

    assert len(sessions(b)) == 1
    assert (b.busy(), b.conflicts()) == ([], [])
    b.close()


def test_only_the_holder_of_the_lease_writes_and_both_end_the_same(laptops: Laptops) -> None:
    """Edits on both while both are offline, on different and on the same sessions."""
    a, home = laptops.a, laptops.home
    first = a.add("Maths")
    second = a.add("Physics", THURSDAY + timedelta(days=1))
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    assert set(sessions(b)) == {first, second}

    a.change(first, title="Algebra")
    b.change(first, notes="bring the book")
    b.change(second, start=THURSDAY + timedelta(days=1, hours=2))
    third = b.add("Chemistry", THURSDAY + timedelta(days=2))
    wrote = laptops.settle(b, a)

    assert wrote[b] == set()
    assert wrote[a] == {"PUT"}
    assert fields(a) == fields(b)
    assert sessions(a)[first].title == "Algebra"
    assert sessions(a)[first].notes == "bring the book"
    assert home.phone.titles(home.work) == ["Algebra", "Chemistry", "Physics"]
    assert third in sessions(a)
    b.close()


def test_a_phone_s_edit_reaches_the_reader_through_the_platform(laptops: Laptops) -> None:
    """The second laptop believes nothing that it reads in a calendar which another one looks after."""
    a, home = laptops.a, laptops.home
    session = a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)

    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Geometry"})
    laptops.run(b)
    assert sessions(b)[session].title == "Maths"
    laptops.settle(a, b)

    assert sessions(b)[session].title == "Geometry"
    b.close()


def test_the_holder_is_gone_for_good_and_the_other_takes_over(laptops: Laptops) -> None:
    """With what the first one left: the last edit wins, nothing is doubled, deleted or brought back."""
    a, home = laptops.a, laptops.home
    moved = a.add("Maths")
    gone = a.add("Physics", THURSDAY + timedelta(days=1))
    kept = a.add("Chemistry", THURSDAY + timedelta(days=2))
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    a.close()
    b.change(moved, title="Algebra")
    home.phone.edit(home.work, {"SUMMARY:Chemistry": "SUMMARY:Biology"}, title="Chemistry")
    home.phone.delete(home.work, "SUMMARY:Physics")
    assert laptops.settle(b)[b] == set()

    laptops.end_leases()
    b.clock.move(timedelta(minutes=20))
    wrote = laptops.settle(b)

    assert wrote[b] == {"PUT"}
    assert home.phone.titles(home.work) == ["Algebra", "Biology"]
    assert {one.title for one in sessions(b).values()} == {"Algebra", "Biology"}
    assert not b.session(gone).is_live
    assert sessions(b)[kept].title == "Biology"
    assert {"Biology", "Algebra"} <= {entry.after for entry in b.log("session.changed")}
    assert gone in {entry.session for entry in b.log("session.cancelled")}
    uids = [value_of(event, "UID") for event in home.events]
    assert len(uids) == len(set(uids)) == 2
    b.close()
    a.open()


def test_a_new_holder_knows_what_the_former_one_agreed_on_last(laptops: Laptops) -> None:
    """Renamed, told and gone for good; then the phone renamed it once more, at a server that drops our marker: only
    the bases that were left at the platform tell that the phone's word is the later one."""
    a, home = laptops.a, laptops.home
    session = a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    a.change(session, title="Algebra")
    laptops.run(a)
    a.close()
    home.drop_markers()
    home.phone.edit(home.work, {"SUMMARY:Algebra": "SUMMARY:Geometry"})

    laptops.end_leases()
    b.clock.move(timedelta(minutes=20))
    laptops.settle(b)

    assert sessions(b)[session].title == "Geometry"
    assert home.phone.titles(home.work) == ["Geometry"]
    assert b.log("version.lost") == []
    b.close()
    a.open()


def test_a_deletion_that_its_first_reader_told_nobody_of_is_found_by_the_next_holder(laptops: Laptops) -> None:
    """The session was cancelled there, with nobody told before the next pass, and there never was one."""
    a, home = laptops.a, laptops.home
    maths = a.add("Maths")
    b = laptops.join()
    laptops.settle(a, b)
    home.phone.delete(home.work, "Maths")

    laptops.run(a)
    assert maths not in sessions(a)
    laptops.end_leases()
    laptops.settle(b)

    assert maths not in sessions(b)
    assert home.phone.titles(home.work) == []
    b.close()


def test_an_event_that_was_let_go_on_one_laptop_is_let_go_on_the_next_holder_too(laptops: Laptops) -> None:
    """It is an appointment of the tutor's own there as well, and nobody makes another beside it."""
    a, home = laptops.a, laptops.home
    maths = a.add("Maths")
    b = laptops.join()
    laptops.settle(a, b)
    times = {"DTSTART;TZID=Europe/Berlin:20261126T150000": "DTSTART;VALUE=DATE:20261126"}
    times |= {"DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;VALUE=DATE:20261127"}
    home.phone.edit(home.work, times)
    laptops.settle(a, b)
    (question,) = a.questions()
    a.engine.questions.answer(question.id, "no")
    laptops.settle(a, b)

    laptops.end_leases()
    wrote = laptops.settle(b)

    assert wrote == {b: set()}
    assert home.phone.titles(home.work) == ["Maths"]
    assert b.session(maths).is_live
    assert b.questions() == []
    b.close()


def test_what_was_made_while_another_wrote_is_written_by_the_next_holder_also_after_a_restart(laptops: Laptops) -> None:
    """It was at rest then: only the store knows for which calendars it was not planned. An agent begins with a few."""
    a, home = laptops.a, laptops.home
    a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    a.close()
    b.add("Chemistry", THURSDAY + timedelta(days=2))
    laptops.run(b)
    laptops.run(b)
    assert home.phone.titles(home.work) == ["Maths"]

    laptops.end_leases()
    b.again()
    with b.store.read() as connection:
        accounts = [one.id for one in b.store.accounts.all(connection)]
    for _ in range(3):
        b.clock.move(timedelta(minutes=1))
        b.engine.run_pass(accounts)

    assert home.phone.titles(home.work) == ["Chemistry", "Maths"]
    b.close()
    a.open()


def test_the_former_holder_wakes_and_only_reads(laptops: Laptops) -> None:
    """It slept with an edit that it had not sent; what the other did meanwhile is not written over."""
    a, home = laptops.a, laptops.home
    session = a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    laptops.end_leases()
    b.clock.move(timedelta(minutes=20))
    laptops.settle(b)
    b.change(session, title="Algebra")
    laptops.run(b)

    a.change(session, notes="from the train")
    wrote = laptops.settle(a, b)

    assert wrote[a] == set()
    assert fields(a) == fields(b)
    assert sessions(b)[session].title == "Algebra"
    assert "from the train" in home.phone.event(home.work)
    b.close()


def test_killed_between_write_and_report_the_next_holder_takes_no_echo_for_an_edit(laptops: Laptops) -> None:
    """The calendar says what the first laptop wrote; the platform moved on since. The newest edit is not lost."""
    a, home = laptops.a, laptops.home
    session = a.add("Maths")
    laptops.run(a)
    b = laptops.join()
    laptops.settle(a, b)
    a.change(session, title="Algebra")
    # The answer to the write is lost, and the laptop never comes back.
    home.wire.fail("drop-response", method="PUT")
    laptops.run(a)
    home.wire.fail()
    assert home.phone.titles(home.work) == ["Algebra"]
    a.store.close()
    laptops.run(b)
    b.change(session, title="Geometry")

    laptops.end_leases()
    b.clock.move(timedelta(minutes=20))
    laptops.settle(b)

    assert sessions(b)[session].title == "Geometry"
    assert home.phone.titles(home.work) == ["Geometry"]
    b.close()
    a.open()


def test_a_meeting_under_way_is_the_next_holder_s_to_look_for(laptops: Laptops) -> None:
    """The answer to its making was lost, and then the other laptop went on: one meeting, and nobody waits for it."""
    a, home = laptops.a, laptops.home
    with ZoomSimulator() as zoom:
        zoom.clock.advance(NOW - zoom.clock.now())
        host = Credentials("", zoom.settings, {"client_secret": zoom.account.app.client_secret})
        a.connect_host(host)
        zoom.order(Fault(FaultKind.ANSWER_LOST, method="POST", path="/v2/"))
        a.add("Maths")
        laptops.run(a)
        b = laptops.join()
        b.connect_host(host)
        laptops.end_leases()
        b.clock.move(timedelta(minutes=20))

        laptops.settle(b, a)

        for one in (a, b):
            with one.store.read() as connection:
                assert not one.store.journal.unsettled(connection)
        assert len(zoom.meetings()) == 1
        assert "zoom" in home.phone.event(home.work)
        b.close()


def test_a_laptop_that_joins_late_resurrects_and_doubles_nothing(laptops: Laptops) -> None:
    """It was in a drawer while sessions were cancelled, moved and made."""
    a, home = laptops.a, laptops.home
    cancelled = a.add("Maths")
    a.add("Physics", THURSDAY + timedelta(days=1))
    laptops.settle(a)
    a.engine.sessions.cancel(cancelled)
    laptops.settle(a)

    b = laptops.join()
    wrote = laptops.settle(b, a)

    assert wrote[b] == set()
    assert fields(a) == fields(b)
    assert home.phone.titles(home.work) == ["Physics"]
    assert not b.conflicts()
    b.close()


def test_a_restored_laptop_is_told_by_the_platform(laptops: Laptops, cloud: CloudProcess) -> None:
    """Even the mark outside of the profile was restored with it; the platform remembers the last start."""
    a, home = laptops.a, laptops.home
    a.start()
    session = a.add("Maths")
    laptops.settle(a)
    old, mark = (a.folder / "tutorsync.db"), a.outside
    a.store.close()
    copy = old.read_bytes()
    a.open()
    a.start()
    a.change(session, title="Algebra")
    laptops.settle(a)

    a.store.close()
    for side in a.folder.glob("tutorsync.db*"):
        side.unlink()
    old.write_bytes(copy)
    a.outside = mark
    a.open()
    a.start()
    laptops.settle(a)

    assert sessions(a)[session].title == "Algebra"
    assert home.phone.titles(home.work) == ["Algebra"]
    assert "store.restored" in {entry.kind for entry in a.log()}
    assert cloud.port
