"""Polls, first reading and first mirroring: TutorSync, vdirsyncer and the raw floor on one calendar in memory.

*Reading*: a calendar full of foreign events becomes mirror, busy intervals and conflicts (for the others: a folder).
*Mirroring*: sessions become events of a calendar; the others send the very same events from a folder. *No change*: a
pass after that in which nothing has happened. All are processes started cold, as cron or a person would; the agent runs
for weeks, so its poll is measured warm besides, over three calendars: one pass after the other, which
the goal is about, and once a second by the agent itself, with all that it does at the same time.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from tests.benchmarks.corpus import corpus
from tests.benchmarks.measured import Cost, Row, cpu_of_s, run
from tests.benchmarks.peers.folder import FolderPeer, Raw
from tests.benchmarks.peers.tutorsync import TutorSync
from tests.benchmarks.peers.vdirsyncer import Vdirsyncer
from tests.servers.nullcal import Collection, NullCal
from tests.servers.wiretap import Wiretap

_CALENDAR = "/anna/work/"
_OTHERS = ("second", "third")
_POLLS_BEFORE_WARM, _WARM_POLLS = 3, 10
_WARM_PASSES = 100
_REQUESTS_WITHIN_S = 120
_FOLDER_PEERS: dict[str, type[FolderPeer]] = {"raw": Raw, "vdirsyncer": Vdirsyncer}
PEERS = (*_FOLDER_PEERS, "tutorsync")

READING, READ_AGAIN = "first reading", "no change"
MIRRORING, MIRRORED_AGAIN = "first mirroring", "no change after mirroring"
WARM = "no change, warm, three calendars"
BY_THE_BEAT = "the same, once a second by the agent"
# The step after which a peer's reading is complete: for us the warm polls follow.
_LAST_OF_READING = {True: WARM, False: READ_AGAIN}


@dataclass(slots=True)
class World:
    """A calendar server behind a counting proxy, both in this process."""

    server: NullCal
    tap: Wiretap
    base: str

    @property
    def url(self) -> str:
        """The address of the calendar, through the proxy."""
        return f"{self.base}{_CALENDAR}"

    @property
    def stored(self) -> Collection:
        """What the calendar holds."""
        return self.server.calendars[_CALENDAR]

    def await_requests(self, count: int) -> None:
        """Count from zero, and wait for so many requests.

        Raises:
            TimeoutError: they did not come.
        """
        self.tap.reset()
        until, pause = time.monotonic() + _REQUESTS_WITHIN_S, Event()
        while self.tap.counts.requests < count:
            if time.monotonic() > until:
                raise TimeoutError(f"{self.tap.counts.requests} requests of {count}")
            pause.wait(0.01)

    def fill(self, path: str, count: int) -> None:
        """Put the corpus into a calendar, near enough to today that busy intervals come of it."""
        first_day = datetime.now(UTC).replace(tzinfo=None, hour=8, minute=0, second=0, microsecond=0)
        items = corpus(count, first_day=first_day - timedelta(days=28))
        texts = {one.name: (number, one.text) for number, one in enumerate(items, start=1)}
        self.server.calendars[path] = Collection(texts, revision=count)


@contextmanager
def a_world() -> Iterator[World]:
    """A world with one empty calendar."""
    server = NullCal()
    server.calendars[_CALENDAR] = Collection()
    with server.started() as running:
        tap = Wiretap(running.port)
        with tap.started() as tapped:
            yield World(server, tap, f"http://127.0.0.1:{tapped.port}")


Emit = Callable[[Row], None]


@dataclass(frozen=True, slots=True)
class _Bench:
    """One run: how many objects, where, and whom the rows go to."""

    count: int
    place: Path
    emit: Emit

    def passes(self, name: str, steps: tuple[str, str], world: World, command: list[str | Path], check: Check) -> None:
        """Make the pass that does the work, then one with nothing to do."""
        for step in steps:
            world.tap.reset()
            cost, _ = run(command, world.tap.counts, env=check.environment)
            self.emit(Row(step, name, self.count, cost, check.found() == self.count))


@dataclass(frozen=True, slots=True)
class Check:
    """Under which environment a peer runs, and how many objects are found where its work should show."""

    environment: dict[str, str]
    found: Callable[[], int]


def _read_by_folder(bench: _Bench, kind: type[FolderPeer]) -> None:
    with a_world() as world:
        world.fill(_CALENDAR, bench.count)
        peer = kind(bench.place / "reading", world.url)
        peer.prepare()
        bench.passes(peer.name, (READING, READ_AGAIN), world, peer.command(), Check(_environment(), peer.held))


def _mirror_by_folder(bench: _Bench, kind: type[FolderPeer], events: dict[str, str]) -> None:
    with a_world() as world:
        peer = kind(bench.place / "mirroring", world.url)
        peer.fill(events)
        peer.prepare()
        check = Check(_environment(), lambda: len(world.stored.items))
        bench.passes(peer.name, (MIRRORING, MIRRORED_AGAIN), world, peer.command(), check)


def _environment() -> dict[str, str]:
    return {"HOME": tempfile.gettempdir(), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _read_by_us(bench: _Bench) -> None:
    with a_world() as world:
        world.fill(_CALENDAR, bench.count)
        for other in _OTHERS:
            world.fill(f"/anna/{other}/", max(1, bench.count // 10))
        ours = TutorSync(bench.place / "reading")
        ours.connect(f"{world.base}/anna/", "work", "busy")
        for other in _OTHERS:
            ours.set_role(other, "ignore")
        check = Check(ours.environment, lambda: _objects(ours))
        bench.passes(ours.name, (READING, READ_AGAIN), world, ours.sync(), check)
        for other in _OTHERS:
            ours.set_role(other, "busy")
        _poll_warm(bench, world, ours)


def _poll_warm(bench: _Bench, world: World, ours: TutorSync) -> None:
    """Let an agent poll by itself for a while, with everything else that it does at the same time."""
    calendars = 1 + len(_OTHERS)
    with ours.agent("--poll", "1") as agent:
        world.await_requests(calendars * _POLLS_BEFORE_WARM)
        before_s = cpu_of_s(agent.pid)
        world.await_requests(calendars * _WARM_POLLS)
        used_s, counts = cpu_of_s(agent.pid) - before_s, world.tap.counts
    polls = counts.requests / calendars
    moved = round((counts.bytes_up + counts.bytes_down) / polls)
    cost = Cost(used_s / polls, 0, 0, calendars, moved)
    # Whatever it asks for besides would show as more polls than went by, so only reports may be among the requests.
    polls_only = set(counts.methods) == {"REPORT"}
    bench.emit(Row(BY_THE_BEAT, ours.name, bench.count, cost, polls_only))
    # Between two beats others have the processor's caches; one poll after the other is how the floor was measured.
    warm = Cost(ours.warm_pass_s(_WARM_PASSES), 0, 0, calendars, moved)
    bench.emit(Row(WARM, ours.name, bench.count, warm, polls_only))


def _objects(ours: TutorSync) -> int:
    """How many objects of the calendar the agent's store holds."""
    with ours.agent() as agent:
        (calendar,) = [c for c in agent.get("/v1/calendars")["calendars"] if c["name"] == "work"]
        return int(calendar["objects"])


