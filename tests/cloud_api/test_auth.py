"""Who may call: tokens given, renewed, ended; permissions; tenants apart."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from cloud_api.auth.scopes import Scope
from cloud_api.auth.store import deactivate_client
from cloud_api.ids import SecretKind, is_well_formed, new_secret
from tests.cloud_api.tenant import Tenant, made_tenant, problem, signed_in

GRANT = {"grant_type": "client_credentials"}


def ask(tenant: Tenant, path: str = "token", **form: str) -> httpx.Response:
    """Ask the token endpoint as the tenant's client, by HTTP Basic."""
    return httpx.post(
        f"{tenant.base_url}/api/auth/{path}",
        data=form,
        auth=(tenant.client.client_id, tenant.client.api_key),
        verify=False,
    )


def reads(tenant: Tenant, token: str) -> httpx.Response:
    """Read something with a token."""
    return httpx.get(f"{tenant.base_url}/api/tutors", headers={"Authorization": f"Bearer {token}"}, verify=False)


def test_the_key_is_taken_in_three_places(tenant: Tenant) -> None:
    """By HTTP Basic, in the form, or alone in a header: whatever a client's library can do."""
    url, client = f"{tenant.base_url}/api/auth/token", tenant.client

    basic = ask(tenant, **GRANT)
    post = httpx.post(url, data=GRANT | {"client_id": client.client_id, "client_secret": client.api_key}, verify=False)
    alone = httpx.post(url, data=GRANT, headers={"X-API-Key": client.api_key}, verify=False)

    for answer in (basic, post, alone):
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        told = answer.json()
        assert (told["token_type"], told["expires_in"]) == ("Bearer", 3600)
        assert is_well_formed(told["access_token"], SecretKind.ACCESS)
        assert reads(tenant, told["access_token"]).status_code == 200


def test_a_token_can_be_asked_for_with_less_than_the_client_may(tenant: Tenant) -> None:
    """A script that only reads holds a token that only reads."""
    told = ask(tenant, **GRANT, scope="tutors:read").json()
    more = ask(tenant, **GRANT, scope="tutors:read everything:write")

    assert told["scope"] == "tutors:read"
    assert reads(tenant, told["access_token"]).status_code == 200
    refused = httpx.get(
        f"{tenant.base_url}/api/sessions",
        headers={"Authorization": f"Bearer {told['access_token']}"},
        verify=False,
    )
    assert problem(refused) == (403, "auth.scope_missing", [])
    assert 'error="insufficient_scope", scope="sessions:read"' in refused.headers["www-authenticate"]
    assert (more.status_code, more.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        pytest.param({}, 400, "invalid_request", id="no grant type"),
        pytest.param({"grant_type": "password"}, 400, "unsupported_grant_type", id="another grant"),
        pytest.param({"grant_type": "refresh_token"}, 400, "invalid_grant", id="no refresh token"),
    ],
)
def test_bad_input_at_the_token_endpoint_is_told_in_oauths_words(
    tenant: Tenant, form: dict[str, str], status: int, error: str
) -> None:
    """OAuth libraries read `error` (RFC 6749, section 5.2)."""
    answer = ask(tenant, **form)

    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_bad_input_a_wrong_key_is_refused_without_saying_what_was_wrong(tenant: Tenant) -> None:
    """Neither whether the client exists, nor which half was wrong."""
    url, right = f"{tenant.base_url}/api/auth/token", tenant.client

    pairs = [
        (right.client_id, "secret"),
        (right.client_id, new_secret(SecretKind.API_KEY)),
        ("developer-nobody", right.api_key),
    ]
    answers = [httpx.post(url, data=GRANT, auth=pair, verify=False) for pair in pairs]

    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert answers[0].json()["error"] == "invalid_client"
    assert answers[0].headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    ("header", "challenge"),
    [
        pytest.param(None, 'Bearer realm="tutorsync"', id="nothing"),
        pytest.param("Bearer tsk_wrong", 'Bearer realm="tutorsync", error="invalid_token"', id="no token of ours"),
        pytest.param(
            f"Bearer {new_secret(SecretKind.ACCESS)}",
            'Bearer realm="tutorsync", error="invalid_token"',
            id="never given",
        ),
    ],
)
def test_without_a_valid_token_nothing_is_shown(tenant: Tenant, header: str | None, challenge: str) -> None:
    """401 with a challenge (RFC 6750, section 3)."""
    headers = {} if header is None else {"Authorization": header}

    answer = httpx.get(f"{tenant.base_url}/api/sessions", headers=headers, verify=False)

    assert problem(answer)[0] == 401
    assert answer.headers["www-authenticate"] == challenge


