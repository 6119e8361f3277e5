"""Sessions, students and meetings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.errors import NoMeetingFor, NoMeetingProvider, SessionUnknown
from sync_agent.engine.meetings.decide import why_not
from sync_agent.engine.sync.book import MEETING_PROVIDERS
from sync_agent.laptop.documents.activity import activity_document
from sync_agent.laptop.documents.sessions import (
    SessionSurroundings,
    meeting_document,
    session_document,
    student_document,
)
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request, flag, needed, number, text, wall_time, window, words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.values import Session
    from sync_agent.laptop.office import Office


def list_sessions(office: Office, request: Request) -> Reply:
    """`GET /v1/sessions`."""
    lo, hi = window(request, office)
    with office.store.read() as connection:
        found = office.store.sessions.between(connection, lo, hi)
        return Reply({"sessions": documents_of(office, connection, found)})


def show_session(office: Office, request: Request) -> Reply:
    """`GET /v1/sessions/{id}`."""
    with office.store.read() as connection:
        session = office.store.sessions.get(connection, request.path["id"])
        if session is None:
            raise SessionUnknown(id=request.path["id"])
        return Reply({"session": documents_of(office, connection, [session])[0]})


def add_session(office: Office, request: Request) -> Reply:
    """`POST /v1/sessions`."""
    needed(request.body, "start_wall")
    changed = office.engine.sessions.add(_edit(office, request))
    return Reply(_changed(office, changed.session, changed.activity), 201)


def change_session(office: Office, request: Request) -> Reply:
    """`PATCH /v1/sessions/{id}`."""
    changed = office.engine.sessions.change(request.path["id"], _edit(office, request))
    return Reply(_changed(office, changed.session, changed.activity))


def cancel_session(office: Office, request: Request) -> Reply:
    """`POST /v1/sessions/{id}/cancel`."""
    changed = office.engine.sessions.cancel(request.path["id"])
    return Reply(_changed(office, changed.session, changed.activity))


def adopt_event(office: Office, request: Request) -> Reply:
    """`POST /v1/sessions/adopt`: makes a session of an event; 202 while its calendar cannot be read."""
    desk, body = office.engine.adopting, request.body
    wish = desk.wish(needed(body, "uid"), text(body, "calendar"))
    office.run_pass([str(wish.facts["account"])])
    done = desk.outcome(wish)
    made = done.facts.get("sessions", ())
    if made and not done.closed_why:
        # A series ends when its sessions have their events, which was seen to in that pass.
        office.run_pass([str(wish.facts["account"])])
        desk.outcome(wish)
    with office.store.read() as connection:
        sessions = office.store.sessions.many(connection, made)
        entries = office.store.activity.of_cause(connection, f"answer:{wish.id}")
        document = {
            "sessions": documents_of(office, connection, [sessions[one] for one in made if one in sessions]),
            "activity": activity_documents(office, connection, entries),
            "calendar": wish.facts["calendar"],
        }
    return Reply(document, 201 if made else 202)


def list_students(office: Office, request: Request) -> Reply:
    """`GET /v1/students`."""
    del request
    with office.store.read() as connection:
        return Reply({"students": [student_document(one) for one in office.store.sessions.students(connection)]})


def add_student(office: Office, request: Request) -> Reply:
    """`POST /v1/students`."""
    body = request.body
    student = office.engine.sessions.put_student(
        needed(body, "name"), zone=text(body, "zone"), email=text(body, "email") or ""
    )
    return Reply({"students": [student_document(student)]}, 201)


def list_meetings(office: Office, request: Request) -> Reply:
    """`GET /v1/meetings`."""
    del request
    with office.store.read() as connection:
        return Reply({"meetings": [meeting_document(one) for one in office.store.meetings.all(connection)]})


def ensure_meeting(office: Office, request: Request) -> Reply:
    """`POST /v1/meetings/{session}/ensure`."""
    session_id = request.path["session"]
    with office.store.read() as connection:
        session = office.store.sessions.get(connection, session_id)
        hosts = [one for one in office.store.accounts.all(connection) if one.provider in MEETING_PROVIDERS]
    if session is None:
        raise SessionUnknown(id=session_id)
    reason = why_not(session, office.clock.now())
    if reason:
        raise NoMeetingFor(title=session.title, reason=reason)
    if not hosts:
        raise NoMeetingProvider
    office.run_pass()
    with office.store.read() as connection:
        row = office.store.meetings.of_sessions(connection, [session_id]).get(session_id)
    return Reply({"meeting": None if row is None else meeting_document(row)})


def documents_of(office: Office, connection: Connection, found: Sequence[Session]) -> list[dict[str, Any]]:
    """Make the documents of some sessions, looked up at once."""
    store, ids = office.store, [session.id for session in found]
    calendars = store.accounts.calendars(connection)
    conflicts: dict[str, list[str]] = {}
    for row in store.bookings.conflicts(connection):
        for side in (row.a, row.b):
            conflicts.setdefault(side.removeprefix("session:"), []).append(row.id)
    around = SessionSurroundings(
        students={one.id: one for one in store.sessions.students(connection)},
        calendars={one.id: one for one in calendars},
        links=store.links.of_sessions(connection, ids),
        meetings=store.meetings.of_sessions(connection, ids),
        conflicts=conflicts,
        seals=office.engine.coverage.of_sessions(connection, found, office.clock.now()),
    )
    return [session_document(session, around) for session in found]


def activity_documents(office: Office, connection: Connection, entries: Sequence[Activity]) -> list[dict[str, Any]]:
    """Make the documents of some log entries."""
    undone = office.store.activity.undone(connection)
    calendars = {one.id: one for one in office.store.accounts.calendars(connection)}
    zone = office.home_zone
    return [activity_document(one, zone=zone, undone=undone, calendars=calendars) for one in entries]


def _changed(office: Office, session: Session, entries: Sequence[Activity]) -> dict[str, Any]:
    with office.store.read() as connection:
        return {
            "session": documents_of(office, connection, [session])[0],
            "activity": activity_documents(office, connection, entries),
        }


def _edit(office: Office, request: Request) -> SessionEdit:
    body = request.body
    minutes = number(body, "duration_minutes")
    status = text(body, "status")
    if status is not None and status not in set(SessionStatus):
        raise RequestWrong(reason=f"“{status}” is no status; there are {', '.join(SessionStatus)}.")
    return SessionEdit(
        start=wall_time(body, "start_wall"),
        end=wall_time(body, "end_wall"),
        duration=None if minutes is None else timedelta(minutes=minutes),
        zone=text(body, "zone"),
        title=words(body, "title"),
        subject=words(body, "subject"),
        place=words(body, "place"),
        online=flag(body, "online"),
        notes=words(body, "notes"),
        status=None if status is None else SessionStatus(status),
        chargeable=flag(body, "chargeable"),
        students=_students(office, request),
    )


def _students(office: Office, request: Request) -> tuple[str, ...] | None:
    named = request.body.get("students")
    if named is None:
        return None
    if not isinstance(named, list) or not all(isinstance(one, str) for one in named):
        raise RequestWrong(reason="“students” is a list of names or ids.")
    names = [words({"students": one}, "students") or "" for one in named]
    return tuple(office.engine.sessions.put_student(one).id for one in names)
