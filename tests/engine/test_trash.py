"""An event that comes back from a vendor's trash after its session was cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from sync_agent.engine.values import Role
from tests.engine.world import THURSDAY, Home


def restored(home: Home, *, by_phone: bool = True, href: str = "") -> str:
    """Cancel a session, on the phone or in the app, and let its event come back; give the session."""
    session = home.world.add()
    home.run()
    home.run()
    ((found, text),) = home.phone.events(home.work).items()
    if by_phone:
        home.phone.drop(found)
    else:
        home.world.engine.sessions.cancel(session)
    home.run()
    assert not home.world.session(session).is_live
    assert home.events == []
    home.phone.put(href or found, text)
    home.run()
    return session


@pytest.mark.parametrize("by_phone", [True, False])
def test_it_is_asked_once_and_the_event_is_never_deleted_again(home: Home, *, by_phone: bool) -> None:
    """Whoever cancelled it: somebody took the trouble to bring it back."""
    session = restored(home, by_phone=by_phone)

    (question,) = home.world.questions()
    assert (question.kind, question.answers, question.facts["session"]) == ("restored", ("yes", "no"), session)
    assert home.phone.titles(home.work) == ["Maths"]
    assert not home.world.session(session).is_live
    assert home.idle(5) == 0
    assert home.world.questions() == [question]
    assert home.world.busy() == []


def test_yes_gives_the_session_back_with_this_event(home: Home) -> None:
    """One event, tied again: what the phone changes arrives, also what it changed meanwhile."""
    session = restored(home)
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Physics"})

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()

    assert home.world.session(session).is_live
    assert home.world.session(session).title == "Physics"
    assert home.phone.titles(home.work) == ["Physics"]
    assert home.world.questions() == []
    home.world.change(session, start=THURSDAY + timedelta(hours=2))
    home.run()
    assert "20261126T170000" in home.phone.event(home.work)
    assert home.idle(3) == 0


def test_yes_brings_it_back_in_the_other_calendar_too(home: Home) -> None:
    """A session has one event in each calendar for sessions."""
    second = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS, confirmed=True)
    restored(home)
    assert home.phone.titles(second) == []

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()

    assert home.phone.titles(second) == home.phone.titles(home.work) == ["Maths"]
    assert home.idle(3) == 0


def test_no_makes_it_an_appointment_like_any_other(home: Home) -> None:
    """It takes the tutor's time from then on, and a session at its hour is a double booking."""
    session = restored(home)

    home.world.engine.questions.answer(home.world.questions()[0].id, "no")
    home.run()

    assert not home.world.session(session).is_live
    assert home.world.busy() == ["Maths"]
    assert home.idle(3) == 0
    home.world.add("Physics")
    assert len(home.world.conflicts()) == 1
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Dentist"}, title="SUMMARY:Maths")
    home.run()
    assert home.world.busy() == ["Dentist"]
    assert home.world.questions() == []


def test_under_another_name_it_is_the_same_event(home: Home) -> None:
    """Some servers restore to another place."""
    session = restored(home, href="/anna/work/restored.ics")
    (question,) = home.world.questions()

    home.world.engine.questions.answer(question.id, "yes")
    home.run()

    assert home.world.session(session).is_live
    assert len(home.events) == 1
    assert home.idle(3) == 0


def test_gone_again_the_question_ends_by_itself(home: Home) -> None:
    """A slip of the finger. Back once more, it is asked once more."""
    restored(home)
    ((href, text),) = home.phone.events(home.work).items()

    home.phone.drop(href)
    home.run()
    assert home.world.questions() == []
    home.phone.put(href, text)
    home.run()

    assert [question.kind for question in home.world.questions()] == ["restored"]


def test_undo_gives_it_back_and_takes_the_event_that_is_there(home: Home) -> None:
    """The tutor was quicker than the question: no second event is made."""
    session = restored(home, by_phone=False)

    home.world.engine.undo.undo()
    home.run()

    assert home.world.session(session).is_live
    assert home.phone.titles(home.work) == ["Maths"]
    assert home.world.questions() == []
    assert home.idle(3) == 0


def test_of_what_is_over_nobody_is_asked(home: Home) -> None:
    """Last week's cancelled lesson reappears: nothing follows from it."""
    session = home.world.add("Soon", start=datetime(2026, 11, 24, 12))
    home.run()
    ((href, text),) = home.phone.events(home.work).items()
    home.world.engine.sessions.cancel(session)
    home.run()
    home.world.clock.move(timedelta(days=1))

    home.phone.put(href, text)
    home.run()

    assert home.world.questions() == []
    assert home.idle(3) == 0


def test_after_a_let_go_shape_the_event_takes_the_tutors_time(home: Home) -> None:
    """It became a series and was left so: each of its days is taken."""
    home.world.add()
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Maths\nRRULE:FREQ=WEEKLY;COUNT=3"})
    home.run()

    home.world.engine.questions.answer(home.world.questions()[0].id, "no")
    home.run()

    assert home.world.busy() == ["Maths"] * 3
