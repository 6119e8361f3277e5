"""The activity log, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.values import FieldGroup
from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.documents.values import group_words, value_words

if TYPE_CHECKING:
    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.values import CalendarRow

_LONGEST = 80
_CHANGED_ANY = "changed the {group} of {title}"
_CHANGED = {FieldGroup.WHEN: "moved {title}", FieldGroup.CHARGEABLE: "changed whether {title} is charged"}


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
    who = _who(entry, calendars)
    match entry.kind:
        case "session.added":
            done = f"brought {title} back" if entry.undo_of else f"added {title}"
            return f"{who} {done}, {value_words(FieldGroup.WHEN, entry.after)}."
        case "session.adopted":
            when = value_words(FieldGroup.WHEN, entry.after)
            return f"{who} made a session of the event {title} in “{entry.facts['calendar']}”, {when}."
        case "session.cancelled":
            if entry.undo_of:
                return f"{who} took {title} out again."
            return f"{who} cancelled {title}."
        case "session.changed":
            return f"{who} {_change(entry, title)}."
        case "version.lost":
            return f"The {group_words(_group(entry))} of {title} was changed in two places: {_lost(entry)}."
        case "conflict.kept":
            return f"{who} kept both {title} and “{entry.facts.get('other', '')}”: {entry.after}."
        case "conflict.marked_free":
            return f"{who} marked “{entry.facts.get('other', '')}” as free beside {title}."
        case "session.recovered":
            when = value_words(FieldGroup.WHEN, entry.after)
            return f"Took {title}, {when}, over from the event in the calendar: nothing else knew of it any more."
        case _:
            return _plain(entry, who)


def _plain(entry: Activity, who: str) -> str:
    facts = entry.facts
    match entry.kind:
        case "undo":
            return f"{who} took a decision about “{facts.get('title', '')}” back."
        case "series.ended":
            until = value_words(FieldGroup.WHEN, entry.after)
            return (
                f"{who} made {facts['count']} sessions of the series “{facts['title']}”, until {until}; it ends there."
            )
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
        case "block.put_back":
            return f"Put the block of “{facts['title']}” back in “{facts['calendar']}”: somebody had changed it there."
        case "store.restored":
            return f"This profile came from a backup: everything was read afresh{_left_alone(facts)}."
        case _:
            return f"{who}: {entry.kind}."


def _who(entry: Activity, calendars: Mapping[str, CalendarRow]) -> str:
    calendar = calendars.get(entry.calendar or "")
    if calendar is not None and entry.kind not in ("calendar.role", "calendar.all_day"):
        place = "the platform" if calendar.is_platform else f"“{calendar.name}”"
        return f"Somebody in {place}" if entry.actor in ("", calendar.name) else f"{entry.actor} in {place}"
    return (entry.actor or "Somebody").capitalize() if entry.actor == "you" else entry.actor or "Somebody"


def _left_alone(facts: Mapping[str, Any]) -> str:
    many = facts["left_alone"]
    return f", and {many} {'event' if many == 1 else 'events'} left as found" if many else ""


def _change(entry: Activity, title: str) -> str:
    group = _group(entry)
    done = _CHANGED.get(group, _CHANGED_ANY).format(title=title, group=group_words(group))
    return f"{done}{' back' if entry.undo_of else ''} {_from_to(entry)}"


def _from_to(entry: Activity) -> str:
    before, after = _both(entry)
    return f"from {before} to {after}"


def _lost(entry: Activity) -> str:
    before, after = _both(entry)
    return f"{after} stands, and {before} can be brought back"


def _both(entry: Activity) -> tuple[str, str]:
    group = _group(entry)
    return _short(value_words(group, entry.before)), _short(value_words(group, entry.after))


def _group(entry: Activity) -> FieldGroup:
    return FieldGroup(entry.field_group) if entry.field_group else FieldGroup.TITLE


def _short(words: str) -> str:
    """Notes may be pages: the log tells them from each other, the entry keeps them whole."""
    return words if len(words) <= _LONGEST else words[: _LONGEST - 2].rstrip() + "…”"
