"""The platform client against the real API: read, followed, written, and whatever can go wrong."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from connectors.http import HttpRules, open_client
from connectors.platform.client import PlatformClient, open_account, pair
from connectors.platform.errors import DeviceRefused, NotAPlatform, PairingRefused
from connectors.platform.sign_in import AccessToken
from connectors.registry import Credentials, open_platform
from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import (
    AlreadyExists,
    AnswerLost,
    ChangedMeanwhile,
    InsecureAddress,
    ObjectGone,
    ObjectRefused,
    ServerFault,
    Throttled,
    UnknownHost,
    Unreachable,
)
from connectors.vocabulary.sessions import FeedPage, Origin, SessionRecord, SessionStatus, StudentRecord
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.store.record_json import record_from_json, record_to_json
from tests.cloud_api.server import run_cloud, running_cloud
from tests.connectors.platform.conftest import Agency

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
AT_ONCE = timedelta(0)


def everything(platform: PlatformClient, since: Cursor | None = None) -> list[FeedPage]:
    """Read the feed until there is no more."""
    pages = [platform.feed(since, AT_ONCE)]
    while pages[-1].more:
        pages.append(platform.feed(pages[-1].cursor, AT_ONCE))
    return pages


def a_session(**differing: Any) -> SessionRecord:
    """Give a session as a laptop makes it."""
    span = WallSpan(datetime(2026, 12, 1, 15), "Europe/Berlin", timedelta(hours=1))
    plain = SessionRecord(id=str(uuid.uuid4()), version=0, when=span, title="Algebra, Mia")
    return replace(plain, **differing)


def put(platform: PlatformClient, record: SessionRecord, *, if_version: int | None = None) -> SessionRecord:
    """Write a session under a fresh key."""
    return platform.put(record, if_version=if_version, key=str(uuid.uuid4()), at=NOW)


def test_a_paired_device_knows_whose_it_is(platform: PlatformClient, agency: Agency, credentials: Credentials) -> None:
    """The stable id is tenant and tutor; the name is for people."""
    identity = platform.identify()

    assert identity.issuer == agency.server.url
    assert identity.subject == f"{credentials.settings['tenant']}/{agency.tutor}"
    assert identity.display == "Anna Bergström"
    assert credentials.settings["zone"] == "Europe/Berlin"
    assert credentials.secrets["client_secret"] not in repr(credentials)


def test_the_registry_opens_it(credentials: Credentials) -> None:
    """The engine knows no connector by name."""
    platform = open_platform(credentials)

    assert platform.identify().display == "Anna Bergström"
    assert isinstance(platform, PlatformClient)
    platform.close()


def test_the_first_reading_lists_every_session_and_everybody_in_it(platform: PlatformClient) -> None:
    """A new laptop starts from nothing."""
    pages = everything(platform)

    sessions = [session for page in pages for session in page.sessions]
    students = {student.id: student for page in pages for student in page.students}
    assert all(page.full for page in pages)
    assert len({session.id for session in sessions}) == len(sessions) >= 40
    assert {student for session in sessions for student in session.students} <= set(students)
    assert any(session.status is SessionStatus.CANCELLED for session in sessions)
    assert all(session.origins["when"].side == "platform" for session in sessions)


def test_an_edit_in_the_office_reaches_the_laptop_while_it_waits(platform: PlatformClient, agency: Agency) -> None:
    """The long poll answers at once."""
    record = put(platform, a_session())
    cursor = everything(platform)[-1].cursor
    pages: list[FeedPage] = []
    waiting = threading.Thread(target=lambda: pages.append(platform.feed(cursor, timedelta(seconds=30))))
    waiting.start()

    agency.office.patch(f"/api/sessions/{record.id}", json={"title": "Geometry"}, headers={"If-Match": '"1"'})
    waiting.join(timeout=20)

    assert [(session.id, session.title, session.version) for session in pages[0].sessions] == [
        (record.id, "Geometry", 2)
    ]
    assert not pages[0].full


def test_a_dead_cursor_reads_everything_again(platform: PlatformClient, agency: Agency) -> None:
    """A backup was restored there: no error, a full listing."""
    cursor = everything(platform)[-1].cursor
    run_cloud("new-epoch", "--data", agency.data)

    page = platform.feed(cursor, timedelta(seconds=30))
    other_kind = platform.feed(Cursor("sync-token", "7"), AT_ONCE)

    assert (page.full, page.restarted) == (True, True)
    assert page.sessions
    assert (other_kind.full, other_kind.restarted) == (True, False)


def test_a_session_made_on_the_laptop_comes_back_as_it_was(platform: PlatformClient, agency: Agency) -> None:
    """All that the vocabulary has is kept; the origin of the edit travels with it."""
    student = platform.put_student(
        StudentRecord(str(uuid.uuid4()), "Łukasz Żółw", "Europe/Warsaw"), key=str(uuid.uuid4())
    )
    origin = Origin("anna", "laptop:1", "calendar:work", NOW - timedelta(minutes=5), NOW - timedelta(minutes=1))
    made = a_session(
        subject="Algebra",
        place="Library",
        online=False,
        notes="Bring the exam – “old” one",
        chargeable=False,
        students=(student.id,),
        series_id="s1",
        meeting_provider="zoom",
        join_url="https://zoom.us/j/1",
        origins={"when": origin},
    )

    stored = put(platform, made)

    assert stored == replace(made, version=1, origins=stored.origins)
    assert platform.origins_of(stored)["when"] == origin
    assert platform.origins_of(stored)["title"].until == NOW
    assert list(platform.fetch([stored.id, str(uuid.uuid4())])) == [stored]
    assert agency.office.get(f"/api/sessions/{stored.id}").json()["tutor_id"] == agency.tutor


def test_a_change_keeps_what_only_the_platform_knows(platform: PlatformClient, agency: Agency) -> None:
    """The office wrote why it is not charged; a laptop that moves the session has no such field."""
    record = put(platform, a_session())
    agency.office.patch(
        f"/api/sessions/{record.id}",
        json={"chargeable": False, "chargeable_reason": "trial"},
        headers={"If-Match": '"1"'},
    )
    known = platform.fetch([record.id])[0]

    moved = put(platform, replace(known, title="Moved"), if_version=known.version)

    shown = agency.office.get(f"/api/sessions/{record.id}").json()
    assert (moved.title, moved.version) == ("Moved", 3)
    assert (shown["chargeable"], shown["chargeable_reason"]) == (False, "trial")


def test_a_write_whose_answer_was_lost_is_repeated_under_its_key(platform: PlatformClient) -> None:
    """The journal sends the same row again: it gets the first answer, not an error."""
    record, key = a_session(), str(uuid.uuid4())

    first = platform.put(record, if_version=None, key=key, at=NOW)
    again = platform.put(record, if_version=None, key=key, at=NOW)

    assert again == first


def test_a_write_that_somebody_typed_over_is_still_known_by_its_key(platform: PlatformClient, agency: Agency) -> None:
    """The laptop asks with the request as its journal kept it: that is the same to the platform, letter by letter."""
    origin = Origin("anna", "laptop:1", "app", NOW - timedelta(minutes=5), NOW - timedelta(minutes=1))
    record = replace(put(platform, a_session(notes="Ö")), title="Geometry", origins={"title": origin})
    key, path = str(uuid.uuid4()), f"/api/sessions/{record.id}"
    first = platform.put(record, if_version=1, key=key, at=NOW)
    agency.office.patch(path, json={"title": "Logic"}, headers={"If-Match": '"2"'})

    kept = record_from_json(json.loads(json.dumps(record_to_json(record))))
    again = platform.put(kept, if_version=1, key=key, at=NOW)

    assert (again, again.title, again.version) == (first, "Geometry", 2)
    assert [(one.title, one.version) for one in platform.fetch([record.id])] == [("Logic", 3)]


def test_a_write_that_never_came_there_is_refused_once_somebody_typed(platform: PlatformClient, agency: Agency) -> None:
    """So asking what became of it changes nothing, however often."""
    record, key = put(platform, a_session()), str(uuid.uuid4())
    agency.office.patch(f"/api/sessions/{record.id}", json={"title": "Logic"}, headers={"If-Match": '"1"'})

    for _ in range(2):
        with pytest.raises(ChangedMeanwhile):
            platform.put(replace(record, title="Geometry"), if_version=1, key=key, at=NOW)

    assert [(one.title, one.version) for one in platform.fetch([record.id])] == [("Logic", 2)]


def test_another_request_under_a_key_that_was_used_is_refused(platform: PlatformClient) -> None:
    """As another version of ours might spell it: then the platform tells nothing."""
    record, key = put(platform, a_session()), str(uuid.uuid4())
    platform.put(replace(record, title="Geometry"), if_version=1, key=key, at=NOW)

    with pytest.raises(ObjectRefused):
        platform.put(replace(record, title="Algebra"), if_version=1, key=key, at=NOW)


def test_somebody_else_was_faster(platform: PlatformClient) -> None:
    """The engine reads again and merges."""
    record = put(platform, a_session())
    put(platform, replace(record, title="A"), if_version=1)

    with pytest.raises(ChangedMeanwhile):
        put(platform, replace(record, title="B"), if_version=1)
    with pytest.raises(AlreadyExists):
        put(platform, record)
    with pytest.raises(ObjectGone):
        put(platform, a_session(), if_version=1)


def test_an_ended_token_is_renewed_without_anybody_noticing(platform: PlatformClient, agency: Agency) -> None:
    """The platform ended it early: one 401, one new token, the same request again."""
    platform.identify()
    token = platform._token.current()
    agency.office.delete("/api/auth/revoke", headers={"Authorization": f"Bearer {token}"})

    assert platform.identify().display == "Anna Bergström"
    assert platform._token.current() != token


def test_a_token_is_renewed_before_it_ends(agency: Agency, credentials: Credentials) -> None:
    """Half a minute early: a request that is under way must not arrive with a dead one."""
    seconds = 0.0
    with open_client(HttpRules()) as client:
        token = AccessToken(
            client,
            agency.server.url,
            client_id=credentials.settings["client_id"],
            client_secret=credentials.secrets["client_secret"],
            monotonic=lambda: seconds,
        )
        first = token.current()
        seconds = 3600 - 31

        assert token.current() == first

        seconds = 3600 - 30
        assert token.current() != first


def test_a_laptop_whose_clock_is_wrong_signs_in_once(platform: PlatformClient) -> None:
    """How long a token lasts is counted, not compared with a date."""
    tokens = {platform._token.current() for _ in range(3)}
    far = platform.put(a_session(), if_version=None, key="clock", at=datetime(2099, 1, 1, tzinfo=UTC))

    assert len(tokens) == 1
    assert far.origins["when"].until < datetime(2090, 1, 1, tzinfo=UTC), "an edit is never later than its arrival"


def test_bad_input_a_pairing_code_that_is_wrong_or_used(agency: Agency) -> None:
    """The platform's own sentence reaches the tutor."""
    code = agency.device_code()
    pair(agency.server.url, code, HttpRules())

    with pytest.raises(PairingRefused, match="used already") as used:
        pair(agency.server.url, code, HttpRules())
    with pytest.raises(PairingRefused, match="not known"):
        pair(agency.server.url, "AAAAA-BBBBB", HttpRules())
    with pytest.raises(PairingRefused):
        pair(agency.server.url, "", HttpRules())

    assert used.value.code == "connection.pairing_refused"


