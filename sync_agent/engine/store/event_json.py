"""Events as JSON, for series that are expanded again when the window moves on, and for our own objects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind


def event_to_json(event: Event) -> dict[str, Any]:
    """Spell an event, without its marker (whose meaning is stored beside it)."""
    return {
        "uid": event.uid,
        "start": _moment(event.start),
        "end": _moment(event.end),
        "duration": event.duration.total_seconds(),
        "summary": event.summary,
        "location": event.location,
        "description": event.description,
        "url": event.url,
        "conference": event.conference,
        "status": event.status.value,
        "opaque": event.opaque,
        "declined": event.declined,
        "sequence": event.sequence,
        "recurrence_id": None if event.recurrence_id is None else _moment(event.recurrence_id),
        "this_and_future": event.this_and_future,
        "rrule": list(event.rrule),
        "rdates": [_moment(moment) for moment in event.rdates],
        "rdate_durations": [None if length is None else length.total_seconds() for length in event.rdate_durations],
        "exdates": [_moment(moment) for moment in event.exdates],
    }


def event_from_json(raw: dict[str, Any]) -> Event:
    """Read what `event_to_json` wrote."""
    return Event(
        uid=raw["uid"],
        start=_read_moment(raw["start"]),
        end=_read_moment(raw["end"]),
        duration=timedelta(seconds=raw["duration"]),
        summary=raw["summary"],
        location=raw["location"],
        description=raw["description"],
        url=raw["url"],
        conference=raw["conference"],
        status=EventStatus(raw["status"]),
        opaque=raw["opaque"],
        declined=raw["declined"],
        sequence=raw["sequence"],
        recurrence_id=None if raw["recurrence_id"] is None else _read_moment(raw["recurrence_id"]),
        this_and_future=raw["this_and_future"],
        rrule=tuple(raw["rrule"]),
        rdates=tuple(_read_moment(moment) for moment in raw["rdates"]),
        rdate_durations=tuple(None if s is None else timedelta(seconds=s) for s in raw["rdate_durations"]),
        exdates=tuple(_read_moment(moment) for moment in raw["exdates"]),
    )


def _moment(moment: Moment) -> list[str | None]:
    return [moment.kind.value, moment.local.isoformat(), moment.zone, moment.tzid]


def _read_moment(raw: list[str | None]) -> Moment:
    kind, local, zone, tzid = raw
    return Moment(MomentKind(kind or ""), datetime.fromisoformat(local or ""), zone, tzid)
