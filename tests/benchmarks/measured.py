"""Runs a program and says what it cost: CPU, wall time, peak memory, and what went over the wire."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.house.tree import ROOT
from tests.servers.wiretap import Counts

_LOOKS_EVERY_S = 0.004
_SCHEDULER_CLOCK = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What one step of one peer cost.

    Attributes:
        cpu_s: user and system time of the process and the children it waited for.
        peak_mib: the most resident memory that the process had; 0 where nobody looked.
        bytes_moved: heads and bodies, both ways.
    """

    cpu_s: float
    wall_s: float
    peak_mib: float
    requests: int
    bytes_moved: int


@dataclass(frozen=True, slots=True)
class Row:
    """One measured step.

    Attributes:
        did_it: whether the work was found done afterwards: an unfinished pass may be cheap.
    """

    step: str
    peer: str
    count: int
    cost: Cost
    did_it: bool

    def as_json(self) -> dict[str, object]:
        """The row as plain values."""
        return asdict(self)

    @classmethod
    def of_json(cls, row: Mapping[str, object]) -> Row:
        """The row that `as_json` gave."""
        return cls(**{**row, "cost": Cost(**row["cost"])})  # type: ignore[arg-type, dict-item]


class PeerFailed(Exception):
    """A peer ended with an error; the message is what it said last."""


def _watch_peak(pid: int, peak_kib: list[int], stop: threading.Event) -> None:
    # Not ru_maxrss: that starts from the size of the process which started this one.
    status = Path(f"/proc/{pid}/status")
    while not stop.wait(_LOOKS_EVERY_S):
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return
        # An exec begins the count anew, so the last look is not always the highest.
        peak_kib += [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]


def run(command: Sequence[str | Path], counts: Counts, *, env: Mapping[str, str], stdin: str = "") -> tuple[Cost, str]:
    """Run a program to its end; give its cost and what it wrote.

    Args:
        command: the program and its arguments.
        counts: what went through the proxy since its reset; read when the program has ended.
        env: the whole environment.
        stdin: what the program reads.

    Raises:
        PeerFailed: it did not end with 0.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as given:
        given.write(stdin)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.STDOUT, stdin=given, cwd=ROOT)
        peak_kib, stop = [0], threading.Event()
        watcher = threading.Thread(target=_watch_peak, args=(process.pid, peak_kib, stop), daemon=True)
        watcher.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        stop.set()
        watcher.join()
        out.seek(0)
        said = out.read()
    if process.returncode:
        raise PeerFailed(f"{' '.join(map(str, command))} ended with {process.returncode}: {said[-2000:]}")
    cpu_s = usage.ru_utime + usage.ru_stime
    moved = counts.bytes_up + counts.bytes_down
    return Cost(cpu_s, wall_s, max(peak_kib) / 1024, counts.requests, moved), said


def cpu_of_s(pid: int) -> float:
    """The CPU time that a running process has used, with its threads, those that ended too; to the nanosecond.

    Linux gives every process a clock of its own (clock_getcpuclockid(3); the number is built as its C library does).
    """
    return time.clock_gettime((~pid << 3) | _SCHEDULER_CLOCK)


def forget_peak(pid: int) -> None:
    """Count the peak of a running process from here on (proc(5), clear_refs)."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mib(pid: int) -> float:
    """The most memory that a running process had in use since `forget_peak`."""
    return _status_mib(pid, "VmHWM:")


def resident_mib(pid: int) -> float:
    """The memory of a running process that is in use now."""
    return _status_mib(pid, "VmRSS:")


def _status_mib(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024
