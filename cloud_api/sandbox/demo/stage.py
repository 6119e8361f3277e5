"""The stage: every program of the house as a process on loopback, with a wire tap in front of each outside system."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from cloud_api.sandbox.calendar_server import CalendarServer
from cloud_api.sandbox.demo.handset import Handset
from cloud_api.sandbox.demo.outside import PlatformReader, ZoomReader
from cloud_api.sandbox.feed import FeedServer
from cloud_api.sandbox.process import ServerProcess
from cloud_api.sandbox.wiretap import Wiretap
from cloud_api.sandbox.zoom import ZoomSimulator

CALENDAR, PRIVATE = "Work", "Private"
USER = "anna"
SESSIONS = 60
ONLY_WHEN_ASKED_S = 3600
_TRAY_LISTENS_AFTER_S = 3
SEED = 7
_AGENT = "sync_agent.laptop.cli.main"
_CLOUD = "cloud_api.cli"


class ProgramFailed(RuntimeError):
    """A program of the demo did not do what it was asked; says what it said."""


@dataclass(frozen=True, slots=True)
class Tutor:
    """Whose laptop this is."""

    id: str
    name: str
    zone: str


class Stage:
    """Everything that runs. Nothing of it survives `close`."""

    def __init__(self, folder: Path, say: Callable[[str], None], *, poll_s: int = ONLY_WHEN_ASKED_S) -> None:
        """Prepare; nothing runs yet.

        Args:
            folder: everything lies in it.
            say: called with one line a step.
            poll_s: how often the agent looks by itself; the story asks for each look.
        """
        self.folder, self._say, self._poll_s = folder, say, poll_s
        self.profile = folder / "profile"
        self._stack = ExitStack()
        self._logs = folder / "logs"
        self._agent: ServerProcess | None = None
        self._agent_env = {"TUTORSYNC_PASSPHRASE_FILE": str(folder / "passphrase"), "TZ": "UTC"}
        self._passphrase = folder / "passphrase"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything."""
        self.stop_agent()
        self._stack.close()

    def build(self) -> None:
        """Start every outside system, each behind its own wire tap."""
        self._logs.mkdir(parents=True)
        self._passphrase.write_text("demo, nothing secret\n")
        self._passphrase.chmod(0o600)
        self._start_platform()
        self._start_calendars()
        self._start_feed()
        self._start_zoom()

    def connect(self) -> None:
        """Start the agent and connect it to all of them, as a person would at a terminal."""
        self.start_agent()
        self.tutorsync("config", "set", "home_zone", self.tutor.zone)
        code = self._cloud("device-code", "--tutor", self.tutor.id)["code"]
        self.tutorsync("connect", "platform", "--url", self.platform_tap.address, "--code", code)
        self.tutorsync(
            "connect", "caldav", "--url", self.calendar_tap.address + "/", "--username", USER,
            "--password-stdin", "--name", "Radicale", "--calendar", CALENDAR, "--yes", stdin=self.calendars.users[USER],
        )  # fmt: skip
        self.tutorsync("connect", "ics", "--url", self.feed_tap.address + self.feed_path, "--name", "School timetable")
        settings = self.zoom.settings
        for name in ("api_base", "token_url"):
            path = settings[name].removeprefix(self.zoom.address)
            self.tutorsync("config", "set", f"connectors.zoom.{name}", self.zoom_tap.address + path)
        self.tutorsync(
            "connect", "zoom", "--account-id", settings["account_id"], "--client-id", settings["client_id"],
            "--secret-stdin", stdin=self.zoom.account.app.client_secret,
        )  # fmt: skip

    def start_agent(self) -> None:
        """Start the agent and wait until it answers."""
        agent = ServerProcess(
            [sys.executable, "-m", _AGENT, "--profile", str(self.profile), "--poll", str(self._poll_s), "agent"],
            self._logs / "agent.log",
            env=self._agent_env,
        )
        agent.start(lambda: self._is_announced(agent.pid))
        self._agent = agent

    def kill_agent(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._agent is not None:
            os.kill(self._agent.pid, signal.SIGKILL)
            self._agent.stop()
            self._agent = None

    def stop_agent(self) -> None:
        """Ask the agent to end."""
        if self._agent is not None:
            self._agent.stop()
            self._agent = None

    def sync(self) -> dict[str, Any]:
        """Let the agent do one pass, asked over its local API (a command would start Python anew); gives its report."""
        told = json.loads((self.profile / "agent.json").read_text())
        transport = httpx.HTTPTransport(uds=told["address"].removeprefix("unix:"))
        with httpx.Client(transport=transport, base_url="http://tutorsync", timeout=120) as http:
            answer = http.post("/v1/sync", json={"wait": True}, headers={"Authorization": f"Bearer {told['token']}"})
        if answer.status_code != httpx.codes.OK:
            msg = f"the agent answered {answer.status_code}: {answer.text[:300]}"
            raise ProgramFailed(msg)
        report: dict[str, Any] = answer.json()
        return report

    def tutorsync(self, *arguments: str, stdin: str | None = None, accept: Sequence[int] = (0,)) -> dict[str, Any]:
        """Run a command of the product, and give the JSON document that it prints.

        Raises:
            ProgramFailed: another exit code than the accepted ones; says what it said.
        """
        command = [sys.executable, "-m", _AGENT, "--profile", str(self.profile), "--json", *arguments]
        return self._run(command, stdin=stdin, accept=accept)

    def run_tray(self, meanwhile: Callable[[], None]) -> None:
        """Run the tray app on this screen until it ends; a second start opens its window.

        Args:
            meanwhile: done once it is there.
        """
        command = [sys.executable, "-m", _AGENT, "--profile", str(self.profile), "desktop"]
        with subprocess.Popen(command, env=self.environment()) as tray:  # noqa: S603  # our own program, no shell
            # The second start rings at the first, which has to be listening by then.
            time.sleep(_TRAY_LISTENS_AFTER_S)
            subprocess.run(command, env=self.environment(), check=False, timeout=30)  # noqa: S603
            meanwhile()
            tray.wait()

    def taps(self) -> tuple[Wiretap, ...]:
        """Every wire between the laptop and the outside."""
        return (self.platform_tap, self.calendar_tap, self.feed_tap, self.zoom_tap)

    def cut_network(self) -> None:
        """The laptop loses its network: no address answers."""
        for tap in self.taps():
            tap.cut()

    def heal_network(self) -> None:
        """The network is back."""
        for tap in self.taps():
            tap.heal()

    def _start_platform(self) -> None:
        self._say("starting the platform with a year of sessions")
        data = self.folder / "platform"
        year = self._cloud("sample", "--sessions", str(SESSIONS), "--seed", str(SEED))
        first = year["tutors"][0]
        self.tutor = Tutor(first["id"], first["name"], first["zone"])
        client = self._cloud("client", "create", "demo", "--permissions", "all")
        self.client_id, self.api_key = client["client_id"], client["api_key"]
        process = ServerProcess(
            [sys.executable, "-m", _CLOUD, "--json", "--data", str(data), "--port", "0"], self._logs / "platform.log"
        )
        announced = process.start_announced()
        self._stack.callback(process.stop)
        self.platform_url: str = announced["url"]
        self.platform_tap = self._stack.enter_context(Wiretap(announced["url"]))
        self.platform = PlatformReader(self.platform_url, self.client_id, self.api_key)
        self._stack.callback(self.platform.close)

    def _start_calendars(self) -> None:
        self._say("starting a real CalDAV server (Radicale), and a phone that uses it")
        self.calendars = self._stack.enter_context(CalendarServer(self.folder / "radicale"))
        for name in (CALENDAR, PRIVATE):
            self.calendars.make_calendar(USER, name.lower(), name=name)
        self.calendar_tap = self._stack.enter_context(Wiretap(self.calendars.address))
        self.phone = self._stack.enter_context(Handset(self._logs / "phone.log"))
        self.phone.sign_in(self.calendars.address, USER, self.calendars.users[USER])

    def _start_feed(self) -> None:
        self._say("starting a school's calendar feed")
        self.feed = self._stack.enter_context(FeedServer(self.folder / "feed"))
        url = self.feed.publish("school", school_timetable(datetime.now(UTC)))
        self.feed_path = url.removeprefix(self.feed.address)
        self.feed_tap = self._stack.enter_context(Wiretap(self.feed.address))

    def _start_zoom(self) -> None:
        self._say("starting a Zoom of our own making")
        self.zoom = self._stack.enter_context(ZoomSimulator())
        self.zoom_tap = self._stack.enter_context(Wiretap(self.zoom.address))
        app = self.zoom.account.app
        self.zoom_reader = ZoomReader(
            self.zoom.api_base, self.zoom.token_url, app.account_id, app.client_id, app.client_secret
        )
        self._stack.callback(self.zoom_reader.close)

    def _is_announced(self, pid: int) -> bool:
        """Whether that very process has said how it is reached: an agent that was killed leaves its announcement."""
        try:
            return int(json.loads((self.profile / "agent.json").read_text())["pid"]) == pid
        except (OSError, ValueError, KeyError):
            return False

    def _cloud(self, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", _CLOUD, "--json", "--data", str(self.folder / "platform"), *arguments]
        return self._run(command)

    def _run(self, command: list[str], *, stdin: str | None = None, accept: Sequence[int] = (0,)) -> dict[str, Any]:
        done = subprocess.run(  # noqa: S603  # our own programs, no shell
            command, input=stdin or "", capture_output=True, text=True, env=self.environment(), check=False
        )
        if done.returncode not in accept:
            words = (done.stdout.strip() or done.stderr.strip())[-800:]
            msg = f"{' '.join(command[2:])} ended with {done.returncode}: {words}"
            raise ProgramFailed(msg)
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def environment(self) -> Mapping[str, str]:
        """Give the environment that every program of the demo runs in."""
        return {**os.environ, **self._agent_env}


def school_timetable(now: datetime) -> str:
    """Give a school's feed: a staff meeting on the first day of each month, early in the morning."""
    first = (now.replace(day=1) + timedelta(days=32)).replace(day=1)
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Demo//School//EN", "X-WR-CALNAME:School timetable",
        "BEGIN:VEVENT", "UID:staff-meeting@school.example", f"DTSTAMP:{now:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{first:%Y%m%d}T053000Z", f"DTEND:{first:%Y%m%d}T060000Z", "RRULE:FREQ=MONTHLY;BYMONTHDAY=1",
        "SUMMARY:Staff meeting", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines)


def waited(is_it: Callable[[], bool], *, within_s: float = 20) -> bool:
    """Wait for something to become true. Gives whether it did."""
    deadline = time.monotonic() + within_s
    while not is_it():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
