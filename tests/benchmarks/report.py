"""From rows to a table with ratios, and to goals that are met or not. Decides, never measures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.benchmarks.measured import Row
from tests.benchmarks.sync import (
    AT_REST,
    CONFLICT_OF_MANY,
    MIRRORING,
    MIXED,
    MIXED_ALONE,
    MIXED_FAR,
    ONE_CONFLICT,
    ONE_HERE,
    ONE_THERE,
    PEERS,
    PLAN_CHANGED,
    PLAN_NOTHING,
    READ_AGAIN,
    READING,
    SCENARIOS,
    SERIES,
    SERIES_CONFLICT,
    WARM,
)


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure that a goal sets a limit to; all limits are upper ones."""

    name: str
    measured: float
    wanted: float

    @property
    def met(self) -> bool:
        """Whether the limit is kept."""
        return self.measured <= self.wanted

    def as_json(self) -> dict[str, object]:
        """The bound as plain values."""
        return {"name": self.name, "measured": self.measured, "wanted": self.wanted, "met": self.met}


@dataclass(frozen=True, slots=True)
class Goal:
    """One of the ten, with what the run has to say of it.

    Attributes:
        beside: what its steps cost, beside the others.
        bounds: empty: it was not measured.
    """

    number: int
    name: str
    beside: Sequence[str]
    bounds: Sequence[Bound]

    @property
    def met(self) -> bool:
        """Whether it was measured, and all of it is within its bounds."""
        return bool(self.bounds) and all(bound.met for bound in self.bounds)

    def as_json(self) -> dict[str, object]:
        """The goal as plain values."""
        bounds = [bound.as_json() for bound in self.bounds]
        return {
            "number": self.number,
            "name": self.name,
            "beside": list(self.beside),
            "bounds": bounds,
            "met": self.met,
        }


_OURS, _RAW, _PEER = "tutorsync", "raw", "vdirsyncer"

# The goals are set for so many objects; below, what a process costs to start hides what an object costs.
_COUNT_OF_THE_GOALS = 10_000


class _Run:
    """The rows of one run, by peer and step."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = {(row.peer, row.step): row for row in rows}

    def get(self, step: str, peer: str = _OURS) -> Row | None:
        """Give a row, if it was measured."""
        return self._rows.get((peer, step))

    def bounds(self, step: str, *limits: tuple[str, Callable[[Row], float], float]) -> list[Bound]:
        """Judge one step of ours; nothing if it was not measured. Work that was not done is a figure, too."""
        row = self.get(step)
        if row is None:
            return []
        found = [Bound(f"{step}: {name}", figure(row), wanted) for name, figure, wanted in limits]
        return [*found, Bound(f"{step}: left undone", 0 if row.did_it else 1, 0)]

    def against(
        self, step: str, peer: str, *limits: tuple[str, Callable[[Row, Row], float], float], theirs: str = ""
    ) -> list[Bound]:
        """Judge one step of ours beside another's (its step `theirs`, if that has another name)."""
        row, other = self.get(step), self.get(theirs or step, peer)
        if row is None or other is None:
            return []
        return [Bound(f"{step}: {name}", figure(row, other), wanted) for name, figure, wanted in limits]

    def large(self, bounds: list[Bound]) -> list[Bound]:
        """Leave out what is judged only among as many objects as the goals are set for."""
        count = max((row.count for row in self._rows.values()), default=0)
        return bounds if count >= _COUNT_OF_THE_GOALS else []

    def beside(self, *steps: str) -> list[str]:
        """Say what steps cost, and how many times as much as the others'."""
        return [self._line(row, step) for step in steps if (row := self.get(step)) is not None]

    def _line(self, row: Row, step: str) -> str:
        theirs = _THEIRS.get(step, step)
        words = [f"{step}: {row.cost.cpu_s:.4g} s CPU"] if row.cost.cpu_s else [step]
        for peer in (_RAW, _PEER, "recurring-ical-events"):
            other = self.get(theirs, peer)
            if other is not None:
                words.append(f"{row.cost.cpu_s / other.cost.cpu_s:.3g} x {peer}'s ({other.cost.cpu_s:.4g} s)")
        if row.cost.requests:
            words.append(f"{row.cost.requests} requests, {row.cost.bytes_moved / 1024:.1f} KiB")
        return ", ".join(words)


