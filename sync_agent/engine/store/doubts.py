"""What was not understood of the objects that were read. A doubt goes when its object is read again without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, select

from sync_agent.engine.busy.doubts import Doubted
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import calendar, doubt

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping

    from connectors.vocabulary.events import Doubt


_NEW = new_rows(doubt)
_KEYS = Asked(select(doubt.c.href_norm).where(doubt.c.calendar == bindparam("b_calendar")))
_DROPPED = Asked(
    delete(doubt).where(doubt.c.calendar == bindparam("b_calendar"), doubt.c.href_norm.in_(bindparam("b_keys")))
)


class DoubtStore:
    """All doubts of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def replace(
        self, connection: Connection, calendar_id: str, keys: Iterable[str], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Store the doubts of some objects (`doubt_rows`) in place of what they had."""
        for part in in_chunks(keys):
            _DROPPED.do(connection, {"b_calendar": calendar_id, "b_keys": part})
        _NEW.run(connection, [{"owner": self._owner, "calendar": calendar_id, **row} for row in rows])

    def keep_only(self, connection: Connection, calendar_id: str, listed: frozenset[str]) -> None:
        """Forget the doubts of objects that a whole listing does not name: they may never have been in the mirror."""
        keys = {row[0] for row in _KEYS.rows(connection, {"b_calendar": calendar_id})}
        self.replace(connection, calendar_id, keys - listed, [])

    def drop_calendar(self, connection: Connection, calendar_id: str) -> None:
        """Forget all doubts of a calendar (it is ignored from now on)."""
        connection.execute(delete(doubt).where(doubt.c.calendar == calendar_id))

    def all(self, connection: Connection) -> list[Doubted]:
        """Give every doubt, also of events that are long over (see `mattering`)."""
        rows = connection.execute(
            select(doubt, calendar.c.name.label("calendar_name"))
            .join(calendar, calendar.c.id == doubt.c.calendar)
            .where(doubt.c.owner == self._owner)
            .order_by(doubt.c.calendar, doubt.c.href_norm, doubt.c.code)
        ).mappings()
        return [_doubted(row) for row in rows]


def doubt_rows(key: str, doubts: Sequence[Doubt], *, now: datetime) -> list[dict[str, Any]]:
    """Give the rows of an object's doubts: one for each kind, the first of it with its title and date."""
    rows: dict[str, dict[str, Any]] = {}
    for one in doubts:
        facts = {"reason": one.reason, "repeats": one.repeats, "more": 0}
        row = {"href_norm": key, "code": str(one.code), "title": one.title, "starts": one.starts, "facts": facts}
        if str(one.code) in rows:
            rows[str(one.code)]["facts"]["more"] += 1
        else:
            rows[str(one.code)] = {**row, "seen_at": now}
    return list(rows.values())


def _doubted(row: RowMapping) -> Doubted:
    facts = row["facts"]
    return Doubted(
        calendar=row["calendar"],
        calendar_name=row["calendar_name"],
        key=row["href_norm"],
        code=row["code"],
        title=row["title"],
        starts=row["starts"],
        reason=facts.get("reason", ""),
        repeats=facts.get("repeats", False),
        more=facts.get("more", 0),
        seen_at=row["seen_at"],
    )
