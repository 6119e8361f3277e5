"""What a session's meeting needs: a function of session and meeting as they stand. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from connectors.vocabulary.meetings import MeetingDraft
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.session_fields import when_value
from sync_agent.engine.values import MeetingRow, Session


class MeetingStep(StrEnum):
    """What is to be done."""

    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


def wants_meeting(session: Session, now: datetime, ahead: timedelta) -> bool:
    """Whether a session is to have a meeting: online, planned, not over, and near enough."""
    return (
        session.online
        and session.status is SessionStatus.PLANNED
        and not session.is_over(now)
        and session.when.starts_at <= now + ahead
    )


def why_not(session: Session, now: datetime) -> str:
    """Say why a session gets no meeting; "" if it does."""
    if session.status is SessionStatus.CANCELLED:
        return "cancelled"
    if not session.online:
        return "in person"
    return "over" if session.is_over(now) else ""


def decide(session: Session, meeting: MeetingRow | None, *, now: datetime, ahead: timedelta) -> MeetingStep:
    """Say what a session's meeting needs.

    A meeting that we did not make (it has no vendor id: the platform's, or the tutor's own room) is left alone. A
    meeting of a session that is over stays: its recording hangs on it.
    """
    wanted = wants_meeting(session, now, ahead)
    if meeting is None:
        return MeetingStep.CREATE if wanted else MeetingStep.NOTHING
    if meeting.state == "wanted":
        was_made = bool(meeting.remote_id) and session.online and session.status is SessionStatus.PLANNED
        return MeetingStep.CREATE if wanted else MeetingStep.NOTHING if was_made else MeetingStep.DELETE
    if not meeting.remote_id or session.is_over(now):
        return MeetingStep.NOTHING
    if session.status is SessionStatus.CANCELLED or not session.online:
        return MeetingStep.DELETE
    if wanted and (meeting.when_value != when_value(session.when) or meeting.topic != topic_of(session)):
        return MeetingStep.UPDATE
    return MeetingStep.NOTHING


SWEPT_AFTER = (timedelta(minutes=2), timedelta(minutes=10))
"""So long after a creation whose answer never came it is looked whether it arrived late, beside the daily look."""


def next_sweep(sent_at: datetime, now: datetime) -> datetime | None:
    """Say when to look next for what a creation may have made late; None: it was looked often enough."""
    return next((sent_at + after for after in SWEPT_AFTER if sent_at + after > now), None)


def topic_of(session: Session) -> str:
    """Give what guests read: the title, cut where vendors cut (Zoom: 200)."""
    return (session.title.strip() or session.subject.strip() or "Session")[:200]


def draft_of(session: Session, marker: str) -> MeetingDraft:
    """Give the meeting as it is to be."""
    return MeetingDraft(topic=topic_of(session), when=session.when, marker=marker)
