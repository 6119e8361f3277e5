"""From the events of one foreign object to the rows of its busy intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.vocabulary.events import Event
from sync_agent.engine.busy.called_off import called_off, is_anything_called_off
from sync_agent.engine.busy.expand import Window, expand


def busy_rows(
    uid: str, events: Sequence[Event], *, window: Window, home_zone: str, text_hash: str
) -> list[dict[str, Any]]:
    """Give what is stored of an object's time: what it takes, what it leaves free, and what was called off.

    Args:
        uid: of the object; a server that keeps several UIDs in one still has one object.
        events: all of it.
        window: half open, aware.
        home_zone: IANA zone in which whole days and floating times are read.
        text_hash: of the object's text.
    """
    found = expand(events, window=window, home_zone=home_zone).intervals
    if is_anything_called_off(events):
        found += called_off(events, window=window, home_zone=home_zone)
    is_series = any(event.is_recurring for event in events)
    return [
        {
            "uid": uid,
            "recurrence_id": one.recurrence_id,
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
