"""Everything that runs: the platform, a CalDAV server, a Zoom, a wire in front of each, and the agent that is killed.

People reach the platform and the calendar directly; only the agent goes through the wires.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cloud_api.database import Database
from cloud_api.sandbox.calendar_server import CalendarServer
from cloud_api.sandbox.process import ServerProcess
from cloud_api.sandbox.wiretap import Wiretap
from cloud_api.sandbox.zoom import ZoomSimulator
from sync_agent.laptop.api.socket_client import NobodyThere, SocketClient
from sync_agent.laptop.errors import AgentSilent
from sync_agent.laptop.profile.announcement import read_announcement
from sync_agent.laptop.profile.places import Profile
from tests.cloud_api.server import running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant

ZONE, USER, CALENDAR = "Europe/Berlin", "anna", "work"
_AGENT = "sync_agent.laptop.cli.main"
_never = threading.Event()


def pause(seconds: float) -> None:
    """Let time go by: chaos is about moments, not conditions."""
    _never.wait(seconds)


def waited(holds: Callable[[], bool], *, within_s: float) -> bool:
    """Wait for a condition; gives whether it came true."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        pause(0.02)
    return True


class Unanswered(Exception):
    """The agent died or was silent while it was asked: what was asked may have been done or not."""


class Refused(Exception):
    """The agent said no."""


class Agent:
    """The program under test, in a process of its own on one profile."""

    def __init__(self, folder: Path) -> None:
        self.profile = Profile.at(folder / "profile")
        runtime, passphrase = folder / "run", folder / "passphrase"
        runtime.mkdir(mode=0o700)
        passphrase.write_text("nothing secret\n")
        self._environment = {
            "HOME": str(folder),
            "TZ": ZONE,
            "TUTORSYNC_HOME_ZONE": ZONE,
            "TUTORSYNC_PASSPHRASE_FILE": str(passphrase),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        self._log = folder / "agent.out"
        self._process: ServerProcess | None = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.is_running

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", _AGENT, "--profile", str(self.profile.folder), "--poll", "1", "agent"]
        process = ServerProcess(command, self._log, env=self._environment)

        def is_announced() -> bool:
            told = read_announcement(self.profile.announcement)
            return told is not None and told.pid == process.pid

        process.start(is_announced)
        self._process = process

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._process is not None:
            os.kill(self._process.pid, signal.SIGKILL)
            self._process.stop()
            self._process = None

    def stop(self) -> None:
        """Ask it to end."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, within_s: float = 60) -> Any:
        """Ask its local API.

        Raises:
            Unanswered: nobody knows whether it was done.
            Refused: it was not.
        """
        told = read_announcement(self.profile.announcement)
        if told is None:
            raise Refused("no agent")
        try:
            status, document = SocketClient(told).ask(method, path, {}, body or {}, within_s=within_s)
        except NobodyThere as cause:
            raise Refused("no agent") from cause
        except AgentSilent as cause:
            raise Unanswered(path) from cause
        if status >= 400:
            raise Refused(f"{method} {path}: {document}")
        return document

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Look into its database, read only, whether it lives or not."""
        address = f"file:{self.profile.database}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=15)) as connection:
            return list(connection.execute(query, values))

    def sent(self) -> list[str]:
        """Give the writes that stand in the journal as sent: verb and what they touch."""
        rows = self.rows("SELECT verb, obj_key FROM intent WHERE state = 'sent'")
        return [f"{verb} {'meeting' if key.startswith('meeting/') else 'object'}" for verb, key in rows]

    def unsettled(self) -> int:
        """Count the writes of which it is not known yet what became of them."""
        return int(self.rows("SELECT count(*) FROM intent WHERE state IN ('sent', 'unknown')")[0][0])


class Stage:
    """All servers and the agent, connected; nothing of it survives the `with` block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._build()
        except BaseException:
            self._open.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def _build(self) -> None:
        database = f"sqlite:///{self.folder / 'cloud.db'}"
        self.cloud = self._open.enter_context(running_cloud("--database-url", database))
        self.calendars = self._open.enter_context(CalendarServer(self.folder / "radicale"))
        self.calendars.make_calendar(USER, CALENDAR, name="Work")
        self.zoom = self._open.enter_context(ZoomSimulator())
        opened = self._open.enter_context(closing(Database(database)))
        name = f"agency {uuid.uuid4()}"
        self.agency: Tenant = self._open.enter_context(made_tenant(opened, self.cloud.url, name, datetime.now(UTC)))
        self.taps = {
            name: self._open.enter_context(Wiretap(address))
            for name, address in (
                ("platform", self.cloud.url), ("calendar", self.calendars.address), ("zoom", self.zoom.address),
            )
        }  # fmt: skip
        self.agent = Agent(self.folder)
        self._open.callback(self.agent.kill)
        self.agent.start()
        self._connect()

    def _connect(self) -> None:
        agent, settings = self.agent, self.zoom.settings
        through = {name: tap.address for name, tap in self.taps.items()}
        bases = {
            f"connectors.zoom.{name}": through["zoom"] + settings[name].removeprefix(self.zoom.address)
            for name in ("api_base", "token_url")
        }
        agent.ask("PATCH", "/v1/config", bases)
        code = self.agency.device_code()
        accounts: list[dict[str, Any]] = [
            {"provider": "platform", "url": through["platform"], "secrets": {"code": code}},
            {
                "provider": "caldav", "url": through["calendar"] + "/", "username": USER, "calendar": "Work",
                "secrets": {"password": self.calendars.users[USER]}, "confirmed": True,
            },
            {
                "provider": "zoom", "account_id": settings["account_id"], "client_id": settings["client_id"],
                "secrets": {"client_secret": self.zoom.account.app.client_secret},
            },
        ]  # fmt: skip
        for account in accounts:
            agent.ask("POST", "/v1/accounts", account)

    def cut(self) -> None:
        """The laptop loses its network."""
        for tap in self.taps.values():
            tap.cut()

    def heal(self) -> None:
        """The network is back, and nothing is kept back any more."""
        for tap in self.taps.values():
            tap.clear()
            tap.heal()
            tap.release()
