"""What a change of the clocks makes of an hour on the wall. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from connectors.vocabulary.times import zone_named


class Odd(StrEnum):
    """Why an hour on the wall is not what it seems: the clocks skip it on that day, or show it twice."""

    SKIPPED = "skipped"
    REPEATED = "repeated"


def oddness(wall: datetime, zone: str) -> Odd | None:
    """Say whether a naive hour exists once on the clock of a zone; None: it does."""
    local = wall.replace(tzinfo=zone_named(zone))
    if local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != wall:
        return Odd.SKIPPED
    return Odd.REPEATED if local.replace(fold=1).utcoffset() != local.utcoffset() else None
