"""Time as an argument."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Whoever says what time it is."""

    def now(self) -> datetime:
        """Give this instant in UTC, aware."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Give this instant in UTC, aware."""
        return datetime.now(UTC)
