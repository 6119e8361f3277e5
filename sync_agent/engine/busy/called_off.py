"""What would have been: cancelled events and instances, and those taken out of their series (EXDATE).

They take no time and make no double booking. They are kept for one question only: "why is this free?". Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from connectors.vocabulary.events import Event, EventStatus
from sync_agent.engine.busy.clock import SeriesClock
from sync_agent.engine.busy.expand import Window, expand
from sync_agent.engine.busy.intervals import Busy

CANCELLED, TAKEN_OUT = "cancelled", "taken_out"


def called_off(events: Sequence[Event], *, window: Window, home_zone: str) -> tuple[Busy, ...]:
    """Give the occurrences of an object that do not take place and reach into a window.

    A whole series that was cancelled is left out: it has no end, and nobody asks for each of its days.

    Args:
        events: as for `expand`.
        window: as for `expand`.
        home_zone: as for `expand`.

    Returns:
        None of them opaque; their recurrence ids are those of the instances that they were.
    """
    found = (*_cancelled(events, window, home_zone), *_taken_out(events, window, home_zone))
    return tuple(dict.fromkeys(found))


def is_anything_called_off(events: Sequence[Event]) -> bool:
    """Whether it is worth asking: most objects have nothing of the kind."""
    return any(event.exdates or event.status is EventStatus.CANCELLED for event in events)


def _cancelled(events: Sequence[Event], window: Window, home_zone: str) -> Iterator[Busy]:
    for event in events:
        if event.status is not EventStatus.CANCELLED or event.is_recurring or event.this_and_future:
            continue
        held = replace(event, status=EventStatus.CONFIRMED, exdates=())
        for one in expand([held], window=window, home_zone=home_zone).intervals:
            yield one._replace(opaque=False, why_free=CANCELLED)


def _taken_out(events: Sequence[Event], window: Window, home_zone: str) -> Iterator[Busy]:
    for event in events:
        if not event.exdates or not event.is_recurring or event.status is EventStatus.CANCELLED:
            continue
        clock = SeriesClock(event.start, home_zone)
        instants = {clock.read(moment) for moment in event.exdates}
        durations = (None,) * len(event.exdates)
        held = replace(event, rrule=(), rdates=event.exdates, rdate_durations=durations, exdates=())
        for one in expand([held], window=window, home_zone=home_zone).intervals:
            # The start of the series is an instance too, whatever was taken out.
            if one.lo in instants:
                yield one._replace(opaque=False, why_free=TAKEN_OUT)
