"""Many at once: the database decides, whoever comes first; nothing is lost and nothing happens twice."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.cloud_api.tenant import Tenant

MANY = 8


def at_once(act: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    """Let several do it in the same moment."""
    together = threading.Barrier(MANY)

    def one(number: int) -> httpx.Response:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(MANY) as pool:
        return [future.result() for future in [pool.submit(one, number) for number in range(MANY)]]


def test_one_of_many_makes_the_session(tenant: Tenant) -> None:
    """The same laptop restored twice from one backup."""
    session_id = str(uuid.uuid4())

    answers = at_once(lambda number: tenant.put(session_id, title=f"By {number}"))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 412: MANY - 1}


def test_one_of_many_changes_the_version_that_all_have_read(tenant: Tenant) -> None:
    """The others are told to look again; not one edit is overwritten unseen."""
    path = f"/api/sessions/{tenant.session()['id']}"

    answers = at_once(
        lambda number: tenant.api.patch(path, json={"title": f"By {number}"}, headers={"If-Match": '"1"'})
    )

    won = [answer.json()["title"] for answer in answers if answer.status_code == 200]
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: MANY - 1}
    assert [tenant.api.get(path).json()["title"]] == won
    assert tenant.api.get(path).json()["version"] == 2


def test_one_of_many_is_paired_with_one_code(tenant: Tenant) -> None:
    """A code read aloud in a full room."""
    code = tenant.device_code()

    answers = at_once(lambda number: tenant.api.post("/api/devices", json={"code": code, "name": f"{number}"}))

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: MANY - 1}


def test_one_of_many_renews_with_one_refresh_token(tenant: Tenant) -> None:
    """And because it was used more than once, even that one is ended."""
    client = tenant.client
    url, auth = f"{tenant.base_url}/api/auth", (client.client_id, client.api_key)
    first = httpx.post(f"{url}/token", data={"grant_type": "client_credentials"}, auth=auth, verify=False).json()

    answers = at_once(
        lambda _: httpx.post(f"{url}/refresh", data={"refresh_token": first["refresh_token"]}, auth=auth, verify=False)
    )

    given = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(given) <= 1
    for pair in (first, *given):
        bearer = {"Authorization": f"Bearer {pair['access_token']}"}
        assert httpx.get(f"{tenant.base_url}/api/tutors", headers=bearer, verify=False).status_code == 401
