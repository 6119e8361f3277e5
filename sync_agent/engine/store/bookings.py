"""Busy intervals and double bookings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, false, literal, or_, select, true, union_all, update

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, insert_of, kept_rows, new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import busy, calendar, conflict, free_mark, series_src, session

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.engine import Connection

USUAL_LENGTH = timedelta(days=2)
"""What lasts longer is found by an index of its own. A whole day is 23 to 25 hours."""


class Choice(StrEnum):
    """Why something does not block because the tutor said so; other reasons are the event's own (`busy.why_free`)."""

    MARKED = "marked"
    ALL_DAY = "all_day"


@dataclass(frozen=True, slots=True)
class BusyRow:
    """One interval of a foreign event.

    Attributes:
        recurrence_id: "" for a single event.
        all_day: written as a date.
        why_free: why it does not block, in one word (`Choice`, or as the event says); "" if it does.
    """

    calendar: str
    calendar_name: str
    uid: str
    recurrence_id: str
    lo: datetime
    hi: datetime
    summary: str
    recurring: bool
    all_day: bool = False
    why_free: str = ""

    @property
    def blocks(self) -> bool:
        """Whether it takes the tutor's time."""
        return not self.why_free


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


LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""How far a series is expanded that has come to its end."""

_NEW_BUSY, _NEW_CONFLICT, _CHANGED_CONFLICT = new_rows(busy), new_rows(conflict), changed_rows(conflict, "id")
_KEPT_SERIES = kept_rows(series_src, "calendar", "uid")
_OF_UIDS = (busy.c.calendar == bindparam("b_calendar"), busy.c.uid.in_(bindparam("b_uids")))
_BUSY_OF, _NO_BUSY = Asked(select(busy.c.lo, busy.c.hi).where(*_OF_UIDS)), Asked(delete(busy).where(*_OF_UIDS))
_NO_SERIES = Asked(
    delete(series_src).where(
        series_src.c.calendar == bindparam("b_calendar"), series_src.c.uid.in_(bindparam("b_uids"))
    )
)


# In the order in which `_busy` and `_conflict` take them.
_TO_EXPAND = Asked(
    select(series_src).where(series_src.c.expanded_to < bindparam("b_until")).limit(bindparam("b_limit"))
)
_INTERVAL = (
    busy.c.calendar,
    calendar.c.name.label("calendar_name"),
    busy.c.uid,
    busy.c.recurrence_id,
    busy.c.lo,
    busy.c.hi,
    busy.c.summary,
    busy.c.recurring,
    busy.c.all_day,
    busy.c.opaque,
    busy.c.why_free,
    calendar.c.all_day_blocks,
    free_mark.c.made_at,
)
_CONFLICT = (
    conflict.c.id,
    conflict.c.a,
    conflict.c.b,
    conflict.c.kind,
    conflict.c.facts,
    conflict.c.opened,
    conflict.c.closed,
    conflict.c.closed_why,
    conflict.c.kept_times,
    conflict.c.reason,
)
# Asked in every pass, so made once: putting a statement together costs more than carrying it out.
_BEGUN = Asked(
    select(*_CONFLICT).where(
        conflict.c.owner == bindparam("b_owner"),
        conflict.c.closed.is_(None),
        conflict.c.a.in_(
            select(literal("session:") + session.c.id)
            .where(
                session.c.owner == bindparam("b_owner"),
                session.c.starts_at >= bindparam("b_since"),
                session.c.starts_at <= bindparam("b_until"),
            )
            .scalar_subquery()
        ),
    )
)
_OF_SIDE = select(*_CONFLICT).where(
    conflict.c.owner == bindparam("b_owner"),
    or_(conflict.c.a == bindparam("b_key"), conflict.c.b == bindparam("b_key")),
)
_OPEN = select(*_CONFLICT).where(conflict.c.owner == bindparam("b_owner"), conflict.c.closed.is_(None))
# Side by side: each has an index of its own, and asked about both at once SQLite goes through all that are open.
_OPEN_EITHER = union_all(
    _OPEN.where(conflict.c.a == bindparam("b_key")),
    _OPEN.where(conflict.c.b == bindparam("b_key"), conflict.c.a != bindparam("b_key")),
).subquery()
_OPEN_OF = Asked(select(_OPEN_EITHER).order_by(_OPEN_EITHER.c.id))
_KEPT_OF = Asked(_OF_SIDE.where(conflict.c.kept_times.is_not(None)).order_by(conflict.c.closed))


class BookingStore:
    """All intervals and double bookings of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def replace_busy(
        self, connection: Connection, calendar_id: str, uids: Iterable[str], rows: Sequence[Mapping[str, Any]]
    ) -> None:
        """Store the intervals of some objects in place of what they had."""
        for part in in_chunks(dict.fromkeys(uids)):
            _NO_BUSY.do(connection, {"b_calendar": calendar_id, "b_uids": part})
        beside = {
            "owner": [self._owner] * len(rows),
            "calendar": [calendar_id] * len(rows),
            "is_long": [row["hi"] - row["lo"] > USUAL_LENGTH for row in rows],
        }
        _NEW_BUSY.run(connection, rows, beside)

    def busy_of(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> list[tuple[datetime, datetime]]:
        """Give the intervals that some objects have now."""
        found: list[tuple[datetime, datetime]] = []
        for part in in_chunks(dict.fromkeys(uids)):
            rows = _BUSY_OF.rows(connection, {"b_calendar": calendar_id, "b_uids": part})
            found += [(lo, hi) for lo, hi in rows]
        return found

    def free_since(
        self, connection: Connection, calendar_id: str, uid: str, since: datetime
    ) -> list[tuple[datetime, datetime]]:
        """Forget the intervals of an event that begin at or after an instant. Gives them."""
        mine = (busy.c.calendar == calendar_id, busy.c.uid == uid, busy.c.lo >= since)
        found = [(row.lo, row.hi) for row in connection.execute(select(busy.c.lo, busy.c.hi).where(*mine))]
        connection.execute(delete(busy).where(*mine))
        return found

    def title_of(self, connection: Connection, calendar_id: str, uid: str) -> str:
        """Give the title of a foreign event as last read, "" if it takes no time or has none."""
        query = select(busy.c.summary).where(busy.c.calendar == calendar_id, busy.c.uid == uid).limit(1)
        return str(connection.execute(query).scalar() or "")

    def busy_in(self, connection: Connection, calendar_id: str) -> list[tuple[datetime, datetime]]:
        """Give all opaque intervals of a calendar."""
        rows = connection.execute(
            select(busy.c.lo, busy.c.hi).where(busy.c.calendar == calendar_id, busy.c.opaque.is_(True))
        )
        return [(row.lo, row.hi) for row in rows]

    def all_days_in(self, connection: Connection, calendar_id: str) -> list[tuple[datetime, datetime]]:
        """Give the whole days of a calendar that its events show as busy."""
        rows = connection.execute(
            select(busy.c.lo, busy.c.hi).where(
                busy.c.calendar == calendar_id, busy.c.opaque.is_(True), busy.c.all_day.is_(True)
            )
        )
        return [(row.lo, row.hi) for row in rows]

    def drop_calendar(self, connection: Connection, calendar_id: str) -> None:
        """Forget all intervals of a calendar (it is ignored from now on)."""
        connection.execute(delete(busy).where(busy.c.calendar == calendar_id))
        connection.execute(delete(series_src).where(series_src.c.calendar == calendar_id))

    def store_series(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Keep the events of series, to expand them further when the window moves."""
        _KEPT_SERIES.run(connection, rows)

    def drop_series(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> None:
        """Forget series that are gone or are none any more."""
        for part in in_chunks(dict.fromkeys(uids)):
            _NO_SERIES.do(connection, {"b_calendar": calendar_id, "b_uids": part})

    def series_to_expand(self, connection: Connection, until: datetime, limit: int = 200) -> list[dict[str, Any]]:
        """Give the series whose expansion ends before an instant."""
        return _TO_EXPAND.named(connection, {"b_until": until, "b_limit": limit})

    def expand_all_again(self, connection: Connection) -> None:
        """Let every series be expanded anew (`series_to_expand`), whatever was done."""
        connection.execute(update(series_src).values(expanded_to=LONG_AGO))

    def touching(self, connection: Connection, lo: datetime, hi: datetime, *, opaque: bool = True) -> list[BusyRow]:
        """Give the intervals that overlap the half-open [lo, hi), by start.

        Args:
            connection: to read with.
            lo: aware.
            hi: aware.
            opaque: only what blocks; else also what does not, with the reason.
        """
        asked = {"b_owner": self._owner, "b_lo": lo, "b_hi": hi, "b_from": lo - USUAL_LENGTH}
        return [_busy(row) for row in _touching(is_opaque=opaque).rows(connection, asked)]

    def busy_at(self, connection: Connection, calendar_id: str, uid: str, recurrence_id: str) -> list[BusyRow]:
        """Give one occurrence of a foreign event as it is now, blocking or not; nothing if it is gone."""
        asked = {"b_calendar": calendar_id, "b_uid": uid, "b_recurrence_id": recurrence_id}
        row = connection.execute(_one_interval(), asked).first()
        return [] if row is None else [_busy(row)]

    def named_for(self, connection: Connection, lo: datetime, hi: datetime) -> list[BusyRow]:
        """Give the instances of series whose original day lies between two days, wherever they are now."""
        query = _intervals().where(
            busy.c.owner == self._owner,
            busy.c.recurring.is_(True),
            busy.c.recurrence_id >= f"{lo:%Y%m%d}",
            busy.c.recurrence_id <= f"{hi:%Y%m%d}Z",
        )
        return [_busy(row) for row in connection.execute(query.order_by(busy.c.lo, busy.c.uid))]

    def mark_free(
        self, connection: Connection, calendar_id: str, uid: str, recurrence_id: str, *, at: datetime
    ) -> None:
        """Note that the tutor said: this event does not block."""
        connection.execute(
            insert_of(connection.dialect.name, free_mark)
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
        query = select(*_CONFLICT).where(conflict.c.owner == self._owner)
        if only_open:
            query = query.where(conflict.c.closed.is_(None))
        rows = connection.execute(query.order_by(conflict.c.opened.desc(), conflict.c.id).limit(limit))
        return [_conflict(row) for row in rows]

    def conflicts_begun(self, connection: Connection, since: datetime, until: datetime) -> list[ConflictRow]:
        """Give the open double bookings of sessions that start between two instants: only they can be over."""
        rows = _BEGUN.rows(connection, {"b_owner": self._owner, "b_since": since, "b_until": until})
        return [_conflict(row) for row in rows]

    def conflict(self, connection: Connection, conflict_id: str) -> ConflictRow | None:
        """Give one, or None."""
        row = connection.execute(select(*_CONFLICT).where(conflict.c.id == conflict_id)).first()
        return None if row is None else _conflict(row)

    def conflicts_of(self, connection: Connection, key: str) -> list[ConflictRow]:
        """Give the open double bookings of one side."""
        return [_conflict(row) for row in _OPEN_OF.rows(connection, {"b_owner": self._owner, "b_key": key})]

    def kept_of(self, connection: Connection, key: str) -> list[ConflictRow]:
        """Give all double bookings of one side that the tutor decided to keep, the oldest first."""
        return [_conflict(row) for row in _KEPT_OF.rows(connection, {"b_owner": self._owner, "b_key": key})]

    def open_conflict(self, connection: Connection, new: ConflictRow) -> None:
        """Store a new double booking."""
        row = {"id": new.id, "a": new.a, "b": new.b, "kind": new.kind, "facts": dict(new.facts), "opened": new.opened}
        _NEW_CONFLICT.run(connection, [{"owner": self._owner, **row}])

    def set_conflict(self, connection: Connection, conflict_id: str, **values: Any) -> None:
        """Set columns: facts, closed, closed_why, kept_times, reason."""
        _CHANGED_CONFLICT.run(connection, [{"id": conflict_id, **values}])


def _intervals() -> Select[Any]:
    """All intervals with what decides whether they block."""
    is_marked = and_(
        free_mark.c.calendar == busy.c.calendar,
        free_mark.c.uid == busy.c.uid,
        or_(free_mark.c.recurrence_id == busy.c.recurrence_id, free_mark.c.recurrence_id == "*"),
    )
    return select(*_INTERVAL).join(calendar, calendar.c.id == busy.c.calendar).outerjoin(free_mark, is_marked)


@cache
def _one_interval() -> Select[Any]:
    """One occurrence of one event."""
    return _intervals().where(
        busy.c.calendar == bindparam("b_calendar"),
        busy.c.uid == bindparam("b_uid"),
        busy.c.recurrence_id == bindparam("b_recurrence_id"),
    )


@cache
def _touching(*, is_opaque: bool) -> Asked:
    """What overlaps [b_lo, b_hi): the usual ones began not longer ago than they can last, the long ones are few."""
    lo, hi = bindparam("b_lo", type_=busy.c.lo.type), bindparam("b_hi", type_=busy.c.hi.type)
    overlapping = _intervals().where(busy.c.owner == bindparam("b_owner"), busy.c.lo < hi, busy.c.hi > lo)
    if is_opaque:
        overlapping = overlapping.where(
            busy.c.opaque.is_(True),
            free_mark.c.uid.is_(None),
            or_(busy.c.all_day.is_(False), calendar.c.all_day_blocks),
        )
    usual = overlapping.where(busy.c.is_long == false(), busy.c.lo > bindparam("b_from", type_=busy.c.lo.type))
    found = union_all(usual, overlapping.where(busy.c.is_long == true())).subquery()
    return Asked(select(found).order_by(found.c.lo, found.c.uid))


def _busy(row: Sequence[Any]) -> BusyRow:
    """Read `_INTERVAL`."""
    calendar_id, name, uid, recurrence_id, lo, hi, summary, recurring, *facts = row
    all_day, opaque, why_free, all_day_blocks, marked_at = facts
    is_spared = all_day and not all_day_blocks
    because = _because(why_free, opaque=opaque, is_marked=marked_at is not None, is_spared=is_spared)
    return BusyRow(calendar_id, name, uid, recurrence_id, lo, hi, summary, recurring, all_day, because)


def _because(why_free: str, *, opaque: bool, is_marked: bool, is_spared: bool) -> str:
    """Say why something does not block, "" if it does; the tutor's own word comes before the event's."""
    if is_marked:
        return Choice.MARKED
    if not opaque:
        return why_free or "transparent"
    return Choice.ALL_DAY if is_spared else ""


def _conflict(row: Sequence[Any]) -> ConflictRow:
    """Read `_CONFLICT`."""
    return ConflictRow(*row)
