"""What is asked before it is believed: shapes that no session can have, moves to another calendar, first writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from sync_agent.engine.values import Role
from tests.engine.world import THURSDAY, Home

_SHAPES: dict[str, Mapping[str, str]] = {
    "all_day": {
        "DTSTART;TZID=Europe/Berlin:20261126T150000": "DTSTART;VALUE=DATE:20261126",
        "DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;VALUE=DATE:20261127",
    },
    "series": {"SUMMARY:Maths": "SUMMARY:Maths\nRRULE:FREQ=WEEKLY;COUNT=5"},
    "floating": {
        "DTSTART;TZID=Europe/Berlin:": "DTSTART:",
        "DTEND;TZID=Europe/Berlin:": "DTEND:",
    },
    "zero": {"DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;TZID=Europe/Berlin:20261126T150000"},
    "long": {"DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;TZID=Europe/Berlin:20261129T160000"},
}


@pytest.mark.parametrize("shape", list(_SHAPES))
def test_a_shape_that_no_session_can_have_is_held_and_asked_once(home: Home, shape: str) -> None:
    """A phone makes the event something else. Nothing is written to it, the session stays as it was."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, _SHAPES[shape])
    became = home.phone.event(home.work)

    home.run()
    home.world.change(session, title="Physics")
    home.run()

    (question,) = home.world.questions()
    assert (question.kind, question.facts["shape"]) == ("shape", shape)
    assert home.phone.event(home.work) == became
    assert home.world.session(session).when.start == THURSDAY
    assert home.idle(3) == 0
    assert len(home.world.questions()) == 1


@pytest.mark.parametrize("shape", list(_SHAPES))
def test_put_back_removes_what_it_became_and_makes_the_event_anew(home: Home, shape: str) -> None:
    """Exactly one event for the session, a single one, at its time."""
    home.world.add()
    home.run()
    home.phone.edit(home.work, _SHAPES[shape])
    home.run()

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()
    home.run()

    text = home.phone.event(home.work)
    assert "DTSTART;TZID=Europe/Berlin:20261126T150000" in text
    assert "RRULE" not in text.partition("BEGIN:VEVENT")[2]
    assert home.idle(3) == 0


@pytest.mark.parametrize("shape", sorted(_SHAPES.keys() - {"series"}))
def test_what_was_typed_together_with_such_a_shape_is_heard(home: Home, shape: str) -> None:
    """Its title is an edit like any other; only the shape is in question. Put back, it is there."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, {**_SHAPES[shape], "SUMMARY:Maths": "SUMMARY:Algebra"})
    home.run()
    assert home.world.session(session).title == "Algebra"
    home.phone.edit(home.work, {"SUMMARY:Algebra": "SUMMARY:Geometry"})
    assert home.run().written == 0

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()
    home.run()

    text = home.phone.event(home.work)
    assert "SUMMARY:Geometry" in text
    assert "DTSTART;TZID=Europe/Berlin:20261126T150000" in text
    assert home.idle(3) == 0


def test_what_was_typed_into_an_event_whose_shape_is_in_question_outlives_a_deletion_elsewhere(home: Home) -> None:
    """Whoever deleted the other event did not know of it."""
    second = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS)
    session = home.world.add()
    home.run()
    home.run()
    home.phone.edit(home.work, _SHAPES["all_day"])
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Algebra"})
    home.phone.delete(second)

    for _ in range(3):
        home.run()

    assert home.world.session(session).is_live
    assert home.phone.titles(second) == ["Algebra"]


def test_what_was_typed_into_an_event_whose_shape_is_in_question_outlives_a_cancellation(home: Home) -> None:
    """Whoever cancelled had been asked about the shape; of what was typed since nobody knew."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, _SHAPES["all_day"])
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Algebra"})
    home.world.engine.sessions.cancel(session)

    for _ in range(3):
        home.run()

    assert home.world.session(session).is_live
    assert home.world.session(session).title == "Algebra"


