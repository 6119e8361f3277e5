"""Idempotency-Key: sent again it gives the first answer again, and nothing happens twice."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from cloud_api import idempotency
from cloud_api.problems import Clash
from cloud_api.tables import idempotency_keys
from tests.cloud_api.tenant import Tenant, problem


def test_the_same_request_again_gives_the_first_answer_again(tenant: Tenant) -> None:
    """The laptop slept between request and answer and sends it once more."""
    key = {"Idempotency-Key": str(uuid.uuid4())}

    first = tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)
    again = tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)

    assert first.status_code == again.status_code == 201
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.content, again.headers["etag"], again.headers["location"]) == (
        first.content,
        first.headers["etag"],
        first.headers["location"],
    )
    assert len(tenant.api.get("/api/sessions").json()["data"]) == 1


def test_a_change_sent_again_is_replayed_although_the_version_moved_on(tenant: Tenant) -> None:
    """Without the key the second one would be a 412."""
    path = f"/api/sessions/{tenant.session()['id']}"
    headers = {"Idempotency-Key": "move-1", "If-Match": '"1"'}

    first = tenant.api.patch(path, json={"title": "New"}, headers=headers)
    again = tenant.api.patch(path, json={"title": "New"}, headers=headers)

    assert (first.status_code, again.status_code, again.headers["etag"]) == (200, 200, '"2"')


def test_another_request_under_the_same_key_is_a_mistake(tenant: Tenant) -> None:
    """Another body, another path, another condition: 422, and nothing happens."""
    key = {"Idempotency-Key": str(uuid.uuid4())}
    tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)

    other_body = tenant.api.post("/api/sessions", json=tenant.a_session(title="Other"), headers=key)
    other_path = tenant.api.post("/api/students", json={"name": "X", "zone": "UTC"}, headers=key)

    assert problem(other_body) == (422, "write.key_reused", ["Idempotency-Key"])
    assert problem(other_path) == (422, "write.key_reused", ["Idempotency-Key"])
    assert len(tenant.api.get("/api/sessions").json()["data"]) == 1


def test_a_refused_request_does_not_use_its_key_up(tenant: Tenant) -> None:
    """The client corrects its mistake and sends again under the same key."""
    key = {"Idempotency-Key": str(uuid.uuid4())}

    refused = tenant.api.post("/api/sessions", json=tenant.a_session(zone="Mars/X"), headers=key)
    corrected = tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)

    assert (refused.status_code, corrected.status_code) == (422, 201)


def test_the_same_key_of_another_client_is_another_key(tenant: Tenant) -> None:
    """Keys are a client's own."""
    key = {"Idempotency-Key": "one"}
    tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)

    with tenant.paired() as device:
        other = device.post("/api/sessions", json=tenant.a_session(title="Other"), headers=key)

    assert other.status_code == 201


def test_many_at_once_under_one_key_make_one_session(tenant: Tenant) -> None:
    """Each of them gets the one answer, or is told to wait a moment (409 with Retry-After)."""
    key, together = {"Idempotency-Key": str(uuid.uuid4())}, threading.Barrier(8)

    def send() -> tuple[int, bool]:
        together.wait()
        answer = tenant.api.post("/api/sessions", json=tenant.a_session(), headers=key)
        return answer.status_code, "retry-after" in answer.headers

    with ThreadPoolExecutor(8) as pool:
        answers = [future.result() for future in [pool.submit(send) for _ in range(8)]]

    assert set(answers) <= {(201, False), (409, True)}
    assert (201, False) in answers
    assert len(tenant.api.get("/api/sessions").json()["data"]) == 1


def test_a_key_in_flight_is_a_clash_until_its_process_must_be_dead(tenant: Tenant) -> None:
    """The server was killed between claim and commit: after a minute the key may be tried again."""
    body, key = tenant.a_session(), {"Idempotency-Key": "killed"}
    first = tenant.api.post("/api/sessions", json=body, headers=key).json()
    row = update(idempotency_keys).where(idempotency_keys.c.client_id == tenant.client.client_id)
    now = datetime.now(UTC)

    with tenant.database.writing() as connection:
        connection.execute(row.values(is_settled=False, claimed_at=now))
    in_flight = tenant.api.post("/api/sessions", json=body, headers=key)
    with tenant.database.writing() as connection:
        connection.execute(row.values(claimed_at=now - timedelta(minutes=2)))
    taken_over = tenant.api.post("/api/sessions", json=body, headers=key)

    assert problem(in_flight) == (409, "write.in_flight", [])
    assert in_flight.headers["retry-after"] == "1"
    assert (taken_over.status_code, taken_over.json()["id"] != first["id"]) == (201, True)


def test_a_claim_that_was_taken_over_cannot_settle(tenant: Tenant) -> None:
    """The slow one comes back after all: its change must be rolled back, or it would happen twice."""
    now = datetime.now(UTC)
    slow = idempotency.Claim(tenant.client.client_id, "slow", tenant.id, "f", str(uuid.uuid4()), now)
    fast = idempotency.Claim(tenant.client.client_id, "slow", tenant.id, "f", str(uuid.uuid4()), now)
    later, before = now + timedelta(seconds=1), now - timedelta(days=1)

    with tenant.database.writing() as connection:
        assert idempotency.claimed(connection, slow, stale_before=now, drop_before=before) is idempotency.Standing.OURS
        assert (
            idempotency.claimed(connection, fast, stale_before=later, drop_before=before) is idempotency.Standing.OURS
        )

    with pytest.raises(Clash), tenant.database.writing() as connection:
        idempotency.settle(connection, slow, idempotency.Answer(200, {}, b""))


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"], ids=["empty", "too long", "a tab"])
def test_bad_input_a_key_that_is_none(tenant: Tenant, key: str) -> None:
    """One clear sentence."""
    answer = tenant.api.post("/api/sessions", json=tenant.a_session(), headers={"Idempotency-Key": key})

    assert problem(answer) == (422, "write.key_invalid", ["Idempotency-Key"])
