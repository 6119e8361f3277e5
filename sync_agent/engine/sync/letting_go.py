"""Leaving an event to itself: its link is closed for good, and it takes the tutor's time like any appointment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import is_event_uid, uuid7
from sync_agent.engine.sync.moves import look_if_unread
from sync_agent.engine.values import GIVEN_UP, LET_GO, MOVED_ON, Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import CalendarObject
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.values import CalendarRow


def moved_on(store: Store, connection: Connection, link: Link, *, to: str, obj: str, now: datetime) -> None:
    """Let a link follow its event into another calendar for good: where it was no other one is made."""
    left = uuid7(now)
    # Its UID is the event's no longer: if the event comes back here, it is the same link that follows it.
    store.links.insert(connection, replace(link, id=left, uid=left, state=LinkState.CLOSED, obj=None))
    store.links.set(connection, left, closed_why=MOVED_ON)
    store.links.set(connection, link.id, state=LinkState.LIVE, calendar=to, obj=obj)
    for row in store.mirror.by_ids(connection, [obj]).values():
        look_if_unread(store, connection, row)


def let_go(store: Store, connection: Connection, link: Link) -> None:
    """Close a link for good. Its event is read once more, as a foreign one; it is never written again."""
    _left_alone(store, connection, link, LET_GO)


def given_up(store: Store, connection: Connection, link: Link) -> None:
    """Close the link of an event that was adopted. It is its owner's; a session that still lives is planned anew."""
    _left_alone(store, connection, link, GIVEN_UP)
    store.sessions.unsettle(connection, [link.session])


def give_up_again(
    store: Store, connection: Connection, calendar: CalendarRow, objects: Sequence[CalendarObject]
) -> None:
    """Hold those events once more that were given up and bear our marker again: what was sent before came late.

    Called before they are stored. Not where their session has another event there by now.
    """
    marked = {
        item.uid: item.events[0].marker.session
        for item in objects
        if item.events and item.events[0].marker is not None and not is_event_uid(item.uid)
    }
    if not marked:
        return
    links = store.links.of_sessions(connection, set(marked.values()), closed=True)
    held = store.links.by_uids(connection, calendar.id, marked)
    for uid, session in marked.items():
        mine = [row.link for row in links.get(session, ()) if row.link.calendar == calendar.id]
        last = max(mine, key=lambda one: one.incarnation, default=None)
        if last is None or last.obj is None or (last.uid, last.closed_why) != (uid, GIVEN_UP) or uid in held:
            continue
        if all(one.state is LinkState.CLOSED for one in mine):
            store.links.set(connection, last.id, state=LinkState.CLOSING)
            store.sessions.unsettle(connection, [session])


def _left_alone(store: Store, connection: Connection, link: Link, why: str) -> None:
    store.links.set(connection, link.id, state=LinkState.CLOSED, closed_why=why)
    rows = store.mirror.by_ids(connection, [] if link.obj is None else [link.obj])
    for row in rows.values():
        store.mirror.mark_refetch(connection, row.calendar, [row.key])
