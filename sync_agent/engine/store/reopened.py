"""Links of a calendar that takes sessions again before its events were removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import exists, update

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import intent, link, link_base, session
from sync_agent.engine.values import FieldGroup, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection


def reopen(connection: Connection, calendar_id: str, asked: Iterable[str]) -> None:
    """Let the events stay that were to be removed from a calendar.

    Not a block, on which nobody agreed as on a session's event, not where a removal is on its way, and not of a session
    that was ended meanwhile. About what is asked (`asked`: links) is asked still.
    """
    whole = exists().where(link_base.c.link == link.c.id, link_base.c.field_group == FieldGroup.LINK.value)
    on_its_way = exists().where(intent.c.link == link.c.id, intent.c.state.in_(("sent", "unknown")))
    ended = exists().where(session.c.id == link.c.session, session.c.status == SessionStatus.CANCELLED.value)
    mine = link.c.calendar == calendar_id
    connection.execute(
        update(link)
        .where(mine, link.c.state == LinkState.CLOSING.value, whole, ~on_its_way, ~ended)
        .values(state=LinkState.LIVE.value)
    )
    for part in in_chunks(asked):
        connection.execute(
            update(link)
            .where(mine, link.c.id.in_(part), link.c.state == LinkState.LIVE.value)
            .values(state=LinkState.HELD.value)
        )
