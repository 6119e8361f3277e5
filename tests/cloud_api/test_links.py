"""Link states: told by the holder of the lease alone, read by the other devices in the order of their writing."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.cloud_api.tenant import Tenant, problem

WORK = "a" * 64
PATH = f"/api/devices/links/{WORK}"


def a_link(session: str | None = None, **differing: Any) -> dict[str, Any]:
    """Give a link; only what matters to a test is named there."""
    return {
        "session": session or str(uuid.uuid4()),
        "incarnation": 0,
        "uid": str(uuid.uuid4()),
        "href": "event.ics",
        "etag": '"1"',
        "state": "live",
        "bases": {"title": {"hub": "Algebra", "side": "SUMMARY:Algebra"}, "notes": {"hub": None, "side": None}},
        "sent": {},
        "closed_why": "",
    } | differing


def take(device: httpx.Client, counter: int = 1) -> dict[str, Any]:
    """Ask for the lease and give it as it is shown."""
    wish = {"keys": [WORK], "ttl_s": 900, "start": {"counter": counter, "boot": str(uuid.uuid4())}}
    answer = device.post("/api/devices/leases", json=wish)
    assert answer.status_code == 200, answer.text
    lease: dict[str, Any] = answer.json()["leases"][0]
    return lease


def give_back(device: httpx.Client, lease: dict[str, Any]) -> None:
    """Release the lease."""
    headers = {"If-Match": f'"{lease["version"]}"'}
    assert device.delete(f"/api/devices/leases/{WORK}", headers=headers).status_code == 200


def put(device: httpx.Client, *links: dict[str, Any], version: int, epoch: int = 1) -> httpx.Response:
    """Write links, as following a version."""
    return device.put(PATH, json={"epoch": epoch, "links": links}, headers={"If-Match": f'"{version}"'})


def read(device: httpx.Client, **params: Any) -> dict[str, Any]:
    """Read all pages; gives the version of the first and all links."""
    answer = device.get(PATH, params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    cursor = told["next_cursor"]
    while cursor is not None:
        page = device.get(PATH, params=params | {"cursor": cursor}).json()
        told["data"] += page["data"]
        cursor = page["next_cursor"]
    return told


@pytest.fixture
def device(tenant: Tenant) -> Iterator[httpx.Client]:
    with tenant.paired() as calls:
        yield calls


@pytest.fixture
def other(tenant: Tenant) -> Iterator[httpx.Client]:
    with tenant.paired() as calls:
        yield calls


def test_what_the_holder_tells_is_read_by_the_other_device(device: httpx.Client, other: httpx.Client) -> None:
    """Word for word: the next holder must see no edit where there was none."""
    links = [
        a_link(),
        a_link(state="closing", etag=None, sent={"title": "Geometry", "notes": None}),
        a_link(state="closed", closed_why="let go"),
    ]
    take(device)

    stored = put(device, *links, version=0)
    told = read(other)

    assert (stored.status_code, stored.json(), stored.headers["etag"]) == (200, {"version": 1, "stored": 3}, '"1"')
    assert sorted(told["data"], key=str) == sorted(links, key=str)
    assert told["version"] == 1
    assert take(other)["links_version"] == 1, "a lease tells whether there is anything new"


def test_a_link_replaces_what_was_known_of_its_session_and_the_others_stay(device: httpx.Client) -> None:
    """Each pass tells of a few."""
    kept, changed = a_link(), a_link()
    take(device)
    put(device, kept, changed, version=0)

    later = a_link(changed["session"], incarnation=1, state="want", bases={})
    put(device, a_link(changed["session"]), later, version=1)

    assert {link["session"]: link for link in read(device)["data"]} == {
        kept["session"]: kept,
        changed["session"]: later,
    }


def test_a_device_without_the_lease_may_not_tell(device: httpx.Client, other: httpx.Client) -> None:
    """It may only read along."""
    take(device)
    take(other)

    refused = put(other, a_link(), version=0)

    assert problem(refused)[:2] == (409, "lease.lost")
    assert read(other)["data"] == []


def test_whoever_was_followed_can_change_nothing_any_more(device: httpx.Client, other: httpx.Client) -> None:
    """Not under the old epoch, and not by the right version either."""
    give_back(device, take(device))
    theirs = take(other)
    mine = a_link()

    late = put(device, mine, version=0, epoch=1)
    wrong_epoch = put(other, mine, version=0, epoch=1)
    right = put(other, mine, version=0, epoch=theirs["epoch"])

    assert problem(late)[:2] == problem(wrong_epoch)[:2] == (409, "lease.lost")
    assert right.status_code == 200


def test_a_write_that_arrives_late_changes_nothing(device: httpx.Client) -> None:
    """It names the version that it follows: an old base must never come back over a new one."""
    link = a_link()
    take(device)
    put(device, link, version=0)
    newer = link | {"etag": '"2"'}
    put(device, newer, version=1)

    late = put(device, link, version=0)
    unsaid = device.put(PATH, json={"epoch": 1, "links": [link]})

    assert problem(late)[:2] == (412, "write.other_version")
    assert late.headers["etag"] == '"2"'
    assert problem(unsaid)[:2] == (428, "write.version_required")
    assert read(device)["data"] == [newer]


def test_only_what_changed_since_is_told(device: httpx.Client, other: httpx.Client) -> None:
    """A year of sessions is not read again for one that moved."""
    links = [a_link() for _ in range(5)]
    take(device)
    put(device, *links, version=0)
    moved = links[2] | {"etag": '"2"'}
    put(device, moved, version=1)

    assert read(other, since=1)["data"] == [moved]
    assert read(other, since=2)["data"] == []
    assert len(read(other)["data"]) == 5


def test_pages_lose_nothing_that_is_written_meanwhile(device: httpx.Client, other: httpx.Client) -> None:
    """What is written again moves to the end: it is told twice rather than not at all."""
    links = [a_link() for _ in range(5)]
    take(device)
    put(device, *links, version=0)

    first = other.get(PATH, params={"limit": 2}).json()
    again = first["data"][0] | {"state": "closed"}
    late = a_link()
    put(device, again, late, version=1)
    rest = read(other, limit=2, cursor=first["next_cursor"])

    told = {link["session"]: link for link in first["data"] + rest["data"]}
    assert told == {link["session"]: link for link in [*links, again, late]}
    assert first["version"] == 1


def test_nothing_new_is_answered_without_a_body(device: httpx.Client) -> None:
    """By the ETag, as everywhere."""
    take(device)
    put(device, a_link(), version=0)

    assert device.get(PATH, headers={"If-None-Match": '"1"'}).status_code == 304
    assert device.get(PATH, headers={"If-None-Match": '"0"'}).status_code == 200


def test_a_repeated_write_gets_its_first_answer(device: httpx.Client) -> None:
    """With an Idempotency-Key, as everywhere."""
    take(device)
    headers = {"If-Match": '"0"', "Idempotency-Key": str(uuid.uuid4())}
    body = {"epoch": 1, "links": [a_link()]}

    answers = [device.put(PATH, json=body, headers=headers) for _ in range(2)]

    assert [answer.json() for answer in answers] == [{"version": 1, "stored": 1}] * 2
    assert read(device)["version"] == 1


def test_to_tell_of_nothing_is_no_write(device: httpx.Client) -> None:
    """And no new version for others to ask about."""
    take(device)

    assert put(device, version=0).json() == {"version": 0, "stored": 0}
    assert put(device, a_link(), version=0).status_code == 200


def test_another_tutors_links_are_not_there(tenant: Tenant, device: httpx.Client) -> None:
    """Nor another agency's: a key alone opens nothing."""
    take(device)
    put(device, a_link(), version=0)

    with tenant.paired(tenant.person("tutor", "Ben")) as colleague:
        unseen = colleague.get(PATH)
        unwritten = put(colleague, a_link(), version=1)
        take(colleague)
        own = read(colleague)

    assert problem(unseen)[:2] == problem(unwritten)[:2] == (404, "lease.unknown")
    assert own["data"] == []
    assert problem(tenant.api.get(PATH))[:2] == (403, "device.only")


