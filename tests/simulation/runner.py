"""Plays many histories: by seed, on several cores, with a file of results from which a stopped run goes on."""

from __future__ import annotations

import gc
import json
import logging
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import structlog

from tests.simulation.history import Told, play, script_of
from tests.simulation.world.faults import Met

CHUNK = 25


@dataclass(slots=True)
class Chunk:
    """What some histories gave.

    Attributes:
        failed: seed to what was broken.
        cpu_s: processor time that they took.
    """

    start: int
    count: int
    failed: dict[int, list[str]] = field(default_factory=dict)
    met: Met = field(default_factory=Met)
    steps: int = 0
    cpu_s: float = 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "start": self.start, "count": self.count, "failed": self.failed, "steps": self.steps, "cpu_s": self.cpu_s,
            "met": self.met.to_json(),
        }  # fmt: skip

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Chunk:
        failed = {int(seed): broken for seed, broken in raw["failed"].items()}
        return cls(raw["start"], raw["count"], failed, Met.from_json(raw["met"]), raw["steps"], raw["cpu_s"])


@dataclass(slots=True)
class Total:
    """All chunks of a run together."""

    histories: int = 0
    steps: int = 0
    cpu_s: float = 0.0
    failed: dict[int, list[str]] = field(default_factory=dict)
    met: Met = field(default_factory=Met)

    def add(self, chunk: Chunk) -> None:
        self.histories += chunk.count
        self.steps += chunk.steps
        self.cpu_s += chunk.cpu_s
        self.failed |= chunk.failed
        self.met.add(chunk.met)


def play_chunk(start: int, count: int) -> Chunk:
    """Play some histories, one after the other, in this process."""
    silence()
    chunk = Chunk(start, count)
    began = time.process_time()
    for seed in range(start, start + count):
        told = play_seed(seed, chunk.met)
        chunk.steps += told.steps
        if told.broken:
            chunk.failed[seed] = told.broken
    chunk.cpu_s = time.process_time() - began
    return chunk


def play_seed(seed: int, met: Met) -> Told:
    return play(script_of(seed), met)


def chunks(start: int, seeds: int) -> list[tuple[int, int]]:
    return [(at, min(CHUNK, start + seeds - at)) for at in range(start, start + seeds, CHUNK)]


def run(todo: Iterable[tuple[int, int]], *, jobs: int) -> Iterator[Chunk]:
    """Play chunks on some cores; give each as it is done."""
    if jobs <= 1:
        collect_seldom()
        for start, count in todo:
            yield play_chunk(start, count)
        return
    # Not forked: each process has a database file of its own.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=warm_up) as pool:
        yield from pool.map(_play_one, list(todo))


def _play_one(chunk: tuple[int, int]) -> Chunk:
    return play_chunk(*chunk)


def warm_up() -> None:
    """Compile what is compiled once, and keep it out of the collector's way."""
    silence()
    for seed in range(3):
        play_seed(seed, Met())
    collect_seldom()


def collect_seldom() -> None:
    """Keep what is there out of the collector's way: nothing of it ever goes, and a history leaves little behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def silence() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


_ROOT = Path(__file__).parents[2]
_PLAYING = ("tests/simulation", "sync_agent/engine", "connectors/vocabulary")


@cache
def code() -> str:
    """Name what plays as it stands: engine, vocabulary and simulation. What others played says nothing about it."""
    found = sha256()
    for path in sorted(path for room in _PLAYING for path in (_ROOT / room).rglob("*.py")):
        if path.parent.name != "mutants" and not path.name.startswith("test_"):
            found.update(f"{path.relative_to(_ROOT)}\n".encode() + path.read_bytes())
    return found.hexdigest()[:12]


class Results:
    """The file in which each finished chunk is a line; what stands there is not played again.

    Unless it was played by another code: a run that goes on after something was mended begins anew.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path

    def read(self) -> list[Chunk]:
        if self._path is None or not self._path.exists():
            return []
        lines = self._path.read_text().split("\n")
        # What follows the last end of a line was cut while it was written: it is played again.
        found = [json.loads(line) for line in lines[:-1] if line]
        return [Chunk.from_json(one) for one in found if one.get("code") == code()]

    def append(self, chunk: Chunk) -> None:
        if self._path is None:
            return
        before = self._path.read_text() if self._path.exists() else ""
        if not before.endswith("\n"):
            before = before[: before.rfind("\n") + 1]
            self._path.write_text(before)
        with self._path.open("a") as file:
            file.write(json.dumps({**chunk.to_json(), "code": code()}) + "\n")


def seeds_in(path: Path) -> dict[int, str]:
    """Read the seeds that once failed, each with what it showed."""
    lines = [line for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {int(seed): shown.strip() for seed, _, shown in (line.partition(" ") for line in lines)}


def kinds_of(failed: dict[int, list[str]]) -> Counter[str]:
    """Count what was broken, by the invariant's number."""
    return Counter(kind_of(broken[0]) for broken in failed.values())


def kind_of(broken: str) -> str:
    """Give the invariant's number of a sentence about what is broken; "liveness" and "crashed" are kinds, too."""
    return broken.split(":")[0]
