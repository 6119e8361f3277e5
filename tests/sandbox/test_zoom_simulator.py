"""The Zoom simulator as a process, and its control."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from cloud_api.sandbox.process import ServerProcess
from cloud_api.sandbox.zoom import ZoomSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def zoom() -> Iterator[ZoomSimulator]:
    with ZoomSimulator() as simulator:
        yield simulator


@pytest.fixture
def client(zoom: ZoomSimulator) -> Iterator[httpx.Client]:
    zoom.reset()
    with httpx.Client(base_url=zoom.address) as client:
        client.headers["Authorization"] = f"Bearer {a_token(client)}"
        yield client


def a_token(client: httpx.Client) -> str:
    answer = client.post(
        "/oauth/token",
        data={"grant_type": "account_credentials", "account_id": "sandbox-account"},
        auth=("sandbox-client", "sandbox-secret"),
    )
    return str(answer.json()["access_token"])


def a_meeting(client: httpx.Client, **fields: object) -> dict[str, object]:
    body = {"topic": "Algebra", "start_time": "2031-03-04T15:00:00", "timezone": "Europe/Berlin", **fields}
    answer = client.post("/v2/users/me/meetings", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_runs_as_a_process_and_leaves_nothing(tmp_path: Path) -> None:
    """One JSON line says where it listens; after the end the port is silent and no process is left."""
    process = ServerProcess.of_module("cloud_api.sandbox.zoom", ["--port", "0"], tmp_path / "zoom.log")
    with process:
        address = process.start_announced()["address"]
        pid = process.pid
        assert httpx.get(f"{address}/__sandbox__/meetings").json() == {"meetings": []}

    assert not psutil.pid_exists(pid)
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)


def test_local_time_is_answered_in_utc(client: httpx.Client) -> None:
    """15:00 in Berlin in March."""
    made = a_meeting(client)

    assert made["start_time"] == "2031-03-04T14:00:00Z"


def test_same_create_twice_makes_two(client: httpx.Client) -> None:
    """There is no key: that is what the connector has to live with."""
    assert a_meeting(client)["id"] != a_meeting(client)["id"]


def test_every_whole_answer_has_a_host_link_and_no_list_has(client: httpx.Client) -> None:
    made = a_meeting(client)
    listed = client.get("/v2/users/me/meetings").json()["meetings"]

    assert "HOST-ONLY" in str(made["start_url"])
    assert "start_url" not in listed[0]


def test_lists_cut_the_agenda(client: httpx.Client) -> None:
    a_meeting(client, agenda="x" * 1000)

    assert len(client.get("/v2/users/me/meetings").json()["meetings"][0]["agenda"]) == 250


def test_pages_hold_everything_once(client: httpx.Client) -> None:
    made = {a_meeting(client)["id"] for _ in range(7)}
    seen, token = [], ""
    while True:
        page = client.get("/v2/users/me/meetings", params={"page_size": 3, "next_page_token": token}).json()
        seen += [meeting["id"] for meeting in page["meetings"]]
        token = page["next_page_token"]
        if not token:
            break

    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        pytest.param("/v2/meetings/123", 404, 3001, id="no such meeting"),
        pytest.param("/v2/users/somebody/meetings", 404, 1001, id="another user"),
        pytest.param("/v2/users/me/meetings?page_size=9999", 400, 300, id="too large a page"),
        pytest.param("/v2/users/me/meetings?next_page_token=old", 400, 300, id="a page token of long ago"),
    ],
)
def test_refusals_carry_the_vendor_s_own_numbers(client: httpx.Client, path: str, status: int, code: int) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_token_ends_when_the_clock_is_put_forward(client: httpx.Client) -> None:
    client.post("/__sandbox__/clock", json={"advance_s": 3601})

    answer = client.get("/v2/users/me")

    assert (answer.status_code, answer.json()["code"]) == (401, 124)


def test_ordered_fault_hits_the_request_that_was_meant(client: httpx.Client) -> None:
    """The second write fails, everything else goes on."""
    order = {"kind": "500", "method": "POST", "path": "/v2/", "after": 1}
    assert client.post("/__sandbox__/faults", json=order).status_code == 204

    statuses = [
        client.post("/v2/users/me/meetings", json={"topic": "A"}).status_code,
        client.get("/v2/users/me").status_code,
        client.post("/v2/users/me/meetings", json={"topic": "B"}).status_code,
        client.post("/v2/users/me/meetings", json={"topic": "C"}).status_code,
    ]

    assert statuses == [201, 200, 500, 201]
    assert client.get("/__sandbox__/faults").json() == {"faults": [], "fired": 1}


def test_lost_answer_means_that_the_work_was_done(client: httpx.Client) -> None:
    client.post("/__sandbox__/faults", json={"kind": "answer lost", "method": "POST", "path": "/v2/"})

    with pytest.raises(httpx.TransportError):
        client.post("/v2/users/me/meetings", json={"topic": "A"})

    assert [meeting["topic"] for meeting in client.get("/__sandbox__/meetings").json()["meetings"]] == ["A"]


@pytest.mark.parametrize("order", [{"kind": "no such"}, {"kind": "500", "times": 0}, {"kind": "500", "what": 1}])
def test_order_that_makes_no_sense_is_refused(client: httpx.Client, order: dict[str, object]) -> None:
    assert client.post("/__sandbox__/faults", json=order).status_code == 400


def test_limits_of_a_plan_are_told_in_headers(client: httpx.Client) -> None:
    """The free plan allows two creates a second."""
    client.post("/__sandbox__/limits", json={"plan": "free"})

    answers = [client.post("/v2/users/me/meetings", json={"topic": "A"}) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[0].headers["X-RateLimit-Category"] == "Medium"
    assert answers[0].headers["X-RateLimit-Remaining"] == "1"
    assert "per-second" in answers[2].json()["message"]
