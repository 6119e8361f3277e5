"""From rows to a table with ratios, and to goals that are met or not. Decides, never measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.benchmarks.measured import Row
from tests.benchmarks.sync import PEERS, READ_AGAIN, READING, WARM


@dataclass(frozen=True, slots=True)
class Goal:
    """One bound, and how the run stands to it."""

    name: str
    measured: float
    wanted: float

    @property
    def met(self) -> bool:
        """Whether the bound holds; all are upper ones."""
        return self.measured <= self.wanted

    def as_json(self) -> dict[str, object]:
        """The goal as plain values."""
        return {"name": self.name, "measured": self.measured, "wanted": self.wanted, "met": self.met}


# The goals are set for so many objects; below, vdirsyncer's listing is too small for a ratio to say much.
_COUNT_OF_THE_GOALS = 10_000


def ratio(ours: float, theirs: float) -> float | None:
    """How many times as much; nothing where there is nothing to compare with."""
    return ours / theirs if theirs else None


def _find(rows: Sequence[Row], peer: str, step: str) -> Row | None:
    return next((row for row in rows if (row.peer, row.step) == (peer, step)), None)


def goals(rows: Sequence[Row]) -> list[Goal]:
    """The goals for polls (the first of the engine's list), as far as the rows speak of them."""
    cold, warm = _find(rows, "tutorsync", READ_AGAIN), _find(rows, "tutorsync", WARM)
    peer = _find(rows, "vdirsyncer", READ_AGAIN)
    found: list[Goal] = []
    if cold is not None:
        found.append(Goal("no change: requests for one calendar", cold.cost.requests, 1))
        found.append(Goal("no change: bytes for one calendar", cold.cost.bytes_moved, 1024))
    if warm is not None:
        found.append(Goal("no change, warm: requests for three calendars", warm.cost.requests, 3))
        found.append(Goal("no change, warm: CPU for three calendars, ms", warm.cost.cpu_s * 1000, 5))
    if warm is not None and peer is not None and warm.count >= _COUNT_OF_THE_GOALS:
        found.append(Goal("no change, warm: CPU over vdirsyncer's", warm.cost.cpu_s / peer.cost.cpu_s, 1 / 100))
    if cold is not None and peer is not None and cold.count >= _COUNT_OF_THE_GOALS:
        found.append(Goal("no change: bytes over vdirsyncer's", cold.cost.bytes_moved / peer.cost.bytes_moved, 1 / 500))
    return found


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
    lines = [_HEAD]
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
    """One line a goal."""
    return "\n".join(
        f"{'met    ' if g.met else 'NOT MET'}  {g.name}: {g.measured:.4g} (at most {g.wanted:.4g})" for g in found
    )
