"""Many at once: the database decides, whoever comes first; nothing is lost and nothing happens twice."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

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


def test_one_of_many_gets_the_lease(tenant: Tenant) -> None:
    """All laptops of a tutor wake at once; nobody else believes that it may write."""
    keys = ["a" * 64, "b" * 64]
    with ExitStack() as stack:
        laptops = [stack.enter_context(tenant.paired()) for _ in range(MANY)]

        def ask(number: int) -> httpx.Response:
            # In another order each: they must not wait for each other in a circle.
            wish = {"keys": keys[:: 1 if number % 2 else -1], "ttl_s": 900}
            start = {"counter": 1, "boot": str(uuid.uuid4())}
            return laptops[number].post("/api/devices/leases", json=wish | {"start": start})

        answers = at_once(ask)

    leases = [lease for answer in answers for lease in answer.json()["leases"]]
    assert Counter(lease["key"] for lease in leases if lease["is_mine"]) == dict.fromkeys(keys, 1)
    assert {lease["epoch"] for lease in leases} == {1}
    for key in keys:
        assert len({lease["holder"]["id"] for lease in leases if lease["key"] == key}) == 1


def test_one_of_many_writes_the_links_that_follow_a_version(tenant: Tenant) -> None:
    """Two threads of one laptop: the second must look before it writes over the first."""
    path = f"/api/devices/links/{'a' * 64}"
    with tenant.paired() as laptop:
        start = {"counter": 1, "boot": str(uuid.uuid4())}
        laptop.post("/api/devices/leases", json={"keys": ["a" * 64], "ttl_s": 900, "start": start})
        link = {"session": str(uuid.uuid4()), "incarnation": 0, "uid": "u", "href": "", "etag": None, "state": "want"}

        answers = at_once(
            lambda number: laptop.put(
                path,
                json={"epoch": 1, "links": [link | {"incarnation": number, "bases": {}, "sent": {}}]},
                headers={"If-Match": '"0"'},
            )
        )
        told = laptop.get(path).json()

    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: MANY - 1}
    assert told["version"] == 1
    assert [answers[link["incarnation"]].status_code for link in told["data"]] == [200]
