"""What a run must really have met: each fault in each step, and the pairs that matter."""

from __future__ import annotations

from math import sqrt

from tests.simulation.adopted import EVENT, GIVEN_UP, SERIES
from tests.simulation.fates import WANTED
from tests.simulation.pairs import PAIRS
from tests.simulation.world.faults import COMMITTING, READING, WRITING, Fault, Met

FULL_RUN = 5000
EACH, PAIR = 100, 20

_READING_STEPS = ("feed", "pull", "page", "finish", "settle", "condition", "lease", "meeting look")
_WRITING_STEPS = ("create", "update", "delete", "put", "meeting", "links")
_ONLY_WRITING = tuple(fault for fault in WRITING if fault not in READING)
_SERVERS = (
    "dead token · pull", "dead token, empty list · pull", "calendar gone · pull", "feed of another epoch · feed",
)  # fmt: skip


def wanted() -> list[str]:
    """Give every fault with every step in which it can be met."""
    reads = [f"{fault.value} · {step}" for fault in READING for step in _READING_STEPS]
    writes = [f"{fault.value} · {step}" for fault in WRITING for step in _WRITING_STEPS]
    commits = [f"{fault.value} · commit" for fault in COMMITTING]
    fates = [f"{fate.value} · laptop" for fate in WANTED]
    fates += [f"{what} · laptop" for what in (EVENT, SERIES, GIVEN_UP)]
    return [*reads, *writes, *commits, *_SERVERS, *fates]


def short_of(met: Met, histories: int) -> list[str]:
    """Say which counts fall short.

    Of a run smaller than a full one proportionally less is asked, and less than chance may bring: there the sums tell.
    """
    bars = [(name, met.faults[name], EACH) for name in wanted()]
    bars += [(name, met.pairs[name], PAIR) for name in PAIRS]
    bars += [(f"{fault.value}, wherever", _all_of(met, fault), EACH * len(_READING_STEPS)) for fault in READING]
    bars += [(f"{fault.value}, wherever", _all_of(met, fault), EACH * len(_WRITING_STEPS)) for fault in _ONLY_WRITING]
    reads, writes = len(READING) * len(_READING_STEPS), len(WRITING) * len(_WRITING_STEPS)
    bars.append(("faults together", met.faults.total(), EACH * (reads + writes)))
    asked = [(name, count, _bar(full, histories)) for name, count, full in bars]
    return [f"{name}: {count} times, {least} are wanted" for name, count, least in asked if count < least]


def _all_of(met: Met, fault: Fault) -> int:
    return sum(count for name, count in met.faults.items() if name.startswith(f"{fault.value} · "))


def _bar(full: int, histories: int) -> int:
    """Give how often something is to be met: in a full run so often; in a smaller one three deviations less."""
    if histories >= FULL_RUN:
        return full
    expected = full * histories / FULL_RUN
    return max(int(expected - 3 * sqrt(expected)), 0)


def table(met: Met) -> list[str]:
    """Give the counts as lines."""
    lines = [f"  {count:7d}  {name}" for name, count in sorted(met.faults.items())]
    lines += [f"  {count:7d}  {name}" for name, count in sorted(met.pairs.items())]
    lines += [f"  {met.arrived_late:7d}  requests carried out after their sender had gone on"]
    lines += [f"  {count:7d}  act: {name}" for name, count in sorted(met.acts.items())]
    return lines + [f"  {count:7d}  excused: {name}" for name, count in sorted(met.excused.items())]
