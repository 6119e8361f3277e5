"""What is asked before it is believed: mass deletions, shapes that no session can have, moves, first writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import Role
from tests.engine.phone import value_of
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


@pytest.fixture
def full(home: Home) -> Home:
    """A home with sixty sessions, all in the calendar."""
    for number in range(60):
        home.world.add(f"S{number:02}", start=THURSDAY + timedelta(days=number))
    home.run()
    return home


def delete(home: Home, count: int, *, first: int = 0) -> dict[str, str]:
    """Delete the events of some sessions; give what they were."""
    gone = {}
    for href, text in sorted(home.phone.events(home.work).items(), key=lambda one: value_of(one[1], "SUMMARY")):
        number = int(value_of(text, "SUMMARY")[1:])
        if first <= number < first + count:
            gone[href] = text
            home.phone.drop(href)
    return gone


def cancelled(home: Home) -> int:
    with home.world.store.read() as connection:
        sessions = home.world.store.sessions.between(connection, datetime_of(2026), datetime_of(2028))
    return sum(one.status is SessionStatus.CANCELLED for one in sessions)


def datetime_of(year: int) -> datetime:
    from datetime import UTC

    return datetime(year, 1, 1, tzinfo=UTC)


def test_thirty_of_sixty_vanish_and_one_question_holds_them(full: Home) -> None:
    """A calendar app that lost its mind. The rest goes on: an edit of another session still travels."""
    delete(full, 30)
    full.phone.edit(full.work, {"SUMMARY:S40": "SUMMARY:S40 moved"}, title="S40")

    full.run()
    full.run()

    (question,) = full.world.questions()
    assert (question.kind, question.facts["count"], question.facts["living"]) == ("mass_deletion", 30, 60)
    assert cancelled(full) == 0
    assert full.world.log("session.changed")[0].after == "S40 moved"
    assert full.idle(3) == 0
    assert len(full.world.questions()) == 1


def test_yes_cancels_them(full: Home) -> None:
    """They really were deleted; nothing is asked a second time."""
    delete(full, 30)
    full.run()

    full.world.engine.questions.answer(full.world.questions()[0].id, "yes")
    full.run()

    assert cancelled(full) == 30
    assert full.world.questions() == []
    assert len(full.events) == 30
    assert full.idle(3) == 0


def test_no_puts_their_events_back(full: Home) -> None:
    """With what others had put on them."""
    full.phone.edit(full.work, {"END:VEVENT": "COLOR:red\nEND:VEVENT"}, title="SUMMARY:S05\n")
    full.run()
    delete(full, 30)
    full.run()

    full.world.engine.questions.answer(full.world.questions()[0].id, "no")
    full.run()

    assert cancelled(full) == 0
    assert len(full.events) == 60
    assert "COLOR:red" in full.phone.event(full.work, "SUMMARY:S05\n")
    assert full.idle(3) == 0


def test_the_question_closes_itself_if_they_come_back(full: Home) -> None:
    """The server restored its backup. Nothing is doubled, and they are kept equal as before."""
    gone = delete(full, 30)
    full.run()

    for href, text in gone.items():
        full.phone.put(href, text)
    full.run()

    assert full.world.questions() == []
    assert cancelled(full) == 0
    assert len(full.events) == 60
    full.phone.edit(full.work, {"SUMMARY:S03": "SUMMARY:Three"}, title="SUMMARY:S03\n")
    full.run()
    assert full.world.log("session.changed")[0].after == "Three"
    assert full.idle(3) == 0


def test_ten_a_day_are_believed_and_the_eleventh_asks(full: Home) -> None:
    """One by one counts like all at once: the guard looks at a whole day."""
    for number in range(10):
        delete(full, 1, first=number)
        full.run(minutes=30)
    assert cancelled(full) == 10
    assert full.world.questions() == []

    delete(full, 1, first=10)
    full.run(minutes=30)
    assert cancelled(full) == 10
    assert len(full.world.questions()) == 1

    full.world.clock.move(timedelta(days=1, hours=1))
    delete(full, 1, first=11)
    full.run()
    assert cancelled(full) == 11


def test_few_of_few_ask_too(home: Home) -> None:
    """Three of four is more than a fifth; two are believed."""
    for number in range(4):
        home.world.add(f"S{number:02}", start=THURSDAY + timedelta(days=number))
    home.run()

    delete(home, 3)
    home.run()

    assert cancelled(home) == 0
    assert [question.facts["count"] for question in home.world.questions()] == [3]


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

    assert home.world.session(session).is_live


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