@pytest.mark.parametrize(
    ("link", "pointer"),
    [
        pytest.param(a_link("anna"), "/links/0/session", id="a session that is no UUID"),
        pytest.param(a_link(state="gone"), "/links/0/state", id="a state that there is not"),
        pytest.param(a_link(bases={"attendees": {"hub": "", "side": ""}}), "/links/0/bases", id="a foreign field"),
        pytest.param(a_link(body="BEGIN:VCALENDAR"), "/links/0/body", id="a whole event"),
        pytest.param(a_link(uid="a\0b"), "/links/0/uid", id="what no database keeps"),
    ],
)
def test_bad_input_a_link_that_cannot_be(device: httpx.Client, link: dict[str, Any], pointer: str) -> None:
    """There is no place for anything but our own fields."""
    take(device)

    refused = put(device, link, version=0)

    assert problem(refused) == (422, "body.invalid", [pointer])
    assert read(device)["data"] == []


def test_bad_input_a_cursor_of_another_reading(device: httpx.Client) -> None:
    """Of another calendar, or since another version."""
    take(device)
    put(device, a_link(), a_link(), version=0)
    cursor = device.get(PATH, params={"limit": 1}).json()["next_cursor"]

    refused = device.get(PATH, params={"limit": 1, "since": 1, "cursor": cursor})

    assert problem(refused) == (422, "cursor.invalid", ["cursor"])
