"""What an expansion gives: intervals of time, and how far they can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Busy(NamedTuple):
    """One occurrence of one event: half open, so that back to back does not overlap.

    A tuple, because a first reading makes tens of thousands: a frozen dataclass takes three times as long.

    Attributes:
        uid: of the object it comes from.
        recurrence_id: the occurrence's original start in its series, "" for a single event: "20261126" for a whole
            day, "20261126T150000" for a floating time, else the UTC instant "20261126T140000Z". It stays when the
            occurrence is moved.
        lo: UTC.
        hi: UTC, later than `lo`.
        opaque: whether it blocks: False for transparent and declined ones. Cancelled ones are not there at all.
        all_day: written as a date.
        why_free: why it does not block ("transparent", "declined", "cancelled", "taken_out"); "" if it does.
    """

    uid: str
    recurrence_id: str
    lo: datetime
    hi: datetime
    opaque: bool
    summary: str
    all_day: bool = False
    why_free: str = ""


class Flag(StrEnum):
    """Why an object could not be understood in full. What was understood is in the intervals."""

    RULE_MALFORMED = "rule_malformed"
    RULE_TOO_DENSE = "rule_too_dense"
    ZONE_UNKNOWN = "zone_unknown"
    SEVERAL_MASTERS = "several_masters"


@dataclass(frozen=True, slots=True)
class Expansion:
    """All occurrences of an object that reach into a window.

    Attributes:
        intervals: ordered by start.
        truncated: there are more than the limit; the earliest are given.
        flagged: reasons (`Flag` values), each once.
        steps: how many it took to follow the rules.
    """

    intervals: tuple[Busy, ...]
    truncated: bool = False
    flagged: tuple[str, ...] = ()
    steps: int = 0