def test_let_go_leaves_it_and_never_writes_it_again(home: Home) -> None:
    """It becomes an appointment like any other."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, _SHAPES["series"])
    home.run()
    became = home.phone.event(home.work)

    home.world.engine.questions.answer(home.world.questions()[0].id, "no")
    home.world.change(session, title="Physics")
    home.run()

    assert home.phone.event(home.work) == became
    assert home.idle(3) == 0


def test_put_right_by_the_phone_itself_needs_no_answer(home: Home) -> None:
    """The question closes, and the pair lives again."""
    session = home.world.add()
    home.run()
    before = home.phone.event(home.work)
    home.phone.edit(home.work, _SHAPES["all_day"])
    home.run()
    ((href, _),) = home.phone.events(home.work).items()

    home.phone.put(href, before.replace("SUMMARY:Maths", "SUMMARY:Physics"))
    home.run()

    assert home.world.questions() == []
    assert home.world.session(session).title == "Physics"
    assert home.idle(3) == 0


def test_cancelling_while_a_shape_is_in_question_asks_on(home: Home) -> None:
    """Nothing is deleted behind the tutor's back; "put back" then only clears it away."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, _SHAPES["series"])
    home.run()
    home.world.engine.sessions.cancel(session)
    home.run()
    assert len(home.events) == 1

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()

    assert home.events == []
    assert home.idle(3) == 0


def test_moved_to_another_calendar_for_sessions_the_link_moves_along(home: Home) -> None:
    """The tutor drags the event from Work to Private."""
    other = home.more("private")
    home.world.engine.accounts.set_role("private", Role.SESSIONS, confirmed=True)
    session = home.world.add()
    home.world.engine.accounts.set_role("private", Role.BUSY)
    home.run()
    home.world.engine.accounts.set_role("private", Role.SESSIONS, confirmed=True)
    ((href, text),) = home.phone.events(home.work).items()

    home.phone.drop(href)
    home.phone.put(other + "moved.ics", text)
    home.run()
    home.phone.edit(other, {"SUMMARY:Maths": "SUMMARY:Physics"})
    home.run()

    assert home.world.session(session).is_live
    assert home.world.session(session).title == "Physics"
    assert home.world.log("session.cancelled") == []
    assert list(home.phone.events(other)) == [other + "moved.ics"]
    assert home.phone.titles(home.work) == ["Physics"]
    assert (home.world.questions(), home.idle(3)) == ([], 0)


def test_moved_into_a_calendar_that_cannot_be_read_just_now_it_is_not_missed(home: Home) -> None:
    """Absence is believed after all calendars of the account were read: until then it may have been a move."""
    other = home.more("yours")  # read after “work”
    home.world.engine.accounts.set_role("yours", Role.SESSIONS, confirmed=True)
    session = home.world.add()
    home.world.engine.accounts.set_role("yours", Role.BUSY)
    home.run()
    home.world.engine.accounts.set_role("yours", Role.SESSIONS, confirmed=True)
    ((href, text),) = home.phone.events(home.work).items()
    home.phone.drop(href)
    home.phone.put(other + "moved.ics", text)
    home.wire.fail("broken", containing=other.encode(), every=True)

    for _ in range(3):
        home.run()
    assert home.world.session(session).is_live
    home.wire.fail()
    home.run()
    home.run()

    assert home.world.session(session).is_live
    assert home.world.log("session.cancelled") == []
    assert list(home.phone.events(other)) == [other + "moved.ics"]
    assert home.idle(3) == 0


def in_two_calendars(home: Home) -> tuple[str, str, str, str]:
    """Add a session to two calendars for it; gives the second one, the session, its event's name and text there."""
    second = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS)
    session = home.world.add()
    home.run()
    home.run()
    ((href, text),) = home.phone.events(second).items()
    return second, session, href.rpartition("/")[2], text


