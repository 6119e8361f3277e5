"""A profile that was lost, put back from a backup or copied: nothing resurrected, nothing doubled, nothing lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from sync_agent.engine.starts import StartMark, is_sound, next_mark
from sync_agent.engine.store import tables
from sync_agent.engine.store.database import open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.values import LinkState
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Home, World

_FIRST = StartMark(1, "a")


@pytest.mark.parametrize(
    ("inside", "outside", "sound"),
    [
        pytest.param(None, None, True, id="a new profile"),
        pytest.param(None, _FIRST, True, id="the database was moved away: it is new and claims nothing"),
        pytest.param(StartMark(2, "b", "a"), StartMark(2, "b"), True, id="used here last"),
        pytest.param(StartMark(2, "b", "a"), _FIRST, True, id="the process died between both marks"),
        pytest.param(_FIRST, StartMark(3, "c"), False, id="put back from a backup"),
        pytest.param(StartMark(3, "x", "b"), StartMark(3, "c"), False, id="two copies, each started as often"),
        pytest.param(StartMark(3, "x", "b"), None, False, id="copied to another computer"),
    ],
)
def test_a_store_is_known_by_the_mark_of_its_last_start(
    inside: StartMark | None, outside: StartMark | None, *, sound: bool
) -> None:
    """A crash, a moved file and a new computer are told apart from an old store."""
    assert is_sound(inside, outside) is sound


def test_the_counter_never_falls() -> None:
    """Whichever of both marks was lost."""
    assert next_mark(_FIRST, StartMark(7, "q"), "n") == StartMark(8, "n", "a")
    assert next_mark(None, StartMark(7, "q"), "n") == StartMark(8, "n")
    assert next_mark(None, None, "n") == StartMark(1, "n")


class Backup:
    """A copy of a profile's database, and the mark that lay outside of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._file = world.folder / "backup.db"
        world.store.close()
        shutil.copy(world.folder / "tutorsync.db", self._file)
        world.again()

    def put_back(self) -> None:
        """Close the world, put the old database in its place, and start."""
        self._world.store.close()
        for side in self._world.folder.glob("tutorsync.db*"):
            side.unlink()
        shutil.copy(self._file, self._world.folder / "tutorsync.db")
        self._world.open()
        self._world.start()


def test_put_back_from_a_backup_nothing_is_resurrected_and_nothing_doubled(home: Home) -> None:
    """Since the backup one session was added, one moved on the phone, one cancelled, one cancelled and given back."""
    world = home.world
    world.start()
    kept, moved, cancelled, returned = (world.add(name, THURSDAY + timedelta(days=n)) for n, name in enumerate("ABCD"))
    home.run()
    backup = Backup(world)
    world.start()
    world.add("E", THURSDAY + timedelta(days=5))
    home.phone.move(home.work, 15, 17, title="SUMMARY:A")
    world.change(moved, title="B moved")
    world.engine.sessions.cancel(cancelled)
    done = world.engine.sessions.cancel(returned)
    home.run()
    world.engine.undo.undo(done.activity[0].id)
    home.run()
    before = home.phone.titles(home.work)
    assert before == ["A", "B moved", "D", "E"]

    backup.put_back()
    for _ in range(3):
        home.run()

    assert home.phone.titles(home.work) == before
    assert world.session(kept).when.start.hour == 17
    assert world.session(moved).title == "B moved"
    assert not world.session(cancelled).is_live
    assert world.session(returned).is_live
    assert home.idle() == 0
    titles = {one.title for one in _sessions(world) if one.is_live}
    assert titles == {"A", "B moved", "D", "E"}


def test_a_later_store_made_another_event_for_one_that_was_called_off(home: Home) -> None:
    """The phone marked the event as cancelled, and the session was given back: the old store sees both events."""
    world = home.world
    world.start()
    session = world.add("Maths")
    home.run()
    backup = Backup(world)
    world.start()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Maths\nSTATUS:CANCELLED"})
    home.run()
    assert not world.session(session).is_live
    world.engine.undo.undo()
    home.run()
    before = home.phone.events(home.work)

    backup.put_back()
    for _ in range(3):
        home.run()

    assert world.session(session).is_live
    assert home.phone.events(home.work).keys() == before.keys()
    assert home.idle() == 0


def test_an_old_store_removes_no_event(home: Home) -> None:
    """In the backup a session was cancelled and its event not yet removed; since then it was given back."""
    world = home.world
    world.start()
    session = world.add("Maths")
    home.run()
    world.engine.sessions.cancel(session)
    backup = Backup(world)
    world.start()
    world.engine.undo.undo()
    home.run()
    assert home.phone.titles(home.work) == ["Maths"]

    backup.put_back()
    home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert "store.restored" in {entry.kind for entry in world.log()}


def test_an_event_that_was_made_since_the_backup_is_met_under_its_name(home: Home) -> None:
    """The old store never made it, and its server drops our marker: whoever makes it once more gives it that name."""
    world = home.world
    world.start()
    world.add("Maths")
    backup = Backup(world)
    world.start()
    home.run()
    home.drop_markers()

    backup.put_back()
    for _ in range(3):
        home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert (world.conflicts(), home.idle()) == ([], 0)


def test_a_write_that_was_under_way_in_the_backup_is_not_sent_again(home: Home) -> None:
    """Its row is dropped: the calendar has moved on since."""
    world = home.world
    world.start()
    world.add("Maths")
    home.run()
    world.change(_only(world), title="Algebra")
    home.wire.fail("drop-response", method="PUT")
    home.run()
    home.wire.fail()
    backup = Backup(world)
    world.start()
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Algebra": "SUMMARY:Geometry"})
    home.run()

    backup.put_back()
    with world.store.read() as connection:
        assert world.store.journal.unsettled(connection) == []
    for _ in range(3):
        home.run()

    assert home.phone.titles(home.work) == ["Geometry"]
    assert world.session(_only(world)).title == "Geometry"


