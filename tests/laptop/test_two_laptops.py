"""Two laptops as two people would have them: two profiles, two agents, one account, one platform.

Both are on one platform and one calendar; each has a wire of its own to both, so that it can be offline alone, and so
that the calendar's wire shows who wrote.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from cloud_api.database import Database
from tests.cloud_api.server import run_cloud, running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant
from tests.laptop.conftest import Desk, Shelf, connect_caldav, environment_of, until
from tests.servers.crossroads import NOBODY, Crossroads
from tests.servers.radicale import Radicale
from tests.servers.wiretap import Wiretap

pytestmark = pytest.mark.timeout(300)

DAY = datetime.now(UTC).date() + timedelta(days=7)
_WRITES = frozenset({"PUT", "DELETE", "MKCALENDAR", "MOVE", "PROPPATCH"})
_PATIENCE_S = 90


def written(wire: Wiretap) -> list[str]:
    """Name the writes that went over a wire since it was reset."""
    return [method for method, _, _ in wire.counts.log if method in _WRITES]


@dataclass
class Laptop:
    """A profile with its agent and its two wires."""

    name: str
    desk: Desk
    calendar: Wiretap
    platform: Wiretap

    def opens(self) -> None:
        """Start the agent."""
        self.desk.start_agent("--poll", "1")

    def is_gone(self) -> None:
        """End it as a theft does: no word to anybody."""
        for agent in self.desk.agents:
            agent.kill()
            agent.wait(10)

    def goes_offline(self) -> None:
        for wire in (self.calendar, self.platform):
            wire.fail("drop-request", every=True)

    def comes_back(self) -> None:
        for wire in (self.calendar, self.platform):
            wire.reset()
            wire.fail()
        self.desk("--json", "sync")

    @property
    def written(self) -> list[str]:
        """Which writes it sent to the calendar's server since its wire was reset."""
        return written(self.calendar)

    @property
    def sessions(self) -> dict[str, tuple[str, str, str]]:
        """Title, start and notes of each session that takes place."""
        listed = self.desk.json("sessions", "--from", str(DAY), "--to", str(DAY + timedelta(days=30)))["sessions"]
        shown = [self.desk.json("sessions", "show", one["id"])["session"] for one in listed]
        return {one["id"]: (one["title"], one["start"], one["notes"]) for one in shown if one["status"] != "cancelled"}

    def edit(self, session: str, *arguments: str) -> None:
        self.desk.json("sessions", "edit", session, *arguments)

    @property
    def log(self) -> list[dict[str, Any]]:
        """Read the activity log, newest first."""
        entries: list[dict[str, Any]] = self.desk.json("activity", "--limit", "200")["activity"]
        return entries


@dataclass
class House:
    """Both laptops, and what they share."""

    a: Laptop
    b: Laptop
    shelf: Shelf
    tenant: Tenant
    database: Database
    unknown: Wiretap

    def settle(self, *expected: str, among: Sequence[Laptop] = ()) -> None:
        """Wait until everybody and the calendar show the same, with these titles."""
        laptops = among or (self.a, self.b)

        def is_so() -> bool:
            seen = [laptop.sessions for laptop in laptops]
            titles = sorted(title for title, _, _ in seen[0].values())
            return all(one == seen[0] for one in seen) and titles == sorted(expected) == sorted(self.titles)

        until(is_so, within_s=_PATIENCE_S)

    @property
    def titles(self) -> list[str]:
        return [_line(event, "SUMMARY") for event in self.shelf.texts("Work")]

    def event(self, title: str) -> str:
        (found,) = [event for event in self.shelf.texts("Work") if _line(event, "SUMMARY") == title]
        return found

    @property
    def holders(self) -> list[str]:
        """Name the laptops that may write to a calendar, as the agency's operator sees it."""
        url = self.database.url.render_as_string(hide_password=False)
        told = run_cloud("devices", "--tenant", self.tenant.name, "--database-url", url)["devices"]
        assert all(re.fullmatch("Laptop [0-9a-f]{8}", device["name"]) for device in told)
        # The one that was paired last stands first.
        return [name for name, device in zip(("b", "a"), told, strict=True) if device["leases"]]

    def phone(self, title: str, old: str, new: str) -> None:
        """Change an event as a phone does."""
        event = self.event(title)
        self.shelf.replace("Work", event, event.replace(old, new))

    def at_the_office(self, *titles: str) -> bool:
        """Whether these are the titles of the platform's sessions that take place."""
        listed = self.tenant.api.get("/api/sessions", params={"limit": 200}).json()["data"]
        return sorted(one["title"] for one in listed if one["status"] != "cancelled") == sorted(titles)

    def a_quarter_of_an_hour_passes(self) -> None:
        """On the platform's clock: what was granted is over."""
        with self.database.writing() as connection:
            connection.execute(text("UPDATE calendar_leases SET expires_at = '2020-01-01 00:00:00'"))


