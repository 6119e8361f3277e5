"""Instants as the local API spells them: RFC 3339 with offset, read in somebody's zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named

if TYPE_CHECKING:
    from datetime import datetime


def in_zone(at: datetime, zone: str) -> str:
    """Give an aware instant with the offset that a zone has then: "2026-11-26T15:00:00+01:00"."""
    return at.astimezone(zone_named(zone)).isoformat(timespec="seconds")


def stamp(at: datetime | None) -> str | None:
    """Give an instant in UTC, or None."""
    return None if at is None else at.astimezone(zone_named("UTC")).isoformat(timespec="seconds")
