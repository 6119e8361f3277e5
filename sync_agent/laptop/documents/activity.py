"""Activity and Question documents: sentences made of kinds and facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.session_fields import span_of
from sync_agent.engine.values import FieldGroup
from sync_agent.engine.words import titled, when_words
from sync_agent.laptop.documents.moments import stamp

if TYPE_CHECKING:
    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.store.questions import Question

_PLAIN: Mapping[str, str] = {
    "session.cancelled": "{title} was cancelled",
    "conflict.kept": "{title} and {other} both stay",
    "conflict.marked_free": "{other} no longer counts as busy",
    "account.connected": "{account} was connected",
    "account.disconnected": "{account} was disconnected",
    "meeting.created": "A meeting for {title} was made at {account}",
    "meeting.moved": "The meeting of {title} was moved at {account}",
    "meeting.deleted": "The meeting of {title} was removed at {account}",
}
_GROUPS: Mapping[str, str] = {
    FieldGroup.WHERE: "The place of {title} was changed",
    FieldGroup.NOTES: "The notes of {title} were changed",
    FieldGroup.SUBJECT: "The subject of {title} was changed",
    FieldGroup.STUDENTS: "The students of {title} were changed",
    FieldGroup.CHARGEABLE: "Whether {title} is charged was changed",
}


def activity_document(entry: Activity, taken_back: Collection[str]) -> dict[str, Any]:
    """Give the Activity document.

    Args:
        entry: as stored.
        taken_back: ids of all that was undone already.
    """
    return {
        "id": entry.id,
        "at": stamp(entry.at),
        "actor": entry.actor,
        "kind": entry.kind,
        "what": activity_words(entry),
        "session": entry.session,
        "calendar": entry.calendar,
        "field_group": entry.field_group or None,
        "before": entry.before,
        "after": entry.after,
        "lost_value": entry.lost_value,
        "undoable": entry.kind in UNDOABLE and entry.id not in taken_back,
        "undo_of": entry.undo_of,
        "cause": entry.cause,
    }


def activity_words(entry: Activity) -> str:
    """Give the sentence: "“Maths” was moved to Fri 27 Nov 2026, 10:00–11:00, Europe/Berlin."."""
    said = _said(entry)
    return f"Taken back: {said}." if entry.undo_of else f"{said}."


def question_document(question: Question) -> dict[str, Any]:
    """Give the Question document."""
    return {
        "id": question.id,
        "kind": question.kind,
        "text": question_words(question),
        "opened_at": stamp(question.opened),
        "answer": question.answer,
        "targets": list(question.targets),
    }


def question_words(question: Question) -> str:
    """Give what is asked, in words that say what yes and no do."""
    facts = question.facts
    match question.kind:
        case "first_write":
            return (
                f"{_events(facts)} would be written to “{facts['calendar']}” for the first time. "
                "Yes: they are written. No: nothing is written there."
            )
        case "mass_deletion":
            return (
                f"{_events(facts)} disappeared from “{facts['calendar']}” at once. "
                "Yes: their sessions are cancelled. No: the events are written again."
            )
        case "shape":
            return (
                f"The event of {titled(str(facts['title']))} was made {_shape(str(facts['shape']))}, which a session "
                "cannot be. Yes: it is put back. No: it stays as it is and is no longer ours."
            )
        case "moved_away":
            return f"The event of {titled(str(facts.get('title', '')))} was moved to another calendar. Follow it there?"
        case _:
            return "Shall this be done?"


def _said(entry: Activity) -> str:
    named = {
        "title": titled(str(entry.facts.get("title", ""))),
        "other": titled(str(entry.facts.get("other", ""))),
        "account": str(entry.facts.get("account", "")),
    }
    match entry.kind:
        case "session.added":
            when = f" ({when_words(span_of(entry.after))})" if entry.after else ""
            return f"{named['title']} was added{when}"
        case "session.changed":
            return _changed(entry, named)
        case "version.lost":
            return f"Of two versions of {named['title']}, the newer won; the other is kept"
        case "calendar.role":
            return f"“{entry.facts.get('calendar', '')}” is now for: {entry.after}"
        case "undo":
            return f"what was decided about {named['other']}"
        case _:
            return _PLAIN.get(entry.kind, entry.kind).format_map(named)


def _changed(entry: Activity, named: Mapping[str, str]) -> str:
    after = entry.after or ""
    match entry.field_group:
        case FieldGroup.WHEN:
            return f"{named['title']} was moved to {when_words(span_of(after))}"
        case FieldGroup.TITLE:
            return f"{titled(entry.before or '')} is now called {titled(after)}"
        case FieldGroup.STATUS:
            return f"{named['title']} is now {after.replace('_', ' ')}"
        case _:
            return _GROUPS.get(entry.field_group, "{title} was changed").format_map(named)


def _events(facts: Mapping[str, Any]) -> str:
    count = int(facts.get("count", 0))
    return "1 event" if count == 1 else f"{count} events"


def _shape(shape: str) -> str:
    return {
        "series": "to repeat",
        "all_day": "an all-day event",
        "floating": "a time without a zone",
        "zero": "to last nothing",
    }.get(shape, "into something else")
