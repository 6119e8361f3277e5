"""I1, from the other end: the log calls lost only what somebody lost."""

from __future__ import annotations

from collections.abc import Iterator

from sync_agent.engine.values import FieldGroup
from tests.simulation.invariants import Rest
from tests.simulation.ledger import GROUPS, token_in

_GROUPS = frozenset(group.value for group in GROUPS)


def nothing_is_called_lost_in_vain(rest: Rest) -> Iterator[str]:
    """Give versions that the log shows as lost, though what won was typed where they showed: nobody lost anything.

    Where a store went, what showed where is known to nobody: there the log may say so in vain.
    """
    if rest.stage.ledger.was_replaced:
        return
    for session, entries in rest.log.items():
        edits = rest.stage.ledger.of(session)
        for entry in entries:
            if entry.kind != "version.lost" or entry.lost_value is None or entry.field_group not in _GROUPS:
                continue
            group = FieldGroup(entry.field_group)
            lost, won = token_in(group, entry.lost_value), token_in(group, entry.after or "")
            typed = {
                token: [one for one in edits if one.group is group and one.token == token] for token in (lost, won)
            }
            if any(len(found) != 1 for found in typed.values()) or (session, group, lost) in rest.stage.ledger.excused:
                continue
            if typed[won][0].saw == lost and typed[won][0].place not in rest.stage.ledger.over_unknown:
                yield f"I1: {group.value} {lost} of {session[-4:]} is called lost, and {won} was typed where it showed"
