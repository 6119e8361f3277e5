"""Events of sessions that are no more, of which this store knows nothing: it was lost, and the session ended meanwhile.

They are given a link and planned like any other: removed, unless somebody edited them who did not know.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.sync.attach import Found, untouched
from sync_agent.engine.sync.moves import open_beside
from sync_agent.engine.sync.named import named_here
from sync_agent.engine.sync.recover import RESTORED
from sync_agent.engine.values import CALENDAR_GROUPS, CalendarRow, Link, LinkState, Role, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


def hold_leftovers(
    store: Store,
    connection: Connection,
    sessions: Mapping[str, Session],
    links: Mapping[str, Sequence[LinkRow]],
    calendars: Mapping[str, CalendarRow],
    *,
    naming: Naming,
    left_alone: Container[str],
    now: datetime,
) -> bool:
    """Hold such events, and those that an old store let go and somebody edited. Gives whether there were any.

    Args:
        store: of the links.
        connection: the unit of work.
        sessions: that are planned.
        links: theirs, the closed ones, too.
        calendars: all.
        naming: how events are called.
        left_alone: calendars that another device looks after, or that were made anew.
        now: this instant.
    """
    has_new = _link(store, connection, sessions, links, calendars, naming=naming, left_alone=left_alone, now=now)
    return _take_up(store, connection, sessions, links, calendars, left_alone=left_alone) or has_new


def _link(
    store: Store,
    connection: Connection,
    sessions: Mapping[str, Session],
    links: Mapping[str, Sequence[LinkRow]],
    calendars: Mapping[str, CalendarRow],
    *,
    naming: Naming,
    left_alone: Container[str],
    now: datetime,
) -> bool:
    """Give events of which this store knows nothing a link that wants them (`attach.claim` ties it).

    An event of which it had a link once is its business no more, and what is past stays.
    """
    ended = {one.id for one in sessions.values() if not one.is_live and not one.is_over(now)}
    if not ended:
        return False
    places = [
        (session, calendar.id)
        for session in sorted(ended)
        for calendar in calendars.values()
        if calendar.role is Role.SESSIONS and calendar.id not in left_alone
        if all(one.link.calendar != calendar.id for one in links.get(session, ()))
    ]
    marked, named = store.mirror.unlinked_marked(connection, ended), named_here(store, connection, places, naming)
    new: list[tuple[Link, str | None]] = []
    for session, place in places:
        incarnation, row = named.get((session, place), (0, None))
        row = marked.get((place, session), row)
        if row is not None:
            new.append((Link(uuid7(now), session, place, incarnation, row.uid, LinkState.WANT), None))
    if new:
        store.links.insert_many(connection, new)
    return bool(new)


def _take_up(
    store: Store,
    connection: Connection,
    sessions: Mapping[str, Session],
    links: Mapping[str, Sequence[LinkRow]],
    calendars: Mapping[str, CalendarRow],
    *,
    left_alone: Container[str],
) -> bool:
    """Hold those events again that an old store let go, and that somebody edited who did not know of the ending.

    Nothing is removed on the strength of such a store (`recover`), but what a person typed is heard as ever: the marker
    tells what is not as one of our engines wrote it.
    """
    ended = {one.id for one in sessions.values() if not one.is_live}
    let_go = [
        row
        for session in ended
        for row in links.get(session, ())
        if row.link.closed_why == RESTORED
        and row.link.state is LinkState.CLOSED
        and row.link.calendar not in left_alone
        and calendars[row.link.calendar].role is Role.SESSIONS
        and open_beside(row, links[session], row.link.calendar) is None
    ]
    if not let_go:
        return False
    rows = store.mirror.by_ids(connection, [row.link.obj for row in let_go if row.link.obj is not None])
    own_links = store.meetings.links_ever_of(connection, ended)
    held = False
    for row in sorted(let_go, key=lambda row: row.link.id):
        obj, session = rows.get(row.link.obj or ""), sessions[row.link.session]
        if obj is None or not _was_edited(row, obj, session, own_links.get(session.id, frozenset())):
            continue
        store.links.set(connection, row.link.id, state=LinkState.LIVE)
        held = True
    return held


def _was_edited(row: LinkRow, obj: MirrorRow, session: Session, own_links: frozenset[str]) -> bool:
    """Whether an event says something that is neither what was agreed nor what one of our engines wrote."""
    if obj.gone_at is not None or obj.refetch or obj.shape != "single" or "groups" not in obj.fields:
        return False  # or it was read while it was nobody's, so without what it says
    found = Found(row.link, obj.id, obj.uid, obj.etag, obj.shape, obj.fields)
    ours = {one.group for one in untouched(found, session, own_links) if one.base.side is not None}
    return any(
        (base := row.bases.get(group)) is not None
        and group not in ours
        and base.side != obj.fields["groups"][group.value][0]
        for group in CALENDAR_GROUPS
    )
