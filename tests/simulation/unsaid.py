"""Edits that do not speak against whoever ends a session: taken back, or gone with their event."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import FieldGroup
from tests.simulation.ledger import Edit, Ending, token_in


def was_taken_back(edit: Edit, ending: Ending, edits: Sequence[Edit], known: Collection[int]) -> bool:
    """Whether an edit was taken back to what whoever ended the session knew, or it is that taking back.

    "Plan is pure and level-triggered: a function of hub, base and mirror as they stand, never of deltas": an edit and
    its taking back are none together, also where what was typed in a calendar is taken back in the app.

    Args:
        edit: of the session.
        ending: that does not know of it.
        edits: all of that session.
        known: the numbers of those of which the ending knew.
    """
    mine = [one for one in edits if one.group is edit.group]
    values = {one.token for one in mine if one.number in known}
    back = ending.saw.get(edit.group)
    later = [
        one for one in mine if one.saw == edit.token and one.number > edit.number and one.side in (edit.side, "app")
    ]
    if any(one.token == back or (one.token == edit.saw and one.token in values) for one in later):
        return True
    earlier = (
        one
        for one in mine
        if one.token == edit.saw
        and one.number < edit.number
        and one.number not in known
        and edit.side in (one.side, "app")
    )
    return edit.token in values and any(one.saw == edit.token for one in earlier)


def types_anew(edit: Edit, edits: Sequence[Edit]) -> bool:
    """Whether an edit brought a value back that was typed before."""
    earlier = (one for one in edits if one.group is edit.group and one.number < edit.number)
    return any(one.token == edit.token for one in earlier)


def went_aside(removal: Ending, edits: Sequence[Edit], behind: Collection[int], log: Sequence[Activity]) -> set[int]:
    """Give the edits that nobody had read yet when their event was moved into a calendar that is not for sessions.

    "Moved to another calendar of the account: the link moves along (into one that is not `sessions`: ask)": until the
    tutor answers, it is no session's event, and what was typed before it was moved cannot be told from what was after.

    Args:
        removal: the event was moved.
        edits: all of its session.
        behind: the numbers of those behind what it said then.
        log: of that session: what it names was read.
    """
    read = {
        (entry.field_group, token_in(FieldGroup(entry.field_group), value))
        for entry in log
        for value in (entry.before, entry.after, entry.lost_value)
        if entry.field_group in (FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.WHERE, FieldGroup.WHEN) and value
    }
    return {
        one.number
        for one in edits
        if one.number in behind and one.side == removal.side and (one.group.value, one.token) not in read
    }
