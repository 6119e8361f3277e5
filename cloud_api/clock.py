"""What time it is; everything else is told."""

from __future__ import annotations

from datetime import UTC, datetime


def system_clock() -> datetime:
    """Give this instant."""
    return datetime.now(UTC)
