"""Engines broken on purpose, one rule each (the plan's list of mutants): each must be found by an invariant.

One that is not found says that the world or the people of the simulation never meet the case which its rule is for.
"""

from __future__ import annotations

from types import ModuleType

from tests.simulation.mutants import deleting, keys, laptops, merging, people, reading, settling, writing
from tests.simulation.mutants.mutant import Mutant


def _of(module: ModuleType) -> list[Mutant]:
    return [one for one in vars(module).values() if isinstance(one, Mutant)]


_ROOMS = (writing, settling, reading, keys, deleting, merging, people, laptops)
MUTANTS = tuple(sorted((one for room in _ROOMS for one in _of(room)), key=lambda one: one.number))

__all__ = ["MUTANTS", "Mutant"]
