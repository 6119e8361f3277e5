"""Links of events that are still to be made: each gets its name, and what was foreign in the event before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.sync.named import named_here
from sync_agent.engine.values import CalendarRow, Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.store import Store


def want(
    store: Store,
    connection: Connection,
    wanted: Sequence[tuple[str, str]],
    calendars: Mapping[str, CalendarRow],
    *,
    naming: Naming,
    now: datetime,
) -> None:
    """Store the links that some sessions are to have in some calendars, all at once.

    Where this store never had one, and an event bears a name of ours all the same, that one is wanted.

    Args:
        store: of the links.
        connection: the unit of work.
        wanted: session and calendar of each.
        calendars: all.
        naming: how events are called.
        now: this instant.
    """
    if not wanted:
        return
    links = store.links
    last = links.last_incarnations(connection, {session for session, _ in wanted})
    unknown = [one for one in wanted if one not in last and not calendars[one[1]].is_platform]
    there = named_here(store, connection, unknown, naming)
    new: list[tuple[Link, str | None]] = []
    for session, calendar in wanted:
        incarnation = last.get((session, calendar), -1) + 1
        if (session, calendar) in there:
            incarnation = there[session, calendar][0]
        uid = session
        if not calendars[calendar].is_platform:
            uid = naming.uid(session, calendar, incarnation)
        template = links.last_object(connection, session, calendar) if incarnation else None
        new.append((Link(uuid7(now), session, calendar, incarnation, uid, LinkState.WANT), template))
    links.insert_many(connection, new)