def test_bad_input_an_address_that_is_none(agency: Agency) -> None:
    """Refused before anything is sent."""
    with pytest.raises(InsecureAddress):
        pair("http://platform.example", "AAAAA-BBBBB", HttpRules())
    with pytest.raises(InsecureAddress):
        pair("   ", "AAAAA-BBBBB", HttpRules())
    with pytest.raises(UnknownHost):
        pair("https://no-such-host.invalid", "AAAAA-BBBBB", HttpRules())
    with pytest.raises(NotAPlatform):
        pair(f"{agency.server.url}/somewhere", "AAAAA-BBBBB", HttpRules())


def test_bad_input_a_server_that_is_gone(tmp_path: Path) -> None:
    """Nothing was sent, the change waits; when it is back, it goes on."""
    data = str(tmp_path)
    tutor = run_cloud("sample", "--sessions", "3", "--data", data)["tutors"][0]["id"]
    code = run_cloud("device-code", "--tutor", tutor, "--data", data)["code"]
    with running_cloud("--data", data) as server:
        platform = open_account(pair(server.url, code, HttpRules()))
        cursor = everything(platform)[-1].cursor
        server.kill()

        with pytest.raises((Unreachable, AnswerLost)):
            platform.feed(cursor, AT_ONCE)
        with pytest.raises(Unreachable):
            put(platform, a_session())

        with running_cloud("--data", data, port=server.port):
            stored = put(platform, a_session())
            assert [session.id for session in platform.feed(cursor, AT_ONCE).sessions] == [stored.id]
    platform.close()


