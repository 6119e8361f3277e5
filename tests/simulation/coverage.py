"""What a run must really have met: each fault in each step, and the pairs that matter."""

from __future__ import annotations

from tests.simulation.world.faults import COMMITTING, READING, WRITING, Met

FULL_RUN = 5000
EACH, PAIR = 100, 20

_READING_STEPS = ("feed", "pull", "page", "finish", "settle")
_WRITING_STEPS = ("create", "update", "delete", "put", "meeting")
_SERVERS = (
    "dead token · pull", "dead token, empty list · pull", "calendar gone · pull", "feed of another epoch · feed",
)  # fmt: skip


def wanted() -> list[str]:
    """Give every fault with every step in which it can be met."""
    reads = [f"{fault.value} · {step}" for fault in READING for step in _READING_STEPS]
    writes = [f"{fault.value} · {step}" for fault in WRITING for step in _WRITING_STEPS]
    commits = [f"{fault.value} · commit" for fault in COMMITTING]
    return [*reads, *writes, *commits, *_SERVERS]


def short_of(met: Met, histories: int) -> list[str]:
    """Say which counts fall short. A run smaller than a full one needs proportionally less."""
    share = min(histories / FULL_RUN, 1)
    each = int(EACH * share)
    return [f"{name}: {met.faults[name]} times, {each} are wanted" for name in wanted() if met.faults[name] < each]


def table(met: Met) -> list[str]:
    """Give the counts as lines."""
    lines = [f"  {count:7d}  {name}" for name, count in sorted(met.faults.items())]
    lines += [f"  {count:7d}  {name}" for name, count in sorted(met.pairs.items())]
    lines += [f"  {met.arrived_late:7d}  requests carried out after their sender had gone on"]
    lines += [f"  {count:7d}  act: {name}" for name, count in sorted(met.acts.items())]
    return lines + [f"  {count:7d}  excused: {name}" for name, count in sorted(met.excused.items())]
