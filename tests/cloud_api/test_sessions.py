"""Sessions over HTTP: made once, changed under a version, refused with one clear sentence."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.cloud_api.tenant import Tenant, problem


def test_a_session_is_made_under_the_id_of_its_maker_and_read_back(tenant: Tenant) -> None:
    """A laptop made it offline; the platform keeps its id, its hour on the wall and its zone."""
    session_id = str(uuid.uuid4())

    made = tenant.put(session_id, start_wall="2026-11-26T15:00", zone="Asia/Kolkata", notes="Приклад ✓")
    read = tenant.api.get(f"/api/sessions/{session_id}")

    assert made.status_code == 201
    assert made.headers["location"] == f"/api/sessions/{session_id}"
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == '"1"'
    shown = read.json()
    assert (shown["start_wall"], shown["start"]) == ("2026-11-26T15:00:00", "2026-11-26T15:00:00+05:30")
    assert shown["end"] == "2026-11-26T16:00:00+05:30"
    assert shown["notes"] == "Приклад ✓"


def test_a_session_over_a_clock_change_lasts_as_long_as_agreed(tenant: Tenant) -> None:
    """In the night of 25 October 2026 Berlin's clocks go back at three."""
    shown = tenant.session(start_wall="2026-10-25T01:30:00", duration_minutes=120)

    assert shown["start"] == "2026-10-25T01:30:00+02:00"
    assert shown["end"] == "2026-10-25T02:30:00+01:00"


def test_the_same_id_is_made_only_once(tenant: Tenant) -> None:
    """The second laptop that sends it learns that it is there."""
    session_id = tenant.session()["id"]

    again = tenant.put(session_id)

    assert problem(again) == (412, "write.exists", [])


def test_a_read_with_the_known_version_costs_nothing(tenant: Tenant) -> None:
    """If-None-Match with the ETag: 304 without a body."""
    session = tenant.session()

    known = tenant.api.get(f"/api/sessions/{session['id']}", headers={"If-None-Match": '"1"'})
    other = tenant.api.get(f"/api/sessions/{session['id']}", headers={"If-None-Match": '"7"'})

    assert (known.status_code, known.content) == (304, b"")
    assert known.headers["etag"] == '"1"'
    assert other.status_code == 200


def test_a_change_names_the_version_that_was_read(tenant: Tenant) -> None:
    """Two people change one session: the second has to look first."""
    path = f"/api/sessions/{tenant.session()['id']}"

    blind = tenant.api.patch(path, json={"title": "Geometry"})
    first = tenant.api.patch(path, json={"title": "Geometry"}, headers={"If-Match": '"1"'})
    second = tenant.api.patch(path, json={"title": "Physics"}, headers={"If-Match": '"1"'})

    assert problem(blind) == (428, "write.version_required", [])
    assert (first.status_code, first.headers["etag"]) == (200, '"2"')
    assert problem(second) == (412, "write.other_version", [])
    assert tenant.api.get(path).json()["title"] == "Geometry"


def test_bad_input_a_condition_that_means_nothing_here(tenant: Tenant) -> None:
    """If-None-Match with a version is for reading."""
    path = f"/api/sessions/{tenant.session()['id']}"

    answer = tenant.api.put(path, json=tenant.a_session(), headers={"If-Match": '"1"', "If-None-Match": '"7"'})

    assert problem(answer) == (422, "write.condition_invalid", ["If-None-Match"])


def test_replacing_resets_what_is_left_out_and_changing_keeps_it(tenant: Tenant) -> None:
    """PUT is the whole session, PATCH some fields of it."""
    path = f"/api/sessions/{tenant.session(notes='Bring the exam', subject='Algebra')['id']}"

    patched = tenant.api.patch(path, json={"title": "T"}, headers={"If-Match": '"1"'}).json()
    replaced = tenant.api.put(path, json=tenant.a_session(), headers={"If-Match": '"2"'}).json()

    assert (patched["notes"], patched["subject"]) == ("Bring the exam", "Algebra")
    assert (replaced["notes"], replaced["subject"], replaced["version"]) == ("", "", 3)


