"""Zones and the instants of wall times. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

# Files beside the zones that mean something else on each machine.
_NO_ZONES = frozenset({"localtime", "Factory", "posixrules"})


def zone_named(name: str) -> ZoneInfo | None:
    """Give the IANA zone of that name, or None. What only lies in the same folder is none."""
    return ZoneInfo(name) if name in _known_zones() else None


@cache
def _known_zones() -> frozenset[str]:
    """Read once, at the first use: the files are walked."""
    return frozenset(available_timezones()) - _NO_ZONES


def instants(start_wall: datetime, zone: ZoneInfo, minutes: int) -> tuple[datetime, datetime]:
    """Give start and end in UTC; a skipped hour takes the offset before the gap (RFC 5545, section 3.3.5)."""
    starts_at = start_wall.replace(tzinfo=zone).astimezone(UTC)
    return starts_at, starts_at + timedelta(minutes=minutes)
