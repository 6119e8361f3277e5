"""What the agency edits is on the laptop in seconds, without polling: the real platform, a real agent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cloud_api.database import Database
from tests.cloud_api.server import running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant
from tests.laptop.conftest import Desk, until


@pytest.fixture
def agency(tmp_path: Path) -> Iterator[Tenant]:
    """An agency with one tutor, on a platform of its own."""
    url = f"sqlite:///{tmp_path}/cloud.db"
    with running_cloud("--database-url", url) as server:
        database = Database(url)
        with made_tenant(database, server.url, "agency", datetime.now(UTC)) as tenant:
            yield tenant
        database.close()


def test_an_edit_of_the_agency_arrives_without_polling(desk: Desk, agency: Tenant) -> None:
    """An agent that polls once an hour: a session that is made at the office is there, and so is its change."""
    desk.json("connect", "platform", "--url", agency.base_url, "--code", agency.device_code())
    agent = desk.start_agent("--poll", "3600")
    until(lambda: desk.json("status")["last_sync_at"])

    made = agency.session(title="Algebra", start_wall="2030-05-07T15:00:00")
    until(lambda: [one["title"] for one in _sessions(desk)] == ["Algebra"])
    agency.api.patch(
        f"/api/sessions/{made['id']}", json={"title": "Geometry"}, headers={"If-Match": f'"{made["version"]}"'}
    ).raise_for_status()

    until(lambda: [one["title"] for one in _sessions(desk)] == ["Geometry"])
    # The platform keeps a request for half a minute; the agent's end waits for none.
    agent.terminate()
    assert agent.wait(10) == 0


def _sessions(desk: Desk) -> list[dict[str, str]]:
    found: list[dict[str, str]] = desk.json("sessions", "--from", "2030-05-07", "--to", "2030-05-07")["sessions"]
    return found