def test_a_lost_database_takes_its_sessions_back_from_the_calendar(home: Home) -> None:
    """The installation's name stayed; without a platform the calendar is the only one who remembers."""
    world = home.world
    world.start()
    world.add("Maths", place="Library", online=False, notes="bring the book")
    home.run()
    uid = value_of(home.phone.event(home.work), "UID")
    accounts = _accounts(world)
    world.store.close()
    for file in world.folder.glob("tutorsync.db*"):
        file.unlink()
    world.store = Store(open_file(world.folder / "tutorsync.db"), "me")
    world.open()
    world.start()
    _connect_again(home, accounts)

    for _ in range(3):
        home.run()

    (session,) = _sessions(world)
    assert (session.title, session.place, session.online, session.notes) == (
        "Maths",
        "Library",
        False,
        "bring the book",
    )
    assert session.when.start == THURSDAY
    assert value_of(home.phone.event(home.work), "UID") == uid
    assert home.idle() == 0


def test_two_copies_used_in_turns_end_with_the_same_sessions(home: Home, tmp_path: Path) -> None:
    """A profile was copied to another computer, and both went on."""
    world = home.world
    world.start()
    world.add("A")
    gone = world.add("B", THURSDAY + timedelta(days=1))
    home.run()
    copy_folder = tmp_path / "copy"
    copy_folder.mkdir()
    world.store.close()
    other = World(copy_folder, world.clock)
    other.store.close()
    for file in copy_folder.glob("tutorsync.db*"):
        file.unlink()
    shutil.copy(world.folder / "tutorsync.db", copy_folder / "tutorsync.db")
    world.again()
    other.open()
    other.book.credentials = dict(world.book.credentials)
    world.start()
    world.engine.sessions.cancel(gone)
    world.add("C", THURSDAY + timedelta(days=2))
    home.run()

    other.start()
    for _ in range(3):
        other.run()
        home.run()

    assert home.phone.titles(home.work) == ["A", "C"]
    for one in (world, other):
        assert {session.title for session in _sessions(one) if session.is_live} == {"A", "C"}
    other.close()


def test_links_of_an_old_store_are_let_go_of_not_removed(home: Home) -> None:
    """A calendar was about to be cleared when the backup was made."""
    world = home.world
    world.start()
    world.add("Maths")
    home.run()
    with world.store.write() as connection:
        (row,) = world.store.links.of_sessions(connection, [_only(world)])[_only(world)]
        world.store.links.set(connection, row.link.id, state=LinkState.CLOSING)
    before = list(home.phone.events(home.work))
    backup = Backup(world)
    world.start()

    backup.put_back()
    home.wire.reset()
    home.run()

    assert "DELETE" not in home.wire.counts.methods
    assert list(home.phone.events(home.work)) == before
    assert home.phone.titles(home.work) == ["Maths"]


def test_a_store_that_was_put_back_reads_every_side_in_full(home: Home) -> None:
    """What its old cursor is answered may leave out what a server remembers no longer: here that an event is gone."""
    world = home.world
    world.start()
    session = world.add("Maths")
    home.run()
    backup = Backup(world)
    world.start()
    assert home.memory is not None
    home.memory.calendars[home.work].items.clear()

    backup.put_back()
    home.run()

    assert not world.session(session).is_live


def _sessions(world: World):  # type: ignore[no-untyped-def]
    with world.store.read() as connection:
        return world.store.sessions.between(connection, THURSDAY_FROM, THURSDAY_TO)


def _only(world: World) -> str:
    (session,) = _sessions(world)
    found: str = session.id
    return found


def _accounts(world: World):  # type: ignore[no-untyped-def]
    with world.store.read() as connection:
        return world.store.accounts.all(connection), world.store.accounts.calendars(connection)


def _connect_again(home: Home, known) -> None:  # type: ignore[no-untyped-def]
    accounts, calendars = known
    with home.world.store.write() as connection:
        for account in accounts:
            home.world.store.accounts.insert(connection, account)
        for calendar in calendars:
            home.world.store.accounts.insert_calendar(connection, calendar)


THURSDAY_FROM = THURSDAY.replace(tzinfo=None).astimezone() - timedelta(days=30)
THURSDAY_TO = THURSDAY_FROM + timedelta(days=90)


def test_new_zone_rules_move_the_instant_and_write_nothing(home: Home) -> None:
    """The instants in the store are those of older rules; the hour on the wall stays, and the double booking shows."""
    world = home.world
    session = world.add("Maths")
    home.run()
    private = home.more("private")
    home.phone.add(private, "dentist", "SUMMARY:Dentist", "DTSTART:20261126T140000Z", "DTEND:20261126T150000Z")
    with world.store.write() as connection:
        at = world.session(session).when.starts_at
        old = {"starts_at": at - timedelta(hours=12), "ends_at": at - timedelta(hours=11)}
        connection.execute(update(tables.session).where(tables.session.c.id == session).values(**old))
    home.run()
    assert not world.conflicts()

    world.clock.move(timedelta(hours=7))
    report = home.run()

    assert report.written == 0
    assert world.session(session).when.start == THURSDAY
    assert [row.facts["sides"][1]["title"] for row in world.conflicts()] == ["Dentist"]
