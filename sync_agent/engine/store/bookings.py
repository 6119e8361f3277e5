"""Busy intervals and double bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, insert, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from sync_agent.engine.store.tables import busy, calendar, conflict, free_mark, series_src, session

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class BusyRow:
    """One interval of a foreign event; `recurrence_id` is "" for a single event, `blocks` False if it is free."""

    calendar: str
    calendar_name: str
    uid: str
    recurrence_id: str
    lo: datetime
    hi: datetime
    summary: str
    recurring: bool
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """One double booking: `a` is "session:ID", `b` likewise or "event:CALENDAR:UID:RECURRENCE-ID"."""

    id: str
    a: str
    b: str
    kind: str
    facts: Mapping[str, Any]
    opened: datetime
    closed: datetime | None
    closed_why: str
    kept_times: str | None
    reason: str


class BookingStore:
    """All intervals and double bookings of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        begun = select(literal("session:") + session.c.id).where(
            session.c.owner == owner,
            session.c.starts_at >= bindparam("b_since"),
            session.c.starts_at <= bindparam("b_until"),
        )
        # Asked with every idle pass, so made once.
        self._begun = select(conflict).where(
            conflict.c.owner == owner, conflict.c.closed.is_(None), conflict.c.a.in_(begun.scalar_subquery())
        )

    def replace_busy(
        self, connection: Connection, calendar_id: str, uids: Iterable[str], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Store the intervals of some objects in place of what they had."""
        wanted = list(dict.fromkeys(uids))
        for start in range(0, len(wanted), 500):
            connection.execute(
                delete(busy).where(busy.c.calendar == calendar_id, busy.c.uid.in_(wanted[start : start + 500]))
            )
        if rows:
            connection.execute(insert(busy), [{"owner": self._owner, "calendar": calendar_id, **row} for row in rows])

    def busy_of(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> list[tuple[datetime, datetime]]:
        """Give the intervals that some objects have now."""
        wanted = list(dict.fromkeys(uids))
        found: list[tuple[datetime, datetime]] = []
        for start in range(0, len(wanted), 500):
            rows = connection.execute(
                select(busy.c.lo, busy.c.hi).where(
                    busy.c.calendar == calendar_id, busy.c.uid.in_(wanted[start : start + 500])
                )
            )
            found += [(row.lo, row.hi) for row in rows]
        return found

    def busy_in(self, connection: Connection, calendar_id: str) -> list[tuple[datetime, datetime]]:
        """Give all opaque intervals of a calendar."""
        rows = connection.execute(
            select(busy.c.lo, busy.c.hi).where(busy.c.calendar == calendar_id, busy.c.opaque.is_(True))
        )
        return [(row.lo, row.hi) for row in rows]

    def drop_calendar(self, connection: Connection, calendar_id: str) -> None:
        """Forget all intervals of a calendar (it is ignored from now on)."""
        connection.execute(delete(busy).where(busy.c.calendar == calendar_id))
        connection.execute(delete(series_src).where(series_src.c.calendar == calendar_id))

    def store_series(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep the events of series, to expand them further when the window moves."""
        if not rows:
            return
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        new = dialect.insert(series_src)
        kept = {name: new.excluded[name] for name in ("text_hash", "events", "expanded_to")}
        connection.execute(
            new.on_conflict_do_update(index_elements=["calendar", "uid"], set_=kept), [dict(row) for row in rows]
        )

    def drop_series(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> None:
        """Forget series that are gone or are none any more."""
        wanted = list(dict.fromkeys(uids))
        for start in range(0, len(wanted), 500):
            connection.execute(
                delete(series_src).where(
                    series_src.c.calendar == calendar_id, series_src.c.uid.in_(wanted[start : start + 500])
                )
            )

    def series_to_expand(self, connection: Connection, until: datetime, limit: int = 200) -> list[RowMapping]:
        """Give the series whose expansion ends before an instant."""
        return list(
            connection.execute(select(series_src).where(series_src.c.expanded_to < until).limit(limit)).mappings()
        )

    def touching(self, connection: Connection, lo: datetime, hi: datetime, *, opaque: bool = True) -> list[BusyRow]:
        """Give the intervals that overlap the half-open [lo, hi), by start, without those marked as free."""
        query = (
            select(busy, calendar.c.name.label("calendar_name"))
            .join(calendar, calendar.c.id == busy.c.calendar)
            .outerjoin(free_mark, _marked_free())
            .where(
                busy.c.owner == self._owner,
                busy.c.lo < hi,
                busy.c.hi > lo,
                free_mark.c.uid.is_(None),
            )
            .order_by(busy.c.lo, busy.c.uid)
        )
        if opaque:
            query = query.where(busy.c.opaque.is_(True))
        return [_busy(row, blocks=row["opaque"]) for row in connection.execute(query).mappings()]

    def busy_at(self, connection: Connection, calendar_id: str, uid: str, recurrence_id: str) -> list[BusyRow]:
        """Give one occurrence of a foreign event as it is now, blocking or not; nothing if it is gone."""
        row = (
            connection.execute(
                select(busy, calendar.c.name.label("calendar_name"), free_mark.c.made_at)
                .join(calendar, calendar.c.id == busy.c.calendar)
                .outerjoin(free_mark, _marked_free())
                .where(busy.c.calendar == calendar_id, busy.c.uid == uid, busy.c.recurrence_id == recurrence_id)
            )
            .mappings()
            .first()
        )
        return [] if row is None else [_busy(row, blocks=row["opaque"] and row["made_at"] is None)]

    def mark_free(
        self, connection: Connection, calendar_id: str, uid: str, recurrence_id: str, *, at: datetime
    ) -> None:
        """Note that the tutor said: this event does not block."""
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        connection.execute(
            dialect.insert(free_mark)
            .values(owner=self._owner, calendar=calendar_id, uid=uid, recurrence_id=recurrence_id, made_at=at)
            .on_conflict_do_nothing()
        )

    def unmark_free(self, connection: Connection, calendar_id: str, uid: str, recurrence_id: str) -> None:
        """Take that back."""
        connection.execute(
            delete(free_mark).where(
                free_mark.c.calendar == calendar_id,
                free_mark.c.uid == uid,
                free_mark.c.recurrence_id == recurrence_id,
            )
        )

    def conflicts(self, connection: Connection, *, only_open: bool = True, limit: int = 500) -> list[ConflictRow]:
        """Give double bookings, newest first; those that the tutor keeps are closed."""
        query = select(conflict).where(conflict.c.owner == self._owner)
        if only_open:
            query = query.where(conflict.c.closed.is_(None))
        rows = connection.execute(query.order_by(conflict.c.opened.desc(), conflict.c.id).limit(limit)).mappings()
        return [_conflict(row) for row in rows]

    def conflicts_begun(self, connection: Connection, since: datetime, until: datetime) -> list[ConflictRow]:
        """Give the open double bookings of sessions that start between two instants: only they can be over."""
        rows = connection.execute(self._begun, {"b_since": since, "b_until": until}).mappings()
        return [_conflict(row) for row in rows]

    def conflict(self, connection: Connection, conflict_id: str) -> ConflictRow | None:
        """Give one, or None."""
        row = connection.execute(select(conflict).where(conflict.c.id == conflict_id)).mappings().first()
        return None if row is None else _conflict(row)

    def conflicts_of(self, connection: Connection, key: str) -> list[ConflictRow]:
        """Give the open double bookings of one side."""
        rows = connection.execute(
            select(conflict).where(
                conflict.c.owner == self._owner,
                conflict.c.closed.is_(None),
                or_(conflict.c.a == key, conflict.c.b == key),
            )
        ).mappings()
        return [_conflict(row) for row in rows]

    def kept(self, connection: Connection, a: str, b: str) -> ConflictRow | None:
        """Give the last double booking of this pair that the tutor decided to keep, or None."""
        row = (
            connection.execute(
                select(conflict)
                .where(
                    conflict.c.owner == self._owner,
                    conflict.c.a == a,
                    conflict.c.b == b,
                    conflict.c.kept_times.is_not(None),
                )
                .order_by(conflict.c.closed.desc())
                .limit(1)
            )
            .mappings()
            .first()
        )
        return None if row is None else _conflict(row)

    def open_conflict(self, connection: Connection, new: ConflictRow) -> None:
        """Store a new double booking."""
        connection.execute(
            insert(conflict).values(
                owner=self._owner, id=new.id, a=new.a, b=new.b, kind=new.kind, facts=dict(new.facts), opened=new.opened
            )
        )

    def set_conflict(self, connection: Connection, conflict_id: str, **values: Any) -> None:
        """Set columns: facts, closed, closed_why, kept_times, reason."""
        connection.execute(update(conflict).where(conflict.c.id == conflict_id).values(**values))


def _marked_free() -> ColumnElement[bool]:
    return and_(
        free_mark.c.calendar == busy.c.calendar,
        free_mark.c.uid == busy.c.uid,
        or_(free_mark.c.recurrence_id == busy.c.recurrence_id, free_mark.c.recurrence_id == "*"),
    )


def _busy(row: RowMapping, *, blocks: bool) -> BusyRow:
    return BusyRow(
        calendar=row["calendar"],
        calendar_name=row["calendar_name"],
        uid=row["uid"],
        recurrence_id=row["recurrence_id"],
        lo=row["lo"],
        hi=row["hi"],
        summary=row["summary"],
        recurring=row["recurring"],
        blocks=blocks,
    )


def _conflict(row: RowMapping) -> ConflictRow:
    return ConflictRow(
        id=row["id"],
        a=row["a"],
        b=row["b"],
        kind=row["kind"],
        facts=row["facts"],
        opened=row["opened"],
        closed=row["closed"],
        closed_why=row["closed_why"],
        kept_times=row["kept_times"],
        reason=row["reason"],
    )
