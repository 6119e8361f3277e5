"""The marker that an event of ours bears once it is written. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.blocking import block_marker
from sync_agent.engine.sync.spell import marker_for, written_with
from sync_agent.engine.values import CALENDAR_GROUPS, Base, CalendarRow, FieldGroup, Role, Session

if TYPE_CHECKING:
    from connectors.vocabulary.events import Marker
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow


def marker_of(
    session: Session,
    row: LinkRow,
    calendar: CalendarRow,
    obj: MirrorRow | None,
    *,
    groups: frozenset[FieldGroup],
    naming: Naming,
) -> Marker:
    """Make the marker that goes with a write.

    Args:
        session: the hub.
        row: the link.
        calendar: where it is written.
        obj: the event as it is there; None: it is made now.
        groups: what is written.
        naming: says how we call ourselves there.
    """
    version = 1 if obj is None else count_of(obj.fields, unread=1) + 1
    is_block = calendar.role is Role.BLOCK
    mark = block_marker if is_block else marker_for
    marker = mark(session, naming=naming, calendar=calendar.id, uid=row.link.uid, version=version)
    if obj is None or is_block:
        return marker
    return as_last_written(marker, session, groups, row.bases, obj.fields.get("hashes", {}))


def count_of(fields: Mapping[str, Any], *, unread: int = 0) -> int:
    """Give the highest count of our writes that an event's marker ever bore, as the mirror keeps it."""
    return int(fields.get("newest", fields.get("version", unread)))


def is_outdated(fields: Mapping[str, Any]) -> bool:
    """Whether an event's marker tells of an earlier write than one that had stood there: a copy of it came late."""
    return 0 < int(fields.get("version", 0)) < count_of(fields)


def as_last_written(
    marker: Marker,
    session: Session,
    groups: frozenset[FieldGroup],
    bases: Mapping[FieldGroup, Base],
    before: Mapping[str, str],
) -> Marker:
    """Let a marker go on saying how a group was last written that is not written now though it differs: it waits.

    Otherwise whatever somebody types there later would seem to be typed over a value that never stood there.

    Args:
        marker: as if all were written.
        session: the hub.
        groups: what is written.
        bases: what was agreed with that event.
        before: the hashes that its marker bears now, by group.
    """
    written = written_with(groups)
    waiting = {
        group.value
        for group in CALENDAR_GROUPS
        if group not in written and group in bases and bases[group].hub != value_of(session, group)
    }
    hashes = ((name, before.get(name, "") if name in waiting else one) for name, one in marker.hashes)
    return replace(marker, hashes=tuple((name, one) for name, one in hashes if one)) if waiting else marker
