"""Leaving an event to itself: its link is closed for good, and it takes the tutor's time like any appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.values import LET_GO, Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store


def let_go(store: Store, connection: Connection, link: Link) -> None:
    """Close a link for good. Its event is read once more, as a foreign one; it is never written again."""
    store.links.set(connection, link.id, state=LinkState.CLOSED, closed_why=LET_GO)
    rows = store.mirror.by_ids(connection, [] if link.obj is None else [link.obj])
    for row in rows.values():
        store.mirror.mark_refetch(connection, row.calendar, [row.key])
