"""The mark that each start leaves in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.starts import StartMark
from sync_agent.engine.store.facts import FACT, KEPT_FACT

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_START = "start"


class StartStore:
    """One mark a store, whoever owns its rows."""

    def get(self, connection: Connection) -> StartMark | None:
        """Give the mark of the last start, None if there was none."""
        found = FACT.rows(connection, {"b_name": _START})
        if not found:
            return None
        counter, nonce, before = found[0][0].split(" ")
        return StartMark(int(counter), nonce, before)

    def put(self, connection: Connection, mark: StartMark) -> None:
        """Leave the mark of the start that begins."""
        KEPT_FACT.run(connection, [{"name": _START, "value": f"{mark.counter} {mark.nonce} {mark.before}"}])
