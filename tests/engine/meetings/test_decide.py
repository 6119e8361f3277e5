"""What a session's meeting needs: a function of session and meeting as they stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.meetings.decide import MeetingStep, decide, draft_of, topic_of, why_not
from sync_agent.engine.session_fields import when_value
from sync_agent.engine.values import MeetingRow, Session
from tests.engine.sync.builders import NOW, T15, T16, ZONE, a_session

AHEAD = timedelta(days=400)
PAST = a_session(T15 - timedelta(days=9))
CANCELLED = a_session(status=SessionStatus.CANCELLED)
IN_PERSON = a_session(online=False)
FARTHEST = a_session((NOW + AHEAD).astimezone(ZoneInfo(ZONE)).replace(tzinfo=None))


def a_meeting(session: Session | None = None, **differing: str) -> MeetingRow:
    session = session or a_session()
    plain = MeetingRow("s1", "zoom", "acc", "live", "555", "https://z/1", topic_of(session), when_value(session.when))
    return replace(plain, **differing)


@pytest.mark.parametrize(
    ("session", "meeting", "step"),
    [
        pytest.param(a_session(), None, MeetingStep.CREATE, id="online without one"),
        pytest.param(a_session(), a_meeting(), MeetingStep.NOTHING, id="all is well"),
        pytest.param(a_session(T16), a_meeting(), MeetingStep.UPDATE, id="moved"),
        pytest.param(a_session(title="Physics"), a_meeting(), MeetingStep.UPDATE, id="renamed"),
        pytest.param(a_session(notes="new"), a_meeting(), MeetingStep.NOTHING, id="notes do not concern it"),
        pytest.param(IN_PERSON, None, MeetingStep.NOTHING, id="in person"),
        pytest.param(IN_PERSON, a_meeting(), MeetingStep.DELETE, id="in person now"),
        pytest.param(CANCELLED, a_meeting(), MeetingStep.DELETE, id="cancelled"),
        pytest.param(CANCELLED, None, MeetingStep.NOTHING, id="cancelled without one"),
        pytest.param(PAST, None, MeetingStep.NOTHING, id="over"),
        pytest.param(PAST, a_meeting(), MeetingStep.NOTHING, id="over: its recording hangs on it"),
        pytest.param(a_session(), a_meeting(state="wanted", remote_id=""), MeetingStep.CREATE, id="begun"),
        pytest.param(CANCELLED, a_meeting(state="wanted", remote_id=""), MeetingStep.DELETE, id="begun and cancelled"),
        pytest.param(a_session(T16), a_meeting(remote_id="", account=""), MeetingStep.NOTHING, id="not made by us"),
        pytest.param(FARTHEST, None, MeetingStep.CREATE, id="just near enough"),
        pytest.param(a_session(T15 + timedelta(days=500)), None, MeetingStep.NOTHING, id="too far ahead"),
    ],
)
def test_what_a_meeting_needs(session: Session, meeting: MeetingRow | None, step: MeetingStep) -> None:
    """Whatever happened before."""
    assert decide(session, meeting, now=NOW, ahead=AHEAD) is step


@pytest.mark.parametrize(
    ("session", "why"), [(a_session(), ""), (CANCELLED, "cancelled"), (IN_PERSON, "in person"), (PAST, "over")]
)
def test_why_there_is_none(session: Session, why: str) -> None:
    """In a word."""
    assert why_not(session, NOW) == why


def test_guests_read_the_title_as_far_as_vendors_take_it() -> None:
    """A nameless one has its subject."""
    assert topic_of(a_session(title="x" * 300)) == "x" * 200
    assert topic_of(a_session(title=" ", subject="Maths")) == "Maths"
    assert topic_of(a_session(title="", subject="")) == "Session"
    assert draft_of(a_session(), "m").marker == "m"
