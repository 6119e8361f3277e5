"""Asking an agent: what counts as "nobody there" and what as "it does not answer"."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync_agent.laptop.api.socket_client import NobodyThere, SocketClient
from sync_agent.laptop.errors import AgentOther, AgentSilent
from sync_agent.laptop.profile.announcement import Announcement


@contextmanager
def _answering(listener: socket.socket, answer: bytes) -> Iterator[list[bytes]]:
    """Answer one request with these bytes; gives what was asked."""
    asked: list[bytes] = []

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            asked.append(connection.recv(65536))
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    with listener:
        listener.listen()
        thread.start()
        yield asked
        thread.join(10)


def _ask(address: str, *, api: int = 1, within_s: float = 5) -> tuple[int, dict[str, object]]:
    client = SocketClient(Announcement(address, 42, "9.9", "the-token", api))
    return client.ask("GET", "/v1/status", {"a": "b c"}, {}, within_s=within_s)


def _http(status: str, document: object) -> bytes:
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_an_agent_on_loopback_is_asked_as_one_on_a_socket(tmp_path: Path) -> None:
    """Windows has no Unix sockets that a server could use: the same request goes over 127.0.0.1."""
    loopback = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(tmp_path / "s"))
    port = loopback.getsockname()[1]

    seen = []
    for address, listener in ((f"tcp:127.0.0.1:{port}", loopback), (f"unix:{tmp_path / 's'}", unix)):
        with _answering(listener, _http("200 OK", {"state": "ok"})) as asked:
            assert _ask(address) == (200, {"state": "ok"})
        seen += asked

    assert seen[0] == seen[1]
    assert seen[0].startswith(b"GET /v1/status?a=b+c HTTP/1.1\r\n")
    assert b"Host: tutorsync\r\n" in seen[0]
    assert b"Authorization: Bearer the-token\r\n" in seen[0]


def test_where_nothing_listens_nobody_is_there(tmp_path: Path) -> None:
    """Neither a missing file nor one that an agent left behind when it was killed."""
    with pytest.raises(NobodyThere):
        _ask(f"unix:{tmp_path / 'none'}")
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "left"))
    left.close()
    with pytest.raises(NobodyThere):
        _ask(f"unix:{tmp_path / 'left'}")


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"nonsense\r\n\r\n"])
def test_half_an_answer_is_none(tmp_path: Path, answer: bytes) -> None:
    """The process is named, so that one can look at it."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))

    with _answering(listener, answer), pytest.raises(AgentSilent, match="process 42"):
        _ask(f"unix:{tmp_path / 's'}")


def test_an_agent_of_another_api_is_not_asked(tmp_path: Path) -> None:
    """After an update, until it was started again."""
    with pytest.raises(AgentOther, match=r"9\.9"):
        _ask(f"unix:{tmp_path / 's'}", api=2)
