"""Time as an argument: what the wall says, and how much of it has passed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whoever says what time it is."""

    def now(self) -> datetime:
        """Give this instant in UTC, aware. May be set, also back."""
        ...

    def elapsed(self) -> timedelta:
        """Give the time since some moment that stays the same: counts sleep, and nobody sets it."""
        ...


class SystemClock:
    """The computer's clock."""

    def now(self) -> datetime:
        """Give this instant in UTC, aware."""
        return datetime.now(UTC)

    def elapsed(self) -> timedelta:
        """Give the time since the computer was started, sleep included."""
        return timedelta(seconds=_seconds())


def _seconds() -> float:
    # Linux stops the monotonic clock while it sleeps and has another one that goes on; elsewhere there is one.
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)
