"""What a device missed: a full listing first, then differences. No HTTP in here.

A full listing notes the feed's number when it begins and lists by id; the differences go on from that number, so that
nothing that changes meanwhile is lost. Cursors: ["list", epoch, number, last id] and ["since", epoch, number].
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloud_api.feed import store
from cloud_api.feed.schemas import FeedAnswer
from cloud_api.people import service as people_service
from cloud_api.people import store as people
from cloud_api.problems import Gone
from cloud_api.sessions import service as sessions_service
from cloud_api.sessions import store as sessions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from cloud_api.auth.identity import Caller
    from cloud_api.parts import Parts
    from cloud_api.sessions.store import StoredSession

_LISTING = "list"
_SINCE = "since"


def answer(parts: Parts, caller: Caller, cursor: str | None, limit: int) -> FeedAnswer:
    """Give what comes after a cursor; without one, the first part of a full listing.

    Raises:
        Invalid: no cursor of ours.
        Gone: a cursor of another epoch, or of a state that this database never reached.
    """
    place = None if cursor is None else parts.cursors.read(cursor)
    with parts.database.reading() as connection:
        head = store.head(connection, caller.tenant)
        match place:
            case None:
                return _listing(parts, connection, caller, head, start=head.last_seq, after="", limit=limit)
            case ["list", str(epoch), int(start), str(last_id)]:
                _require_known(head, epoch, start)
                return _listing(parts, connection, caller, head, start=start, after=last_id, limit=limit)
            case ["since", str(epoch), int(number)]:
                _require_known(head, epoch, number)
                return _difference(parts, connection, caller, head, after=number, limit=limit)
            case _:
                raise _unknown()


def is_empty(answered: FeedAnswer) -> bool:
    """Whether there is nothing to tell, so that a long poll may wait."""
    return not (answered.full or answered.more or answered.sessions or answered.students or answered.removed)


def _listing(
    parts: Parts, connection: Connection, caller: Caller, head: store.Head, *, start: int, after: str, limit: int
) -> FeedAnswer:
    found = sessions.page_by_id(connection, caller.tenant, tutor_id=caller.tutor_id, after=after, limit=limit + 1)
    more = len(found) > limit
    found = found[:limit]
    place = [_LISTING, head.epoch, start, found[-1].id] if more else [_SINCE, head.epoch, start]
    students = _students_of(connection, caller, found)
    return _told(found, students, removed=(), cursor=parts.cursors.write(place), full=True, more=more)


def _difference(
    parts: Parts, connection: Connection, caller: Caller, head: store.Head, *, after: int, limit: int
) -> FeedAnswer:
    lines = store.lines_after(
        connection, caller.tenant, after=after, until=head.last_seq, audience=caller.tutor_id, limit=limit
    )
    more = len(lines) == limit
    reached = lines[-1].seq if more else head.last_seq
    named = {line.subject_id for line in lines if line.kind == "session"}
    found = [
        session
        for session in sessions.some(connection, caller.tenant, sorted(named))
        if caller.tutor_id in {None, session.tutor_id}
    ]
    changed_students = sorted({line.subject_id for line in lines if line.kind == "student"})
    students = _students_of(connection, caller, found, also=changed_students)
    removed = sorted(named - {session.id for session in found})
    cursor = parts.cursors.write([_SINCE, head.epoch, reached])
    return _told(found, students, removed=removed, cursor=cursor, full=False, more=more)


def _students_of(
    connection: Connection, caller: Caller, found: Iterable[StoredSession], *, also: Iterable[str] = ()
) -> list[people.StoredPerson]:
    """Give everybody who takes part, so that a session never names somebody whom the device does not know."""
    named = sorted({student_id for session in found for student_id in session.student_ids} | set(also))
    return people.some(connection, caller.tenant, people_service.Role.STUDENT, named, seen_by=caller.tutor_id)


def _told(
    found: Iterable[StoredSession],
    students: Iterable[people.StoredPerson],
    *,
    removed: Iterable[str],
    cursor: str,
    full: bool,
    more: bool,
) -> FeedAnswer:
    return FeedAnswer(
        sessions=[sessions_service.shown(session) for session in found],
        students=list(map(people_service.shown, students)),
        removed=list(removed),
        cursor=cursor,
        full=full,
        more=more,
    )


def _require_known(head: store.Head, epoch: str, number: int) -> None:
    if epoch != head.epoch or number > head.last_seq:
        raise _unknown()


def _unknown() -> Gone:
    return Gone("feed.cursor_gone", "The feed no longer knows this place. Begin without a cursor; nothing is lost.")