# The warm poll has no peer of its own: theirs is the cold one, which is all that they have.
_THEIRS = {WARM: READ_AGAIN}


def ratio(ours: float, theirs: float) -> float | None:
    """How many times as much; nothing where there is nothing to compare with."""
    return ours / theirs if theirs else None


def _find(rows: Sequence[Row], peer: str, step: str) -> Row | None:
    return next((row for row in rows if (row.peer, row.step) == (peer, step)), None)


def _requests(row: Row) -> float:
    return row.cost.requests


def _bytes(row: Row) -> float:
    return row.cost.bytes_moved


def _ms(row: Row) -> float:
    return row.cost.cpu_s * 1000


def _cpu_ratio(ours: Row, theirs: Row) -> float:
    return ours.cost.cpu_s / theirs.cost.cpu_s


def goals(rows: Sequence[Row]) -> list[Goal]:
    """The ten goals of the engine, as far as the rows speak of them."""
    run = _Run(rows)
    return [
        Goal(number, name, run.beside(*steps), list(judge(run)))
        for number, (name, steps, judge) in enumerate(_GOALS, start=1)
    ]


def _nothing_changed(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(READ_AGAIN, ("requests", _requests, 1), ("bytes", _bytes, 1024))
    yield from run.bounds(WARM, ("requests", _requests, 3), ("CPU ms", _ms, 5))
    yield from run.large(run.against(WARM, _PEER, ("CPU over vdirsyncer's", _cpu_ratio, 1 / 100), theirs=READ_AGAIN))
    over = ("bytes over vdirsyncer's", lambda our, their: our.cost.bytes_moved / their.cost.bytes_moved, 1 / 500)
    yield from run.large(run.against(READ_AGAIN, _PEER, over))


def _one_edit(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(ONE_THERE, ("requests", _requests, 2), ("bytes", _bytes, 5 * 1024))
    # The answer to a write does not carry the object, so it is read back.
    yield from run.bounds(ONE_HERE, ("requests", _requests, 3), ("bytes", _bytes, 5 * 1024))


def _many_edits(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(MIXED)
    yield from run.against(
        MIXED, _RAW, ("requests more than raw's", lambda our, their: our.cost.requests - their.cost.requests, 2)
    )
    yield from run.bounds(MIXED_FAR)
    over = ("wall over vdirsyncer's", lambda our, their: our.cost.wall_s / their.cost.wall_s, 0.4)
    yield from run.large(run.against(MIXED_FAR, _PEER, over))
    yield from run.bounds(MIXED_ALONE)


def _first_reading(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(READING, ("requests over 2 + n/200", lambda row: row.cost.requests - 2 - row.count / 200, 0))
    more = ("CPU s more than raw's", lambda our, their: our.cost.cpu_s - their.cost.cpu_s, 2)
    yield from run.large(run.against(READING, _RAW, more))
    memory = ("peak memory over vdirsyncer's", lambda our, their: our.cost.peak_mib / their.cost.peak_mib, 1)
    yield from run.large(run.against(READING, _PEER, ("CPU over vdirsyncer's", _cpu_ratio, 0.8), memory))


def _first_mirroring(run: _Run) -> Iterable[Bound]:
    over = ("requests over n + n/200 + 2", lambda row: row.cost.requests - row.count * 1.005 - 2, 0)
    yield from run.bounds(MIRRORING, over)
    yield from run.large(run.against(MIRRORING, _PEER, ("CPU over vdirsyncer's", _cpu_ratio, 0.7)))


def _conflicts(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(ONE_CONFLICT, ("CPU ms", _ms, 2))
    yield from run.bounds(SERIES_CONFLICT, ("CPU ms", _ms, 5))
    yield from run.bounds(CONFLICT_OF_MANY, ("CPU ms", _ms, 10))


def _plan(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(PLAN_NOTHING, ("CPU ms", _ms, 1))
    yield from run.bounds(PLAN_CHANGED, ("CPU ms", _ms, 25))


def _series(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(SERIES, ("CPU ms", _ms, 200))


def _scenarios(run: _Run) -> Iterable[Bound]:
    yield from run.bounds(SCENARIOS)


def _at_rest(run: _Run) -> Iterable[Bound]:
    resident = ("resident MiB", lambda row: row.cost.peak_mib, 80e6 / 2**20)
    yield from run.bounds(AT_REST, resident, ("CPU %", lambda row: row.cost.cpu_s / 60 * 100, 0.1))


_GOALS: list[tuple[str, tuple[str, ...], Callable[[_Run], Iterable[Bound]]]] = [
    ("no change", (READ_AGAIN, WARM), _nothing_changed),
    ("one edit, either way", (ONE_THERE, ONE_HERE), _one_edit),
    ("100 mixed", (MIXED, MIXED_FAR, MIXED_ALONE), _many_edits),
    ("first reading", (READING,), _first_reading),
    ("first mirroring", (MIRRORING,), _first_mirroring),
    ("a new conflict", (ONE_CONFLICT, SERIES_CONFLICT, CONFLICT_OF_MANY), _conflicts),
    ("plan of all links", (PLAN_NOTHING, PLAN_CHANGED), _plan),
    ("1,000 series", (SERIES,), _series),
    ("26 scenarios, and idle passes that write nothing", (SCENARIOS,), _scenarios),
    ("agent at rest", (AT_REST,), _at_rest),
]


_HEAD = (
    "step",
    "peer",
    "CPU s",
    "x raw",
    "x vdirsyncer",
    "requests",
    "KiB",
    "x vdirsyncer",
    "peak MiB",
    "wall s",
    "done",
)


def table(rows: Sequence[Row]) -> str:
    """The rows step by step, each beside the floor's and the peer's."""
    lines: list[tuple[str, ...]] = [_HEAD]
    for step in dict.fromkeys(row.step for row in sorted(rows, key=lambda row: row.step != READING)):
        found = (_find(rows, peer, step) for peer in PEERS)
        lines.extend(_line(rows, row) for row in found if row is not None)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _line(rows: Sequence[Row], row: Row) -> tuple[str, ...]:
    # The warm poll has no peer of its own: theirs is the cold one, which is all that they have.
    beside = READ_AGAIN if row.step == WARM else row.step
    raw, peer = _find(rows, "raw", beside), _find(rows, "vdirsyncer", beside)
    cost = row.cost
    return (
        row.step,
        row.peer,
        f"{cost.cpu_s:.4f}",
        _times(cost.cpu_s, raw.cost.cpu_s if raw else 0),
        _times(cost.cpu_s, peer.cost.cpu_s if peer else 0),
        str(cost.requests),
        f"{cost.bytes_moved / 1024:.1f}",
        _times(cost.bytes_moved, peer.cost.bytes_moved if peer else 0),
        f"{cost.peak_mib:.0f}" if cost.peak_mib else "",
        f"{cost.wall_s:.2f}" if cost.wall_s else "",
        "yes" if row.did_it else "NO",
    )


def _times(ours: float, theirs: float) -> str:
    value = ratio(ours, theirs)
    return "" if value is None else f"{value:.3g}"


def goal_lines(found: Sequence[Goal]) -> str:
    """The ten, each with its figures and what is wanted of them."""
    return "\n".join(line for goal in found for line in _goal(goal))


def _goal(goal: Goal) -> Iterable[str]:
    state = "met" if goal.met else "NOT MET" if goal.bounds else "not measured"
    yield f"{goal.number:2}  {goal.name}: {state}"
    yield from (f"      {line}" for line in goal.beside)
    yield from (
        f"      {'met    ' if one.met else 'NOT MET'}  {one.name} {one.measured:.4g} (at most {one.wanted:.4g})"
        for one in goal.bounds
    )
