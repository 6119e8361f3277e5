"""Model time: it stands still until somebody waits; each look takes a millisecond, so that no two acts are at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
_TICK = timedelta(milliseconds=1)


class WorldClock:
    """True time."""

    def __init__(self, now: datetime = BEGINNING) -> None:
        self.at = now

    def now(self) -> datetime:
        self.at += _TICK
        return self.at

    def wait(self, span: timedelta) -> None:
        self.at += span


class DeviceClock:
    """The clock of one computer: what its wall says may be wrong, what has passed is not.

    Attributes:
        wrong_by: how far the wall is ahead of true time; somebody may set it, also back.
    """

    def __init__(self, world: WorldClock) -> None:
        self._world = world
        self.wrong_by = timedelta(0)

    def now(self) -> datetime:
        return self._world.now() + self.wrong_by

    def elapsed(self) -> timedelta:
        return self._world.now() - BEGINNING