def test_an_event_moved_beside_the_other_one_of_its_session_cancels_nothing(home: Home) -> None:
    """Both calendars are for sessions: it was moved, not deleted, so each has one again."""
    second, session, name, text = in_two_calendars(home)
    home.phone.put(f"{home.work}{name}", text)
    home.phone.delete(second)

    for _ in range(4):
        home.run()

    assert home.world.session(session).is_live
    assert (home.phone.titles(home.work), home.phone.titles(second)) == (["Maths"], ["Maths"])
    assert (home.world.busy(), home.world.questions(), home.idle(3)) == ([], [], 0)


def test_what_was_typed_into_an_event_on_its_way_beside_the_other_one_is_heard(home: Home) -> None:
    """It goes, but not what it says."""
    second, session, name, text = in_two_calendars(home)
    home.phone.put(f"{home.work}{name}", text.replace("SUMMARY:Maths", "SUMMARY:Algebra"))
    home.phone.delete(second)

    for _ in range(4):
        home.run()

    assert home.world.session(session).title == "Algebra"
    assert (home.phone.titles(home.work), home.phone.titles(second)) == (["Algebra"], ["Algebra"])
    assert home.idle(3) == 0


def test_moved_to_a_calendar_that_is_not_for_sessions_asks_once(home: Home) -> None:
    """Nothing is cancelled meanwhile. Yes: it lives there from now on, and follows its session there."""
    other = home.more("private")
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(home.work).items()
    home.phone.drop(href)
    home.phone.put(other + "moved.ics", text)

    home.run()
    home.run()

    (question,) = home.world.questions()
    assert (question.kind, question.facts["to"]) == ("moved_away", "private")
    assert home.world.session(session).is_live

    home.world.engine.questions.answer(question.id, "yes")
    home.world.change(session, title="Physics")
    home.run()

    assert home.phone.titles(other) == ["Physics"]
    assert home.world.session(session).is_live


def test_moved_away_and_no_makes_it_anew_where_it_was(home: Home) -> None:
    """What lies in the other calendar is the tutor's."""
    other = home.more("private")
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(home.work).items()
    home.phone.drop(href)
    home.phone.put(other + "moved.ics", text)
    home.run()

    home.world.engine.questions.answer(home.world.questions()[0].id, "no")
    home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert home.world.session(session).is_live
    assert home.idle(3) == 0


def test_under_another_name_in_the_same_calendar_it_is_the_same_event(home: Home) -> None:
    """A server, or a client that imports, gives the file another name."""
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(home.work).items()

    home.phone.drop(href)
    home.phone.put(home.work + "another-name.ics", text)
    home.run()

    assert home.world.session(session).is_live
    assert len(home.events) == 1
    home.world.change(session, title="Physics")
    home.run()
    assert home.phone.titles(home.work) == ["Physics"]


def test_a_calendar_is_asked_about_before_the_first_write(home: Home) -> None:
    """The summary says how many; nothing is written before a yes, and it is asked once."""
    with home.world.store.write() as connection:
        home.world.store.accounts.update_calendar(connection, home.world.calendar(home.name).id, confirmed=False)
    home.world.add("One")
    home.world.add("Two", start=THURSDAY + timedelta(days=1))

    dry = home.world.engine.run_pass(dry_run=True)
    report = home.run()
    home.run()

    assert dry.created == 0
    assert report.written == 0
    (question,) = home.world.questions()
    assert (question.kind, question.facts["count"]) == ("first_write", 2)
    assert home.events == []

    home.world.engine.questions.answer(question.id, "yes")
    home.run()

    assert home.phone.titles(home.work) == ["One", "Two"]
    assert home.world.questions() == []


def test_the_same_shape_again_is_asked_again(home: Home) -> None:
    """A phone makes it a series, takes that back, and does it once more."""
    home.world.add()
    home.run()
    before = home.phone.event(home.work)
    ((href, _),) = home.phone.events(home.work).items()
    for _ in range(2):
        home.phone.edit(home.work, _SHAPES["series"])
        home.run()
        assert [question.kind for question in home.world.questions()] == ["shape"]
        home.phone.put(href, before)
        home.run()
        assert home.world.questions() == []
