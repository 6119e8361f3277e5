"""Sessions and students: rows in, frozen values out."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, delete, func, insert, select, type_coerce, update

from connectors.vocabulary.sessions import SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.origins import StoredOrigins, origins_to_json
from sync_agent.engine.store.tables import session, session_student, student
from sync_agent.engine.values import Session, SessionSpan, Student

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection

_PLATFORM = "platform"

LONGEST = timedelta(days=1)
"""A session is shorter (held by the database)."""


# What a session is made of, in the order in which `_session` takes it.
_READ = (
    session.c.id,
    session.c.version,
    session.c.series_id,
    session.c.subject,
    session.c.start_wall,
    session.c.zone,
    session.c.duration_s,
    session.c.title,
    session.c.place,
    session.c.online,
    session.c.notes,
    session.c.status,
    session.c.chargeable,
    type_coerce(session.c.origins, Text),
    session.c.ended_reason,
)
# What of a session takes time: enough to find double bookings.
SPAN_COLUMNS = (
    session.c.id,
    session.c.title,
    session.c.starts_at,
    session.c.ends_at,
    session.c.zone,
    session.c.place,
    session.c.online,
    session.c.series_id,
    session.c.status,
)
# An expression, so that SQLite finds them by id: by the owner's index it reads all that the owner has, for a few ids.
OF_OWNER = session.c.owner.concat("") == bindparam("b_owner")
_SPANS_BY_IDS = Asked(select(*SPAN_COLUMNS).where(OF_OWNER, session.c.id.in_(bindparam("b_ids"))))
_BY_IDS = Asked(select(*_READ).where(OF_OWNER, session.c.id.in_(bindparam("b_ids"))))
_STUDENTS = Asked(
    select(session_student.c.session, session_student.c.student)
    .where(session_student.c.session.in_(bindparam("b_ids")))
    .order_by(session_student.c.student)
)
_VERSIONS = Asked(select(session.c.id, session.c.version).where(session.c.id.in_(bindparam("b_ids"))))
_STATUS = {status.value: status for status in SessionStatus}
_SETTLED = changed_rows(session, "id", "version")
_NEW, _CHANGED = new_rows(session), changed_rows(session, "owner", "id")
_NEW_STUDENTS = new_rows(session_student)
_ALL_STUDENTS = Asked(select(student).where(student.c.owner == bindparam("b_owner")).order_by(student.c.name))
_NO_STUDENTS = Asked(delete(session_student).where(session_student.c.session == bindparam("b_session")))
_UNSETTLED_WINDOW = Asked(
    update(session)
    .where(
        session.c.owner == bindparam("b_owner"),
        session.c.starts_at < bindparam("b_hi"),
        session.c.ends_at > bindparam("b_lo"),
    )
    .values(settled_version=None)
)
_SETTLED_BESIDE = Asked(
    select(session.c.id)
    .where(session.c.owner == bindparam("b_owner"), session.c.settled_version < 0)
    .order_by(session.c.starts_at, session.c.id)
)
_TO_DERIVE = Asked(
    select(
        session.c.id,
        session.c.start_wall,
        session.c.zone,
        session.c.duration_s,
        session.c.starts_at,
        session.c.ends_at,
    ).where(session.c.owner == bindparam("b_owner"), session.c.ends_at > bindparam("b_since"))
)
_DERIVED = changed_rows(session, "id")
# What is to be planned anyway is not written once more.
_UNSETTLED = Asked(
    update(session)
    .where(session.c.id.in_(bindparam("b_ids")), session.c.settled_version.is_not(None))
    .values(settled_version=None)
)


def span_of_row(row: Sequence[Any]) -> SessionSpan:
    """Read `SPAN_COLUMNS`."""
    session_id, title, lo, hi, zone, place, online, series_id, status = row
    is_live = status != SessionStatus.CANCELLED.value
    return SessionSpan(session_id, title, lo, hi, zone, place, online, series_id is not None, is_live)


class SessionStore:
    """All sessions of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        # Asked with every idle pass, so made once: putting a statement together costs as much as carrying it out.
        unsettled = select(session.c.id).where(session.c.owner == owner, session.c.settled_version.is_(None))
        self._unsettled, self._one_unsettled = (
            Asked(unsettled.order_by(session.c.starts_at, session.c.id)),
            Asked(unsettled.limit(1)),
        )
        lo, hi = (bindparam(name, type_=session.c.starts_at.type) for name in ("b_lo", "b_hi"))
        since = bindparam("b_since", type_=session.c.starts_at.type)
        self._spans = Asked(
            select(*SPAN_COLUMNS)
            .where(
                session.c.owner == owner,
                session.c.starts_at < hi,
                session.c.starts_at > since,
                session.c.ends_at > lo,
            )
            .order_by(session.c.starts_at, session.c.id)
        )

    def get(self, connection: Connection, session_id: str) -> Session | None:
        """Give one session, or None."""
        found = self.many(connection, [session_id])
        return found.get(session_id)

    def many(self, connection: Connection, ids: Iterable[str]) -> dict[str, Session]:
        """Give some sessions by id, in the order in which they were asked for; unknown ids are left out."""
        wanted, found = dict.fromkeys(ids), dict[str, Sequence[Any]]()
        for part in in_chunks(wanted):
            rows = _BY_IDS.rows(connection, {"b_owner": self._owner, "b_ids": part})
            found |= {row[0]: row for row in rows}
        return self._read(connection, {one: found[one] for one in wanted if one in found})

    def between(self, connection: Connection, lo: datetime, hi: datetime, *, cancelled: bool = True) -> list[Session]:
        """Give the sessions that touch the half-open interval, by start."""
        where = [session.c.owner == self._owner, *_overlapping(lo, hi)]
        if not cancelled:
            where.append(session.c.status != SessionStatus.CANCELLED.value)
        rows = connection.execute(select(*_READ).where(*where).order_by(session.c.starts_at, session.c.id))
        return list(self._read(connection, {row.id: row for row in rows}).values())

    def spans(self, connection: Connection, lo: datetime, hi: datetime) -> list[SessionSpan]:
        """Give the time of the sessions that touch the half-open interval, by start; cancelled ones say so."""
        # What touches it began less than a day before it, so few rows are looked at.
        asked = {"b_lo": lo, "b_hi": hi, "b_since": lo - LONGEST}
        return [span_of_row(row) for row in self._spans.rows(connection, asked)]

    def spans_of(self, connection: Connection, ids: Iterable[str]) -> list[SessionSpan]:
        """Give the time of some sessions; unknown ids are left out."""
        return [
            span_of_row(row)
            for part in in_chunks(dict.fromkeys(ids))
            for row in _SPANS_BY_IDS.rows(connection, {"b_owner": self._owner, "b_ids": part})
        ]

    def unsettled(self, connection: Connection) -> list[str]:
        """Give the ids of sessions whose sides may not agree yet, by start."""
        return [row[0] for row in self._unsettled.rows(connection, {})]

    def has_unsettled(self, connection: Connection) -> bool:
        """Whether there is a session whose sides may not agree yet."""
        return bool(self._one_unsettled.rows(connection, {}))

    def next_after(self, connection: Connection, now: datetime) -> Session | None:
        """Give the live session that is on or comes next."""
        row = connection.execute(
            select(*_READ)
            .where(
                session.c.owner == self._owner,
                session.c.ends_at > now,
                session.c.status == SessionStatus.PLANNED.value,
            )
            .order_by(session.c.starts_at, session.c.id)
            .limit(1)
        ).first()
        return None if row is None else next(iter(self._read(connection, {row.id: row}).values()))

    def next_start(self, connection: Connection, now: datetime) -> datetime | None:
        """Give when the next planned session begins that has not begun yet."""
        found: datetime | None = connection.execute(
            select(func.min(session.c.starts_at)).where(
                session.c.owner == self._owner,
                session.c.starts_at > now,
                session.c.status == SessionStatus.PLANNED.value,
            )
        ).scalar()
        return found

    def history(self, connection: Connection, student_id: str, before: datetime, limit: int = 20) -> list[Session]:
        """Give a student's last sessions before an instant, newest first."""
        ids = connection.execute(
            select(session.c.id)
            .join(session_student, session_student.c.session == session.c.id)
            .where(
                session.c.owner == self._owner,
                session_student.c.student == student_id,
                session.c.starts_at < before,
                session.c.status != SessionStatus.CANCELLED.value,
            )
            .order_by(session.c.starts_at.desc(), session.c.id)
            .limit(limit)
        ).scalars()
        found = self.many(connection, ids)
        return sorted(found.values(), key=lambda one: one.when.starts_at, reverse=True)

    def insert(self, connection: Connection, new: Session) -> None:
        """Store a new session."""
        _NEW.run(connection, [{"owner": self._owner, "id": new.id, **_columns(new)}])
        self._store_students(connection, new)

    def update(self, connection: Connection, changed: Session) -> None:
        """Store a changed session; it is unsettled from now on."""
        row = {"owner": self._owner, "id": changed.id, **_columns(changed), "settled_version": None}
        _CHANGED.run(connection, [row])
        self._store_students(connection, changed)

    def unsettle(self, connection: Connection, ids: Iterable[str]) -> None:
        """Say that some sessions are to be planned again."""
        for part in in_chunks(ids):
            _UNSETTLED.do(connection, {"b_ids": part})

    def unsettle_window(self, connection: Connection, lo: datetime, hi: datetime) -> None:
        """Say that all sessions in an interval are to be planned again (a calendar was added, a role changed)."""
        _UNSETTLED_WINDOW.do(connection, {"b_owner": self._owner, "b_lo": lo, "b_hi": hi})

    def settled_beside(self, connection: Connection) -> list[str]:
        """Give the ids of sessions that were at rest but for calendars that were left alone then, by start."""
        return [row[0] for row in _SETTLED_BESIDE.rows(connection, {"b_owner": self._owner})]

    def derive_instants(self, connection: Connection, since: datetime) -> list[tuple[str, datetime, datetime]]:
        """Derive the instants of sessions that end after an instant again, by the zone rules of today.

        New rules move the instant and never the hour on the wall, so no side is written because of it.

        Returns:
            Those that moved: id, and the interval that covers the old and the new time.
        """
        moved: list[tuple[str, datetime, datetime]] = []
        changed: list[dict[str, Any]] = []
        rows = _TO_DERIVE.rows(connection, {"b_owner": self._owner, "b_since": since})
        for session_id, start_wall, zone, duration_s, lo, hi in rows:
            span = WallSpan(datetime.fromisoformat(start_wall), zone, timedelta(seconds=duration_s))
            starts_at, ends_at = span.starts_at, span.ends_at
            if starts_at != lo:
                changed.append({"id": session_id, "starts_at": starts_at, "ends_at": ends_at})
                moved.append((session_id, min(starts_at, lo), max(ends_at, hi)))
        _DERIVED.run(connection, changed)
        return moved

    def settle(
        self, connection: Connection, versions: Sequence[tuple[str, int]], *, beside: Container[str] = frozenset()
    ) -> None:
        """Say that sessions were at rest at these versions; those in `beside` but for calendars that are left alone."""
        _SETTLED.run(
            connection,
            [
                {"id": one, "version": version, "settled_version": -version if one in beside else version}
                for one, version in versions
            ],
        )

    def versions_of(self, connection: Connection, ids: Iterable[str]) -> dict[str, int]:
        """Give the versions of some sessions: a cheap look whether they are still what they were."""
        found: dict[str, int] = {}
        for part in in_chunks(ids):
            found |= {row[0]: row[1] for row in _VERSIONS.rows(connection, {"b_ids": part})}
        return found

    def students(self, connection: Connection) -> list[Student]:
        """Give all students, by name."""
        rows = _ALL_STUDENTS.named(connection, {"b_owner": self._owner})
        return [
            Student(row["id"], row["name"], row["zone"], row["email"], row["provider"] == _PLATFORM) for row in rows
        ]

    def put_student(self, connection: Connection, one: Student) -> None:
        """Store a student, new or changed."""
        values = {
            "name": one.name,
            "zone": one.zone,
            "email": one.email,
            "provider": _PLATFORM if one.on_platform else "",
        }
        changed = connection.execute(
            update(student).where(student.c.id == one.id, student.c.owner == self._owner).values(**values)
        )
        if changed.rowcount == 0:
            connection.execute(insert(student).values(owner=self._owner, id=one.id, **values))

    def _store_students(self, connection: Connection, one: Session) -> None:
        _NO_STUDENTS.do(connection, {"b_session": one.id})
        _NEW_STUDENTS.run(connection, [{"session": one.id, "student": who} for who in dict.fromkeys(one.students)])

    def _read(self, connection: Connection, rows: Mapping[str, Sequence[Any]]) -> dict[str, Session]:
        students: dict[str, list[str]] = {}
        for part in in_chunks(rows):
            for session_id, student_id in _STUDENTS.rows(connection, {"b_ids": part}):
                students.setdefault(session_id, []).append(student_id)
        return {key: _session(row, tuple(students.get(key, ()))) for key, row in rows.items()}


