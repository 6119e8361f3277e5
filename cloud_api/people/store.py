"""Rows of people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, exists, insert, select, update

from cloud_api.tables import guardian_students, tutor_students, users

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection, Row, Select


@dataclass(frozen=True, slots=True)
class StoredPerson:
    """One person as they lie in the database.

    Attributes:
        role: "tutor", "student" or "guardian".
        student_ids: of a guardian; in order of id.
    """

    id: str
    role: str
    version: int
    name: str
    email: str
    zone: str
    is_active: bool
    created_at: datetime
    updated_at: datetime
    student_ids: tuple[str, ...] = ()


_COLUMNS = [users.c[name] for name in StoredPerson.__dataclass_fields__ if name != "student_ids"]


def one(
    connection: Connection, tenant: str, role: str, person_id: str, *, seen_by: str | None, for_change: bool = False
) -> StoredPerson | None:
    """Find a person (`seen_by`: only if this tutor knows them).

    With `for_change` nobody else changes them until this transaction ends.
    """
    query = _seen(_role(tenant, role), seen_by).where(users.c.id == person_id)
    if for_change:
        query = query.with_for_update(of=users)
    found = _with_students(connection, tenant, connection.execute(query).all())
    return found[0] if found else None


def page(
    connection: Connection, tenant: str, role: str, *, seen_by: str | None, after: str, limit: int
) -> list[StoredPerson]:
    """List people by id, beginning after one."""
    query = _seen(_role(tenant, role), seen_by).where(users.c.id > after).order_by(users.c.id).limit(limit)
    return _with_students(connection, tenant, connection.execute(query).all())


def some(
    connection: Connection, tenant: str, role: str, ids: Sequence[str], *, seen_by: str | None
) -> list[StoredPerson]:
    """Find several people, in no order."""
    if not ids:
        return []
    query = _seen(_role(tenant, role), seen_by).where(users.c.id.in_(ids))
    return _with_students(connection, tenant, connection.execute(query).all())


def are_there(
    connection: Connection, tenant: str, role: str, ids: Sequence[str], *, seen_by: str | None = None
) -> frozenset[str]:
    """Say which of these people exist (and are known to that tutor)."""
    if not ids:
        return frozenset()
    query = select(users.c.id).where(users.c.tenant == tenant, users.c.role == role, users.c.id.in_(ids))
    if seen_by is not None:
        query = query.where(_is_known_to(seen_by))
    return frozenset(connection.execute(query).scalars())


def insert_one(connection: Connection, tenant: str, person: StoredPerson) -> None:
    """Store a new person.

    Raises:
        IntegrityError: this id is taken.
    """
    connection.execute(insert(users).values(tenant=tenant, **_values(person)))
    _insert_students(connection, tenant, person)


def insert_many(connection: Connection, tenant: str, many: Sequence[StoredPerson]) -> None:
    """Store new people in one statement, and whose guardians they are in another."""
    if not many:
        return
    connection.execute(insert(users), [{"tenant": tenant, **_values(person)} for person in many])
    rows = [row for person in many for row in _student_rows(tenant, person)]
    if rows:
        connection.execute(insert(guardian_students), rows)


def replace_one(connection: Connection, tenant: str, person: StoredPerson) -> None:
    """Store a changed person over the old one."""
    connection.execute(update(users).where(users.c.tenant == tenant, users.c.id == person.id).values(**_values(person)))
    connection.execute(
        delete(guardian_students).where(
            guardian_students.c.tenant == tenant, guardian_students.c.guardian_id == person.id
        )
    )
    _insert_students(connection, tenant, person)


def _role(tenant: str, role: str) -> Select[Any]:
    return select(*_COLUMNS).where(users.c.tenant == tenant, users.c.role == role)


def _seen(query: Select[Any], seen_by: str | None) -> Select[Any]:
    return query if seen_by is None else query.where(_is_known_to(seen_by))


def _is_known_to(tutor_id: str) -> ColumnElement[bool]:
    """Of people, a tutor's device knows the tutor and the students that the tutor teaches."""
    teaches = exists().where(
        tutor_students.c.tenant == users.c.tenant,
        tutor_students.c.student_id == users.c.id,
        tutor_students.c.tutor_id == tutor_id,
    )
    return (users.c.id == tutor_id) | teaches


def _with_students(connection: Connection, tenant: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[StoredPerson]:
    guarded: dict[str, list[str]] = {row.id: [] for row in rows if row.role == "guardian"}
    if guarded:
        pairs = connection.execute(
            select(guardian_students.c.guardian_id, guardian_students.c.student_id)
            .where(guardian_students.c.tenant == tenant, guardian_students.c.guardian_id.in_(list(guarded)))
            .order_by(guardian_students.c.student_id)
        )
        for guardian_id, student_id in pairs:
            guarded[guardian_id].append(student_id)
    return [StoredPerson(*(*row, tuple(guarded.get(row.id, ())))) for row in rows]


def _insert_students(connection: Connection, tenant: str, person: StoredPerson) -> None:
    if person.student_ids:
        connection.execute(insert(guardian_students), _student_rows(tenant, person))


def _student_rows(tenant: str, person: StoredPerson) -> list[dict[str, str]]:
    return [{"tenant": tenant, "guardian_id": person.id, "student_id": student_id} for student_id in person.student_ids]


def _values(person: StoredPerson) -> dict[str, Any]:
    return {name: getattr(person, name) for name in StoredPerson.__dataclass_fields__ if name != "student_ids"}
