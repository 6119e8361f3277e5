"""What the store knows about its own making: by which zone rules its instants were derived, in which home zone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import kept_rows
from sync_agent.engine.store.tables import store_fact

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

FACT = Asked(select(store_fact.c.value).where(store_fact.c.name == bindparam("b_name")))
KEPT_FACT = kept_rows(store_fact, "name")

TZDATA = "tzdata"
"""Name of a fact: the version of the tz database that stored instants were derived with."""

HOME_ZONE = "home_zone"
"""Name of a fact: the zone in which whole days and floating times were read."""

OLD_AT_HOST = "old at host "
"""Name of a fact, with an account's id: this store was once older than what was made at that host."""


class FactStore:
    """Short texts by name, one of each a store."""

    def get(self, connection: Connection, name: str) -> str | None:
        """Give a fact, None if nobody noted it."""
        found = FACT.rows(connection, {"b_name": name})
        return str(found[0][0]) if found else None

    def put(self, connection: Connection, name: str, value: str) -> None:
        """Note a fact in place of what it was."""
        KEPT_FACT.run(connection, [{"name": name, "value": value}])
