"""Which remote calendars this store has taken over, and under which epoch of their lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import lease

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.engine import Connection

_PLANNED = Asked(
    update(lease)
    .where(lease.c.owner == bindparam("b_owner"), lease.c.remote_calendar_key.in_(bindparam("b_keys")))
    .values(is_planned=bindparam("b_is_planned"))
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A remote calendar whose bases this store holds.

    Attributes:
        epoch: of the lease under which they are true.
        at: nothing may be planned there before it was read since.
        is_planned: every session was planned there since this device may plan for it (again).
    """

    epoch: int
    at: datetime
    is_planned: bool = False


class LeaseStore:
    """What one owner took over."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        # Asked with every pass of a laptop that has a platform, so made once.
        columns = (lease.c.remote_calendar_key, lease.c.epoch, lease.c.taken_at, lease.c.is_planned)
        self._all = Asked(select(*columns).where(lease.c.owner == owner))

    def taken(self, connection: Connection) -> dict[str, Taken]:
        """Give all by key."""
        return {key: Taken(epoch, at, is_planned) for key, epoch, at, is_planned in self._all.rows(connection, {})}

    def take(self, connection: Connection, key: str, new: Taken) -> None:
        """Note that the bases of a calendar were taken over."""
        changed = connection.execute(
            update(lease)
            .where(lease.c.owner == self._owner, lease.c.remote_calendar_key == key)
            .values(epoch=new.epoch, taken_at=new.at, is_planned=new.is_planned)
        )
        if changed.rowcount == 0:
            connection.execute(
                insert(lease).values(
                    owner=self._owner,
                    remote_calendar_key=key,
                    epoch=new.epoch,
                    taken_at=new.at,
                    is_planned=new.is_planned,
                )
            )

    def set_planned(self, connection: Connection, keys: Collection[str], *, is_planned: bool) -> None:
        """Note of some calendars whether every session was planned there since this device may plan for them."""
        for part in in_chunks(keys):
            _PLANNED.do(connection, {"b_owner": self._owner, "b_keys": part, "b_is_planned": is_planned})

    def forget(self, connection: Connection) -> None:
        """Forget all: what this store holds may be older than what others did since."""
        connection.execute(delete(lease).where(lease.c.owner == self._owner))
