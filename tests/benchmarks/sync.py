"""All that the ten goals speak of: TutorSync, vdirsyncer and the raw floor on one calendar in memory.

*Reading*: a calendar full of foreign events becomes mirror, busy intervals and conflicts (for the others: a folder).
*Mirroring*: sessions become events of a calendar; the others send the very same events from a folder. *No change*: a
pass after that in which nothing has happened. *Edits*: after the mirroring one edit on either side, then a hundred on
both, then the same with 40 ms to the server, then (ours alone) on one that refuses parallel writes.

The peers are processes started cold, as cron or a person would. So is ours where nothing changed; else the goals are
about the agent, which runs for weeks: what a pass costs in a process that has begun already. Its poll is measured
warm besides, over three calendars: one pass after the other, which the goal is about, and once a second by the agent
itself, with all that it does at the same time.

Parts of the engine are measured by themselves on those same profiles (`peers/inside.py`), the agent at rest for three
minutes, and the 26 scenarios are played by the tests that have their numbers.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Protocol

from tests.benchmarks.corpus import corpus
from tests.benchmarks.edits import (
    ADDED_THERE,
    BothSides,
    Edits,
    apply_there,
    items_of,
    mixed,
    one_here,
    one_there,
    title_of,
    titled,
)
from tests.benchmarks.measured import Cost, Row, cpu_of_s, resident_mib, run
from tests.benchmarks.peers.folder import FolderPeer, Raw
from tests.benchmarks.peers.tutorsync import Agent, TutorSync
from tests.benchmarks.peers.vdirsyncer import Vdirsyncer
from tests.house.tree import ROOT
from tests.servers.nullcal import Collection, NullCal
from tests.servers.wiretap import Wiretap

_CALENDAR = "/anna/work/"
_OTHERS = ("second", "third")
_POLLS_BEFORE_WARM, _WARM_POLLS = 3, 10
_WARM_PASSES = 100
_REQUESTS_WITHIN_S = 120
_FAR_S = 0.04
# An agent that polls so seldom works when it is told to.
_AT_ORDER = ("--poll", "86400")
_POLLS_AT_REST, _POLL_AT_REST_S = 2, 60
_SERIES, _MANY = 1000, 100_000
_SCENARIOS = 26
_FOLDER_PEERS: dict[str, type[FolderPeer]] = {"raw": Raw, "vdirsyncer": Vdirsyncer}
_OURS = TutorSync.name
PEERS = (*_FOLDER_PEERS, _OURS)

READING, READ_AGAIN = "first reading", "no change"
WARM = "no change, warm, three calendars"
BY_THE_BEAT = "the same, once a second by the agent"
ONE_CONFLICT, SERIES_CONFLICT = "a new conflict", "a new conflict with a series of 61"
CONFLICT_OF_MANY = "a new conflict at 100,000 events"
MIRRORING, MIRRORED_AGAIN = "first mirroring", "no change after mirroring"
ONE_THERE, ONE_HERE = "one edit in the calendar", "one edit here"
MIXED, MIXED_FAR, MIXED_ALONE = "100 mixed", "100 mixed, 40 ms away", "100 mixed, parallel writes refused"
PLAN_NOTHING, PLAN_CHANGED = "plan, nothing changed", "plan, 1 % changed"
SERIES = "1,000 series over 430 days"
AT_REST = "agent at rest, a minute"
SCENARIOS = "the 26 scenarios"


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

    def await_requests(self, count: int, *, within_s: float) -> None:
        """Count from zero, and wait for so many requests.

        Raises:
            TimeoutError: they did not come.
        """
        self.tap.reset()
        until, pause = time.monotonic() + within_s, Event()
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

    def passes(self, name: str, steps: tuple[str, ...], world: World, command: Command, check: Check) -> None:
        """Make the pass that does the work, then those with nothing to do."""
        for step in steps:
            self.one(name, step, world, command, check)

    def one(self, name: str, step: str, world: World, command: Command, check: Check) -> None:
        """Make one pass, and look whether its work was done."""
        world.tap.reset()
        cost, _ = run(command, world.tap.counts, env=check.environment)
        self.emit(Row(step, name, self.count, cost, check.is_done()))

    def by_agent(self, step: str, world: World, agent: Agent, is_done: Callable[[], bool]) -> None:
        """Order a running agent to make one pass."""
        world.tap.reset()
        before_s, began = cpu_of_s(agent.pid), time.perf_counter()
        done = agent.sync()
        wall_s, used_s = time.perf_counter() - began, cpu_of_s(agent.pid) - before_s
        used = {"cpu_s": used_s, "wall_s": wall_s, "peak_mib": 0}
        # An agent that has written something looks once more soon after: that request is not this pass's.
        self._emit_ours(step, world, used, is_done, requests=int(done["requests"]))

    def first(self, step: str, world: World, ours: TutorSync, is_done: Callable[[], bool]) -> None:
        """Make the pass that has most to do, in one go, in a process that has begun already."""
        world.tap.reset()
        self._emit_ours(step, world, ours.first_pass(), is_done)

    def _emit_ours(
        self, step: str, world: World, used: dict[str, float], is_done: Callable[[], bool], requests: int | None = None
    ) -> None:
        counts = world.tap.counts
        asked = counts.requests if requests is None else min(requests, counts.requests)
        cost = Cost(**used, requests=asked, bytes_moved=counts.bytes_up + counts.bytes_down)
        self.emit(Row(step, _OURS, self.count, cost, is_done()))

    def cpu(self, step: str, cpu_s: float, *, name: str = _OURS, did_it: bool = True) -> None:
        """Note CPU alone."""
        self.emit(Row(step, name, self.count, Cost(cpu_s, 0, 0, 0, 0), did_it))


Command = list[str | Path]


@dataclass(frozen=True, slots=True)
class Check:
    """Under which environment a peer runs, and whether its work is found done."""

    environment: dict[str, str]
    is_done: Callable[[], bool]


class Editor(Protocol):
    """A side that is edited by hand: sessions, or a folder."""

    def edit(self, edits: Edits) -> None:
        """Make these edits."""

    def titles(self) -> list[str]:
        """Give the titles of what there is, sorted."""


def _read_by_folder(bench: _Bench, kind: type[FolderPeer]) -> None:
    with a_world() as world:
        world.fill(_CALENDAR, bench.count)
        peer = kind(bench.place / "reading", world.url)
        peer.prepare()
        check = Check(_environment(), lambda: peer.held() == bench.count)
        bench.passes(peer.name, (READING, READ_AGAIN), world, peer.command(), check)


def _mirror_by_folder(bench: _Bench, kind: type[FolderPeer], events: dict[str, str]) -> None:
    with a_world() as world:
        peer = kind(bench.place / "mirroring", world.url)
        peer.fill(events)
        peer.prepare()
        command = peer.command()
        check = Check(_environment(), lambda: len(world.stored.items) == bench.count)
        bench.passes(peer.name, (MIRRORING, MIRRORED_AGAIN), world, command, check)

        def one(step: str, is_done: Callable[[], bool]) -> None:
            bench.one(peer.name, step, world, command, Check(_environment(), is_done))

        _edit_both(one, world, peer, knows_foreign=True)


def _edit_both(
    one: Callable[[str, Callable[[], bool]], None], world: World, here: Editor, *, knows_foreign: bool
) -> None:
    """Edit on both sides, and let the peer bring them together, each time in one pass.

    Args:
        one: makes a pass as that step.
        world: holds the calendar.
        here: the other side.
        knows_foreign: what others add to the calendar appears here; sessions are only ours.
    """

    def after(step: str, edits: BothSides) -> None:
        calendar = world.stored
        there = [title_of(text) for _, text in calendar.items.values()]
        expected = edits.there.titles_after(edits.here.titles_after(there))
        ours = expected if knows_foreign else [title for title in expected if not title.startswith(ADDED_THERE)]
        here.edit(edits.here)
        apply_there(calendar, edits.there)
        one(step, lambda: _titles(world) == expected and here.titles() == ours)

    after(ONE_THERE, one_there(items_of(world.stored)))
    after(ONE_HERE, one_here(items_of(world.stored)))
    after(MIXED, mixed(items_of(world.stored), 1))
    world.tap.delay_s = _FAR_S
    after(MIXED_FAR, mixed(items_of(world.stored), 2))
    world.tap.delay_s = 0
    if not knows_foreign:
        world.tap.refuses_company = "locked"
        after(MIXED_ALONE, mixed(items_of(world.stored), 3))
        world.tap.refuses_company = ""


def _titles(world: World) -> list[str]:
    return sorted(title_of(text) for _, text in world.stored.items.values())


def _environment() -> dict[str, str]:
    return {"HOME": tempfile.gettempdir(), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def _read_by_us(bench: _Bench) -> None:
    with a_world() as world:
        ours = _reader(bench, world)
        bench.first(READING, world, ours, lambda: _objects(ours) == bench.count)
        bench.one(ours.name, READ_AGAIN, world, ours.sync(), Check(ours.environment, lambda: True))
        _open_all(world, ours)
        _poll_warm(bench, world, ours)
        found, among_many = (ours.inside("conflicts", str(events)) for events in (bench.count, _MANY))
        bench.cpu(ONE_CONFLICT, found["one"])
        bench.cpu(SERIES_CONFLICT, found["series"])
        bench.cpu(CONFLICT_OF_MANY, among_many["one"])


def _objects(ours: TutorSync) -> int:
    """How many objects of the calendar our store holds."""
    with ours.agent(*_AT_ORDER) as agent:
        return agent.objects("work")


def _reader(bench: _Bench, world: World) -> TutorSync:
    """Connect an account whose first calendar is full, and two more that are not read yet."""
    world.fill(_CALENDAR, bench.count)
    for other in _OTHERS:
        world.fill(f"/anna/{other}/", max(1, bench.count // 10))
    ours = TutorSync(bench.place / "reading")
    ours.connect(f"{world.base}/anna/", "work", "busy")
    for other in _OTHERS:
        ours.set_role(other, "ignore")
    return ours


def _open_all(world: World, ours: TutorSync) -> None:
    """Read the other calendars, too, so that polls bring nothing new."""
    for other in _OTHERS:
        ours.set_role(other, "busy")
    run(ours.sync(), world.tap.counts, env=ours.environment)


def _poll_warm(bench: _Bench, world: World, ours: TutorSync) -> None:
    """Let an agent poll by itself for a while, with everything else that it does at the same time."""
    with ours.agent("--poll", "1") as agent:
        used_s, polls = _polled(world, agent, _POLLS_BEFORE_WARM, _WARM_POLLS, within_s=_REQUESTS_WITHIN_S)
        counts = world.tap.counts
    moved = round((counts.bytes_up + counts.bytes_down) / polls)
    calendars = 1 + len(_OTHERS)
    cost = Cost(used_s / polls, 0, 0, calendars, moved)
    # Whatever it asks for besides would show as more polls than went by, so only reports may be among the requests.
    polls_only = set(counts.methods) == {"REPORT"}
    bench.emit(Row(BY_THE_BEAT, ours.name, bench.count, cost, polls_only))
    # Between two beats others have the processor's caches; one poll after the other is how the floor was measured.
    warm = Cost(ours.warm_pass_s(_WARM_PASSES), 0, 0, calendars, moved)
    bench.emit(Row(WARM, ours.name, bench.count, warm, polls_only))


def _polled(world: World, agent: Agent, before: int, count: int, *, within_s: float) -> tuple[float, float]:
    """Give the CPU of some polls of three calendars, after some others, and how many it were."""
    calendars = 1 + len(_OTHERS)
    world.await_requests(calendars * before, within_s=within_s)
    before_s = cpu_of_s(agent.pid)
    world.await_requests(calendars * count, within_s=within_s)
    return cpu_of_s(agent.pid) - before_s, world.tap.counts.requests / calendars


def _rest(bench: _Bench) -> None:
    """Let an agent poll three calendars once a minute."""
    with a_world() as world:
        ours = _reader(bench, world)
        _open_all(world, ours)
        with ours.agent("--poll", str(_POLL_AT_REST_S)) as agent:
            within_s = _POLL_AT_REST_S * (_POLLS_AT_REST + 1) * 1.5
            began = time.monotonic()
            used_s, polls = _polled(world, agent, 1, _POLLS_AT_REST, within_s=within_s)
            cost = Cost(used_s / polls, time.monotonic() - began, resident_mib(agent.pid), 1 + len(_OTHERS), 0)
        bench.emit(Row(AT_REST, ours.name, bench.count, cost, did_it=True))


def _expand_series(bench: _Bench) -> None:
    found = TutorSync(bench.place / "series").inside("series", str(_SERIES))
    bench.cpu(SERIES, found["ours"], did_it=found["differing"] == 0 and found["intervals"] > _SERIES)
    bench.cpu(SERIES, found["recurring-ical-events"], name="recurring-ical-events")


def _play_scenarios(bench: _Bench) -> None:
    """Let the tests tell; they assert the idle passes and the writes to each side, too."""
    command = [sys.executable, "-m", "pytest", "tests/engine", "-k", "scenario", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    passed = re.search(r"^(\d+) passed", ran.stdout, re.MULTILINE)
    done = ran.returncode == 0 and passed is not None and int(passed[1]) == _SCENARIOS
    bench.cpu(SCENARIOS, 0, did_it=done)


def _mirror_by_us(bench: _Bench, keep_events: Callable[[dict[str, str]], None]) -> None:
    """Hand on the events that were written, by name: the others get the same work."""
    with a_world() as world:
        ours = TutorSync(bench.place / "mirroring")
        with ours.agent() as agent:
            agent.add_sessions(bench.count)
        ours.connect(f"{world.base}/anna/", "work", "sessions")
        bench.first(MIRRORING, world, ours, lambda: len(world.stored.items) == bench.count)
        keep_events({name: text for name, (_, text) in world.stored.items.items()})
        check = Check(ours.environment, lambda: len(world.stored.items) == bench.count)
        bench.one(ours.name, MIRRORED_AGAIN, world, ours.sync(), check)
        # It reads the whole calendar by itself, once a day: done by the agent, that would be beside a measured pass.
        ours.audit()
        with ours.agent(*_AT_ORDER) as agent:
            agent.sync()
            _edit_both(partial(_pass_by, bench, world, agent), world, ours, knows_foreign=False)
        found = ours.inside("plan")
        bench.cpu(PLAN_NOTHING, found["nothing"])
        bench.cpu(PLAN_CHANGED, found["changed"], did_it=found["writes"] >= found["links"] // 100)


def _pass_by(bench: _Bench, world: World, agent: Agent, step: str, is_done: Callable[[], bool]) -> None:
    bench.by_agent(step, world, agent, is_done)


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
        return known or {one.name: titled(one.text, f"Maths {number}") for number, one in enumerate(corpus(count))}

    def keep_events(self, count: int, events: dict[str, str]) -> None:
        """Keep the events that TutorSync wrote."""
        self._events(count).write_text(json.dumps(events))

    def _events(self, count: int) -> Path:
        return self.folder / f"events-{count}.json"


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that is measured in one go; it is done when its last step is among the rows.

    Attributes:
        what: in words, after the peer's name.
    """

    peer: str
    name: str
    last: str
    what: str
    act: Callable[[_Bench, Kept], None]


