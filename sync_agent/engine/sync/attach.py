"""Tying a link to an object that was found: after a lost answer, a lost store, or a late arrival.

The marker tells what was untouched since we wrote it (a hash of each group), so that only what a person changed counts
as an edit.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.sync.spell import shape_of, short_hash, values_of, words_of
from sync_agent.engine.values import CALENDAR_GROUPS, Base, Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import CalendarObject
    from sync_agent.engine.store.store import Store


def attach(
    store: Store, connection: Connection, link: Link, item: CalendarObject, obj_id: str, *, now: datetime
) -> None:
    """Tie a link to an object, and take as agreed what nobody touched since we wrote it."""
    store.links.set(connection, link.id, obj=obj_id, state=LinkState.LIVE)
    session = store.sessions.get(connection, link.session)
    marker = item.events[0].marker if item.events else None
    if session is None or marker is None or shape_of(item.events) != "single":
        return
    event = item.events[0]
    words = words_of(event)
    values = values_of(event, session, own_links=store.meetings.links_ever(connection, session.id))
    hashes = dict(marker.hashes)
    for group in CALENDAR_GROUPS:
        if hashes.get(group.value) == short_hash(values[group]):
            base = Base(hub=values[group], side=words[group])
            store.links.set_base(connection, link.id, group, base, etag=item.etag)
