"""Double bookings, the activity log, undo and questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sync_agent.engine.desk.conflicts import Action, Choice
from sync_agent.engine.desk.undo import Extent
from sync_agent.engine.errors import ConflictUnknown
from sync_agent.laptop.documents.activity import sentence
from sync_agent.laptop.documents.conflicts import conflict_document, effect_document, slot_document
from sync_agent.laptop.documents.coverage import coverage_document
from sync_agent.laptop.documents.questions import question_document
from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request, flag, moment, needed, text, wall_time
from sync_agent.laptop.operations.sessions import activity_documents, documents_of

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.bookings import ConflictRow
    from sync_agent.laptop.office import Office

_MOST = 1000


def list_conflicts(office: Office, request: Request) -> Reply:
    """`GET /v1/conflicts`."""
    only_open = request.query.get("state", "open") != "all"
    with office.store.read() as connection:
        rows = office.store.bookings.conflicts(connection, only_open=only_open)
        seal = office.engine.coverage.now(connection, office.clock.now())
        return Reply(
            {
                "conflicts": _documents(office, connection, rows),
                "coverage": coverage_document(seal, office.home_zone),
            }
        )


def show_conflict(office: Office, request: Request) -> Reply:
    """`GET /v1/conflicts/{id}`."""
    with office.store.read() as connection:
        row = office.store.bookings.conflict(connection, request.path["id"])
        if row is None:
            raise ConflictUnknown(id=request.path["id"])
        return Reply({"conflict": _documents(office, connection, [row])[0]})


def suggest(office: Office, request: Request) -> Reply:
    """`GET /v1/conflicts/{id}/suggestions`."""
    conflict, session = request.path["id"], request.query.get("session")
    wanted = request.query.get("count", "5")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= 20:
        raise RequestWrong(reason="“count” is a number from 1 to 20.")
    slots = office.engine.conflicts.suggestions(conflict, session, count=int(wanted))
    with office.store.read() as connection:
        row = office.store.bookings.conflict(connection, conflict)
    mine = session or (row.a.removeprefix("session:") if row else "")
    return Reply({"conflict": conflict, "session": mine, "suggestions": [slot_document(slot) for slot in slots]})


def resolve(office: Office, request: Request) -> Reply:
    """`POST /v1/conflicts/{id}/resolve`."""
    body = request.body
    action = needed(body, "action")
    if action not in set(Action):
        raise RequestWrong(reason=f"“{action}” is no way out of a double booking; there are {', '.join(Action)}.")
    choice = Choice(
        action=Action(action),
        session=text(body, "session"),
        start=wall_time(body, "start_wall"),
        reason=text(body, "reason") or "",
    )
    done = office.engine.conflicts.resolve(request.path["id"], choice, dry_run=bool(flag(body, "dry_run")))
    with office.store.read() as connection:
        return Reply(
            {
                "conflict": _documents(office, connection, [done.conflict])[0],
                "preview": [effect_document(effect) for effect in done.effects],
                "applied": done.applied,
                "remains": list(done.remains),
                "activity": activity_documents(office, connection, done.activity),
            }
        )


def undo(office: Office, request: Request) -> Reply:
    """`POST /v1/undo`."""
    extent = text(request.body, "extent") or Extent.ACTION
    if extent not in set(Extent):
        raise RequestWrong(reason=f"“extent” is one of {', '.join(Extent)}, not “{extent}”.")
    done = office.engine.undo.undo(text(request.body, "activity"), extent=Extent(extent))
    with office.store.read() as connection:
        return Reply(
            {
                "undone": activity_documents(office, connection, done.undone),
                "refused": [{"activity": one.activity, "message": one.message} for one in done.refused],
            }
        )


def list_activity(office: Office, request: Request) -> Reply:
    """`GET /v1/activity`."""
    since = request.query.get("since")
    limit = request.query.get("limit", "200")
    if not limit.isdecimal():
        raise RequestWrong(reason="“limit” is a number.")
    with office.store.read() as connection:
        entries = office.store.activity.newest(
            connection,
            since=None if since is None else moment(since, office.home_zone),
            limit=min(int(limit), _MOST),
        )
        return Reply({"activity": activity_documents(office, connection, entries)})


def list_questions(office: Office, request: Request) -> Reply:
    """`GET /v1/questions`."""
    with office.store.read() as connection:
        found = (
            office.store.questions.all(connection)
            if request.query.get("state") == "all"
            else office.store.questions.open(connection)
        )
    return Reply({"questions": [question_document(one, zone=office.home_zone) for one in found]})


def answer(office: Office, request: Request) -> Reply:
    """`POST /v1/questions/{id}/answer`."""
    question = office.engine.questions.answer(request.path["id"], needed(request.body, "answer"))
    return Reply({"question": question_document(question, zone=office.home_zone)})


def _documents(office: Office, connection: Connection, rows: Sequence[ConflictRow]) -> list[dict[str, Any]]:
    ids = {side.removeprefix("session:") for row in rows for side in (row.a, row.b) if side.startswith("session:")}
    found = office.store.sessions.many(connection, ids)
    sessions = {document["id"]: document for document in documents_of(office, connection, list(found.values()))}
    calendars = {one.id: one for one in office.store.accounts.calendars(connection)}
    changes: dict[str, dict[str, Any]] = {}
    for session_id in ids:
        entries = office.store.activity.newest(connection, session=session_id, limit=1)
        if entries:
            last = entries[0]
            what = sentence(last, calendars)
            changes[session_id] = {"who": last.actor, "at": instant(last.at, office.home_zone), "what": what}
    return [conflict_document(row, sessions=sessions, last_changes=changes, zone=office.home_zone) for row in rows]