def _parts() -> list[_Part]:
    """Ours first: the others mirror the events that we wrote."""
    found = [
        _Part(_OURS, "reading", CONFLICT_OF_MANY, "reads {}, and looks again", lambda bench, _: _read_by_us(bench)),
        _Part(
            _OURS, "mirroring", PLAN_CHANGED, "mirrors {}, looks again, and brings edits together",
            lambda bench, kept: _mirror_by_us(bench, lambda events: kept.keep_events(bench.count, events)),
        ),
    ]  # fmt: skip
    for name, kind in _FOLDER_PEERS.items():
        found += [
            _Part(name, "reading", READ_AGAIN, "reads {}, and looks again", _reads_by(kind)),
            _Part(
                name, "mirroring", MIXED_FAR, "mirrors {}, looks again, and brings edits together", _mirrors_by(kind)
            ),
        ]
    return [
        *found,
        _Part(_OURS, "series", SERIES, "expands series", lambda bench, _: _expand_series(bench)),
        _Part(_OURS, "rest", AT_REST, "is at rest for three minutes", lambda bench, _: _rest(bench)),
        _Part(_OURS, "scenarios", SCENARIOS, "plays the scenarios", lambda bench, _: _play_scenarios(bench)),
    ]


def _reads_by(kind: type[FolderPeer]) -> Callable[[_Bench, Kept], None]:
    return lambda bench, _: _read_by_folder(bench, kind)


