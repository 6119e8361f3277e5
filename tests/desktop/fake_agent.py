"""An agent that is only its local API: a real HTTP server on a Unix socket that answers from a `World`.

As a program it lends itself to looking at the tray app without an agent:

    python -m tests.desktop.fake_agent --profile FOLDER [--week ordinary|quiet|nothing]
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import re
import socket
import socketserver
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.desktop.world import Document, World, a_quiet_week, an_ordinary_week, iso, nothing_connected

TOKEN = "a-token-of-this-start"
_LONGEST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    body: Document


class Refused(Exception):
    """The answer is an error document."""

    def __init__(self, status: int, code: str, message: str, action: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.document = {"error": {"code": code, "message": message, "action": action, "facts": {}}}


class FakeAgent:
    """Serves a world on a socket, and tells of it in a profile's agent.json.

    Attributes:
        asked: every request so far, oldest first.
        gates: paths that are answered only when their event is set (a slow server).
    """

    def __init__(self, profile: Path, world: World) -> None:
        self.profile, self.world = profile, world
        self.asked: list[Asked] = []
        self.gates: dict[str, threading.Event] = {}
        self._streams: list[queue.Queue[bytes | None]] = []
        self._told: list[bytes] = []
        self._folder = tempfile.TemporaryDirectory(prefix="agent-")
        self._server = _Server(str(Path(self._folder.name, "a.sock")), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def start(self) -> None:
        """Serve, and tell where."""
        self._thread.start()
        announced = {"address": f"unix:{self._folder.name}/a.sock", "pid": os.getpid(), "version": "0.1.0", "api": 1}
        self.profile.mkdir(parents=True, exist_ok=True, mode=0o700)
        whole = self.profile / "agent.json.new"
        whole.write_text(json.dumps({**announced, "token": TOKEN}))
        whole.chmod(0o600)
        whole.replace(self.profile / "agent.json")

    def stop(self) -> None:
        """End as an agent ends: connections break off, agent.json goes."""
        (self.profile / "agent.json").unlink(missing_ok=True)
        for gate in self.gates.values():
            gate.set()
        for stream in list(self._streams):
            stream.put(None)
        self._server.shutdown()
        self._server.close_all()
        self._folder.cleanup()

    def tell(self, event: str, *ids: str) -> None:
        """Send an event to all who listen."""
        number = len(self._told) + 1
        piece = f"id: {number}\nevent: {event}\ndata: {json.dumps({'ids': list(ids)})}\n\n".encode()
        self._told.append(piece)
        for stream in list(self._streams):
            stream.put(piece)

    def asked_for(self, method: str, pattern: str) -> list[Asked]:
        """Give the requests so far whose path fits a pattern."""
        return [one for one in self.asked if one.method == method and re.fullmatch(pattern, one.path)]

    @property
    def listeners(self) -> int:
        """How many follow the events."""
        return len(self._streams)

    @contextmanager
    def listening(self, last: str) -> Iterator[queue.Queue[bytes | None]]:
        """Follow the events, those after `last` first."""
        stream: queue.Queue[bytes | None] = queue.Queue()
        for piece in self._told[int(last) :] if last else ():
            stream.put(piece)
        self._streams.append(stream)
        try:
            yield stream
        finally:
            self._streams.remove(stream)

    def answer(self, asked: Asked, query: dict[str, str]) -> tuple[int, Document]:
        """Answer a request.

        Raises:
            Refused: with an error document.
        """
        self.asked.append(asked)
        if gate := self.gates.get(asked.path):
            gate.wait(30)
        if problem := self.world.problems.get((asked.method, asked.path)):
            return problem
        for method, pattern, answer in _ROUTES:
            found = re.fullmatch(pattern, asked.path)
            if found and method == asked.method:
                return answer(self, asked.body, query, *map(unquote, found.groups()))
        raise Refused(404, "request.unknown_route", f"The agent knows nothing called {asked.path}.")


Answer = tuple[int, Document]


def _status(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, agent.world.status()


def _sessions(agent: FakeAgent, _body: Document, query: dict[str, str]) -> Answer:
    start, end = query.get("from", ""), query.get("to", "9999")
    return 200, {"sessions": [s for s in agent.world.sessions if start <= s["end"] and s["start"] <= end]}


def _conflicts(agent: FakeAgent, _body: Document, query: dict[str, str]) -> Answer:
    found = agent.world.conflicts if query.get("state") == "all" else agent.world.open_conflicts
    return 200, {"conflicts": found, "coverage": agent.world.coverage}


def _conflict(agent: FakeAgent, _body: Document, _query: dict[str, str], key: str) -> Answer:
    return 200, {"conflict": _known(agent, key)}


def _suggestions(agent: FakeAgent, _body: Document, query: dict[str, str], key: str) -> Answer:
    session = query.get("session") or _known(agent, key)["sides"][0]["id"]
    return 200, {"conflict": key, "session": session, "suggestions": agent.world.slots(key, session)}


def _resolve(agent: FakeAgent, body: Document, _query: dict[str, str], key: str) -> Answer:
    conflict = _known(agent, key)
    if body["action"] == "keep_both" and not body.get("reason"):
        raise Refused(422, "conflict.reason_missing", "Keeping both needs a reason.", "Say why both may stand.")
    preview = agent.world.preview(key, body)
    if body.get("dry_run"):
        return 200, {"conflict": conflict, "preview": preview, "applied": False, "activity": []}
    if conflict["state"] != "open":
        raise Refused(409, "conflict.settled", "This double booking has been settled already.")
    entry = agent.world.settle(key, body)
    agent.tell("conflict.closed", key)
    agent.tell("session.changed", str(entry["session"]))
    agent.tell("activity.added", entry["id"])
    agent.tell("state.changed")
    return 200, {"conflict": conflict, "preview": preview, "applied": True, "activity": [entry]}


def _undo(agent: FakeAgent, body: Document, _query: dict[str, str]) -> Answer:
    undone = agent.world.undo(body.get("activity"))
    for one in agent.world.open_conflicts:
        agent.tell("conflict.opened", one["id"])
    agent.tell("state.changed")
    refused = [] if undone else [{"activity": body.get("activity"), "message": "There is nothing to take back."}]
    return 200, {"undone": undone, "refused": refused}


def _activity(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"activity": agent.world.activity}


def _accounts(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"accounts": agent.world.accounts}


def _look(agent: FakeAgent, body: Document, _query: dict[str, str]) -> Answer:
    _require_sign_in(body)
    found = agent.world.found
    if body["provider"] == "ics":
        name = "School timetable"
        found = [{"remote_id": "feed", "name": name, "access": "read", "subscribed": True, "suggested_role": "busy"}]
    return 200, {"identity": {"display": body.get("username") or "feed"}, "found": found}


def _connect(agent: FakeAgent, body: Document, query: dict[str, str]) -> Answer:
    if agent.world.vault in {"absent", "locked"}:
        raise Refused(423, f"vault.{agent.world.vault}", "There is no vault yet to keep this password in.")
    agent.world.found = _look(agent, body, query)[1]["found"]
    account = agent.world.connect(body)
    agent.tell("health.changed", account["id"])
    agent.tell("state.changed")
    return 201, {"account": account, "found": account["calendars"]}


def _disconnect(agent: FakeAgent, _body: Document, _query: dict[str, str], key: str) -> Answer:
    account = next((one for one in agent.world.accounts if one["id"] == key), None)
    if account is None:
        raise Refused(404, "account.unknown", "There is no such account.")
    agent.world.accounts.remove(account)
    return 200, {"account": account}


def _calendars(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"calendars": [c for account in agent.world.accounts for c in account["calendars"]]}


def _calendar(agent: FakeAgent, body: Document, _query: dict[str, str], key: str) -> Answer:
    calendar = agent.world.calendar(key)
    if calendar is None:
        raise Refused(404, "calendar.unknown", "There is no such calendar.")
    calendar["role"] = body["role"]
    calendar["confirmed"] = body.get("confirmed", calendar["confirmed"])
    return 200, {"calendar": calendar}


def _dry_run(agent: FakeAgent, _body: Document, _query: dict[str, str], key: str) -> Answer:
    return 200, {"calendar": key, "add": len(agent.world.sessions), "change": 3, "delete": 0}


def _questions(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"questions": [one for one in agent.world.questions if one["answer"] is None]}


def _answer_question(agent: FakeAgent, body: Document, _query: dict[str, str], key: str) -> Answer:
    question = next(one for one in agent.world.questions if one["id"] == key)
    question["answer"] = body["answer"]
    agent.tell("question.answered", key)
    agent.tell("state.changed")
    return 200, {"question": question}


def _sync(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    agent.world.last_sync_at = agent.world.now
    agent.tell("pass.finished", "p-1")
    agent.tell("state.changed")
    return 202, {"started": True}


def _pause(agent: FakeAgent, body: Document, _query: dict[str, str]) -> Answer:
    seconds = body.get("seconds")
    until = agent.world.now + (timedelta(seconds=seconds) if seconds else timedelta(days=20_000))
    agent.world.paused_until = iso(until)
    agent.tell("state.changed")
    return 200, agent.world.status()


def _resume(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    agent.world.paused_until = None
    agent.tell("state.changed")
    return 200, agent.world.status()


def _vault(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"vault": {"state": agent.world.vault}}


def _open_vault(agent: FakeAgent, body: Document, _query: dict[str, str]) -> Answer:
    if body.get("passphrase") == "wrong":
        raise Refused(403, "vault.wrong_passphrase", "That passphrase does not open the vault. Nothing was changed.")
    agent.world.vault = "session_only" if body.get("session_only") else "open"
    agent.tell("state.changed")
    return 200, {"vault": {"state": agent.world.vault}}


def _health(agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"connections": [one["health"] for one in agent.world.accounts]}


def _shutdown(_agent: FakeAgent, _body: Document, _query: dict[str, str]) -> Answer:
    return 200, {"stopping": True}


def _known(agent: FakeAgent, key: str) -> Document:
    conflict = agent.world.conflict(key)
    if conflict is None:
        raise Refused(404, "conflict.unknown", "This double booking is not known any more.")
    return conflict


def _require_sign_in(body: Document) -> None:
    url = body.get("url") or ""
    host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    if host.endswith("nowhere.example"):
        words = f"There is no server called {host}. Check the address for a typing mistake."
        raise Refused(422, "connection.unknown_host", words)
    if body.get("secrets", {}).get("password") == "wrong":
        words = f"{host} does not accept the user name or password. Sign in again; nothing is lost."
        raise Refused(422, "connection.sign_in_refused", words)


_ROUTES: tuple[tuple[str, str, Callable[..., Answer]], ...] = (
    ("GET", "/v1/status", _status),
    ("GET", "/v1/sessions", _sessions),
    ("GET", "/v1/conflicts", _conflicts),
    ("GET", "/v1/conflicts/([^/]+)", _conflict),
    ("GET", "/v1/conflicts/([^/]+)/suggestions", _suggestions),
    ("POST", "/v1/conflicts/([^/]+)/resolve", _resolve),
    ("POST", "/v1/undo", _undo),
    ("GET", "/v1/activity", _activity),
    ("GET", "/v1/accounts", _accounts),
    ("POST", "/v1/accounts/look", _look),
    ("POST", "/v1/accounts", _connect),
    ("DELETE", "/v1/accounts/([^/]+)", _disconnect),
    ("GET", "/v1/calendars", _calendars),
    ("PATCH", "/v1/calendars/([^/]+)", _calendar),
    ("GET", "/v1/calendars/([^/]+)/dry-run", _dry_run),
    ("GET", "/v1/questions", _questions),
    ("POST", "/v1/questions/([^/]+)/answer", _answer_question),
    ("POST", "/v1/sync", _sync),
    ("POST", "/v1/pause", _pause),
    ("POST", "/v1/resume", _resume),
    ("GET", "/v1/vault", _vault),
    ("POST", "/v1/vault", _open_vault),
    ("GET", "/v1/health", _health),
    ("POST", "/v1/shutdown", _shutdown),
)


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    block_on_close = True

    def __init__(self, path: str, agent: FakeAgent) -> None:
        self.agent = agent
        self._connections: set[socket.socket] = set()
        super().__init__(path, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_all(self) -> None:
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        return "a local socket"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815 -- the names that http.server looks for

    def _serve(self) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            parts = urlsplit(self.path)
            if self.headers["Authorization"] != f"Bearer {TOKEN}" or self.headers["Host"] != "tutorsync":
                self._give(401, {"error": {"code": "request.unauthorized", "message": "Who are you?", "action": ""}})
            elif parts.path == "/v1/events-stream":
                self._stream()
            else:
                self._document(parts.path, {name: found[-1] for name, found in parse_qs(parts.query).items()})

    def _document(self, path: str, query: dict[str, str]) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY)
        body = json.loads(self.rfile.read(length) or b"{}")
        try:
            self._give(*self.server.agent.answer(Asked(self.command, path, body), query))
        except Refused as refused:
            self._give(refused.status, refused.document)

    def _give(self, status: int, document: Document) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b": here\n\n")
        with self.server.agent.listening(self.headers.get("Last-Event-ID", "")) as events:
            while (piece := events.get()) is not None:
                self.wfile.write(piece)


@contextmanager
def running_agent(profile: Path, world: World) -> Iterator[FakeAgent]:
    """Serve a world for as long as the block lasts."""
    agent = FakeAgent(profile, world)
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


_WEEKS = {"ordinary": an_ordinary_week, "quiet": a_quiet_week, "nothing": nothing_connected}


def main() -> None:
    """Serve until a line, or the end, comes on standard input."""
    asked = argparse.ArgumentParser(prog="fake_agent", description=__doc__)
    asked.add_argument("--profile", type=Path, required=True)
    asked.add_argument("--week", choices=sorted(_WEEKS), default="ordinary")
    given = asked.parse_args()
    with running_agent(given.profile, _WEEKS[given.week](datetime.now(UTC))):
        sys.stdin.readline()


if __name__ == "__main__":
    main()
