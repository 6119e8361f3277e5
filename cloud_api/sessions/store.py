"""Rows of sessions and of who takes part in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, exists, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cloud_api.tables import session_students, sessions, tutor_students

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Select


@dataclass(frozen=True, slots=True)
class StoredSession:
    """One session as it lies in the database.

    Attributes:
        start_wall: naive wall time, ISO 8601 with seconds.
        starts_at, ends_at: derived from wall time and zone when it was written.
        origins: JSON: field group to the human edit that made its value (`origins.written`).
    """

    id: str
    version: int
    tutor_id: str
    title: str
    subject: str
    start_wall: str
    zone: str
    duration_minutes: int
    starts_at: datetime
    ends_at: datetime
    online: bool
    place: str
    status: str
    notes: str
    chargeable: bool
    chargeable_reason: str
    series_id: str | None
    meeting_provider: str
    join_url: str
    origins: str
    created_at: datetime
    updated_at: datetime
    student_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sessions are meant; None: all.

    Attributes:
        begins: sessions that end after this instant.
        ends: sessions that start before this instant.
    """

    ids: tuple[str, ...] | None = None
    tutor_id: str | None = None
    student_id: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    status: str | None = None


# Everything but the students, who come with one more select for a whole page.
_COLUMNS = [sessions.c[name] for name in StoredSession.__dataclass_fields__ if name != "student_ids"]


def one(connection: Connection, tenant: str, session_id: str, *, for_change: bool = False) -> StoredSession | None:
    """Find a session; with `for_change` nobody else changes it until this transaction ends."""
    query = select(*_COLUMNS).where(sessions.c.tenant == tenant, sessions.c.id == session_id)
    if for_change:
        query = query.with_for_update()
    found = _with_students(connection, tenant, connection.execute(query).all())
    return found[0] if found else None


def some(connection: Connection, tenant: str, session_ids: Sequence[str]) -> list[StoredSession]:
    """Find several sessions, in no order."""
    query = select(*_COLUMNS).where(sessions.c.tenant == tenant, sessions.c.id.in_(session_ids))
    return _with_students(connection, tenant, connection.execute(query).all())


def page(
    connection: Connection, tenant: str, filters: Filters, *, after: tuple[datetime, str] | None, limit: int
) -> list[StoredSession]:
    """List sessions by start, then id, beginning after a place."""
    query = select(*_COLUMNS).where(sessions.c.tenant == tenant)
    query = _filtered(query, tenant, filters)
    if after is not None:
        query = query.where(
            sessions.c.starts_at >= after[0],
            or_(sessions.c.starts_at > after[0], and_(sessions.c.starts_at == after[0], sessions.c.id > after[1])),
        )
    query = query.order_by(sessions.c.starts_at, sessions.c.id).limit(limit)
    return _with_students(connection, tenant, connection.execute(query).all())


def page_by_id(
    connection: Connection, tenant: str, *, tutor_id: str | None, after: str, limit: int
) -> list[StoredSession]:
    """List the sessions of a tutor (None: of all) by id, for a full listing that changes do not disturb."""
    query = select(*_COLUMNS).where(sessions.c.tenant == tenant, sessions.c.id > after)
    if tutor_id is not None:
        query = query.where(sessions.c.tutor_id == tutor_id)
    return _with_students(connection, tenant, connection.execute(query.order_by(sessions.c.id).limit(limit)).all())


def insert_one(connection: Connection, tenant: str, session: StoredSession) -> None:
    """Store a new session.

    Raises:
        IntegrityError: this id is taken.
    """
    connection.execute(insert(sessions).values(tenant=tenant, **_values(session)))
    _insert_students(connection, tenant, session)


def replace_one(connection: Connection, tenant: str, session: StoredSession) -> None:
    """Store a changed session over the old one."""
    connection.execute(
        update(sessions).where(sessions.c.tenant == tenant, sessions.c.id == session.id).values(**_values(session))
    )
    connection.execute(
        delete(session_students).where(session_students.c.tenant == tenant, session_students.c.session_id == session.id)
    )
    _insert_students(connection, tenant, session)


def insert_many(connection: Connection, tenant: str, many: Sequence[StoredSession]) -> None:
    """Store new sessions in two statements."""
    if not many:
        return
    connection.execute(insert(sessions), [{"tenant": tenant, **_values(session)} for session in many])
    rows = [row for session in many for row in _student_rows(tenant, session)]
    if rows:
        connection.execute(insert(session_students), rows)


def tie_students(connection: Connection, tenant: str, tutor_id: str, student_ids: Sequence[str]) -> None:
    """Remember whom a tutor teaches."""
    if not student_ids:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(tutor_students).on_conflict_do_nothing(),
        [{"tenant": tenant, "tutor_id": tutor_id, "student_id": student_id} for student_id in sorted(student_ids)],
    )


def _filtered(query: Select[Any], tenant: str, filters: Filters) -> Select[Any]:
    if filters.ids is not None:
        query = query.where(sessions.c.id.in_(filters.ids))
    if filters.tutor_id is not None:
        query = query.where(sessions.c.tutor_id == filters.tutor_id)
    if filters.status is not None:
        query = query.where(sessions.c.status == filters.status)
    if filters.begins is not None:
        query = query.where(sessions.c.ends_at > filters.begins)
    if filters.ends is not None:
        query = query.where(sessions.c.starts_at < filters.ends)
    if filters.student_id is not None:
        query = query.where(
            exists().where(
                session_students.c.tenant == tenant,
                session_students.c.session_id == sessions.c.id,
                session_students.c.student_id == filters.student_id,
            )
        )
    return query


def _with_students(connection: Connection, tenant: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[StoredSession]:
    if not rows:
        return []
    taking_part: dict[str, list[str]] = {row.id: [] for row in rows}
    named = connection.execute(
        select(session_students.c.session_id, session_students.c.student_id)
        .where(session_students.c.tenant == tenant, session_students.c.session_id.in_(list(taking_part)))
        .order_by(session_students.c.session_id, session_students.c.position)
    )
    for session_id, student_id in named:
        taking_part[session_id].append(student_id)
    # By position: by name it would cost a third of the whole answer.
    return [StoredSession(*(*row, tuple(taking_part[row.id]))) for row in rows]


def _insert_students(connection: Connection, tenant: str, session: StoredSession) -> None:
    if session.student_ids:
        connection.execute(insert(session_students), _student_rows(tenant, session))


def _student_rows(tenant: str, session: StoredSession) -> list[dict[str, Any]]:
    return [
        {"tenant": tenant, "session_id": session.id, "student_id": student_id, "position": position}
        for position, student_id in enumerate(session.student_ids)
    ]


def _values(session: StoredSession) -> dict[str, Any]:
    return {name: getattr(session, name) for name in StoredSession.__dataclass_fields__ if name != "student_ids"}
