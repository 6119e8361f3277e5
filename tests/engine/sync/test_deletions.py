"""What an event that went means: a session ends, or an edit outlives that, or a link is filled again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.plan import applied
from sync_agent.engine.sync.spell import link_value
from sync_agent.engine.values import CALENDAR_GROUPS, Base, FieldGroup, Session
from tests.engine.sync.builders import NOW, T15, T16, T17, a_session, at, gone_from, in_calendar, minute, planned

CANCELLED = a_session(status=SessionStatus.CANCELLED)
WHEN = FieldGroup.WHEN


@pytest.mark.parametrize(
    ("session", "states"),
    [
        pytest.param(a_session(), {"cancel": True, "closes": ["deleted there"]}, id="future"),
        pytest.param(
            a_session(T15 - timedelta(days=9)),
            {"cancel": False, "closes": ["deleted in the past"]},
            id="past",
        ),
        pytest.param(CANCELLED, {"cancel": False, "closes": ["session cancelled"]}, id="cancelled anyway"),
    ],
)
def test_what_a_deleted_event_means(session: Session, states: dict[str, object]) -> None:
    """Somebody deletes the event on the phone."""
    told = planned(session, [gone_from(session)])

    assert (told.cancel is not None) is states["cancel"]
    assert [why for _, why in told.closes] == states["closes"]
    assert not told.writes


def test_an_event_marked_as_cancelled_is_a_deletion() -> None:
    """STATUS:CANCELLED, or the tutor declined it."""
    session = a_session()

    assert planned(session, [in_calendar(session, shape="cancelled")]).cancel is not None


def test_an_edit_in_the_app_outlives_a_deletion_on_the_phone() -> None:
    """Moved here, deleted there before it heard of it: the session stays, its event is made anew."""
    told = planned(a_session(T16), [gone_from(a_session(T15))])

    assert told.cancel is None
    assert told.renews == ("link-work",)


def test_an_edit_at_another_side_outlives_a_deletion() -> None:
    """The student's parent moves it on the platform in the minute in which it is deleted in the calendar."""
    session = a_session()

    told = planned(session, [gone_from(session), in_calendar(session, "home", said={WHEN: at(T16)})])

    assert told.cancel is None
    assert told.renews == ("link-work",)
    assert applied(told).when.start == T16


def test_an_edit_in_the_app_that_won_outlives_a_deletion_that_never_saw_it() -> None:
    """Moved here and, a little earlier, on the phone; deleted there before the winner arrived."""
    session = a_session(T16)
    overruled = {group: Base(value_of(session, group), value_of(session, group)) for group in CALENDAR_GROUPS}
    overruled[WHEN] = Base(None, at(T17))

    told = planned(session, [gone_from(session, bases=overruled)])

    assert told.cancel is None
    assert told.renews == ("link-work",)


def test_what_whoever_ended_a_session_here_had_seen_does_not_outlive_that() -> None:
    """Moved and cancelled here; the move comes back from another side before it is known to have arrived (11076)."""
    session = a_session(T16, status=SessionStatus.CANCELLED)
    elsewhere = in_calendar(a_session(T15), "home", said={WHEN: at(T16)})

    assert applied(planned(session, [elsewhere])).status is SessionStatus.CANCELLED
    assert applied(planned(session, [in_calendar(a_session(T15), "home", said={WHEN: at(T17)})])).is_live


def test_a_late_echo_of_our_own_outlives_nothing() -> None:
    """A write that we gave up arrives in one calendar while a person deletes the event in another."""
    session = a_session()
    echoing = in_calendar(session, "home", said={WHEN: at(T16)}, echoes=frozenset({(WHEN, at(T16))}))

    assert planned(session, [gone_from(session), echoing]).cancel is not None


def test_a_deletion_happened_after_the_last_look_that_found_the_event() -> None:
    """So that it can be told from what was edited before and after it."""
    cancel = planned(a_session(), [gone_from(a_session(), last_seen=minute(5))]).cancel

    assert cancel is not None
    assert (cancel.origin.since, cancel.origin.until) == (minute(5), NOW)


def test_a_link_that_a_machine_wrote_outlives_nothing() -> None:
    """The meeting's link changed while the event was deleted: only a person's edit of a person's field counts."""
    session = a_session()

    told = planned(session, [gone_from(session)], link=link_value("https://zoom.us/j/2"))

    assert told.cancel is not None