def _overlapping(lo: datetime, hi: datetime) -> tuple[ColumnElement[bool], ...]:
    """What touches the half-open interval began less than a day before it, so few rows are looked at."""
    return session.c.starts_at < hi, session.c.starts_at > lo - LONGEST, session.c.ends_at > lo


def _columns(one: Session) -> dict[str, Any]:
    return {
        "version": one.version,
        "series_id": one.series_id,
        "subject": one.subject,
        "start_wall": one.when.start.isoformat(timespec="seconds"),
        "zone": one.when.zone,
        "duration_s": int(one.when.duration.total_seconds()),
        "starts_at": one.when.starts_at,
        "ends_at": one.when.ends_at,
        "title": one.title,
        "place": one.place,
        "online": one.online,
        "notes": one.notes,
        "status": one.status.value,
        "chargeable": one.chargeable,
        "origins": origins_to_json(one.origins),
        "ended_reason": one.ended_reason,
    }


def _session(row: Sequence[Any], students: tuple[str, ...]) -> Session:
    # Taken apart in one go: a column at a time takes five times as long, and thousands are read in a row.
    (
        session_id,
        version,
        series_id,
        subject,
        start_wall,
        zone,
        duration_s,
        title,
        place,
        online,
        notes,
        status,
        chargeable,
        origins,
        ended_reason,
    ) = row
    return Session(
        id=session_id,
        version=version,
        when=WallSpan(datetime.fromisoformat(start_wall), zone, timedelta(seconds=duration_s)),
        title=title,
        subject=subject,
        place=place,
        online=online,
        notes=notes,
        status=_STATUS[status],
        chargeable=chargeable,
        students=students,
        series_id=series_id,
        ended_reason=ended_reason,
        origins=StoredOrigins(origins),
    )