def _mirror_by_us(bench: _Bench) -> dict[str, str]:
    """Give the events that were written, by name: the others get the same work."""
    with a_world() as world:
        ours = TutorSync(bench.place / "mirroring")
        with ours.agent() as agent:
            agent.add_sessions(bench.count)
        ours.connect(f"{world.base}/anna/", "work", "sessions")
        check = Check(ours.environment, lambda: len(world.stored.items))
        bench.passes(ours.name, (MIRRORING, MIRRORED_AGAIN), world, ours.sync(), check)
        return {name: text for name, (_, text) in world.stored.items.items()}


@dataclass(frozen=True, slots=True)
class Kept:
    """What a run leaves in a folder, so that a stopped one can go on: its rows, and the events that were mirrored."""

    folder: Path

    def rows(self) -> list[Row]:
        """The rows so far."""
        file = self.folder / "rows.jsonl"
        return [Row.of_json(json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    def add(self, row: Row) -> None:
        """Keep one row more."""
        with (self.folder / "rows.jsonl").open("a") as file:
            file.write(json.dumps(row.as_json()) + "\n")

    def events(self, count: int) -> dict[str, str]:
        """The events that TutorSync wrote, by name; where it did not take part, those of the corpus stand in."""
        file = self._events(count)
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        return known or {one.name: one.text for one in corpus(count)}

    def keep_events(self, count: int, events: dict[str, str]) -> None:
        """Keep the events that TutorSync wrote."""
        self._events(count).write_text(json.dumps(events))

    def _events(self, count: int) -> Path:
        return self.folder / f"events-{count}.json"


def measure(count: int, peers: tuple[str, ...], kept: Kept, say: Callable[[str], None]) -> list[Row]:
    """Measure with every peer what is not yet among the rows that are kept.

    Args:
        count: how many objects or sessions.
        peers: those of `PEERS` that take part.
        kept: gets each row as soon as it is there.
        say: gets one line a step.

    Returns:
        The rows of these peers and this count.
    """
    done = {(row.peer, row.step) for row in kept.rows() if row.count == count}
    for peer in sorted(peers, key=lambda name: name != "tutorsync"):
        for step, last, what in (
            (READING, _LAST_OF_READING[peer == "tutorsync"], "reads"),
            (MIRRORING, MIRRORED_AGAIN, "mirrors"),
        ):
            if (peer, last) not in done:
                say(f"{peer} {what} {count}, and looks again")
                with tempfile.TemporaryDirectory(prefix="tutorsync-bench-") as place:
                    _measure_one(peer, step, _Bench(count, Path(place), kept.add), kept)
    return [row for row in kept.rows() if row.count == count and row.peer in peers]


def _measure_one(peer: str, step: str, bench: _Bench, kept: Kept) -> None:
    if peer == "tutorsync" and step == READING:
        _read_by_us(bench)
    elif peer == "tutorsync":
        kept.keep_events(bench.count, _mirror_by_us(bench))
    elif step == READING:
        _read_by_folder(bench, _FOLDER_PEERS[peer])
    else:
        _mirror_by_folder(bench, _FOLDER_PEERS[peer], kept.events(bench.count))