def test_a_change_that_changes_nothing_makes_no_version(tenant: Tenant) -> None:
    """Otherwise two sides would write to each other for ever."""
    path = f"/api/sessions/{tenant.session()['id']}"

    same = tenant.api.put(path, json=tenant.a_session(), headers={"If-Match": '"1"'})

    assert (same.status_code, same.json()["version"]) == (200, 1)


def test_a_cancelled_session_stays_and_can_be_planned_again(tenant: Tenant) -> None:
    """Cancelling is a status; cancelling twice is cancelling once."""
    path = f"/api/sessions/{tenant.session()['id']}"

    cancelled = tenant.api.post(f"{path}/cancel")
    again = tenant.api.post(f"{path}/cancel")
    back = tenant.api.patch(path, json={"status": "planned"}, headers={"If-Match": '"2"'})

    assert (cancelled.json()["status"], cancelled.json()["version"]) == ("cancelled", 2)
    assert again.json()["version"] == 2
    assert (back.json()["status"], back.json()["version"]) == ("planned", 3)


def test_a_group_session_keeps_the_order_of_its_students(tenant: Tenant) -> None:
    """The first one named is the one in the title."""
    order = [tenant.students[1], tenant.students[0]]

    session = tenant.session(student_ids=order)

    assert tenant.api.get(f"/api/sessions/{session['id']}").json()["student_ids"] == order


@pytest.mark.parametrize(
    ("differing", "pointers"),
    [
        pytest.param({"duration_minutes": 0}, ["/duration_minutes"], id="ends when it starts"),
        pytest.param({"duration_minutes": -30}, ["/duration_minutes"], id="ends before it starts"),
        pytest.param({"duration_minutes": 1440}, ["/duration_minutes"], id="lasts a day"),
        pytest.param({"zone": "Europe/Atlantis"}, ["/zone"], id="unknown zone"),
        pytest.param({"zone": "../../etc/passwd"}, ["/zone"], id="a path for a zone"),
        pytest.param({"start_wall": "2026-02-30T10:00:00"}, ["/start_wall"], id="30 February"),
        pytest.param({"start_wall": "2026-02-03T10:00:00+01:00"}, ["/start_wall"], id="an offset in a wall time"),
        pytest.param({"student_ids": [str(uuid.uuid4())]}, ["/student_ids/0"], id="unknown student"),
        pytest.param({"tutor_id": str(uuid.uuid4())}, ["/tutor_id"], id="unknown tutor"),
        pytest.param({"title": ""}, ["/title"], id="no title"),
        pytest.param({"title": "a\0b"}, ["/title"], id="a NUL in the title"),
        pytest.param({"color": "red"}, ["/color"], id="unknown field"),
        pytest.param(
            {"meeting": {"provider": "zoom", "join_url": "https://zoom.us/s/93911?zak=secret"}},
            ["/meeting/join_url"],
            id="a host's link",
        ),
        pytest.param({"zone": "Mars/X", "start_wall": "2026-06-31T10:00"}, ["/zone", "/start_wall"], id="two at once"),
    ],
)
def test_bad_input_is_refused_with_a_pointer_to_it(
    tenant: Tenant, differing: dict[str, Any], pointers: list[str]
) -> None:
    """The answer says in one sentence what is wrong, and where; nothing is stored."""
    session_id = str(uuid.uuid4())

    refused = tenant.put(session_id, **differing)

    status, _, found = problem(refused)
    assert (status, found) == (422, pointers)
    assert tenant.api.get(f"/api/sessions/{session_id}").status_code == 404


def test_bad_input_that_is_no_json_is_refused(tenant: Tenant) -> None:
    """Broken JSON, another content type, a body without end."""
    session_id = str(uuid.uuid4())
    path, headers = f"/api/sessions/{session_id}", {"If-None-Match": "*", "Content-Type": "application/json"}

    broken = tenant.api.put(path, content=b'{"title": ', headers=headers)
    form = tenant.api.put(path, data={"title": "x"}, headers={"If-None-Match": "*"})
    endless = tenant.api.put(path, content=b"[" * 1_100_000, headers=headers)

    assert problem(broken) == (400, "body.not_json", [])
    assert problem(form) == (415, "body.content_type", [])
    assert problem(endless) == (413, "body.too_large", [])


