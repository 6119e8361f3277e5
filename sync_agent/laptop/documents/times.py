"""Instants and wall times as documents spell them: RFC 3339 with the offset of the zone they are shown in."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def instant(at: datetime | None, zone: str) -> str | None:
    """Spell an instant with the offset of a zone; None stays None."""
    return None if at is None else at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
