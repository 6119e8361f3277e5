"""Events of sessions that are no more, of which this store knows nothing: it was lost, and the session ended meanwhile.

They are given a link and planned like any other: removed, unless somebody edited them who did not know.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.values import CalendarRow, Link, LinkState, Role, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.store import Store


def link_leftovers(
    store: Store,
    connection: Connection,
    sessions: Mapping[str, Session],
    links: Mapping[str, Sequence[LinkRow]],
    calendars: Mapping[str, CalendarRow],
    *,
    left_alone: Container[str],
    now: datetime,
) -> bool:
    """Give such events a link that wants them (`attach.claim` ties it). Gives whether there were any.

    An event of which this store had a link once is its business no more, and what is past stays.

    Args:
        store: of the links.
        connection: the unit of work.
        sessions: that are planned.
        links: theirs, the closed ones, too.
        calendars: all.
        left_alone: calendars that another device looks after, or that were made anew.
        now: this instant.
    """
    ended = {one.id for one in sessions.values() if not one.is_live and not one.is_over(now)}
    if not ended:
        return False
    new: list[tuple[Link, str | None]] = []
    for (calendar, session), row in store.mirror.unlinked_marked(connection, ended).items():
        is_ours = calendars[calendar].role is Role.SESSIONS and calendar not in left_alone
        if is_ours and all(one.link.calendar != calendar for one in links.get(session, ())):
            new.append((Link(uuid7(now), session, calendar, 0, row.uid, LinkState.WANT), None))
    if new:
        store.links.insert_many(connection, new)
    return bool(new)
