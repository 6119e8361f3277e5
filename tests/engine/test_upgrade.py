"""A laptop was updated while it was offline: the profile is of an older version, the zones have new rules.

`profiles/` holds what a profile and its calendar were when each schema was the newest one, made by that version itself:
sessions that agree with their events, one cancelled, a write whose answer never came, an edit and a new session that
nobody heard of yet, a weekly appointment and a single one.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from connectors.registry import Credentials
from sync_agent.engine.store.database import HEAD
from tests.engine.phone import Phone
from tests.engine.world import NOW, THURSDAY, MovingClock, World
from tests.servers.nullcal import Collection, NullCal

_PROFILES = Path(__file__).with_name("profiles")
VERSIONS = sorted(path.stem.removeprefix("profile-") for path in _PROFILES.glob("profile-*.sql"))


class Updated:
    """The world of a profile that an older version wrote, opened by this one."""

    def __init__(self, version: str, folder: Path, held: ExitStack) -> None:
        self.server = NullCal()
        port = held.enter_context(self.server.started()).port
        address = f"http://127.0.0.1:{port}"
        stored = json.loads((_PROFILES / f"calendar-{version}.json").read_text(encoding="utf-8"))
        for path, one in stored.items():
            items = {name: (int(revision), str(body)) for name, (revision, body) in one["items"].items()}
            self.server.calendars[path] = Collection(items, dict(one["gone"]), one["revision"])
        self.world = World(folder, MovingClock(NOW + timedelta(hours=9)))
        self.world.store.close()
        for side in folder.glob("tutorsync.db*"):
            side.unlink()
        with sqlite3.connect(folder / "tutorsync.db") as database:
            dump = (_PROFILES / f"profile-{version}.sql").read_text(encoding="utf-8")
            # Line ends of the events' texts, which a text file cannot hold, are marked.
            database.executescript(dump.replace("http://SERVER", address).replace("¶\n", "\r\n"))
        database.close()
        self.world.open()
        with self.world.store.read() as connection:
            (account,) = self.world.store.accounts.all(connection)
        self.world.book.credentials[account.id] = Credentials(f"{address}/", {"username": "anna"}, {"password": "x"})
        self.phone = Phone(address, "anna", "x")
        held.callback(self.phone.close)
        held.callback(self.world.close)

    @property
    def titles(self) -> list[str]:
        return self.phone.titles("/anna/work/")


@pytest.fixture(params=VERSIONS)
def updated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Updated]:
    with ExitStack() as held:
        yield Updated(request.param, tmp_path, held)


def test_there_is_a_profile_of_part_one() -> None:
    """Each schema that was ever in use has one here."""
    assert "0001" in VERSIONS


def test_an_older_profile_goes_on_where_it_was(updated: Updated) -> None:
    """The offline edits arrive once, nothing else is written, and what was cancelled stays so."""
    world = updated.world
    assert updated.titles == ["Chemistry II", "Maths", "Physics II"]

    first = world.run()
    later = [world.run().written for _ in range(4)]

    assert first.written == 2
    assert later == [0, 0, 0, 0]
    assert updated.titles == ["Biology", "Chemistry II", "Maths", "Physics II"]
    maths = updated.phone.event("/anna/work/", "SUMMARY:Maths")
    assert "20261126T170000" in maths
    assert "TRIGGER:-PT15M" in maths
    with world.store.read() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def test_an_older_profile_knows_its_double_bookings(updated: Updated) -> None:
    """The dentist was in the way of the session that moved; the choir sings on."""
    world = updated.world

    world.run()

    assert [row.closed_why for row in world.conflicts()] == []
    assert {"Choir", "Dentist"} <= set(world.busy())


def test_an_older_profile_under_new_zone_rules_keeps_the_hour_on_the_wall(updated: Updated) -> None:
    """The instants that it kept were derived by rules of which nobody knows any more; the calendar is not written."""
    world = updated.world
    with world.store.write() as connection:
        connection.execute(text("UPDATE session SET starts_at = datetime(starts_at, '-1 hour')"))
        connection.execute(text("UPDATE session SET ends_at = datetime(ends_at, '-1 hour')"))

    first = world.run()

    assert first.written == 2
    with world.store.read() as connection:
        lo, hi = NOW - timedelta(days=1), NOW + timedelta(days=30)
        found = {one.title: one.when for one in world.store.sessions.between(connection, lo, hi)}
        kept = {row.title: row.starts_at for row in connection.execute(text("SELECT title, starts_at FROM session"))}
    assert found["Maths"].start == THURSDAY.replace(hour=17)
    assert {title: str(at)[:19] for title, at in kept.items() if title in found} == {
        title: when.starts_at.strftime("%Y-%m-%d %H:%M:%S") for title, when in found.items()
    }
