"""Zones and the instants of wall times. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo | None:
    """Give the IANA zone of that name, or None; names of folders and files that are no zones are none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def instants(start_wall: datetime, zone: ZoneInfo, minutes: int) -> tuple[datetime, datetime]:
    """Give start and end in UTC; a skipped hour takes the offset before the gap (RFC 5545, section 3.3.5)."""
    starts_at = start_wall.replace(tzinfo=zone).astimezone(UTC)
    return starts_at, starts_at + timedelta(minutes=minutes)
