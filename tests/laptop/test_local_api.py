"""The local API of a real agent: who is let in, what a stream tells, how it ends."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync_agent.laptop.api.socket_client import SocketClient
from sync_agent.laptop.profile.announcement import Announcement
from tests.laptop.conftest import Desk, environment_of, until


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One agent for all questions here: none of them changes it."""
    folder = tmp_path_factory.mktemp("agent")
    made = Desk(folder / "profile", None, dict(environment_of(folder)))  # type: ignore[arg-type]
    made.start_agent()
    yield made
    made.close()


def _announced(agent: Desk) -> Announcement:
    told = agent.announcement
    assert told is not None
    return told


@contextmanager
def _connection(agent: Desk) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("tutorsync", timeout=10)
    connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.sock.settimeout(10)
    connection.sock.connect(_announced(agent).address.removeprefix("unix:"))
    yield connection
    connection.close()


def _asked(
    agent: Desk, method: str, path: str, *, body: bytes = b"", **headers: str | None
) -> tuple[int, dict[str, object]]:
    """Ask with the usual headers, but for those that are given; None leaves one out."""
    usual = {"Host": "tutorsync", "Authorization": f"Bearer {_announced(agent).token}"}
    sent = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
    with _connection(agent) as connection:
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            if value is not None:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def test_socket_and_token_are_for_this_user_only(agent: Desk) -> None:
    """Others of the same computer can neither connect nor read the token."""
    told = _announced(agent)
    path = Path(told.address.removeprefix("unix:"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(agent.profile.announcement.stat().st_mode) == 0o600
    assert stat.S_IMODE(agent.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in agent.folder.glob("tutorsync.db*")} == {0o600}
    assert told.api == 1
    assert len(told.token) >= 32


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        pytest.param({"Authorization": None}, 401, "request.no_token", id="no token"),
        pytest.param({"Authorization": "Bearer guessed"}, 401, "request.no_token", id="a wrong token"),
        pytest.param({"Host": "127.0.0.1"}, 421, "request.wrong_host", id="another host (DNS rebinding)"),
        pytest.param({"Host": None}, 421, "request.wrong_host", id="no host"),
        pytest.param({"Origin": "https://evil.example"}, 403, "request.from_a_web_page", id="a web page"),
        pytest.param({"Origin": "null"}, 403, "request.from_a_web_page", id="a sandboxed web page"),
    ],
)
def test_who_must_not_come_in(agent: Desk, headers: dict[str, str | None], status: int, code: str) -> None:
    """Each is told why, and nothing is done."""
    if "Host" in headers and headers["Host"] is None:
        # Without a Host the HTTP library of the server itself refuses (RFC 9112, section 3.2).
        with _connection(agent) as connection:
            connection.putrequest("GET", "/v1/status", skip_host=True)
            connection.endheaders()
            assert connection.getresponse().status in (400, 421)
        return
    got, document = _asked(agent, "GET", "/v1/status", **headers)

    assert (got, document["error"]["code"]) == (status, code)  # type: ignore[index]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        pytest.param("GET", "/v1/nothing", b"", 404, "request.unknown_route", id="no such route"),
        pytest.param("DELETE", "/v1/status", b"", 404, "request.unknown_route", id="no such method there"),
        pytest.param("POST", "/v1/sessions", b"[]", 400, "request.wrong", id="a body that is no object"),
        pytest.param("POST", "/v1/sessions", b"{", 400, "request.wrong", id="a body that is no JSON"),
        pytest.param("POST", "/v1/sync", b"{", 400, "request.wrong", id="no JSON for sync"),
        pytest.param("POST", "/v1/sync", b'{"account": "x"}', 404, "account.unknown", id="sync of an unknown account"),
        pytest.param("POST", "/v1/sessions", b"{}", 400, "request.wrong", id="a field is missing"),
        pytest.param("GET", "/v1/sessions/x", b"", 404, "session.unknown", id="no such session"),
        pytest.param("POST", "/v1/sessions", b"x" * (1 << 20) + b"x", 413, "request.too_large", id="more than 1 MiB"),
    ],
)
def test_what_cannot_be_answered(agent: Desk, method: str, path: str, body: bytes, status: int, code: str) -> None:
    """Always the same shape of error."""
    got, document = _asked(agent, method, path, body=body)

    assert (got, document["error"]["code"]) == (status, code)  # type: ignore[index]
    assert document["error"]["message"]  # type: ignore[index]


