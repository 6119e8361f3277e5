"""The activity log, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.values import FieldGroup
from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.documents.values import value_words

if TYPE_CHECKING:
    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.values import CalendarRow


def activity_document(
    entry: Activity, *, zone: str, undone: set[str], calendars: Mapping[str, CalendarRow]
) -> dict[str, Any]:
    """Give **Activity**."""
    return {
        "id": entry.id,
        "at": instant(entry.at, zone),
        "kind": entry.kind,
        "actor": entry.actor,
        "what": sentence(entry, calendars),
        "session": entry.session,
        "calendar": entry.calendar,
        "field_group": entry.field_group,
        "before": entry.before,
        "after": entry.after,
        "lost_value": entry.lost_value,
        "undoable": entry.kind in UNDOABLE and entry.id not in undone,
        "undo_of": entry.undo_of,
        "cause": entry.cause,
    }


def sentence(entry: Activity, calendars: Mapping[str, CalendarRow]) -> str:
    """Say what was done, in one sentence."""
    title = f"“{entry.facts.get('title', '')}”"
    back = " (taken back)" if entry.undo_of else ""
    who = _who(entry, calendars)
    match entry.kind:
        case "session.added":
            return f"{who} added {title}, {value_words(FieldGroup.WHEN, entry.after)}{back}."
        case "session.cancelled":
            if entry.undo_of:
                return f"{who} took {title} out again."
            return f"{who} cancelled {title}."
        case "session.changed":
            return f"{who} changed {title}: {_change(entry)}{back}."
        case "version.lost":
            return f"Two versions of {title}: {_change(entry)}. The first one lost and can be brought back."
        case "conflict.kept":
            return f"{who} kept both {title} and “{entry.facts.get('other', '')}”: {entry.after}."
        case "conflict.marked_free":
            return f"{who} marked “{entry.facts.get('other', '')}” as free beside {title}."
        case _:
            return _plain(entry, who)


def _plain(entry: Activity, who: str) -> str:
    facts = entry.facts
    match entry.kind:
        case "undo":
            return f"{who} took a decision about “{facts.get('title', '')}” back."
        case "meeting.created":
            return f"Made the meeting of “{facts['title']}” at {facts['account']}."
        case "meeting.moved":
            return f"Moved the meeting of “{facts['title']}”; its link stays."
        case "meeting.deleted":
            return f"Removed the meeting of “{facts['title']}”."
        case "account.connected":
            return f"{who} connected {facts['account']}."
        case "account.disconnected":
            return f"{who} disconnected {facts['account']}; no session was touched."
        case "calendar.role":
            return f"{who} said what “{facts['calendar']}” is for."
        case "calendar.all_day":
            said = "take your time" if entry.after == "blocks" else "leave you free"
            return f"{who} said that whole days in “{facts['calendar']}” {said}."
        case _:
            return f"{who}: {entry.kind}."


def _who(entry: Activity, calendars: Mapping[str, CalendarRow]) -> str:
    calendar = calendars.get(entry.calendar or "")
    if calendar is not None and entry.kind not in ("calendar.role", "calendar.all_day"):
        place = "the platform" if calendar.is_platform else f"“{calendar.name}”"
        return f"Somebody in {place}" if entry.actor in ("", calendar.name) else f"{entry.actor} in {place}"
    return (entry.actor or "Somebody").capitalize() if entry.actor == "you" else entry.actor or "Somebody"


def _change(entry: Activity) -> str:
    group = FieldGroup(entry.field_group) if entry.field_group else FieldGroup.TITLE
    return f"{group.value} from {value_words(group, entry.before)} to {value_words(group, entry.after)}"
