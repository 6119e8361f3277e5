"""What a mutant is: the shipped engine with one decision made wrong, for as long as a `with` lasts.

Nothing is copied: one function or attribute is replaced within this process, at the place where it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.simulation.extras import Extras

Broken = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One rule broken on purpose.

    Attributes:
        number: its place in the list of mutants.
        name: as it stands there.
        rule: what the sound engine does instead, and why.
        broken: within it the rule is broken.
        among: which histories can meet it, where most cannot.
    """

    number: int
    name: str
    rule: str
    broken: Broken
    among: Callable[[Extras], bool] | None = None


def mutant(
    number: int, name: str, rule: str, *, among: Callable[[Extras], bool] | None = None
) -> Callable[[Callable[[], Iterator[None]]], Mutant]:
    """Make a mutant of a function that breaks the rule, yields once, and mends it."""

    def made(breaks: Callable[[], Iterator[None]]) -> Mutant:
        return Mutant(number, name, rule, contextmanager(breaks), among)

    return made


@contextmanager
def replaced(owner: Any, **others: Any) -> Iterator[None]:
    """Put other attributes in the place of some of a module's or class's; afterwards they are as before."""
    before = {name: vars(owner)[name] for name in others}
    for name, other in others.items():
        setattr(owner, name, other)
    try:
        yield
    finally:
        for name, one in before.items():
            setattr(owner, name, one)