def test_sessions_are_found_by_tutor_student_time_and_status(tenant: Tenant) -> None:
    """The filters of the list."""
    other_tutor = tenant.person("tutor", "Zeynep Şahin")
    first = tenant.session(start_wall="2026-11-26T15:00:00")["id"]
    second = tenant.session(start_wall="2026-11-27T15:00:00", student_ids=list(tenant.students))["id"]
    third = tenant.session(start_wall="2026-11-28T15:00:00", tutor_id=other_tutor, status="completed")["id"]

    def found(**params: str | list[str]) -> list[str]:
        answer = tenant.api.get("/api/sessions", params=params)
        assert answer.status_code == 200, answer.text
        return [session["id"] for session in answer.json()["data"]]

    assert found() == [first, second, third]
    assert found(tutor_id=tenant.tutor) == [first, second]
    assert found(student_id=tenant.students[1]) == [second]
    assert found(status="completed") == [third]
    assert found(**{"from": "2026-11-27"}) == [second, third]
    assert found(to="2026-11-26T14:30:00Z") == [first]
    assert found(**{"from": "2026-11-26T15:30:00+01:00", "to": "2026-11-27T00:00:00Z"}) == [first]
    assert found(id=[third, first]) == [first, third]


def test_the_last_days_of_a_month_are_days(tenant: Tenant) -> None:
    """Whoever asks on the thirtieth gets an answer; what is no day is refused."""

    def status(day: str) -> int:
        return tenant.api.get("/api/sessions", params={"from": day, "to": f"{day}T23:59:59Z"}).status_code

    days = ["2026-11-29", "2026-11-30", "2026-12-31", "2028-02-29", "2000-02-29"]
    assert [status(day) for day in days] == [200] * len(days)
    assert [status(day) for day in ("2026-11-31", "2026-02-29", "1900-02-29", "2026-04-31")] == [422] * 4


def test_an_edit_on_the_platform_stamps_the_groups_that_it_changed(tenant: Tenant) -> None:
    """A laptop has to know later whose edit is newer."""
    made = tenant.session()

    changed = tenant.api.patch(
        f"/api/sessions/{made['id']}", json={"title": "New", "place": "Library"}, headers={"If-Match": '"1"'}
    ).json()

    moved = {group for group in changed["origins"] if changed["origins"][group] != made["origins"][group]}
    assert moved == {"title", "where"}
    assert changed["origins"]["title"]["side"] == "platform"
    assert changed["origins"]["title"]["since"] >= made["origins"]["title"]["since"]


def test_a_device_brings_the_origin_of_the_edits_that_it_carries(tenant: Tenant) -> None:
    """Somebody moved the event on a phone at nine; the laptop brings it at ten: the edit is of nine."""
    made = tenant.session()
    origin = {
        "who": "anna",
        "device": "laptop:1",
        "side": "calendar:work",
        "since": "2026-11-24T08:59:00+00:00",
        "until": "2026-11-24T09:00:00+00:00",
    }
    body = {"start_wall": "2026-11-26T17:00:00", "origins": {"when": origin, "title": origin}}

    with tenant.paired() as device:
        carried = device.patch(f"/api/sessions/{made['id']}", json=body, headers={"If-Match": '"1"'}).json()

    assert carried["origins"]["when"] == origin
    assert carried["origins"]["title"] == made["origins"]["title"], "the title was not changed"


def test_a_device_whose_clock_is_ahead_cannot_win_the_next_hours(tenant: Tenant) -> None:
    """Its edit counts as made when it arrived."""
    made = tenant.session()
    far = {"who": "", "device": "d", "side": "s", "since": "2026-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"}

    with tenant.paired() as device:
        carried = device.patch(
            f"/api/sessions/{made['id']}",
            json={"title": "New", "origins": {"title": far}},
            headers={"If-Match": '"1"'},
        ).json()

    assert carried["origins"]["title"]["until"] < "2090"
    assert carried["origins"]["title"]["until"] == carried["updated_at"]
