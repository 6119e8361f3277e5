"""From the events of one foreign object to the rows of its busy intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.vocabulary.events import Event
from sync_agent.engine.busy.called_off import called_off, is_anything_called_off
from sync_agent.engine.busy.doubts import TOO_MANY
from sync_agent.engine.busy.expand import Window, expand


@dataclass(frozen=True, slots=True)
class BusyRows:
    """What is stored of an object's time.

    Attributes:
        rows: of the table `busy`, without owner and calendar.
        flagged: why it could not be understood in full (`Flag`, `TOO_MANY`), each once.
    """

    rows: list[dict[str, Any]]
    flagged: tuple[str, ...] = ()


def busy_rows(uid: str, events: Sequence[Event], *, window: Window, home_zone: str, text_hash: str) -> BusyRows:
    """Give what is stored of an object's time: what it takes, what it leaves free, and what was called off.

    Args:
        uid: of the object; a server that keeps several UIDs in one still has one object.
        events: all of it.
        window: half open, aware.
        home_zone: IANA zone in which whole days and floating times are read.
        text_hash: of the object's text.
    """
    expansion = expand(events, window=window, home_zone=home_zone)
    found = expansion.intervals
    if is_anything_called_off(events):
        found += called_off(events, window=window, home_zone=home_zone)
    is_series = any(event.is_recurring for event in events)
    rows = [
        {
            "uid": uid,
            # A server that keeps several UIDs in one object: each occurrence has a name of its own all the same.
            "recurrence_id": one.recurrence_id if one.uid == uid else f"{one.recurrence_id} {one.uid}".lstrip(),
            "lo": one.lo,
            "hi": one.hi,
            "opaque": one.opaque,
            "summary": one.summary,
            "recurring": is_series,
            "src_hash": text_hash,
            "all_day": one.all_day,
            "why_free": one.why_free,
        }
        for one in found
    ]
    return BusyRows(rows, (*expansion.flagged, *((TOO_MANY,) if expansion.truncated else ())))
