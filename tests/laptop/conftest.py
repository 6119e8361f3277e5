"""A profile in a folder of its own, the command line in this process or in one of its own, and a real agent."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from lxml import etree

from sync_agent.laptop.cli.main import run
from sync_agent.laptop.profile.announcement import Announcement, read_announcement
from sync_agent.laptop.profile.places import Profile
from sync_agent.laptop.vault.sealed import new_lock, seal
from tests.servers.radicale import PASSWORD, USER, Radicale

ZONE = "Europe/Berlin"
PASSPHRASE = "correct horse battery staple"
PROGRAM = [sys.executable, "-m", "sync_agent.laptop.cli.main"]


def until(holds: Callable[[], Any], *, within_s: float = 20) -> Any:
    """Wait for a condition; gives its first true value."""
    deadline, pause = time.monotonic() + within_s, threading.Event()
    while time.monotonic() < deadline:
        if value := holds():
            return value
        pause.wait(0.02)
    raise AssertionError("it did not come true in time")


@dataclass(frozen=True)
class Ended:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        return self.document["error"]


@dataclass
class Desk:
    """A tutor's terminal on one profile."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    environment: dict[str, str]
    agents: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def profile(self) -> Profile:
        return Profile.at(self.folder)

    @property
    def announcement(self) -> Announcement | None:
        return read_announcement(self.profile.announcement)

    def __call__(self, *arguments: str, **variables: str) -> Ended:
        """Run a command in this process: the same code, without a second for the start."""
        self.capsys.readouterr()
        code = run(["--profile", str(self.folder), *arguments], {**self.environment, **variables})
        said = self.capsys.readouterr()
        return Ended(code, said.out, said.err)

    def json(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """Run a command that goes well and give its document."""
        ended = self("--json", *arguments, **variables)
        assert ended.code == 0, ended
        return ended.document

    def process(self, *arguments: str, stdin: str = "", limits: Callable[[], None] | None = None) -> Ended:
        """Run a command as a person does: in a process of its own."""
        ran = subprocess.run(
            [*PROGRAM, "--profile", str(self.folder), *arguments],
            input=stdin, capture_output=True, text=True, env=self.environment, preexec_fn=limits,
        )  # fmt: skip
        return Ended(ran.returncode, ran.stdout, ran.stderr)

    def start_agent(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start an agent and wait until it answers."""
        agent = subprocess.Popen(
            [*PROGRAM, "--profile", str(self.folder), *arguments, "agent"],
            env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.agents.append(agent)
        until(lambda: agent.poll() is not None or ((told := self.announcement) and told.pid == agent.pid))
        assert agent.poll() is None
        return agent

    def add_session(self, *arguments: str, start: str = "2030-11-26T15:00") -> str:
        return str(self.json("sessions", "add", "--start", start, *arguments)["session"]["id"])

    def close(self) -> None:
        for agent in self.agents:
            if agent.poll() is None:
                agent.send_signal(signal.SIGCONT)
                agent.kill()
            agent.wait(10)


def environment_of(folder: Path) -> Mapping[str, str]:
    """Give the variables for a profile in `folder`/profile, in which lies nothing but an empty vault.

    The vault's lock is a quick one: each command of a test opens it anew, and one that is slow on purpose (it has its
    tests in test_vault.py) took a seventh of all that the tests cost.
    """
    passphrase = folder / "passphrase"
    passphrase.write_text(PASSPHRASE + "\n")
    profile = Profile.at(folder / "profile")
    profile.folder.mkdir(mode=0o700)
    quick = replace(new_lock(), cost=2, lanes=1)
    profile.vault.write_bytes(seal(quick, quick.key(PASSPHRASE), {}))
    profile.vault.chmod(0o600)
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    return {
        "HOME": str(folder),
        "PATH": os.defpath,
        # Where no file may grow, Python 3.11 would leave half of a compiled module behind for all who come later.
        "PYTHONDONTWRITEBYTECODE": "1",
        "TZ": ZONE,
        "TUTORSYNC_HOME_ZONE": ZONE,
        "TUTORSYNC_PASSPHRASE_FILE": str(passphrase),
        "TUTORSYNC_PATIENCE_SECONDS": "10",
        "XDG_RUNTIME_DIR": str(runtime),
    }


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    """A terminal on a profile in which nothing is but an empty vault."""
    made = Desk(tmp_path / "profile", capsys, dict(environment_of(tmp_path)))
    yield made
    made.close()


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A real calendar server."""
    with Radicale(tmp_path_factory.mktemp("radicale")) as server:
        yield server


@dataclass
class Shelf:
    """The calendars of one test on the server: made afresh, read and written over the server's own protocol."""

    server: Radicale

    def make(self, name: str) -> str:
        """Make an empty calendar in place of one of that name; gives its address."""
        address = f"{self.server.address}{USER}/{name.lower()}/"
        body = (
            '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
            f"<displayname>{name}</displayname></prop></set></C:mkcalendar>"
        )
        httpx.delete(address, auth=(USER, PASSWORD))
        httpx.request("MKCALENDAR", address, content=body, auth=(USER, PASSWORD)).raise_for_status()
        return address

    def put(self, calendar: str, name: str, *lines: str) -> None:
        """Store an event as a phone does."""
        text = "\r\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//phone//EN", "BEGIN:VEVENT", f"UID:{name}",
             "DTSTAMP:20261124T000000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        )  # fmt: skip
        address = f"{self.server.address}{USER}/{calendar.lower()}/{name}.ics"
        httpx.put(
            address, content=text.encode(), headers={"Content-Type": "text/calendar"}, auth=(USER, PASSWORD)
        ).raise_for_status()

    def replace(self, calendar: str, old: str, new: str) -> None:
        """Store an object anew, as a phone does."""
        for href, text in self._objects(calendar).items():
            if text == old:
                address = self.server.address.rstrip("/") + href
                httpx.put(
                    address, content=new.replace("\n", "\r\n").encode(), headers={"Content-Type": "text/calendar"},
                    auth=(USER, PASSWORD),
                ).raise_for_status()  # fmt: skip

    def remove(self, calendar: str, text: str) -> None:
        """Delete an object, as a phone does."""
        for href, found in self._objects(calendar).items():
            if found == text:
                httpx.delete(self.server.address.rstrip("/") + href, auth=(USER, PASSWORD)).raise_for_status()

    def store(self, calendar: str, name: str, text: str) -> None:
        """Store a whole object under a name of its own."""
        httpx.put(
            f"{self.server.address}{USER}/{calendar.lower()}/{name}.ics", content=text.replace("\n", "\r\n").encode(),
            headers={"Content-Type": "text/calendar"}, auth=(USER, PASSWORD),
        ).raise_for_status()  # fmt: skip

    def texts(self, calendar: str) -> list[str]:
        """Read every event of a calendar."""
        return list(self._objects(calendar).values())

    def _objects(self, calendar: str) -> dict[str, str]:
        address = f"{self.server.address}{USER}/{calendar.lower()}/"
        body = (
            '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><C:calendar-data/></prop>'
            '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
        )
        answer = httpx.request("REPORT", address, content=body, headers={"Depth": "1"}, auth=(USER, PASSWORD))
        data = "{urn:ietf:params:xml:ns:caldav}calendar-data"
        return {
            str(one.findtext("{DAV:}href")): str(found.text).replace("\r\n", "\n")
            for one in etree.fromstring(answer.content).iter("{DAV:}response")
            if (found := next(one.iter(data), None)) is not None
        }


@pytest.fixture
def shelf(radicale: Radicale) -> Shelf:
    """The server with empty calendars Work and Private."""
    made = Shelf(radicale)
    made.make("Work")
    made.make("Private")
    return made


@pytest.fixture
def connected(desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A terminal whose profile is connected to the server: Work takes the sessions."""
    connect_caldav(desk, shelf.server, monkeypatch)
    return desk


def connect_caldav(
    desk: Desk, server: Radicale, monkeypatch: pytest.MonkeyPatch, *more: str, password: str = PASSWORD
) -> Ended:
    """Connect; the password comes over standard input."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))
    return desk(
        "--json", "connect", "caldav", "--url", server.address, "--username", USER, "--password-stdin",
        "--calendar", "Work", "--yes", *more,
    )  # fmt: skip
