"""Sleep and wake, and a wall clock that was set: seen by comparing clocks, at each beat and before each pass.

Sleep is normal: connections that died in it are not trusted, and the first failures after it are no news
(`Engine.woke`). What is decided of two looks at the clocks is pure.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock

log = structlog.get_logger()

EVERY = timedelta(seconds=20)
SLEPT_AT_LEAST = timedelta(seconds=30)
SET_AT_LEAST = timedelta(seconds=10)
"""Less is what a time server corrects all day."""


@dataclass(frozen=True, slots=True)
class Look:
    """What three clocks said at once.

    Attributes:
        wall: may be set.
        elapsed: counts sleep.
        awake: does not, where the system knows the difference; else as `elapsed`.
    """

    wall: datetime
    elapsed: timedelta
    awake: timedelta


@dataclass(frozen=True, slots=True)
class Happened:
    """What lies between two looks; zero where nothing did.

    Attributes:
        slept: for so long nothing of ours ran.
        clock_set: by so much the wall clock was set, back if negative.
    """

    slept: timedelta = timedelta(0)
    clock_set: timedelta = timedelta(0)


def between(before: Look, after: Look, *, meant: timedelta | None = None) -> Happened:
    """Say what happened between two looks.

    Args:
        before: the earlier one.
        after: the later one.
        meant: how far apart they were meant to be, if they were: where no clock knows of sleep, being late tells.
    """
    passed = after.elapsed - before.elapsed
    slept = passed - (after.awake - before.awake)
    if meant is not None:
        slept = max(slept, passed - meant)
    clock_set = (after.wall - before.wall) - passed
    return Happened(
        slept=slept if slept >= SLEPT_AT_LEAST else timedelta(0),
        clock_set=clock_set if abs(clock_set) >= SET_AT_LEAST else timedelta(0),
    )


class Pulse:
    """Looks at the clocks, and tells once of what happened. Any thread may look."""

    def __init__(
        self,
        clock: Clock,
        *,
        slept: Callable[[timedelta], None],
        clock_set: Callable[[timedelta], None],
        awake_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Look for the first time.

        Args:
            clock: the wall's time, and what elapsed.
            slept: called with how long, by whoever looks first afterwards.
            clock_set: called with by how much.
            awake_s: seconds on a clock that stands still in sleep.
        """
        self._clock, self._awake_s = clock, awake_s
        self._slept, self._clock_set = slept, clock_set
        self._lock = threading.Lock()
        self._last = self._now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def start(self) -> None:
        """Look now and then, so that somebody does when nothing else happens."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self, *, meant: timedelta | None = None) -> Happened:
        """Look, tell, and give what happened since somebody looked last."""
        with self._lock:
            before, self._last = self._last, self._now()
            happened = between(before, self._last, meant=meant)
        if happened.slept:
            log.info("computer.slept", seconds=round(happened.slept.total_seconds()))
            self._slept(happened.slept)
        if happened.clock_set:
            log.info("clock.set", seconds=round(happened.clock_set.total_seconds()))
            self._clock_set(happened.clock_set)
        return happened

    def _run(self) -> None:
        while not self._stop.wait(EVERY.total_seconds()):
            try:
                # Others look in between; then the two looks are nearer than meant, which says nothing.
                self.look(meant=EVERY)
            except Exception:  # The edge of a thread: who cannot note it now goes on looking.
                log.exception("pulse.crashed", code="pulse.crashed")

    def _now(self) -> Look:
        return Look(self._clock.now(), self._clock.elapsed(), timedelta(seconds=self._awake_s()))
