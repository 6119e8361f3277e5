"""Making a link ready to be filled again: the next incarnation, nothing agreed, what was foreign in it kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.values import Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.store import Store

SHOWN_AFTER = timedelta(minutes=15)
"""No server was seen to show a new object later than this: what holds its name then is a tombstone, or was removed."""


def renew(store: Store, connection: Connection, link: Link, naming: Naming) -> None:
    """Let a link's event be made anew, under another UID: a tombstone or something foreign may hold the old one.

    Alarms, attendees and colours of the event as it last was come back with it.
    """
    template = store.mirror.single_body(connection, link.obj) if link.obj is not None else None
    incarnation = store.links.last_incarnation(connection, link.session, link.calendar) + 1
    uid = naming.uid(link.session, link.calendar, incarnation)
    store.links.drop_bases(connection, link.id)
    store.links.set(
        connection, link.id, state=LinkState.WANT, obj=None, incarnation=incarnation, uid=uid, template=template
    )
