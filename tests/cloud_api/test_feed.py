"""The change feed: a device that was away learns all of it, in order, once."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update

from cloud_api.database import Database
from cloud_api.feed.numbers import Change, append, begin_epoch
from cloud_api.tables import feed_heads
from tests.cloud_api.server import running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant, problem, signed_in


def read(device: httpx.Client, **params: Any) -> dict[str, Any]:
    """Read one part of the feed."""
    answer = device.get("/api/feed", params=params)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def read_all(
    device: httpx.Client, cursor: str | None = None, limit: int = 200
) -> tuple[dict[str, dict[str, Any]], str]:
    """Read until there is no more; gives sessions by id and where to go on."""
    found: dict[str, dict[str, Any]] = {}
    while True:
        told = read(device, limit=limit, **({"cursor": cursor} if cursor else {}))
        found |= {session["id"]: session for session in told["sessions"]}
        cursor = told["cursor"]
        if not told["more"]:
            return found, cursor or ""


def test_the_first_reading_is_a_full_listing_with_the_students(tenant: Tenant) -> None:
    """A new laptop needs everything, cancelled ones included, in parts."""
    made = [tenant.session() for _ in range(5)]
    tenant.api.post(f"/api/sessions/{made[0]['id']}/cancel")

    with tenant.paired() as device:
        first = read(device, limit=3)
        second = read(device, limit=3, cursor=first["cursor"])

    assert (first["full"], first["more"], second["full"], second["more"]) == (True, True, True, False)
    listed = {session["id"]: session["status"] for session in first["sessions"] + second["sessions"]}
    assert listed == {session["id"]: "planned" for session in made} | {made[0]["id"]: "cancelled"}
    assert [student["name"] for student in first["students"]] == ["Mia Öztürk"]


def test_what_changes_during_a_full_listing_is_told_after_it(tenant: Tenant) -> None:
    """Also a session whose place in the listing has gone by already."""
    made = sorted(tenant.session()["id"] for _ in range(4))

    with tenant.paired() as device:
        first = read(device, limit=2)
        tenant.api.patch(f"/api/sessions/{made[0]}", json={"title": "Late"}, headers={"If-Match": '"1"'})
        new = tenant.session()["id"]
        last = read(device, limit=200, cursor=first["cursor"])
        after, _ = read_all(device, last["cursor"])

    assert after[made[0]]["title"] == "Late"
    assert new in after


def test_a_difference_tells_the_state_of_now_once(tenant: Tenant) -> None:
    """Three edits of one session are one line for whoever was away."""
    session = tenant.session()
    with tenant.paired() as device:
        _, cursor = read_all(device)
        for version, title in enumerate(("A", "B", "C"), start=1):
            tenant.api.patch(
                f"/api/sessions/{session['id']}", json={"title": title}, headers={"If-Match": f'"{version}"'}
            )

        told = read(device, cursor=cursor)
        silence = read(device, cursor=told["cursor"])

    assert [(one["title"], one["version"]) for one in told["sessions"]] == [("C", 4)]
    assert (told["full"], told["more"], told["removed"]) == (False, False, [])
    assert (silence["sessions"], silence["cursor"]) == ([], told["cursor"])


def test_a_student_who_is_renamed_is_told_to_those_who_teach_them(tenant: Tenant) -> None:
    """And to nobody else."""
    tenant.session()
    with tenant.paired() as device:
        _, cursor = read_all(device)
        for student in tenant.students:
            tenant.api.patch(f"/api/students/{student}", json={"name": "New"}, headers={"If-Match": '"1"'})

        told = read(device, cursor=cursor)

    assert [student["id"] for student in told["students"]] == [tenant.students[0]]


def test_a_session_given_to_a_colleague_is_removed_here_and_appears_there(tenant: Tenant) -> None:
    """The laptop that lost it must not believe that it was cancelled."""
    colleague = tenant.person("tutor", "Zeynep Şahin")
    session = tenant.session()
    with tenant.paired() as mine, tenant.paired(colleague) as theirs:
        _, my_cursor = read_all(mine)
        _, their_cursor = read_all(theirs)

        tenant.api.patch(f"/api/sessions/{session['id']}", json={"tutor_id": colleague}, headers={"If-Match": '"1"'})

        assert read(mine, cursor=my_cursor)["removed"] == [session["id"]]
        assert [one["id"] for one in read(theirs, cursor=their_cursor)["sessions"]] == [session["id"]]


def test_a_long_poll_answers_as_soon_as_something_happens(tenant: Tenant) -> None:
    """Not at the end of its patience."""
    with tenant.paired() as device, ThreadPoolExecutor(1) as pool:
        _, cursor = read_all(device)
        began = time.monotonic()
        waiting = pool.submit(read, device, cursor=cursor, wait=30)

        session = tenant.session()
        told = waiting.result()

    assert [one["id"] for one in told["sessions"]] == [session["id"]]
    assert time.monotonic() - began < 10


def test_a_long_poll_without_news_ends_in_time(tenant: Tenant) -> None:
    """What others see does not wake it for good."""
    colleague = tenant.person("tutor", "Zeynep Şahin")
    with tenant.paired() as device, ThreadPoolExecutor(1) as pool:
        _, cursor = read_all(device)
        waiting = pool.submit(read, device, cursor=cursor, wait=1)

        tenant.session(tutor_id=colleague)
        told = waiting.result()

    assert (told["sessions"], told["full"]) == ([], False)


def test_the_feed_goes_on_after_a_restart_and_a_kill(own_url: str) -> None:
    """The cursor of yesterday is good today."""
    with running_cloud("--database-url", own_url) as server:
        database = Database(own_url)
        with made_tenant(database, server.url, f"restart {uuid.uuid4()}", datetime.now(UTC)) as own:
            told = own.api.post("/api/devices", json={"code": own.device_code()}).json()
            with signed_in(server.url, told["client_id"], told["client_secret"]) as device:
                _, cursor = read_all(device)
            first = own.session()["id"]
            assert server.stop() == 0
            with running_cloud("--database-url", own_url) as second:
                own.api.base_url = httpx.URL(second.url)
                own.api.put(f"/api/sessions/{uuid.uuid4()}", json=own.a_session(), headers={"If-None-Match": "*"})
                second.kill()
            with (
                running_cloud("--database-url", own_url) as third,
                signed_in(third.url, told["client_id"], told["client_secret"]) as device,
            ):
                found, _ = read_all(device, cursor)
        database.close()

    assert first in found
    assert len(found) == 2


def test_concurrent_writers_leave_no_gap(tenant: Tenant) -> None:
    """A reader who asks all the time sees every session, whichever writer commits first."""
    writers, each = 6, 8
    done = threading.Event()
    seen: set[str] = set()

    def write() -> list[str]:
        return [tenant.session()["id"] for _ in range(each)]

    def follow(device: httpx.Client, cursor: str) -> None:
        while True:
            last_look = done.is_set()
            found, cursor = read_all(device, cursor, limit=3)
            seen.update(found)
            if last_look:
                return

    with tenant.paired() as device, ThreadPoolExecutor(writers + 1) as pool:
        _, cursor = read_all(device)
        follower = pool.submit(follow, device, cursor)
        made = {one for future in [pool.submit(write) for _ in range(writers)] for one in future.result()}
        done.set()
        follower.result()

    assert seen == made
    assert len(made) == writers * each


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_bare_sequence_would_show_six_before_five_and_lose_five(tenant: Tenant) -> None:
    """One writer has its number and dawdles before its commit: the next one waits, and so does every reader's place."""
    numbered, may_commit = threading.Event(), threading.Event()
    first, second = tenant.session()["id"], tenant.session()["id"]

    def change(session_id: str, before_commit: Callable[[], object]) -> None:
        with tenant.database.writing() as connection:
            append(connection, tenant.id, [Change("session", session_id, 2, tenant.tutor)], datetime.now(UTC))
            before_commit()

    def dawdle() -> None:
        numbered.set()
        assert may_commit.wait(30)

    with tenant.paired() as device, ThreadPoolExecutor(2) as pool:
        _, cursor = read_all(device)
        slow = pool.submit(change, first, dawdle)
        assert numbered.wait(30)
        quick = pool.submit(change, second, lambda: None)
        wait_until(lambda: waits_for_a_lock(tenant.database))

        early, cursor = read_all(device, cursor)
        may_commit.set()
        slow.result()
        quick.result()
        late, _ = read_all(device, cursor)

    assert early == {}
    assert set(late) == {first, second}


