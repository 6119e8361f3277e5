"""Start to the first pixel in the tray, and memory: TutorSync beside the smallest honest tray app, in one run.

Both are started in turns on one virtual desktop, so that what the machine does besides hits both. The pixels are read
from the X server's own file about a thousand times a second.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event

from tests.benchmarks.framebuffer import Framebuffer
from tests.benchmarks.peers.tutorsync import PROGRAM
from tests.house.tree import ROOT
from tests.virtual_desktop import VirtualDesktop, virtual_desktop

_PANEL_ROWS = 34
_SEEN_WITHIN_S = 40
_QUIET_FOR_S = 0.7
_SETTLES_FOR_S = 8


@dataclass(frozen=True, slots=True)
class Start:
    """What one program's starts took.

    Attributes:
        to_tray_ms: of each start, until the first pixel of the panel changed.
        pss_mib: of all its processes some seconds after the last start; shared pages divided among their users.
        processes: how many these are.
    """

    name: str
    to_tray_ms: tuple[float, ...]
    pss_mib: float
    processes: int

    @property
    def median_ms(self) -> float:
        """The start that half of them were faster than."""
        return statistics.median(self.to_tray_ms)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both programs of one run."""

    probe: Start
    ours: Start

    @property
    def start_ratio(self) -> float:
        """How many times as long as the probe."""
        return self.ours.median_ms / self.probe.median_ms

    def as_json(self) -> dict[str, object]:
        """The comparison as plain values."""
        starts = {s.name: {**asdict(s), "median_ms": s.median_ms} for s in (self.probe, self.ours)}
        return {
            "starts": starts,
            "start_ratio": self.start_ratio,
            "start_ratio_wanted": 2.0,
            "pss_mib_wanted_later": 140,
        }


class NothingSeen(Exception):
    """A program was started and the panel did not change; the message is what the program said."""


@dataclass(frozen=True, slots=True)
class _Program:
    name: str
    command: Sequence[str | Path]
    # Processes that are its own although it is not their parent.
    besides: Callable[[], set[int]]


def compare(runs: int, say: Callable[[str], None]) -> Comparison:
    """Start both programs in turns.

    Args:
        runs: how often each.
        say: gets one line a step.

    Raises:
        NothingSeen: one of them showed nothing.
    """
    with tempfile.TemporaryDirectory(prefix="tutorsync-bench-") as place, virtual_desktop() as desktop:
        profile = Path(place, "profile")
        probe = _Program("probe", [sys.executable, "-m", "tests.benchmarks.tray_probe"], besides=set)
        ours = _Program("tutorsync", [PROGRAM, "--profile", profile], besides=lambda: _agent_of(profile))
        seen: dict[str, list[_Seen]] = {probe.name: [], ours.name: []}
        with Framebuffer(desktop.framebuffer) as screen:
            for run in range(runs):
                for program in (probe, ours):
                    say(f"start {run + 1} of {runs}: {program.name}")
                    seen[program.name].append(_start(program, desktop, screen, settle=run == runs - 1))
    return Comparison(_summary(probe.name, seen[probe.name]), _summary(ours.name, seen[ours.name]))


@dataclass(frozen=True, slots=True)
class _Seen:
    after_ms: float
    pss_mib: float = 0
    processes: int = 0


def _summary(name: str, seen: Sequence[_Seen]) -> Start:
    return Start(name, tuple(round(one.after_ms, 1) for one in seen), seen[-1].pss_mib, seen[-1].processes)


def _start(program: _Program, desktop: VirtualDesktop, screen: Framebuffer, *, settle: bool) -> _Seen:
    before = _quiet_panel(screen)
    pause, log = Event(), desktop.folder / "measured.log"
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            program.command, env=desktop.environment, cwd=ROOT, stdout=out, stderr=out, start_new_session=True
        )
    try:
        while screen.bottom(_PANEL_ROWS) == before:
            if time.perf_counter() - began > _SEEN_WITHIN_S or process.poll() not in {None, 0}:
                raise NothingSeen(f"{program.name}: {log.read_text(errors='replace')[-2000:]}")
            pause.wait(0.001)
        after_ms = (time.perf_counter() - began) * 1000
        if not settle:
            return _Seen(after_ms)
        pause.wait(_SETTLES_FOR_S)
        processes = _tree(process.pid) | program.besides()
        return _Seen(after_ms, sum(map(_pss_mib, processes)), len(processes))
    finally:
        _end(process, program.besides())


def _quiet_panel(screen: Framebuffer) -> bytes:
    """Wait until the panel has not changed for a while; give what it shows."""
    pause, shown, since = Event(), screen.bottom(_PANEL_ROWS), time.monotonic()
    while time.monotonic() - since < _QUIET_FOR_S:
        pause.wait(0.02)
        now = screen.bottom(_PANEL_ROWS)
        if now != shown:
            shown, since = now, time.monotonic()
    return shown


def _agent_of(profile: Path) -> set[int]:
    """The agent that the tray app has started: it outlives the one who started it."""
    try:
        return {int(json.loads((profile / "agent.json").read_text())["pid"])}
    except (OSError, ValueError, KeyError):
        return set()


def _end(process: subprocess.Popen[bytes], besides: set[int]) -> None:
    for pid in {process.pid, *besides}:
        _signal(pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    until, pause = time.monotonic() + 10, Event()
    while any(Path(f"/proc/{pid}/exe").exists() for pid in besides):
        pause.wait(0.05)
        if time.monotonic() > until:
            for pid in besides:
                _signal(pid, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _tree(root: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _pss_mib(pid: int) -> float:
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(row.split()[1]) for row in rows if row.startswith("Pss:")) / 1024
