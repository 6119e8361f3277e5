"""Tying a link to an object that was found: after a lost answer, a lost store, or a late arrival.

The marker tells what was untouched since we wrote it (a hash of each group), so that only what a person changed counts
as an edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync_agent.engine.store.links import BaseRow
from sync_agent.engine.sync.spell import shape_of, short_hash, values_of, words_of
from sync_agent.engine.values import CALENDAR_GROUPS, Base, Link, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import CalendarObject
    from sync_agent.engine.store.store import Store


def attach(store: Store, connection: Connection, found: Sequence[tuple[Link, CalendarObject, str]]) -> None:
    """Tie links to objects, and take as agreed what nobody touched since we wrote it.

    Args:
        store: of the links.
        connection: the unit of work.
        found: each link with its object and that object's id in the mirror.
    """
    if not found:
        return
    sessions = store.sessions.many(connection, [link.session for link, _, _ in found])
    own_links = store.meetings.links_ever_of(connection, sessions)
    store.links.tie(connection, [(link.id, obj_id) for link, _, obj_id in found])
    bases: list[BaseRow] = []
    for link, item, _ in found:
        session = sessions.get(link.session)
        if session is not None:
            bases += _untouched(link, item, session, own_links.get(session.id, frozenset()))
    store.links.set_bases(connection, bases)


def _untouched(link: Link, item: CalendarObject, session: Session, own_links: frozenset[str]) -> list[BaseRow]:
    marker = item.events[0].marker if item.events else None
    if marker is None or shape_of(item.events) != "single":
        return []
    event, hashes = item.events[0], dict(marker.hashes)
    words, values = words_of(event), values_of(event, session, own_links=own_links)
    return [
        BaseRow(link.id, group, Base(hub=values[group], side=words[group]), etag=item.etag)
        for group in CALENDAR_GROUPS
        if hashes.get(group.value) == short_hash(values[group])
    ]
