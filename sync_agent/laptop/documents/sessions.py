"""Sessions as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.seal import Seal
from sync_agent.engine.words import when_words
from sync_agent.laptop.documents.coverage import session_coverage_document
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.values import CalendarRow, MeetingRow, Session, Student


@dataclass(frozen=True, slots=True)
class SessionSurroundings:
    """All that a session's document says beside the session.

    Attributes:
        links, meetings, conflicts: by session id.
        seals: by session id: when its time was last checked for double bookings, and against what.
    """

    students: Mapping[str, Student] = field(default_factory=dict)
    calendars: Mapping[str, CalendarRow] = field(default_factory=dict)
    links: Mapping[str, Sequence[LinkRow]] = field(default_factory=dict)
    meetings: Mapping[str, MeetingRow] = field(default_factory=dict)
    conflicts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seals: Mapping[str, Seal] = field(default_factory=dict)


def session_document(session: Session, around: SessionSurroundings) -> dict[str, Any]:
    """Give **Session**."""
    when, zone = session.when, session.when.zone
    meeting = around.meetings.get(session.id)
    return {
        "id": session.id,
        "title": session.title,
        "subject": session.subject,
        "start": instant(when.starts_at, zone),
        "end": instant(when.ends_at, zone),
        "start_wall": when.start.isoformat(timespec="seconds"),
        "zone": zone,
        "duration_minutes": round(when.duration.total_seconds() / 60),
        "when": when_words(when),
        "online": session.online,
        "place": session.place,
        "notes": session.notes,
        "status": session.status.value,
        "students": [
            {"id": one, "name": around.students[one].name if one in around.students else ""} for one in session.students
        ],
        "chargeable": session.chargeable,
        "series_id": session.series_id,
        "version": session.version,
        "ended_reason": session.ended_reason,
        "meeting": None if meeting is None else meeting_document(meeting),
        "conflicts": list(around.conflicts.get(session.id, ())),
        "coverage": session_coverage_document(around.seals.get(session.id, Seal(None)), zone),
        "calendars": [
            {
                "calendar": row.link.calendar,
                "name": around.calendars[row.link.calendar].name if row.link.calendar in around.calendars else "",
                "state": row.link.state.value,
            }
            for row in around.links.get(session.id, ())
        ],
    }


def meeting_document(meeting: MeetingRow) -> dict[str, Any]:
    """Give **Meeting**. There is no host link to leave out: none was ever kept."""
    return {
        "session": meeting.session,
        "provider": meeting.provider,
        "remote_id": meeting.remote_id,
        "join_url": meeting.join_url,
        "state": meeting.state,
    }


def student_document(student: Student) -> dict[str, Any]:
    """Give one student."""
    return {"id": student.id, "name": student.name, "zone": student.zone, "email": student.email}
