"""Puts the sample into a tenant, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_api.feed import numbers
from cloud_api.people import store as people
from cloud_api.sessions import store as sessions

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from cloud_api.sample.year import SampleYear


def fill(connection: Connection, tenant: str, year: SampleYear, now: datetime) -> int:
    """Store what is not there yet; gives the number of sessions that were added."""
    known_people = {
        person_id
        for role in ("student", "tutor", "guardian")
        for person_id in people.are_there(connection, tenant, role, [person.id for person in year.people])
    }
    people.insert_many(connection, tenant, [person for person in year.people if person.id not in known_people])
    known = {one.id for one in sessions.some(connection, tenant, [session.id for session in year.sessions])}
    fresh = [session for session in year.sessions if session.id not in known]
    sessions.insert_many(connection, tenant, fresh)
    for tutor_id in year.tutor_ids:
        taught = {student for session in fresh if session.tutor_id == tutor_id for student in session.student_ids}
        sessions.tie_students(connection, tenant, tutor_id, sorted(taught))
    changes = [numbers.Change("session", session.id, session.version, session.tutor_id) for session in fresh]
    numbers.append(connection, tenant, changes, now)
    return len(fresh)
