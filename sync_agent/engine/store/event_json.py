"""Events as JSON, for series that are expanded again when the window moves on, and for our own objects."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind

_USUAL = EventStatus.CONFIRMED


def event_to_json(event: Event) -> dict[str, Any]:
    """Spell an event, without its marker (whose meaning is stored beside it).

    What is as with most events is left out: with all of it the mirror's rows would be half as long again, and they are
    most of what a first mirroring stores.
    """
    spelled: dict[str, Any] = {
        "uid": event.uid,
        "start": _moment(event.start),
        "end": _moment(event.end),
        "duration": event.duration.total_seconds(),
        "summary": event.summary,
        "location": event.location,
        "description": event.description,
        "url": event.url,
        "conference": event.conference,
        "declined": event.declined,
        "sequence": event.sequence,
        "this_and_future": event.this_and_future,
    }
    spelled = {name: value for name, value in spelled.items() if value}
    if event.status is not _USUAL:
        spelled["status"] = event.status.value
    if not event.opaque:
        spelled["opaque"] = False
    if event.recurrence_id is not None:
        spelled["recurrence_id"] = _moment(event.recurrence_id)
    if event.rrule:
        spelled["rrule"] = list(event.rrule)
    if event.rdates:
        spelled["rdates"] = [_moment(moment) for moment in event.rdates]
    if event.rdate_durations:
        spelled["rdate_durations"] = [None if one is None else one.total_seconds() for one in event.rdate_durations]
    if event.exdates:
        spelled["exdates"] = [_moment(moment) for moment in event.exdates]
    return spelled


def event_from_json(raw: dict[str, Any]) -> Event:
    """Read what `event_to_json` wrote, or an earlier version, which left nothing out."""
    named = raw.get("recurrence_id")
    return Event(
        uid=raw.get("uid", ""),
        start=_read_moment(raw["start"]),
        end=_read_moment(raw["end"]),
        duration=timedelta(seconds=raw.get("duration", 0)),
        summary=raw.get("summary", ""),
        location=raw.get("location", ""),
        description=raw.get("description", ""),
        url=raw.get("url", ""),
        conference=raw.get("conference", ""),
        status=EventStatus(raw.get("status", _USUAL.value)),
        opaque=raw.get("opaque", True),
        declined=raw.get("declined", False),
        sequence=raw.get("sequence", 0),
        recurrence_id=None if named is None else _read_moment(named),
        this_and_future=raw.get("this_and_future", False),
        rrule=tuple(raw.get("rrule", ())),
        rdates=tuple(_read_moment(moment) for moment in raw.get("rdates", ())),
        rdate_durations=tuple(None if s is None else timedelta(seconds=s) for s in raw.get("rdate_durations", ())),
        exdates=tuple(_read_moment(moment) for moment in raw.get("exdates", ())),
    )


def _moment(moment: Moment) -> list[str | None]:
    # Whose zone bears the name that everybody gives it says it once.
    spelled = [moment.kind.value, moment.local.isoformat(), moment.zone]
    return spelled if moment.tzid == moment.zone else [*spelled, moment.tzid]


def _read_moment(raw: list[str | None]) -> Moment:
    kind, local, zone, *named = raw
    tzid = named[0] if named else zone
    return Moment(MomentKind(kind or ""), datetime.fromisoformat(local or ""), zone, tzid)
