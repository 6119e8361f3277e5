"""TutorSync itself, driven as people drive it: by its command line, and by the local API of a running agent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from tests.benchmarks.edits import Edits
from tests.benchmarks.measured import PeerFailed

PROGRAM = Path(sys.executable).with_name("tutorsync")
_ROOT = Path(__file__).resolve().parents[3]
_ZONE = "Europe/Berlin"
_DAYS = 365
_MINUTES_OF_A_DAY = 600


def _where_it_is_noon(now: datetime) -> str:
    """Name a zone: an agent polls more slowly by night, and is measured alike whenever somebody measures it."""
    ahead = 12 - now.hour  # these names have the sign turned round
    return "Etc/GMT" if not ahead else f"Etc/GMT{'-' if ahead > 0 else '+'}{abs(ahead)}"


class AgentSilent(Exception):
    """The agent did not come up within its time; the message is what it said last."""


class TutorSync:
    """One profile in a place of its own, with a passphrase vault.

    Attributes:
        name: as it is called in the report.
    """

    name = "tutorsync"

    def __init__(self, place: Path) -> None:
        self._place, self._profile = place, place / "profile"
        place.mkdir(parents=True)
        (place / "run").mkdir(mode=0o700)
        (place / "passphrase").write_text("correct horse battery staple\n")
        (place / "passphrase").chmod(0o600)

    @property
    def environment(self) -> dict[str, str]:
        """The whole environment of its processes."""
        return {
            "HOME": str(self._place),
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": str(self._place / "run"),
            "TUTORSYNC_PASSPHRASE_FILE": str(self._place / "passphrase"),
            "TZ": _where_it_is_noon(datetime.now(UTC)),
        }

    def command(self, *words: str) -> list[str | Path]:
        """The command with these words, on this profile."""
        return [PROGRAM, "--profile", self._profile, *words]

    def sync(self) -> list[str | Path]:
        """One full pass in a process of its own."""
        return self.command("sync", "--wait", "--json")

    def connect(self, url: str, calendar: str, role: str) -> None:
        """Add a CalDAV account with one calendar in a role.

        Raises:
            PeerFailed: it was refused.
        """
        words = ["connect", "caldav", "--url", url, "--username", "anna", "--password-stdin", "--name", calendar]
        words += ["--calendar", calendar, "--role", role, "--yes", "--json"]
        self._told(words, "x\n")

    def set_role(self, calendar: str, role: str) -> None:
        """Say what a calendar is for."""
        self._told(["calendars", "set", calendar, "--role", role, "--yes", "--json"])

    def audit(self) -> None:
        """Compare all sides; the next time is a day later.

        Raises:
            PeerFailed: it could not.
        """
        self._told(["audit", "--json"])

    def warm_pass_s(self, count: int) -> float:
        """CPU of one pass without news, of so many one after the other in a process that is warm.

        Raises:
            PeerFailed: it ended with an error.
        """
        return float(self._passes("warm", str(count))["cpu_s"])

    def first_pass(self) -> dict[str, float]:
        """What one pass costs in a process that has begun already: CPU and wall time in seconds, peak memory in MiB.

        Raises:
            PeerFailed: it ended with an error.
        """
        return self._passes("first")

    def _passes(self, which: str, *words: str) -> dict[str, float]:
        found: dict[str, float] = self._program(
            "passes", [which, str(self._profile), str(self._place / "passphrase"), *words]
        )
        return found

    def inside(self, what: str, *words: str) -> dict[str, float]:
        """What a part of the engine costs on this profile (`peers/inside.py`).

        Raises:
            PeerFailed: it ended with an error.
        """
        found: dict[str, float] = self._program("inside", [what, str(self._profile), *words])
        return found

    def edit(self, edits: Edits) -> None:
        """Change, cancel and add sessions.

        Raises:
            PeerFailed: it ended with an error.
        """
        wanted = {
            "changed": {item.title: title for item, title in edits.changed},
            "cancelled": [item.title for item in edits.deleted],
            "added": [item.title for item in edits.added],
        }
        self._program("desk", [str(self._profile)], json.dumps(wanted))

    def titles(self) -> list[str]:
        """Give the titles of the live sessions, sorted.

        Raises:
            PeerFailed: it ended with an error.
        """
        nothing: dict[str, object] = {"changed": {}, "cancelled": [], "added": []}
        found: list[str] = self._program("desk", [str(self._profile)], json.dumps(nothing))
        return found

    def _program(self, name: str, words: list[str], given: str = "") -> Any:
        ran = subprocess.run(
            [sys.executable, "-m", f"tests.benchmarks.peers.{name}", *words],
            env=self.environment, cwd=_ROOT, text=True, capture_output=True, check=False, input=given,
        )  # fmt: skip
        if ran.returncode:
            raise PeerFailed(ran.stderr)
        return json.loads(ran.stdout)

    def _told(self, words: list[str], given: str = "") -> None:
        ran = subprocess.run(
            self.command(*words), env=self.environment, input=given, text=True, capture_output=True, check=False
        )
        if ran.returncode:
            raise PeerFailed(f"{' '.join(words)}: {ran.stdout}{ran.stderr}")

    @contextmanager
    def agent(self, *words: str, deadline_s: float = 30) -> Iterator[Agent]:
        """Run an agent on this profile for as long as the block lasts."""
        log = self._place / "agent.log"
        with log.open("w") as out:
            command = self.command("agent", *words)
            process = subprocess.Popen(command, env=self.environment, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        try:
            yield _await_agent(self._profile, process, log, time.monotonic() + deadline_s)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_agent(profile: Path, process: subprocess.Popen[bytes], log: Path, until: float) -> Agent:
    pause = Event()
    while time.monotonic() < until and process.poll() is None:
        agent = _answering(profile / "agent.json", process.pid)
        if agent is not None:
            return agent
        pause.wait(0.05)
    raise AgentSilent(log.read_text()[-2000:])


def _answering(card: Path, pid: int) -> Agent | None:
    """The agent of this process, where it has written its card and answers."""
    try:
        known = json.loads(card.read_text())
        agent = Agent(known["address"], known["token"], known["pid"])
        agent.get("/v1/status")
    except (OSError, ValueError, KeyError, httpx.HTTPError):
        return None
    return agent if agent.pid == pid else None


class Agent:
    """A running agent, asked over its local API (docs/local-api.md)."""

    def __init__(self, address: str, token: str, pid: int) -> None:
        transport = httpx.HTTPTransport(uds=address.removeprefix("unix:"))
        headers = {"Authorization": f"Bearer {token}", "Host": "tutorsync"}
        self.pid = pid
        self._http = httpx.Client(transport=transport, base_url="http://tutorsync", headers=headers, timeout=600)

    def get(self, path: str) -> dict[str, Any]:
        """The document at a path."""
        return self._answer(self._http.get(path))

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer to a document that is sent."""
        return self._answer(self._http.post(path, json=body))

    def sync(self) -> dict[str, Any]:
        """Have one pass made, and wait for it."""
        return self.post("/v1/sync", {"wait": True})

    def objects(self, calendar: str) -> int:
        """How many objects of a calendar the agent's store holds."""
        return int(self._calendar(calendar)["objects"])

    def _calendar(self, name: str) -> dict[str, Any]:
        (found,) = [one for one in self.get("/v1/calendars")["calendars"] if one["name"] == name]
        return dict(found)

    def _answer(self, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_error:
            raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
        document: dict[str, Any] = answer.json()
        return document

    def add_sessions(self, count: int) -> None:
        """Plan sessions for the coming year, none of which overlaps another."""
        a_day = -(-count // _DAYS)
        minutes = max(1, _MINUTES_OF_A_DAY // a_day)
        first = datetime.now(UTC).replace(tzinfo=None, hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
        for number in range(count):
            start = first + timedelta(days=number // a_day, minutes=minutes * (number % a_day))
            body = {
                "title": f"Maths {number}",
                "start_wall": start.isoformat(),
                "zone": _ZONE,
                "duration_minutes": minutes,
            }
            self.post("/v1/sessions", body)
