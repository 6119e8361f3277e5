"""Double bookings, free slots and what a choice does, as documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.words import because_words, closed_words
from sync_agent.engine.words import between_words, when_words
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.conflicts.values import Suggestion
    from sync_agent.engine.desk.conflicts import Effect
    from sync_agent.engine.store.bookings import ConflictRow


def conflict_document(
    row: ConflictRow,
    *,
    sessions: Mapping[str, dict[str, Any]],
    last_changes: Mapping[str, dict[str, Any]],
    zone: str,
) -> dict[str, Any]:
    """Give **Conflict**.

    Args:
        row: as stored.
        sessions: session id to its document, as far as they are still there.
        last_changes: session id to {"who", "at", "what"}.
        zone: the tutor's.
    """
    return {
        "id": row.id,
        "kind": row.kind,
        "state": "open" if row.closed is None else "closed",
        "when": row.facts["when"],
        "opened_at": instant(row.opened, zone),
        "closed_at": instant(row.closed, zone),
        "closed_why": closed_words(row.closed_why) if row.closed_why else None,
        "reason": row.reason,
        "why": row.facts["why"],
        "overlap_minutes": row.facts["minutes"],
        "sides": [_side(side, sessions, last_changes) for side in row.facts["sides"]],
    }


def _side(
    side: Mapping[str, Any], sessions: Mapping[str, dict[str, Any]], last_changes: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    lo, hi = datetime.fromisoformat(side["lo"]), datetime.fromisoformat(side["hi"])
    kind, _, rest = side["key"].partition(":")
    is_session = kind == "session"
    session = sessions.get(rest) if is_session else None
    # A session is shown where the tutor sees it: in the calendar that takes the sessions.
    shown_in = next((one["name"] for one in session["calendars"]), "") if session else ""
    return {
        "kind": "session" if is_session else "event",
        "session": session,
        "id": rest,
        "title": side["title"],
        "start": instant(lo, side["zone"]),
        "end": instant(hi, side["zone"]),
        "when": between_words(lo, hi, side["zone"]),
        "zone": side["zone"],
        "calendar": side["calendar"] or None,
        "calendar_name": side["calendar_name"] or shown_in,
        "recurring": side["recurring"],
        "last_change": last_changes.get(rest) if is_session else None,
    }


def slot_document(slot: Suggestion) -> dict[str, Any]:
    """Give **Slot**."""
    when = slot.when
    return {
        "rank": slot.rank,
        "start": instant(when.starts_at, when.zone),
        "end": instant(when.ends_at, when.zone),
        "start_wall": when.start.isoformat(timespec="seconds"),
        "zone": when.zone,
        "when": when_words(when),
        "reasons": [because_words(fact, zone=when.zone) for fact in slot.reasons],
        "known_free": slot.is_known_free,
    }


def effect_document(effect: Effect) -> dict[str, Any]:
    """Give **Effect**."""
    return {"where": effect.where, "what": effect.what, "told": list(effect.told)}