@pytest.mark.parametrize("path", ["refresh", "token"])
def test_a_refresh_token_gives_a_new_pair_once(tenant: Tenant, path: str) -> None:
    """Both at the customer's endpoint and where OAuth libraries ask."""
    first = ask(tenant, **GRANT, scope="tutors:read").json()

    second = ask(tenant, path, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()

    assert second["scope"] == "tutors:read"
    assert second["refresh_token"] != first["refresh_token"]
    assert reads(tenant, second["access_token"]).status_code == 200


def test_a_refresh_token_used_twice_ends_the_whole_sign_in(tenant: Tenant) -> None:
    """One of the two users is a thief, and nobody knows which: both have to show the key."""
    first = ask(tenant, **GRANT).json()
    second = ask(tenant, "refresh", refresh_token=first["refresh_token"]).json()
    assert reads(tenant, second["access_token"]).status_code == 200

    again = ask(tenant, "refresh", refresh_token=first["refresh_token"])

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert reads(tenant, first["access_token"]).status_code == 401
    assert reads(tenant, second["access_token"]).status_code == 401
    assert ask(tenant, "refresh", refresh_token=second["refresh_token"]).status_code == 400


def test_another_client_cannot_use_a_refresh_token(tenant: Tenant) -> None:
    """A refresh token belongs to the client that got it."""
    token = ask(tenant, **GRANT).json()["refresh_token"]
    other = tenant.new_client()

    stolen = httpx.post(
        f"{tenant.base_url}/api/auth/refresh",
        data={"refresh_token": token},
        auth=(other.client_id, other.api_key),
        verify=False,
    )

    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")


def test_a_token_that_was_ended_is_refused_at_once(tenant: Tenant) -> None:
    """By its holder (DELETE) or as RFC 7009 says (POST); what is unknown is ended already."""
    first, second = ask(tenant, **GRANT).json(), ask(tenant, **GRANT).json()
    assert reads(tenant, first["access_token"]).status_code == 200
    assert reads(tenant, second["access_token"]).status_code == 200

    deleted = httpx.delete(
        f"{tenant.base_url}/api/auth/revoke",
        headers={"Authorization": f"Bearer {first['access_token']}"},
        verify=False,
    )
    posted = ask(tenant, "revoke", token=second["refresh_token"])
    unknown = ask(tenant, "revoke", token="tsk_whatever")

    assert (deleted.status_code, posted.status_code, unknown.status_code) == (204, 200, 200)
    assert reads(tenant, first["access_token"]).status_code == 401
    assert reads(tenant, second["access_token"]).status_code == 401
    assert ask(tenant, "refresh", refresh_token=first["refresh_token"]).status_code == 400


def test_a_client_that_was_switched_off_gets_no_token(tenant: Tenant) -> None:
    """A lost laptop: no new token, and the old ones end within the five seconds that they are remembered."""
    lost = tenant.new_client()

    with tenant.database.writing() as connection:
        assert deactivate_client(connection, lost.client_id, datetime.now(UTC))

    answer = httpx.post(
        f"{tenant.base_url}/api/auth/token", data=GRANT, auth=(lost.client_id, lost.api_key), verify=False
    )
    assert answer.json()["error"] == "invalid_client"


def test_tenants_see_nothing_of_each_other(tenant: Tenant) -> None:
    """Another tenant's id is 404 for reading and for every change, and may even be used again."""
    theirs = tenant.session()
    with made_tenant(tenant.database, tenant.base_url, f"other {uuid.uuid4()}", datetime.now(UTC)) as other:
        path, named = f"/api/sessions/{theirs['id']}", {"If-Match": '"1"'}

        answers = [
            other.api.get(path),
            other.api.patch(path, json={"title": "x"}, headers=named),
            other.api.put(path, json=other.a_session(), headers=named),
            other.api.post(f"{path}/cancel"),
            other.api.get(f"/api/tutors/{tenant.tutor}"),
            other.api.patch(f"/api/students/{tenant.students[0]}", json={"name": "x"}, headers=named),
        ]
        borrowed = other.put(str(uuid.uuid4()), student_ids=[tenant.students[0]])
        own = other.put(theirs["id"])

        assert {answer.status_code for answer in answers} == {404}
        assert problem(borrowed) == (422, "session.invalid", ["/student_ids/0"])
        assert own.status_code == 201
        assert [session["id"] for session in other.api.get("/api/sessions").json()["data"]] == [theirs["id"]]
    assert tenant.api.get(path).json() == theirs


def test_a_device_sees_its_own_tutors_sessions_and_students_only(tenant: Tenant) -> None:
    """What a laptop holds is what its tutor may know."""
    colleague = tenant.person("tutor", "Zeynep Şahin")
    mine = tenant.session()
    foreign = tenant.session(tutor_id=colleague, student_ids=[tenant.students[1]])

    with tenant.paired() as device:
        assert [session["id"] for session in device.get("/api/sessions").json()["data"]] == [mine["id"]]
        assert device.get(f"/api/sessions/{foreign['id']}").status_code == 404
        assert device.get("/api/sessions", params={"tutor_id": colleague}).json()["data"] == []
        assert [tutor["id"] for tutor in device.get("/api/tutors").json()["data"]] == [tenant.tutor]
        assert [student["id"] for student in device.get("/api/students").json()["data"]] == [tenant.students[0]]
        assert device.get("/api/guardians").status_code == 403
        moved = device.patch(f"/api/sessions/{mine['id']}", json={"tutor_id": colleague}, headers={"If-Match": '"1"'})
        assert problem(moved) == (422, "session.invalid", ["/tutor_id"])


def test_a_students_first_session_can_be_planned_on_a_device(tenant: Tenant) -> None:
    """The tutor enters a new student on the laptop; the next session may name them."""
    student_id = str(uuid.uuid4())

    with tenant.paired() as device:
        added = device.put(
            f"/api/students/{student_id}",
            json={"name": "Þórunn", "zone": "Atlantic/Reykjavik"},
            headers={"If-None-Match": "*"},
        )
        planned = device.put(
            f"/api/sessions/{uuid.uuid4()}",
            json=tenant.a_session(student_ids=[student_id]),
            headers={"If-None-Match": "*"},
        )

    assert (added.status_code, planned.status_code) == (201, 201)


def test_a_pairing_code_works_once(tenant: Tenant) -> None:
    """The second laptop that types it gets one clear sentence."""
    code = tenant.device_code()

    first = tenant.api.post("/api/devices", json={"code": f" {code.lower()} ", "name": "Anna's laptop"})
    second = tenant.api.post("/api/devices", json={"code": code})

    assert first.status_code == 201
    told = first.json()
    assert (told["tutor_id"], told["tenant"], told["zone"]) == (tenant.tutor, tenant.id, "Europe/Berlin")
    signed_in(tenant.base_url, told["client_id"], told["client_secret"]).close()
    assert problem(second) == (409, "device.code_used", [])
    assert "ask for a new one" in second.json()["detail"]


def test_bad_input_a_pairing_code_that_is_wrong_or_old(tenant: Tenant) -> None:
    """Each says what to do."""
    old = tenant.device_code(at=datetime.now(UTC) - timedelta(minutes=16))

    wrong = tenant.api.post("/api/devices", json={"code": "AAAAA-AAAAA"})
    late = tenant.api.post("/api/devices", json={"code": old})

    assert problem(wrong) == (403, "device.code_unknown", [])
    assert problem(late) == (410, "device.code_expired", [])


def test_people_of_each_kind_are_made_changed_and_let_go(tenant: Tenant) -> None:
    """Three resources of one shape; guardians know their students."""
    guardian = tenant.api.post(
        "/api/guardians",
        json={"name": "Elif Öztürk", "zone": "Europe/Berlin", "student_ids": [tenant.students[0]]},
    )
    path = f"/api/guardians/{guardian.json()['id']}"

    renamed = tenant.api.patch(path, json={"email": "elif@example.org"}, headers={"If-Match": '"1"'})
    gone = tenant.api.post(f"{path}/deactivate")
    nowhere = tenant.api.post("/api/tutors", json={"name": "X", "zone": "Mars/X"})

    assert guardian.json()["student_ids"] == [tenant.students[0]]
    assert (renamed.json()["email"], renamed.json()["student_ids"]) == ("elif@example.org", [tenant.students[0]])
    assert (gone.json()["is_active"], gone.json()["version"]) == (False, 3)
    assert problem(nowhere) == (422, "tutor.invalid", ["/zone"])
    assert tenant.api.get(f"/api/tutors/{guardian.json()['id']}").status_code == 404


def test_every_permission_is_needed_somewhere_and_named_in_the_description(tenant: Tenant) -> None:
    """A scope that opens nothing is a mistake."""
    described = tenant.api.get("/api/openapi.json").json()

    used = {
        scope
        for path in described["paths"].values()
        for operation in path.values()
        for requirement in operation.get("security", [])
        for scope in requirement.get("bearer", [])
    }

    assert used == {str(scope) for scope in Scope}