def _mirrors_by(kind: type[FolderPeer]) -> Callable[[_Bench, Kept], None]:
    return lambda bench, kept: _mirror_by_folder(bench, kind, kept.events(bench.count))


PARTS = tuple(dict.fromkeys(part.name for part in _parts()))


def measure(
    count: int, peers: tuple[str, ...], kept: Kept, say: Callable[[str], None], parts: tuple[str, ...] = PARTS
) -> list[Row]:
    """Measure with every peer what is not yet among the rows that are kept.

    Args:
        count: how many objects or sessions.
        peers: those of `PEERS` that take part.
        kept: gets each row as soon as it is there.
        say: gets one line a step.
        parts: those of `PARTS` that are wanted.

    Returns:
        The rows of these peers and this count; of a part that was stopped and done again, those of the last time.
    """
    for part in _parts():
        done = {(row.peer, row.step) for row in kept.rows() if row.count == count}
        if part.peer in peers and part.name in parts and (part.peer, part.last) not in done:
            say(f"{part.peer} {part.what.format(count)}")
            with tempfile.TemporaryDirectory(prefix="tutorsync-bench-") as place:
                part.act(_Bench(count, Path(place), kept.add), kept)
    others = {"recurring-ical-events"} if _OURS in peers else set()
    rows = [row for row in kept.rows() if row.count == count and row.peer in {*peers, *others}]
    return list({(row.peer, row.step): row for row in rows}.values())