def waits_for_a_lock(database: Database) -> bool:
    """Whether PostgreSQL has a transaction that waits for another one's."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%feed_heads%'"
    with database.reading() as connection:
        return bool(connection.execute(text(query)).scalar_one())


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for a condition."""
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends


def test_a_cursor_of_another_epoch_leads_to_a_full_listing(tenant: Tenant) -> None:
    """A backup was restored: numbers mean something else now, so the device reads everything again."""
    tenant.session()
    with tenant.paired() as device:
        _, cursor = read_all(device)
        with tenant.database.writing() as connection:
            begin_epoch(connection, str(uuid.uuid4()))

        refused = device.get("/api/feed", params={"cursor": cursor})
        again = read(device)

    assert problem(refused) == (410, "feed.cursor_gone", [])
    assert (again["full"], len(again["sessions"])) == (True, 1)


def test_a_cursor_ahead_of_the_database_is_refused(tenant: Tenant) -> None:
    """Somebody put an older copy of the file back and told nobody."""
    with tenant.paired() as device:
        tenant.session()
        _, cursor = read_all(device)
        with tenant.database.writing() as connection:
            connection.execute(update(feed_heads).where(feed_heads.c.tenant == tenant.id).values(last_seq=0))

        refused = device.get("/api/feed", params={"cursor": cursor})

    assert refused.status_code == 410