def _stream(connection: http.client.HTTPConnection, agent: Desk, **headers: str) -> http.client.HTTPResponse:
    usual = {"Host": "tutorsync", "Authorization": f"Bearer {_announced(agent).token}"}
    connection.request("GET", "/v1/events-stream", headers=usual | headers)
    answer = connection.getresponse()
    assert answer.getheader("Content-Type", "").startswith("text/event-stream")
    return answer


def _next(stream: http.client.HTTPResponse, kind: str) -> dict[str, str]:
    """Read frames until one of a kind comes."""
    frame: dict[str, str] = {}
    while True:
        line = stream.readline().decode().rstrip("\n")
        if not line and frame.get("event") == kind:
            return frame
        if not line:
            frame = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            frame[name] = value


def test_a_stream_tells_what_happens(agent: Desk) -> None:
    """And who comes back with the last number hears what was missed first."""
    with _connection(agent) as connection:
        stream = _stream(connection, agent)
        body = json.dumps({"title": "Maths", "start_wall": "2030-01-02T15:00", "duration_minutes": 60}).encode()
        _, added = _asked(agent, "POST", "/v1/sessions", body=body)
        told = _next(stream, "session.changed")

    with _connection(agent) as connection:
        again = _next(_stream(connection, agent, **{"Last-Event-ID": str(int(told["id"]) - 1)}), "session.changed")
    assert json.loads(told["data"]) == {"ids": [added["session"]["id"]]}  # type: ignore[index]
    assert again == told


@pytest.mark.parametrize("last", ["999999", "yesterday"])
def test_a_listener_from_another_life_reads_everything_anew(agent: Desk, last: str) -> None:
    """The agent was started again meanwhile: its numbers begin at one."""
    with _connection(agent) as connection:
        frame = _next(_stream(connection, agent, **{"Last-Event-ID": last}), "state.changed")

    assert json.loads(frame["data"]) == {"ids": [], "reset": True}


def test_many_ask_at_once(agent: Desk) -> None:
    """Answers do not mix."""
    from concurrent.futures import ThreadPoolExecutor

    def status(_: int) -> str:
        answer = SocketClient(_announced(agent)).ask("GET", "/v1/status", {}, {}, within_s=20)
        return str(answer[1]["version"])

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(status, range(40)))) == 1


@pytest.mark.parametrize("how", ["SIGTERM", "SIGINT", "a request"])
def test_it_ends_cleanly_while_somebody_listens(desk: Desk, how: str) -> None:
    """Within seconds, with exit 0, its announcement withdrawn; what was kept is there."""
    agent = desk.start_agent()
    session = desk.add_session()
    with _connection(desk) as connection:
        _stream(connection, desk)
        if how == "a request":
            assert _asked(desk, "POST", "/v1/shutdown") == (200, {"stopping": True})
        else:
            os.kill(agent.pid, getattr(signal, how))

        assert agent.wait(10) == 0

    assert desk.announcement is None
    assert desk.json("sessions", "--from", "2030-11-01", "--to", "2030-12-01")["sessions"][0]["id"] == session


def test_after_sigkill_a_new_agent_takes_over(desk: Desk) -> None:
    """The old socket and the old announcement are in nobody's way, and nothing is lost."""
    first = desk.start_agent()
    session = desk.add_session()
    first.kill()
    first.wait(10)
    assert desk.announcement is not None

    listed = desk.json("sessions", "--from", "2030-11-01", "--to", "2030-12-01")
    second = desk.start_agent()

    assert [one["id"] for one in listed["sessions"]] == [session]
    until(lambda: desk.json("status")["state"] == "ok")
    assert second.poll() is None
