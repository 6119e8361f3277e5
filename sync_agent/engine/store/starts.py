"""The mark that each start leaves in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from sync_agent.engine.starts import StartMark
from sync_agent.engine.store.tables import store_fact

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_START = "start"


class StartStore:
    """One mark a store, whoever owns its rows."""

    def get(self, connection: Connection) -> StartMark | None:
        """Give the mark of the last start, None if there was none."""
        text = connection.execute(select(store_fact.c.value).where(store_fact.c.name == _START)).scalar()
        if text is None:
            return None
        counter, nonce, before = text.split(" ")
        return StartMark(int(counter), nonce, before)

    def put(self, connection: Connection, mark: StartMark) -> None:
        """Leave the mark of the start that begins."""
        connection.execute(delete(store_fact).where(store_fact.c.name == _START))
        connection.execute(insert(store_fact).values(name=_START, value=f"{mark.counter} {mark.nonce} {mark.before}"))
