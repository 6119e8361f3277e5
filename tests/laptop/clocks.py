"""A clock that tests move: time passes, a laptop sleeps, somebody sets the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class FakeClock:
    """Three clocks in one: the wall's, the one that counts sleep, the one that does not."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now, self._elapsed, self._awake = now, timedelta(hours=5), timedelta(hours=3)

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> timedelta:
        return self._elapsed

    def awake_s(self) -> float:
        return self._awake.total_seconds()

    def pass_(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
        self._elapsed += by
        self._awake += by

    def sleep(self, lasting: timedelta) -> None:
        """Let the computer sleep."""
        self._now += lasting
        self._elapsed += lasting

    def set_by(self, by: timedelta) -> None:
        """Set the wall clock."""
        self._now += by
