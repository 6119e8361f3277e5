"""Notes, or a place, that are not there when what we wrote is read back, and no ETag tells who took them out.

A person may have, in that moment; or the server keeps none, and then nobody touched them: taken for an edit, what was
typed in the app would be gone on every side. In a calendar that was seen to keep such texts it was a person. Otherwise
they are written once more, and the emptiness is kept as a version that lost; what is gone again then, its server drops.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sync_agent.engine.sync.link_now import seen_between
from sync_agent.engine.sync.merge import Lost
from sync_agent.engine.sync.plan import LostVersion
from sync_agent.engine.sync.telling import lost_entry
from sync_agent.engine.values import Base, FieldGroup

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.values import CalendarRow, Session


def was_emptied(group: FieldGroup, written: str, said: str) -> bool:
    """Whether there is nothing where we wrote something (hub values)."""
    return _is_empty(group, said) and not _is_empty(group, written)


def base_of_emptied(before: Base | None, written: str, words: str) -> Base:
    """Give the base of what was emptied: the first time it is to be written again, the second time it is agreed."""
    lost = Base(hub=None, side=words)
    return Base(hub=written, side=words) if before == lost else lost


def keep_emptiness(
    store: Store,
    connection: Connection,
    calendar: CalendarRow,
    row: LinkRow,
    session: Session,
    group: FieldGroup,
    said: str,
    *,
    since: datetime,
    now: datetime,
) -> None:
    """Keep what is said there as a version that lost: had a person taken the text out, one key does it again."""
    version = LostVersion(group, Lost(row.link.id, said, seen_between(calendar.id, since, now)))
    store.activity.add(connection, lost_entry(session, session, version, {calendar.id: calendar}, now))


def _is_empty(group: FieldGroup, value: str) -> bool:
    match group:
        case FieldGroup.NOTES:
            return not value
        case FieldGroup.WHERE:
            return not json.loads(value)["place"]
        case _:
            return False
