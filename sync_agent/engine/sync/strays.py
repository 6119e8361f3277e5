"""Blocks that somebody moved into another calendar: they are taken out there, the block itself is made anew.

A block has no say, so nothing follows it. Left alone, its event would go on telling others “Busy” at an hour that the
session may have left long ago.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.sync.moves import look_if_unread
from sync_agent.engine.values import CalendarRow, Link, LinkState, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


def take_out_moved_blocks(
    store: Store,
    connection: Connection,
    links: Mapping[str, Sequence[LinkRow]],
    rows: Mapping[str, MirrorRow],
    calendars: Mapping[str, CalendarRow],
    *,
    complete: frozenset[str],
    now: datetime,
) -> bool:
    """Give moved blocks a link that is about to end, so that they are removed. Gives whether there were any.

    Where the session has another event of its own in that calendar it cannot have a second link, and the block stays.

    Args:
        store: of the links.
        connection: the unit of work.
        links: by session; those that another device looks after are left out.
        rows: their objects.
        calendars: all.
        complete: accounts of which all calendars were read; only there an absence says anything.
        now: this instant.
    """
    found = False
    if not any(one.role is Role.BLOCK for one in calendars.values()):
        return found
    for session, all_of_it in links.items():
        for row in all_of_it:
            calendar, obj = calendars[row.link.calendar], rows.get(row.link.obj or "")
            if calendar.role is not Role.BLOCK or calendar.account not in complete:
                continue
            if row.link.state is not LinkState.LIVE or obj is None or obj.gone_at is None:
                continue
            arrived = store.mirror.same_elsewhere(connection, calendar.account, row.link.uid, session)
            if arrived is None or arrived.calendar in {one.link.calendar for one in all_of_it}:
                continue
            stray = Link(uuid7(now), session, arrived.calendar, 0, arrived.uid, LinkState.CLOSING, arrived.id)
            store.links.insert(connection, stray)
            look_if_unread(store, connection, arrived)
            found = True
    return found