@pytest.fixture
def house(
    radicale: Radicale,
    shelf: Shelf,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    folders = {name: tmp_path / name / "profile" for name in ("a", "b")}
    crossroads = Crossroads(radicale.port, {name: str(folder) for name, folder in folders.items()})
    url = f"sqlite:///{tmp_path}/cloud.db"
    with (
        running_cloud("--database-url", url) as cloud,
        closing(Database(url)) as database,
        made_tenant(database, cloud.url, f"agency {uuid.uuid4()}", datetime.now(UTC)) as tenant,
        crossroads.started() as calendar,
    ):
        laptops = []
        wires = {name: Wiretap(cloud.port) for name in folders}
        with wires["a"].started() as to_a, wires["b"].started() as to_b:
            for name, port in (("a", to_a.port), ("b", to_b.port)):
                (tmp_path / name).mkdir()
                desk = Desk(folders[name], capsys, dict(environment_of(tmp_path / name)))
                server = Radicale(radicale.folder)
                server.port = calendar.port
                desk.json("connect", "platform", "--url", f"http://127.0.0.1:{port}", "--code", tenant.device_code())
                assert connect_caldav(desk, server, monkeypatch).code == 0
                laptops.append(Laptop(name, desk, crossroads.wires[name], wires[name]))
            yield House(*laptops, shelf, tenant, database, crossroads.wires[NOBODY])
            for laptop in laptops:
                laptop.desk.close()


def _line(event: str, name: str) -> str:
    (found,) = [line for line in event.replace("\n ", "").splitlines() if line.startswith(f"{name}:")]
    return found.partition(":")[2].replace("\\,", ",")


def test_two_laptops_edit_offline_and_only_the_holder_writes(house: House) -> None:
    """Different fields, the same field, new sessions and a cancellation, while both are offline."""
    a, b = house.a, house.b
    a.opens()
    maths = a.desk.add_session("--title", "Maths", start=f"{DAY}T10:00")
    physics = a.desk.add_session("--title", "Physics", start=f"{DAY}T12:00")
    doomed = a.desk.add_session("--title", "Latin", start=f"{DAY}T14:00")
    house.settle("Maths", "Physics", "Latin", among=[a])
    b.opens()
    house.settle("Maths", "Physics", "Latin")

    for laptop in (a, b):
        laptop.goes_offline()
    a.edit(maths, "--title", "Algebra")
    a.desk.add_session("--title", "Greek", start=f"{DAY}T16:00")
    a.edit(physics, "--title", "Optics")
    b.edit(maths, "--notes", "Bring the book")
    b.edit(physics, "--title", "Mechanics", "--start", f"{DAY}T13:00")
    b.desk.json("sessions", "cancel", doomed)
    b.desk.add_session("--title", "Chemistry", start=f"{DAY}T18:00")
    for laptop in (a, b):
        laptop.comes_back()
    house.settle("Algebra", "Chemistry", "Greek", "Mechanics")

    assert set(a.written) == {"PUT", "DELETE"}
    assert b.written == written(house.unknown) == []
    assert b.calendar.counts.log, "it reads along"
    assert a.sessions[maths][2] == "Bring the book"
    assert "Bring the book" in house.event("Algebra")
    assert "T130000" in house.event("Mechanics")
    assert house.holders == ["a"]
    # What became of each edit: it stands on both, or it is named as the one of two versions that lost.
    for laptop in (a, b):
        told = {(entry["kind"], entry["session"], entry["field_group"], entry["after"]) for entry in laptop.log}
        assert told >= {
            ("session.changed", maths, "title", "Algebra"),
            ("session.changed", maths, "notes", "Bring the book"),
            ("session.changed", physics, "title", "Mechanics"),
            ("session.cancelled", doomed, "status", "cancelled"),
        }
    lost = [(laptop, entry) for laptop in (a, b) for entry in laptop.log if entry["kind"] == "version.lost"]
    assert [(entry["session"], entry["lost_value"]) for _, entry in lost] == [(physics, "Optics")]
    where, entry = lost[0]

    where.desk.json("undo", entry["id"])
    house.settle("Algebra", "Chemistry", "Greek", "Optics")

    assert b.written == []


def test_the_holder_is_gone_for_good_and_the_other_takes_over(house: House) -> None:
    """Stolen with the lid open: until its time is over nobody writes, then the other goes on; nothing is doubled."""
    a, b = house.a, house.b
    a.opens()
    maths = a.desk.add_session("--title", "Maths", start=f"{DAY}T10:00")
    a.desk.add_session("--title", "Physics", start=f"{DAY}T12:00")
    house.settle("Maths", "Physics", among=[a])
    b.opens()
    house.settle("Maths", "Physics")
    a.is_gone()
    b.calendar.reset()
    b.edit(maths, "--title", "Algebra")
    b.desk.add_session("--title", "Chemistry", start=f"{DAY}T18:00")
    house.phone("Physics", "SUMMARY:Physics", "SUMMARY:Optics")
    until(lambda: house.at_the_office("Algebra", "Chemistry", "Physics"), within_s=_PATIENCE_S)
    b.desk.json("sync", "--wait")

    assert b.written == []
    assert sorted(house.titles) == ["Maths", "Optics"]
    assert house.holders == ["a"]

    house.a_quarter_of_an_hour_passes()
    b.is_gone()
    b.opens()
    house.settle("Algebra", "Chemistry", "Optics", among=[b])

    assert house.holders == ["b"]
    assert set(b.written) == {"PUT"}
    assert house.at_the_office("Algebra", "Chemistry", "Optics")
    changed = {(entry["session"], entry["after"]) for entry in b.log if entry["kind"] == "session.changed"}
    assert (maths, "Algebra") in changed
    assert "Optics" in {after for _, after in changed}
    assert not [entry for entry in b.log if entry["kind"] in {"version.lost", "session.cancelled"}]

    b.calendar.reset()
    b.desk.json("sync", "--wait")
    assert b.written == []
