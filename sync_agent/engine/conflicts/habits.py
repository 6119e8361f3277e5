"""When students usually come, read from their sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named

if TYPE_CHECKING:
    from connectors.vocabulary.times import WallSpan


@dataclass(frozen=True, slots=True)
class Habits:
    """When the session's students usually come, from their other sessions.

    Attributes:
        weekdays: those on which at least every third session was, Monday 0.
        minutes: weekday to the most common minute of the day.
        counts: weekday to number of sessions.
        total: sessions looked at.
    """

    weekdays: frozenset[int]
    minutes: Mapping[int, int]
    counts: Mapping[int, int]
    total: int

    @classmethod
    def of(cls, history: Sequence[WallSpan], zone: str) -> Habits:
        """Read them from wall spans; those of another zone are read in this one."""
        starts = [span.starts_at.astimezone(zone_named(zone)) for span in history]
        counts = Counter(start.weekday() for start in starts)
        minutes: dict[int, int] = {}
        for weekday in counts:
            times = Counter(s.hour * 60 + s.minute for s in starts if s.weekday() == weekday)
            minutes[weekday] = min(times, key=lambda m: (-times[m], m))
        usual = frozenset(w for w, n in counts.items() if n * 3 >= len(starts))
        return cls(usual, minutes, dict(counts), len(starts))
