"""Looks for the history that finds a mutant: an invariant breaks with it, and the sound engine holds on that seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path

from tests.simulation.extras import extras_of
from tests.simulation.history import Told, play, script_of
from tests.simulation.mutants import MUTANTS, Mutant
from tests.simulation.runner import kind_of, silence
from tests.simulation.world.faults import Met

KNOWN = Path(__file__).with_name("seeds.txt")
"""Seeds that found a mutant before: they are tried first, and others if they no longer do."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """What became of the hunt for one mutant.

    Attributes:
        seed: that found it; None: none did.
        broken: the first invariant that broke there, in a sentence.
        tried: so many seeds were played with the mutant, the finding one included.
        unsound: seeds that prove nothing, because there the sound engine fails, too.
        crashed: seeds on which it fell over itself: no invariant says so.
    """

    number: int
    seed: int | None = None
    broken: str = ""
    tried: int = 0
    unsound: tuple[int, ...] = ()
    crashed: tuple[int, ...] = ()

    @property
    def line(self) -> str:
        """Tell it in one line."""
        name = f"{self.number:2d}  {of_number(self.number).name}"
        if self.seed is not None:
            return f"{name}: {self.broken[:90]} · seed {self.seed}, the {_nth(self.tried)}"
        crashed = f", it crashed on {len(self.crashed)}" if self.crashed else ""
        unsound = f", {len(self.unsound)} of them prove nothing" if self.unsound else ""
        return f"{name}: NOT FOUND on {self.tried} seeds{unsound}{crashed}"


@dataclass(slots=True)
class _Hunt:
    unsound: list[int] = field(default_factory=list)
    crashed: list[int] = field(default_factory=list)


def of_number(number: int) -> Mutant:
    return next(one for one in MUTANTS if one.number == number)


def hunt(mutant: Mutant, seeds: Iterable[int]) -> Hunted:
    """Play seeds with a mutant until one finds it."""
    hunted, tried = _Hunt(), 0
    for seed in seeds:
        tried += 1
        told = play_broken(mutant, seed)
        if not told.broken:
            continue
        found = next((line for line in told.broken if kind_of(line) != "crashed"), "")
        if not found:
            hunted.crashed.append(seed)
        elif not sound_engine_holds(seed):
            hunted.unsound.append(seed)
        else:
            return Hunted(mutant.number, seed, found, tried, tuple(hunted.unsound), tuple(hunted.crashed))
    return Hunted(mutant.number, None, "", tried, tuple(hunted.unsound), tuple(hunted.crashed))


def play_broken(mutant: Mutant, seed: int) -> Told:
    """Play one history with an engine that is broken on purpose."""
    with mutant.broken():
        return play(script_of(seed), Met())


@cache
def sound_engine_holds(seed: int) -> bool:
    return not play(script_of(seed), Met()).broken


def hunt_all(numbers: Sequence[int], seeds: Sequence[int], *, jobs: int) -> Iterator[Hunted]:
    """Hunt several mutants on some cores; give each as it is done."""
    known = _known()
    todo = [(number, (*known.get(number, ()), *_that_can_meet(of_number(number), seeds))) for number in numbers]
    if jobs <= 1:
        yield from map(_hunt_one, todo)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=silence) as pool:
        yield from pool.map(_hunt_one, todo)


def _that_can_meet(one: Mutant, seeds: Sequence[int]) -> Sequence[int]:
    """Give as many seeds, from the same one on, whose histories can meet a mutant."""
    if one.among is None or not seeds:
        return seeds
    fitting = (seed for seed in count(seeds[0]) if one.among(extras_of(seed)))
    return list(islice(fitting, len(seeds)))


def _hunt_one(todo: tuple[int, Sequence[int]]) -> Hunted:
    number, seeds = todo
    return hunt(of_number(number), dict.fromkeys(seeds))


def found_before() -> set[int]:
    """Give the mutants of which a seed is known."""
    return set(_known())


def in_turn(day: int, share: int) -> list[int]:
    """Give some of the mutants of which a seed is known: each day others, in some days all."""
    numbers = sorted(_known())
    turns = -(-len(numbers) // share)
    return numbers[day % turns :: turns]


def _known() -> dict[int, list[int]]:
    lines = [line.split() for line in KNOWN.read_text().splitlines() if line.strip() and not line.startswith("#")]
    return {int(number): [int(seed) for seed in seeds] for number, *seeds in lines}


def _nth(count: int) -> str:
    ending = "th" if count % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
    return f"{count}{ending} seed"
