"""A clock that can be put forward: tokens end and limits reset without waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class MovableClock:
    """The computer's clock, plus what it was put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        """Give this instant in UTC, aware."""
        return datetime.now(UTC) + self._ahead

    def advance(self, by: timedelta) -> None:
        """Put it forward; backward too, for a clock that is set."""
        self._ahead += by

    def reset(self) -> None:
        """Show the computer's time again."""
        self._ahead = timedelta(0)
