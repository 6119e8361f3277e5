"""The office of an agency: what its software does, and what an operator does to its platform."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sqlalchemy import delete, select, update

from cloud_api.database import Database
from cloud_api.feed.numbers import begin_epoch
from cloud_api.tables import session_students, sessions
from connectors.http import HttpRules
from connectors.platform.client import pair
from tests.cloud_api.tenant import Tenant
from tests.engine.world import Home
from tests.servers.wiretap import Wiretap


class Agency:
    """The office of one agency, and the wire between it and the laptop."""

    def __init__(self, tenant: Tenant, home: Home, wire: Wiretap, through: str) -> None:
        self.tenant, self.home, self.wire = tenant, home, wire
        credentials = pair(through, tenant.device_code(), HttpRules(), device_name="Anna's laptop")
        self.account, _ = home.world.connect_platform(credentials)

    def session(self, session_id: str) -> dict[str, Any]:
        """Give a session as the office sees it."""
        answer = self.tenant.api.get(f"/api/sessions/{session_id}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def change(self, session_id: str, **fields: Any) -> None:
        """Change a session as the office's software does."""
        version = self.session(session_id)["version"]
        answer = self.tenant.api.patch(f"/api/sessions/{session_id}", json=fields, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == 200, answer.text


def rows_of(database: Database, session_id: str) -> dict[str, Any]:
    """Give a session's row as a backup holds it, made before the laptop's clock began."""
    with database.reading() as connection:
        row = dict(connection.execute(select(sessions).where(sessions.c.id == session_id)).mappings().one())
    return row | {"origins": re.sub(r"\d{4}-\d\d-\d\dT", "2026-11-20T", row["origins"])}


def take_out(database: Database, session_id: str) -> None:
    """Let the platform be as it was before a session was made."""
    with database.writing() as connection:
        connection.execute(delete(session_students).where(session_students.c.session_id == session_id))
        connection.execute(delete(sessions).where(sessions.c.id == session_id))


def new_epoch(database: Database) -> None:
    """Do what the operator's guide says after a backup was put back."""
    with database.writing() as connection:
        begin_epoch(connection, str(uuid.uuid4()))


def put_back(database: Database, row: dict[str, Any]) -> None:
    """Restore that row."""
    with database.writing() as connection:
        connection.execute(update(sessions).where(sessions.c.id == row["id"]).values(row))
    new_epoch(database)
