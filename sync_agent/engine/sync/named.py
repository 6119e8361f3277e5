"""Events of ours that nothing but their name tells: the store was lost, and their server drops markers.

A name is made of what is about the event (`naming`), so that nobody has to remember it: what bears one that we would
give is ours, and is not made once more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


def named_here(
    store: Store, connection: Connection, places: Collection[tuple[str, str]], naming: Naming
) -> dict[tuple[str, str], tuple[int, MirrorRow]]:
    """Give the event that bears a session's name, with its incarnation, by session and calendar.

    Of several the last that a session can be; no platform has such names, and what was called off is no event.

    Args:
        store: of the mirror.
        connection: the unit of work.
        places: sessions and calendars where this store never knew of an event.
        naming: how events are called.
    """
    names: dict[str, dict[str, tuple[str, int]]] = {}
    # Mostly sessions are mirrored first where nothing is yet, and to name an event takes long, thousands of times.
    empty = {one for one in {place[1] for place in places} if store.mirror.is_empty(connection, one)}
    for session, calendar in places:
        if calendar in empty:
            continue
        mine = naming.later(session, calendar, -1)
        names.setdefault(calendar, {}).update({uid: (session, incarnation) for uid, incarnation in mine.items()})
    found: dict[tuple[str, str], tuple[int, MirrorRow]] = {}
    for calendar, uids in names.items():
        rows = unheld(store, connection, calendar, uids).values()
        for row in sorted(rows, key=lambda row: (row.shape == "single", uids[row.uid][1])):
            session, incarnation = uids[row.uid]
            found[session, calendar] = incarnation, row
    return found


def unheld(store: Store, connection: Connection, calendar: str, uids: Iterable[str]) -> dict[str, MirrorRow]:
    """Give by UID the events of a calendar that bear these names and that no link holds."""
    rows = store.mirror.by_uids(connection, calendar, uids)
    held = store.links.sessions_of_objects(connection, [row.id for row in rows.values()])
    return {uid: row for uid, row in rows.items() if row.id not in held and row.shape != "cancelled"}
