"""What a history is made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens, with the seed of all that it draws."""

    kind: str
    seed: int
