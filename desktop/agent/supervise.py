"""When to adopt an agent, start one, wait or give up for a while: decided on values, without Qt or a clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from desktop.agent.announcement import API, Announcement

PATIENCE_MS = 15_000
"""How long a new agent may take until it answers: a first start makes the store."""

_PAUSES_MS = (0, 1_000, 2_000, 5_000, 15_000, 60_000)


class Step(Enum):
    """What to do about the agent now."""

    CONNECT = auto()
    REPLACE = auto()
    START = auto()
    TOO_NEW = auto()


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the agent.

    Attributes:
        announced: what agent.json says.
        refused: that announcement, where it was tried and nobody answered.
    """

    announced: Announcement | None
    refused: Announcement | None = None


def next_step(seen: Seen) -> Step:
    """Say what to do: an agent that answers is adopted, whoever started it."""
    if seen.announced is None or seen.announced == seen.refused:
        return Step.START
    if seen.announced.api > API:
        return Step.TOO_NEW
    if seen.announced.api < API:
        return Step.REPLACE
    return Step.CONNECT


def pause_ms(failures: int) -> int:
    """Say how long to wait before the next start, after so many that led to nothing."""
    return _PAUSES_MS[min(failures, len(_PAUSES_MS) - 1)]
