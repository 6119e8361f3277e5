"""How far a pass is: counted from any thread, and told about once a second at most.

A pass that is over in a moment tells nothing, so an idle one costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock

TOLD_EVERY = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Advance:
    """How far one pass is.

    Attributes:
        read: objects that were new or changed so far; nobody knows how many there will be.
        written: of `to_write` so far, also what was refused. More may be planned when these are through.
    """

    run: str
    read: int = 0
    written: int = 0
    to_write: int = 0


class Progress:
    """Counts for one pass after the other."""

    def __init__(self, clock: Clock, tell: Callable[[str], None]) -> None:
        """Begin with no pass.

        Args:
            clock: by what elapses.
            tell: called with the pass's id, from any thread.
        """
        self._clock, self._tell = clock, tell
        self._lock = threading.Lock()
        self._now: Advance | None = None
        self._told_at = timedelta(0)

    @property
    def now(self) -> Advance | None:
        """How far the pass is that is under way; None: there is none."""
        return self._now

    def begin(self, run: str) -> None:
        """A pass begins."""
        with self._lock:
            self._now, self._told_at = Advance(run), self._clock.elapsed()

    def end(self) -> None:
        """It is over; what a lane that it left behind still counts is nobody's."""
        with self._lock:
            self._now = None

    def has_read(self, objects: int) -> None:
        """So many more were read."""
        self._count(read=objects)

    def wants_to_write(self, writes: int) -> None:
        """So many more are to be written."""
        self._count(to_write=writes)

    def has_written(self, writes: int) -> None:
        """So many more were written, or refused."""
        self._count(written=writes)

    def _count(self, *, read: int = 0, written: int = 0, to_write: int = 0) -> None:
        with self._lock:
            now = self._now
            if now is None or not (read or written or to_write):
                return
            self._now = now = replace(
                now, read=now.read + read, written=now.written + written, to_write=now.to_write + to_write
            )
            elapsed = self._clock.elapsed()
            if elapsed - self._told_at < TOLD_EVERY:
                return
            self._told_at = elapsed
        self._tell(now.run)
