"""What can go wrong on the way, drawn from a seed, and how often each was really met."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any


class ProcessDied(BaseException):
    """The engine's process is gone at this instruction; what it had committed stands."""


class Fault(StrEnum):
    """One thing that goes wrong with one request, one commit, or the process."""

    UNREACHABLE = "unreachable"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"
    LATE = "carried out late"
    DOUBLED = "doubled"
    HANG = "hang"
    THROTTLED = "429"
    LOCKED = "423"
    FAULT_BEFORE = "503"
    FAULT_AFTER = "500 after it was carried out"
    SIGN_IN = "401"
    FORBIDDEN = "403"
    FULL = "507"
    DIED_BEFORE = "died before sending"
    DIED_AFTER = "died before receiving"
    DIED_LATE = "died, carried out late"
    DIED_COMMITTING = "died before a commit"
    DIED_COMMITTED = "died after a commit"
    DISK_FULL = "disk full"


READING = (
    Fault.UNREACHABLE, Fault.REQUEST_LOST, Fault.HANG, Fault.THROTTLED, Fault.FAULT_BEFORE, Fault.SIGN_IN,
    Fault.FORBIDDEN, Fault.DIED_BEFORE,
)  # fmt: skip
WRITING = (
    Fault.UNREACHABLE, Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.LATE, Fault.DOUBLED, Fault.HANG, Fault.THROTTLED,
    Fault.LOCKED, Fault.FAULT_BEFORE, Fault.FAULT_AFTER, Fault.SIGN_IN, Fault.FORBIDDEN, Fault.FULL,
    Fault.DIED_BEFORE, Fault.DIED_AFTER, Fault.DIED_LATE,
)  # fmt: skip
UNANSWERED = (
    Fault.REQUEST_LOST, Fault.ANSWER_LOST, Fault.LATE, Fault.DOUBLED, Fault.FAULT_AFTER, Fault.DIED_AFTER,
    Fault.DIED_LATE,
)  # fmt: skip
"""What leaves the sender not knowing what became of its write."""
COMMITTING = (Fault.DIED_COMMITTING, Fault.DIED_COMMITTED, Fault.DISK_FULL)


_COUNTERS = ("faults", "pairs", "acts", "excused")


@dataclass(slots=True)
class Met:
    """What histories really met.

    Attributes:
        faults: "fault · step" to how often.
        pairs: "one × other" to how often.
        acts: what people did.
        excused: human edits that a server with ignored preconditions itself overwrote.
    """

    faults: Counter[str] = field(default_factory=Counter)
    pairs: Counter[str] = field(default_factory=Counter)
    acts: Counter[str] = field(default_factory=Counter)
    excused: Counter[str] = field(default_factory=Counter)
    arrived_late: int = 0

    def count(self, fault: Fault, step: str) -> None:
        self.faults[f"{fault.value} · {step}"] += 1

    def add(self, other: Met) -> None:
        self.faults += other.faults
        self.pairs += other.pairs
        self.acts += other.acts
        self.excused += other.excused
        self.arrived_late += other.arrived_late

    def to_json(self) -> dict[str, Any]:
        counters = {name: dict(getattr(self, name)) for name in _COUNTERS}
        return {**counters, "arrived_late": self.arrived_late}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Met:
        counters = {name: Counter(raw[name]) for name in _COUNTERS}
        return cls(**counters, arrived_late=raw["arrived_late"])


class Gusts:
    """What a pass seldom does goes wrong more often, and in all ways that there are, one after the other."""

    def __init__(self, shares: Mapping[str, float], first: int) -> None:
        """Prepare.

        Args:
            shares: step to the share of its requests that meet a fault, at least.
            first: with which fault it begins: another one in each history.
        """
        self.shares = shares
        self._next = dict.fromkeys(shares, first)

    def next(self, step: str, *, is_write: bool) -> Fault:
        """Give the next fault of a step."""
        faults = WRITING if is_write else READING
        self._next[step] += 1
        return faults[self._next[step] % len(faults)]


class Weather:
    """Draws what goes wrong during one pass."""

    def __init__(
        self,
        random: Random,
        *,
        share: float,
        commits: float,
        writing: tuple[Fault, ...] = WRITING,
        writes: float | None = None,
        gusts: Gusts | None = None,
    ) -> None:
        """Make no draw.

        Args:
            random: of this pass alone.
            share: of the requests that meet a fault.
            commits: share of the commits that meet one.
            writing: what may go wrong with a write.
            writes: share of the writes that meet a fault; None: twice as many as of all requests.
            at_least: step to the share of its requests that meet one, at least.
        """
        self.random, self._share, self._commits, self._writing = random, share, commits, writing
        self._writes = share * 2 if writes is None else writes
        self._gusts = gusts

    def draw(self, step: str, *, is_write: bool) -> Fault | None:
        least = self._gusts.shares.get(step, 0) if self._gusts is not None else 0
        share = max(self._writes if is_write else self._share, least)
        if share == 0 or self.random.random() >= share:
            return None
        if self._gusts is not None and least:
            return self._gusts.next(step, is_write=is_write)
        return self.random.choice(self._writing if is_write else READING)

    def draw_commit(self) -> Fault | None:
        if self._commits == 0 or self.random.random() >= self._commits:
            return None
        return self.random.choice(COMMITTING)


CALM = Weather(Random(0), share=0, commits=0)
