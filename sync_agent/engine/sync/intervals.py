"""From the events of one foreign object to the rows of its busy intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from connectors.vocabulary.events import Event
from sync_agent.engine.busy.called_off import called_off, is_anything_called_off
from sync_agent.engine.busy.doubts import TOO_MANY
from sync_agent.engine.busy.expand import Window, expand
from sync_agent.engine.busy.recur import MOST_STEPS
from sync_agent.engine.store.bookings import FOR_EVER
from sync_agent.engine.store.event_json import event_to_json
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK

EXPAND_MARGIN = timedelta(days=30)
"""Series are expanded this much further than needed, so that the moving window touches each only once a month."""

_MOST_TITLE_LETTERS = 500
_MOST_OCCURRENCES = 5_000
_LEAST_STEPS = 50


@dataclass(slots=True)
class Allowance:
    """What expanding the objects of one calendar may cost in one reading. What is cut short by it is doubted.

    Once it is used up, a series still gives its next occurrence, and simple rules (daily, weekly) are followed so far.

    Attributes:
        steps: moments and periods to look at: about a second of CPU.
        intervals: to store; a tutor with hundreds of series has a tenth of that.
    """

    steps: int = 1_000_000
    intervals: int = 150_000

    def spend(self, steps: int, intervals: int) -> None:
        """Count something that was done."""
        self.steps = max(self.steps - steps, 0)
        self.intervals = max(self.intervals - intervals, 0)


def window_at(now: datetime) -> Window:
    """Give the window in which busy time is known."""
    return now - WINDOW_BACK, now + WINDOW_AHEAD + EXPAND_MARGIN


@dataclass(frozen=True, slots=True)
class BusyRows:
    """What is stored of an object's time.

    Attributes:
        rows: of the table `busy`, without owner and calendar.
        flagged: why it could not be understood in full (`Flag`, `TOO_MANY`), each once.
    """

    rows: list[dict[str, Any]]
    flagged: tuple[str, ...] = ()


def busy_rows(uid: str, events: Sequence[Event], *, window: Window, home_zone: str, allowance: Allowance) -> BusyRows:
    """Give what is stored of an object's time: what it takes, what it leaves free, and what was called off.

    Args:
        uid: of the object; a server that keeps several UIDs in one still has one object.
        events: all of it.
        window: half open, aware.
        home_zone: IANA zone in which whole days and floating times are read.
        allowance: of the reading; what this object takes of it is counted.

    What does not repeat is given however far ahead it lies: nobody would come back to it when the window moves on.
    """
    is_series = any(event.is_recurring for event in events)
    if not is_series:
        window = (window[0], FOR_EVER)
    limit = min(_MOST_OCCURRENCES, max(allowance.intervals, 1))
    steps = min(MOST_STEPS, max(allowance.steps, _LEAST_STEPS))
    expansion = expand(events, window=window, home_zone=home_zone, limit=limit, steps=steps)
    found = expansion.intervals
    if is_anything_called_off(events):
        found += called_off(events, window=window, home_zone=home_zone)[:limit]
    allowance.spend(expansion.steps, len(found))
    rows = [
        {
            "uid": uid,
            # A server that keeps several UIDs in one object: each occurrence has a name of its own all the same.
            "recurrence_id": one.recurrence_id if one.uid == uid else f"{one.recurrence_id} {one.uid}".lstrip(),
            "lo": one.lo,
            "hi": one.hi,
            "opaque": one.opaque,
            "summary": one.summary[:_MOST_TITLE_LETTERS],
            "recurring": is_series,
            "all_day": one.all_day,
            "why_free": one.why_free,
        }
        for one in found
    ]
    return BusyRows(rows, (*expansion.flagged, *((TOO_MANY,) if expansion.truncated else ())))


def has_ended(events: Sequence[Event], *, after: datetime, home_zone: str) -> bool:
    """Whether an object takes no time after an instant, so that it need not be expanded any further."""
    later = expand(events, window=(after, FOR_EVER), home_zone=home_zone, limit=1)
    return not (later.intervals or later.truncated or later.flagged)


def source_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """Give what is kept of a series to expand it further: nothing of its texts but the title, it is not ours."""
    bare = [replace(event, description="", location="", url="", conference="") for event in events]
    return [event_to_json(replace(event, summary=event.summary[:_MOST_TITLE_LETTERS])) for event in bare]
