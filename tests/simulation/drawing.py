"""What people type, drawn from random numbers: nothing is ever typed twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from sync_agent.engine.values import FieldGroup
from tests.simulation.ledger import flourishes
from tests.simulation.stage import Stage

_FLOURISHES = tuple(one.rstrip() for one in flourishes())


def day_of(stage: Stage, random: Random) -> datetime:
    """Draw a day on which a session may be."""
    return stage.clock.at + timedelta(days=random.choice([2, 3, 5, 9, 20, 60]))


def length_of(random: Random) -> timedelta:
    return timedelta(minutes=random.choice([30, 45, 60, 90]))


def text_of(stage: Stage, group: FieldGroup, random: Random) -> str:
    return stage.words.text(group, random.choice(_FLOURISHES))


def short(session: str) -> str:
    """Name a session for a trace."""
    return session[-4:]
