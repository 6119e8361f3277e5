"""Conflict, Slot, Effect and Coverage documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.words import because_words, closed_words
from sync_agent.engine.words import between_words
from sync_agent.laptop.documents.moments import in_zone, stamp

if TYPE_CHECKING:
    from sync_agent.engine.conflicts.values import StaleCalendar, Suggestion
    from sync_agent.engine.desk.conflicts import Effect
    from sync_agent.engine.store.bookings import ConflictRow

_SESSION = "session:"


def sessions_of(row: ConflictRow) -> list[str]:
    """Give the ids of the sessions on the sides of a double booking."""
    return [side.removeprefix(_SESSION) for side in (row.a, row.b) if side.startswith(_SESSION)]


def conflict_document(
    row: ConflictRow, sessions: Mapping[str, dict[str, Any]], last_changes: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Give the Conflict document.

    Args:
        row: as stored.
        sessions: Session documents of its sides, by id.
        last_changes: who last changed a session, by id.
    """
    facts = row.facts
    return {
        "id": row.id,
        "kind": row.kind,
        "state": "open" if row.closed is None else "closed",
        "when": facts["when"],
        "opened_at": stamp(row.opened),
        "closed_at": stamp(row.closed),
        "closed_why": closed_words(row.closed_why) if row.closed_why else None,
        "reason": row.reason or None,
        "why": facts["why"],
        "overlap_minutes": facts["minutes"],
        "sides": [_side(side, sessions, last_changes) for side in facts["sides"]],
    }


def slot_document(slot: Suggestion) -> dict[str, Any]:
    """Give the Slot document."""
    when = slot.when
    return {
        "rank": slot.rank,
        "start": in_zone(when.starts_at, when.zone),
        "end": in_zone(when.ends_at, when.zone),
        "start_wall": when.start.isoformat(timespec="minutes"),
        "zone": when.zone,
        "when": between_words(when.starts_at, when.ends_at, when.zone),
        "reasons": [because_words(fact, zone=when.zone) for fact in slot.reasons],
        "known_free": slot.is_known_free,
    }


def effect_document(effect: Effect) -> dict[str, Any]:
    """Give the Effect document."""
    return {"where": effect.where, "what": effect.what, "told": list(effect.told)}


def coverage_document(stale: Sequence[StaleCalendar]) -> dict[str, Any]:
    """Give the Coverage document: what was not read is never "no double bookings"."""
    return {
        "complete": not stale,
        "stale": [{"calendar": one.calendar, "name": one.name, "last_read_at": stamp(one.since)} for one in stale],
    }


def _side(
    side: Mapping[str, Any], sessions: Mapping[str, dict[str, Any]], last_changes: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    is_session = str(side["key"]).startswith(_SESSION)
    session_id = str(side["key"]).removeprefix(_SESSION) if is_session else ""
    lo, hi = datetime.fromisoformat(side["lo"]), datetime.fromisoformat(side["hi"])
    return {
        "kind": "session" if is_session else "event",
        "session": sessions.get(session_id),
        "id": session_id or side["key"],
        "title": side["title"],
        "start": in_zone(lo, side["zone"]),
        "end": in_zone(hi, side["zone"]),
        "when": between_words(lo, hi, side["zone"]),
        "zone": side["zone"],
        "calendar": side["calendar"] or None,
        "calendar_name": side["calendar_name"],
        "recurring": bool(side["recurring"]),
        "last_change": last_changes.get(session_id),
    }
