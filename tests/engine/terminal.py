"""A tutor's terminal beside a CalDAV server in memory: every story goes through the command line and over the wire.

A profile that is connected, or that has sixty sessions in its calendar, is made once and copied for each story.
"""

from __future__ import annotations

import copy
import io
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest

from tests.engine.phone import Phone, value_of
from tests.laptop.conftest import Desk, environment_of, until
from tests.servers.nullcal import Collection, NullCal, Rewrite
from tests.servers.wiretap import Wiretap

USER = "anna"
DAY = datetime.now(UTC).date() + timedelta(days=3)
FULL = 60


class Wire(Wiretap):
    """A wire on which something can happen at a certain request, right before the server gets it.

    Attributes:
        every_third_write: fails with 503.
        tells_differences: whether the server knows the report that says what changed; else everything is listed.
    """

    def __init__(self, to: int) -> None:
        super().__init__(to)
        self._happens: tuple[str, int, Callable[[], object]] | None = None
        self._writes = 0
        self.every_third_write = False
        self.tells_differences = True

    def at(self, method: str, number: int, happens: Callable[[], object]) -> None:
        """Let something happen at the how-many-th such request from now on."""
        self._happens = (method, number, happens)

    @property
    def writes(self) -> int:
        """How many writes went through since the last reset."""
        return sum(self.counts.methods.get(method, 0) for method in ("PUT", "DELETE"))

    def _hit(self, method: str, request: bytes) -> str:
        if self._happens is not None and self._happens[0] == method:
            _, left, happens = self._happens
            self._happens = (method, left - 1, happens) if left > 1 else None
            if left == 1:
                happens()
        if self.every_third_write and method in {"PUT", "DELETE"}:
            self._writes += 1
            if self._writes % 3 == 0:
                return "status"
        if not self.tells_differences and b"sync-collection" in request:
            return "no-report"
        return super()._hit(method, request)


class Side:
    """One calendar server, the wire before it, and a phone that goes around the wire."""

    def __init__(self, name: str) -> None:
        self.name, self.server = name, NullCal(USER)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        port = self._open.enter_context(self.server.started()).port
        self.wire = Wire(port)
        self.address = f"http://127.0.0.1:{self._open.enter_context(self.wire.started()).port}/"
        self.phone = Phone(f"http://127.0.0.1:{port}", USER, "x")
        self.path = self.phone.make_calendar(self.name)
        self._open.callback(self.phone.close)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    @property
    def calendar(self) -> Collection:
        """What the server holds."""
        return self.server.calendars[self.path]

    @property
    def titles(self) -> list[str]:
        return self.phone.titles(self.path)

    def text(self, title: str) -> str:
        return self.phone.event(self.path, f"SUMMARY:{title}\n")

    def edit(self, title: str, old: str, new: str) -> None:
        """Change an event as a phone does."""
        self.phone.edit(self.path, {old: new}, title=f"SUMMARY:{title}\n")

    def delete(self, *titles: str) -> None:
        """Delete events as a phone does."""
        for title in titles:
            self.phone.delete(self.path, f"SUMMARY:{title}\n")

    def begin(self, kept: dict[str, Collection], rewrite: Rewrite) -> None:
        """Be as at the start of a story."""
        self.server.calendars = copy.deepcopy(kept)
        self.server.rewrite = rewrite
        self.wire.fail()
        self.wire.reset()
        self.wire.every_third_write = False
        self.wire.tells_differences = True


@dataclass
class Terminal:
    """One story's terminal; `side` is where its sessions go, `other` a second account with the same role."""

    desk: Desk
    side: Side
    other: Side

    def __call__(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        """Run a command and give its document."""
        ended = self.desk("--json", *arguments)
        assert ended.code == code, ended
        return ended.document

    def sync(self, *, code: int = 0) -> dict[str, Any]:
        return self("sync", "--wait", code=code)

    def idle(self, passes: int = 10) -> int:
        """Count what some passes write in which nobody does anything, by their own word and on the wires."""
        for side in (self.side, self.other):
            side.wire.reset()
        said = sum(int(self.sync()["written"]["total"]) for _ in range(passes))
        return said + self.side.wire.writes + self.other.wire.writes

    def add(self, title: str, *arguments: str, day: int = 0) -> str:
        start = f"{DAY + timedelta(days=day)}T15:00"
        return str(self("sessions", "add", "--start", start, "--title", title, *arguments)["session"]["id"])

    def sessions(self) -> dict[str, dict[str, Any]]:
        """Give the sessions of the next months that are not cancelled, by title."""
        to = str(DAY + timedelta(days=100))
        listed = self("sessions", "--from", str(DAY - timedelta(days=1)), "--to", to)["sessions"]
        return {one["title"]: one for one in listed if one["status"] != "cancelled"}

    def questions(self) -> list[dict[str, Any]]:
        return list(self("questions")["questions"])

    def lost(self) -> list[str]:
        """Give the versions that lost, as the log names them."""
        return [one["lost_value"] for one in self("activity")["activity"] if one["lost_value"] is not None]


@dataclass
class House:
    """Two servers that all stories of a module share, and what their profiles are copied from."""

    folder: Path
    side: Side
    other: Side
    kept: dict[str, tuple[dict[str, Collection], dict[str, Collection]]] = field(default_factory=dict)

    def terminal(
        self,
        home: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        *,
        kind: str,
        rewrite: Rewrite = None,
    ) -> Terminal:
        """Give a terminal on a copy of a profile: "empty" (connected), "full" (sixty sessions) or "two" (accounts)."""
        if kind not in self.kept:
            self._make(kind, capsys, monkeypatch)
        made = Terminal(Desk(home / "profile", capsys, dict(environment_of(home))), self.side, self.other)
        shutil.copytree(self.folder / kind, home, dirs_exist_ok=True)
        for side, kept in zip((self.side, self.other), self.kept[kind], strict=True):
            side.begin(kept, rewrite)
        return made

    def _make(self, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        home = self.folder / f"making-{kind}"
        home.mkdir()
        made = Terminal(Desk(home / "profile", capsys, dict(environment_of(home))), self.side, self.other)
        for side in (self.side, self.other):
            side.begin({side.path: Collection()}, None)
        for side in (self.side, self.other)[: 2 if kind == "two" else 1]:
            monkeypatch.setattr(sys, "stdin", io.StringIO("x\n"))
            made(
                "connect", "caldav", "--url", side.address, "--username", USER, "--password-stdin",
                "--calendar", side.name, "--yes",
            )  # fmt: skip
        if kind == "full":
            for number in range(FULL):
                made.add(title_of(number), day=number)
        made.sync()
        self.kept[kind] = (copy.deepcopy(self.side.server.calendars), copy.deepcopy(self.other.server.calendars))
        target = self.folder / kind
        target.mkdir()
        for name in ("profile", ".local"):
            shutil.copytree(home / name, target / name)


def title_of(number: int) -> str:
    return f"S{number:02}"


def titles(numbers: Sequence[int]) -> list[str]:
    return [title_of(number) for number in numbers]


def wall(day: int, hour: int) -> str:
    """Give an hour of a story's day as an event spells it."""
    return f"{_day(day):%Y%m%d}T{hour:02}0000"


def _day(day: int) -> date:
    return DAY + timedelta(days=day)


__all__ = ["DAY", "FULL", "House", "Side", "Terminal", "title_of", "titles", "until", "value_of", "wall"]


Begin = Callable[..., Terminal]