def test_bad_input_a_device_that_was_locked_out(agency: Agency) -> None:
    """A stolen laptop: its tokens and its key end, and it says what to do."""
    credentials = pair(agency.server.url, agency.device_code(), HttpRules())
    platform = open_account(credentials)
    run_cloud("client", "revoke", credentials.settings["client_id"], "--data", agency.data)

    with pytest.raises(DeviceRefused, match="Pair it again"):
        platform.identify()
    platform.close()


def test_bad_input_a_session_that_the_platform_refuses(platform: PlatformClient) -> None:
    """The reason is the platform's own."""
    with pytest.raises(ObjectRefused, match="no student"):
        put(platform, a_session(students=(str(uuid.uuid4()),)))
    with pytest.raises(ObjectRefused):
        put(platform, a_session(title=""))


@contextmanager
def answering(status: int, body: bytes, **headers: str) -> Iterator[str]:
    """Run some other program that answers everything alike."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "headers", "error"),
    [
        pytest.param(200, b"<html>Welcome</html>", {"Content_Type": "text/html"}, NotAPlatform, id="a web page"),
        pytest.param(200, b'{"hello": 1}', {"Content_Type": "application/json"}, NotAPlatform, id="other JSON"),
        pytest.param(404, b"nothing", {}, NotAPlatform, id="nothing there"),
        pytest.param(302, b"", {"Location": "https://elsewhere.example"}, NotAPlatform, id="sends elsewhere"),
        pytest.param(502, b"bad gateway", {}, ServerFault, id="a proxy without its server"),
        pytest.param(503, b"", {"Retry_After": "7"}, Throttled, id="asks for a pause"),
        pytest.param(502, b"", {"Retry_After": "7"}, ServerFault, id="in trouble, and says until when"),
    ],
)
def test_bad_input_something_else_answers(
    status: int, body: bytes, headers: dict[str, str], error: type[Exception]
) -> None:
    """Each is one sentence, both while pairing and later."""
    with answering(status, body, **headers) as url:
        credentials = Credentials(
            url, settings={"client_id": "a", "tutor": "t", "tenant": "x"}, secrets={"client_secret": "s"}
        )
        platform = open_account(credentials)

        with pytest.raises(error):
            pair(url, "AAAAA-BBBBB", HttpRules())
        with pytest.raises(error):
            platform.identify()
        platform.close()
