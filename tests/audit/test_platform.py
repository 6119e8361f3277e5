"""The platform beside the store."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cloud_api.auth.store import deactivate_client
from cloud_api.database import Database
from connectors.http import HttpRules
from connectors.platform.client import pair
from sync_agent.audit import AccountAudit
from tests.audit.conftest import auditor_of, told
from tests.cloud_api.server import CloudProcess, running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant
from tests.engine.world import THURSDAY, Home

FIELDS = 10


@pytest.fixture(scope="module")
def cloud_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('audit-cloud')}/cloud.db"


@pytest.fixture(scope="module")
def cloud(cloud_url: str) -> Iterator[CloudProcess]:
    """The real API, as a process."""
    with running_cloud("--database-url", cloud_url) as server:
        yield server


@pytest.fixture
def agency(home: Home, cloud: CloudProcess, cloud_url: str) -> Iterator[Tenant]:
    """An agency whose tutor's laptop is paired."""
    with (
        closing(Database(cloud_url)) as database,
        made_tenant(database, cloud.url, f"agency {uuid.uuid4()}", datetime.now(UTC)) as tenant,
    ):
        home.world.connect_platform(pair(cloud.url, tenant.device_code(), HttpRules(), device_name="Laptop"))
        yield tenant


def audit(home: Home) -> AccountAudit:
    """Audit the platform's account."""
    found = {one.account: one for one in auditor_of(home).run()}
    (platform,) = [one for account, one in found.items() if account != home.account.id]
    return platform


def change(agency: Tenant, session: str, **fields: Any) -> None:
    path = f"/api/sessions/{session}"
    version = agency.api.get(path).json()["version"]
    agency.api.patch(path, json=fields, headers={"If-Match": f'"{version}"'}).raise_for_status()


def test_a_sound_profile_is_at_a_hundred_per_cent(home: Home, agency: Tenant) -> None:
    """Sessions of either side, cancelled ones too; more than one page of them."""
    made = [agency.session(start_wall=f"{THURSDAY + timedelta(days=day):%Y-%m-%dT%H:%M:%S}") for day in range(3)]
    home.world.add(notes="Bring, the; book", place="Library")
    home.run()
    agency.api.post(f"/api/sessions/{made[0]['id']}/cancel", headers={"If-Match": '"1"'}).raise_for_status()
    home.run()

    found = audit(home)

    assert (found.compared, found.equal, found.findings) == (4 * FIELDS, 4 * FIELDS, ())


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        pytest.param({"title": "Physics"}, ["differs title"], id="title"),
        pytest.param({"start_wall": "2026-11-27T15:00:00"}, ["differs when"], id="day"),
        pytest.param({"duration_minutes": 45}, ["differs when"], id="length"),
        pytest.param({"zone": "Asia/Tokyo"}, ["differs when"], id="zone"),
        pytest.param({"start_wall": "2024-11-27T15:00:00"}, ["differs when"], id="moved out of the window"),
        pytest.param({"online": False, "place": "Cafe"}, ["differs online", "differs place"], id="where"),
        pytest.param({"notes": "x"}, ["differs notes"], id="notes"),
        pytest.param({"status": "completed"}, ["differs status"], id="status"),
        pytest.param({"subject": "Art"}, ["differs subject"], id="subject"),
        pytest.param({"student_ids": []}, ["differs students"], id="students"),
        pytest.param({"chargeable": False}, ["differs chargeable"], id="chargeable"),
        pytest.param(
            {"meeting": {"provider": "zoom", "join_url": "https://zoom.example/j/1"}}, ["differs link"], id="link"
        ),
    ],
)
def test_what_the_office_changed_is_named(home: Home, agency: Tenant, fields: dict[str, Any], found: list[str]) -> None:
    """Between two syncs."""
    session = agency.session()["id"]
    home.run()
    change(agency, session, **fields)

    seen = audit(home)

    assert told(seen) == found
    assert not seen.findings[0].is_seen
    assert (seen.compared, seen.equal) == (FIELDS, FIELDS - len(found))


def test_a_session_that_is_not_here_is_named(home: Home, agency: Tenant) -> None:
    """The office made it a moment ago."""
    agency.session(title="New")

    seen = audit(home)

    assert told(seen) == ["stray"]
    assert seen.findings[0].title == "New"


def test_the_platforms_whole_minutes_are_agreed(home: Home, agency: Tenant) -> None:
    """A phone's 45 minutes and 20 seconds are 45 there, and nobody edited anything."""
    del agency
    home.world.add()
    home.run()
    home.phone.edit(home.work, {"T160000": "T154520"})
    home.run()
    home.run()

    seen = audit(home)

    assert told(seen) == ["rewritten when"]
    assert seen.compared == seen.equal == FIELDS


def test_a_device_that_is_no_longer_let_in_reads_nothing(home: Home, agency: Tenant) -> None:
    """Its key was taken away."""
    agency.session()
    home.run()
    (paired,) = [one for one in home.world.book.credentials.values() if "client_id" in one.settings]
    with agency.database.writing() as connection:
        assert deactivate_client(connection, paired.settings["client_id"], datetime.now(UTC))

    seen = audit(home)

    assert (seen.code, seen.compared) == ("connection.sign_in_refused", 0)


def test_what_another_laptop_writes_is_compared_by_its_markers(home: Home, agency: Tenant) -> None:
    """This laptop only reads the calendar: it has no links there, and what is not there yet is the other's to bring."""
    for day in range(2):
        agency.session(title=f"S{day}", start_wall=f"{THURSDAY + timedelta(days=day):%Y-%m-%dT%H:%M:%S}")
    home.run()
    home.phone.delete(home.work, "SUMMARY:S1")
    home.phone.edit(home.work, {"SUMMARY:S0": "SUMMARY:S9"})
    calendar = home.world.calendar(home.name)
    with home.world.store.write() as connection:
        connection.exec_driver_sql("DELETE FROM link WHERE calendar = ?", (calendar.id,))
        connection.exec_driver_sql("DELETE FROM intent")
        connection.exec_driver_sql("DELETE FROM lease")

    def found(elsewhere: frozenset[str]) -> list[str]:
        return told(next(one for one in auditor_of(home, elsewhere=elsewhere).run() if one.account == home.account.id))

    assert found(frozenset({calendar.id})) == ["waits", "waits title"]
    assert found(frozenset()) == ["missing", "missing", "stray"]
    home.world.again()
    assert home.world.engine.elsewhere() == {calendar.id}
