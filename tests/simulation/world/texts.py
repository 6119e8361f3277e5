"""How the model calendar keeps an event: JSON text, so that reading and patching cost little.

A stand-in for iCalendar with the same laws: a write changes our fields and not one byte more; a marker is valid only in
the object whose UID it names.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.events import Event, EventStatus, Marker
from connectors.vocabulary.times import Moment, MomentKind, WallSpan

if TYPE_CHECKING:
    from connectors.vocabulary.events import EventDraft, OwnFields

FOREIGN = "foreign"
"""The part of an object that the calendar owns alone (alarms, colours, attendees)."""


def spelled(raw: dict[str, Any]) -> str:
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def raw_of(body: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


def new_text(draft: EventDraft) -> str:
    """Give the text of a new object; with a template everything foreign in it comes back, a series as it was."""
    blank = {
        "summary": "", "location": "", "description": "", "url": "", "conference": "", "status": "CONFIRMED",
        "rrule": [], "marker": None, FOREIGN: "", "counter": 0,
    }  # fmt: skip
    raw = blank if draft.template is None else raw_of(draft.template)
    raw["uid"] = draft.uid
    if draft.template is not None and draft.fields.marker is not None:
        raw["status"], raw["rrule"] = "CONFIRMED", []
    return _patched(raw, draft.fields)


def patched(body: str, fields: OwnFields) -> str:
    return fields.whole if fields.whole is not None else _patched(raw_of(body), fields)


def when_raw(when: WallSpan) -> dict[str, Any]:
    return {
        "kind": "zoned", "local": when.start.isoformat(), "zone": when.zone, "tzid": when.zone,
        "seconds": int(when.duration.total_seconds()),
    }  # fmt: skip


def _patched(raw: dict[str, Any], fields: OwnFields) -> str:
    if fields.when is not None:
        raw["when"] = when_raw(fields.when)
    plain = {
        "summary": fields.summary, "location": fields.location, "description": fields.description,
        "url": fields.url, "conference": fields.conference,
    }  # fmt: skip
    raw.update({name: value for name, value in plain.items() if value is not None})
    if fields.marker is not None:
        raw["marker"] = asdict(fields.marker)
    elif fields.gives_up:
        raw["marker"] = None
    if fields.ends_before is not None:
        raw["rrule"] = [_ended(rule, fields.ends_before) for rule in raw["rrule"]]
    return spelled(raw)


def _ended(rule: str, before: datetime) -> str:
    kept = [part for part in rule.split(";") if part.partition("=")[0] not in ("COUNT", "UNTIL")]
    return ";".join([*kept, f"UNTIL={before.astimezone(UTC) - timedelta(seconds=1):%Y%m%dT%H%M%SZ}"])


@lru_cache(maxsize=8192)
def events_of(body: str) -> tuple[Event, ...]:
    raw = raw_of(body)
    when = raw["when"]
    kind = MomentKind(when["kind"])
    local, span = datetime.fromisoformat(when["local"]), timedelta(seconds=when["seconds"])
    zone = when["zone"] if kind is MomentKind.ZONED else None
    tzid = when["tzid"] if kind is MomentKind.ZONED else None
    return (
        Event(
            uid=raw["uid"],
            start=Moment(kind, local, zone, tzid),
            end=Moment(kind, local + span, zone, tzid),
            duration=span,
            summary=raw["summary"],
            location=raw["location"],
            description=raw["description"],
            url=raw["url"],
            conference=raw["conference"],
            status=EventStatus(raw["status"]),
            declined=raw.get("declined", False),
            rrule=tuple(raw["rrule"]),
            marker=_marker_of(raw),
        ),
    )


def _marker_of(raw: dict[str, Any]) -> Marker | None:
    found = raw["marker"]
    if found is None or found["uid"] != raw["uid"]:
        return None
    return Marker(**{**found, "hashes": tuple((group, digest) for group, digest in found["hashes"])})
