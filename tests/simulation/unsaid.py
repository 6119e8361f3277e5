"""Edits that do not speak against whoever ends a session: they went with their event."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import FieldGroup
from tests.simulation.ledger import Edit, Ending, token_in


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
