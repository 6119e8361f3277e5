"""A tenant with people in it, and clients that sign in and call."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from cloud_api import tenants
from cloud_api.auth.scopes import Scope
from cloud_api.auth.service import NewClient, new_client
from cloud_api.clock import system_clock
from cloud_api.database import Database
from cloud_api.devices.service import make_code


@dataclass
class Tenant:
    """What a test acts with.

    Attributes:
        api: calls as a client that may do everything.
    """

    id: str
    name: str
    database: Database
    base_url: str
    client: NewClient
    api: httpx.Client
    tutor: str = ""
    students: tuple[str, ...] = ()

    def new_client(self, *scopes: Scope) -> NewClient:
        """Make a client with these permissions."""
        with self.database.writing() as connection:
            return new_client(
                connection,
                name="a client",
                tenant=self.id,
                kind="developer",
                permissions=scopes or tuple(Scope),
                now=_now(),
            )

    def device_code(self, tutor_id: str | None = None, *, at: datetime | None = None) -> str:
        """Make a one-time code."""
        with self.database.writing() as connection:
            return make_code(connection, self.id, tutor_id or self.tutor, at or _now())

    def paired(self, tutor_id: str | None = None) -> httpx.Client:
        """Pair a device of a tutor and give its calls."""
        told = self.api.post("/api/devices", json={"code": self.device_code(tutor_id)}).json()
        return signed_in(self.base_url, told["client_id"], told["client_secret"])

    def person(self, role: str, name: str = "Somebody", zone: str = "Europe/Berlin") -> str:
        """Add a person and give the id."""
        answer = self.api.post(f"/api/{role}s", json={"name": name, "zone": zone})
        assert answer.status_code == 201, answer.text
        person_id: str = answer.json()["id"]
        return person_id

    def session(self, **differing: Any) -> dict[str, Any]:
        """Make a session and give it as it is shown."""
        answer = self.put(str(uuid.uuid4()), **differing)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def put(self, session_id: str, **differing: Any) -> httpx.Response:
        """Make a session under an id."""
        return self.api.put(
            f"/api/sessions/{session_id}", json=self.a_session(**differing), headers={"If-None-Match": "*"}
        )

    def a_session(self, **differing: Any) -> dict[str, Any]:
        """Give the body of a session; only what matters to a test is named there."""
        return {
            "tutor_id": self.tutor,
            "student_ids": [self.students[0]],
            "title": "Algebra, Mia",
            "start_wall": "2026-11-26T15:00:00",
            "zone": "Europe/Berlin",
            "duration_minutes": 60,
        } | differing


def signed_in(base_url: str, client_id: str, key: str, scope: str = "") -> httpx.Client:
    """Sign in and give a client whose calls carry the token."""
    form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    # Loopback without TLS: reading the system's certificates would take longer than the test.
    answer = httpx.post(f"{base_url}/api/auth/token", data=form, auth=(client_id, key), verify=False)
    assert answer.status_code == 200, answer.text
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return httpx.Client(base_url=base_url, headers=bearer, timeout=httpx.Timeout(70, connect=5), verify=False)


@contextmanager
def made_tenant(database: Database, base_url: str, name: str, now: datetime) -> Iterator[Tenant]:
    """Make a tenant with one tutor and two students."""
    with database.writing() as connection:
        tenant_id = tenants.ensured_tenant(connection, name, now)
        client = new_client(
            connection, name="everything", tenant=tenant_id, kind="developer", permissions=tuple(Scope), now=now
        )
    with signed_in(base_url, client.client_id, client.api_key) as api:
        made = Tenant(tenant_id, name, database, base_url, client, api)
        made.tutor = made.person("tutor", "Anna Bergström")
        made.students = (made.person("student", "Mia Öztürk"), made.person("student", "李雨桐", "Asia/Shanghai"))
        yield made


def problem(answer: httpx.Response) -> tuple[int, str, Sequence[str]]:
    """Give what a test compares of a refusal: status, code, pointers (or parameters)."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    told = answer.json()
    assert told["type"] == f"urn:tutorsync:problem:{told['code']}"
    assert told["request_id"] == answer.headers["x-request-id"]
    return (
        answer.status_code,
        told["code"],
        [fault.get("pointer") or fault.get("parameter") for fault in told.get("errors", [])],
    )


def _now() -> datetime:
    return system_clock()
