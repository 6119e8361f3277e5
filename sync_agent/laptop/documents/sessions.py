"""Session, Meeting and Student documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.engine.words import when_words
from sync_agent.laptop.documents.moments import in_zone, stamp

if TYPE_CHECKING:
    from sync_agent.engine.conflicts.values import StaleCalendar
    from sync_agent.engine.values import CalendarRow, Link, MeetingRow, Session, Student

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SessionContext:
    """What stands around some sessions.

    Attributes:
        students: by id.
        meetings: living ones, by session id.
        conflicts: ids of open double bookings, by session id.
        links: open ones, by session id.
        calendars: by id.
        checked_at: when the calendar that was read longest ago was read; None: some were never, or there is none.
        stale: calendars that count as not checked.
    """

    students: Mapping[str, Student] = field(default_factory=dict)
    meetings: Mapping[str, MeetingRow] = field(default_factory=dict)
    conflicts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: Mapping[str, Sequence[Link]] = field(default_factory=dict)
    calendars: Mapping[str, CalendarRow] = field(default_factory=dict)
    checked_at: datetime | None = None
    stale: Sequence[StaleCalendar] = ()


def session_document(session: Session, around: SessionContext) -> dict[str, Any]:
    """Give the Session document."""
    when = session.when
    meeting = around.meetings.get(session.id)
    return {
        "id": session.id,
        "title": session.title,
        "subject": session.subject,
        "start": in_zone(when.starts_at, when.zone),
        "end": in_zone(when.ends_at, when.zone),
        "start_wall": when.start.isoformat(timespec="minutes" if when.start.second == 0 else "seconds"),
        "zone": when.zone,
        "duration_minutes": when.duration // _MINUTE,
        "when": when_words(when),
        "online": session.online,
        "place": session.place,
        "notes": session.notes,
        "status": session.status.value,
        "students": [{"id": one, "name": _name(one, around.students)} for one in session.students],
        "chargeable": session.chargeable,
        "series_id": session.series_id,
        "version": session.version,
        "meeting": None if meeting is None else _meeting_of_session(meeting),
        "conflicts": list(around.conflicts.get(session.id, ())),
        "coverage": {"checked_at": stamp(around.checked_at), "stale": [one.name for one in around.stale]},
        "calendars": [
            {"calendar": link.calendar, "name": around.calendars[link.calendar].name, "state": link.state.value}
            for link in around.links.get(session.id, ())
            if link.calendar in around.calendars
        ],
    }


def meeting_document(meeting: MeetingRow) -> dict[str, Any]:
    """Give the Meeting document."""
    return {"session": meeting.session, "remote_id": meeting.remote_id, **_meeting_of_session(meeting)}


def student_document(student: Student) -> dict[str, Any]:
    """Give the Student document."""
    return {"id": student.id, "name": student.name, "zone": student.zone, "email": student.email}


def _meeting_of_session(meeting: MeetingRow) -> dict[str, Any]:
    return {"provider": meeting.provider, "join_url": meeting.join_url or None, "state": meeting.state}


def _name(student: str, known: Mapping[str, Student]) -> str:
    return known[student].name if student in known else ""
