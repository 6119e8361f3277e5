"""A calendar that was removed on its server and made anew: nobody deleted anything, and one question is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import Role
from tests.engine.world import NOW, THURSDAY, Home

TITLES = [f"S{number}" for number in range(4)]


@pytest.fixture
def anew(any_home: Home) -> Home:
    """Four sessions to come and one of last week in a calendar that is removed and made anew under its old address."""
    for number, title in enumerate(TITLES):
        any_home.world.add(title, start=THURSDAY + timedelta(days=number))
    any_home.world.add("Past", start=THURSDAY - timedelta(days=7))
    any_home.run()
    any_home.run()  # Radicale's token names what is in it: that of the empty calendar would still be good
    assert any_home.phone.titles(any_home.work) == ["Past", *TITLES]
    made_anew(any_home)
    any_home.run()
    return any_home


def made_anew(home: Home) -> None:
    home.phone.drop(home.work)
    home.phone.make_calendar(home.name)


def statuses(home: Home) -> set[SessionStatus]:
    with home.world.store.read() as connection:
        found = home.world.store.sessions.between(connection, NOW - timedelta(days=60), NOW + timedelta(days=60))
    assert len(found) == 5
    return {one.status for one in found}


def answer(home: Home, wanted: str) -> None:
    (question,) = home.world.questions()
    home.world.engine.questions.answer(question.id, wanted)
    home.run()


def test_it_is_asked_about_once_and_nothing_is_cancelled_or_written(anew: Home) -> None:
    """Not even the guard speaks: these are no deletions."""
    (question,) = anew.world.questions()

    assert (question.kind, question.answers, question.facts["count"]) == ("replaced", ("fill", "stop", "cancel"), 5)
    assert anew.world.calendar(anew.name).state == "replaced"
    assert statuses(anew) == {SessionStatus.PLANNED}
    assert anew.idle(3) == 0
    assert anew.events == []
    assert anew.world.questions() == [question]


def test_fill_puts_what_is_to_come_in_again(anew: Home) -> None:
    """Exactly once; last week's event is nobody's loss."""
    answer(anew, "fill")

    assert anew.phone.titles(anew.work) == TITLES
    assert anew.world.calendar(anew.name).state == "ok"
    assert anew.world.questions() == []
    assert anew.idle(3) == 0


def test_stop_leaves_it_alone_and_keeps_the_sessions(anew: Home) -> None:
    """It counts as busy from now on, like any other."""
    answer(anew, "stop")

    row = anew.world.calendar(anew.name)
    assert (row.role, row.state) == (Role.BUSY, "ok")
    assert statuses(anew) == {SessionStatus.PLANNED}
    assert anew.events == []
    assert anew.idle(3) == 0


def test_cancel_cancels_what_is_to_come_and_the_guard_does_not_ask_again(anew: Home) -> None:
    """That was the answer; last week's session took place."""
    answer(anew, "cancel")

    assert anew.world.questions() == []
    assert sum(entry.kind == "session.cancelled" for entry in anew.world.log()) == 4
    assert anew.world.session_titled("Past").is_live
    assert anew.idle(3) == 0


def test_another_time_is_another_question(anew: Home) -> None:
    """Whoever does it again is asked again."""
    answer(anew, "fill")
    anew.run()
    made_anew(anew)
    anew.run()

    assert [question.kind for question in anew.world.questions()] == ["replaced"]


def test_an_edit_and_a_new_session_wait_for_the_answer(anew: Home) -> None:
    """Nothing is lost meanwhile; what is added meanwhile goes in with the rest."""
    anew.world.change(anew.world.session_titled("S0").id, title="S0 renamed")
    anew.world.add("New", start=THURSDAY + timedelta(days=9))
    assert anew.idle(2) == 0

    answer(anew, "fill")

    assert anew.phone.titles(anew.work) == ["New", "S0 renamed", *TITLES[1:]]


def test_the_backup_that_is_put_back_answers_it(home: Home) -> None:
    """The server's keeper finds the old calendar: the pairs live on."""
    session = home.world.add()
    home.run()
    kept = home.phone.events(home.work)
    made_anew(home)
    home.run()
    assert len(home.world.questions()) == 1

    for href, text in kept.items():
        home.phone.put(href, text.replace("SUMMARY:Maths", "SUMMARY:Physics"))
    home.run()

    assert home.world.questions() == []
    assert home.world.calendar(home.name).state == "ok"
    assert home.world.session(session).title == "Physics"
    assert home.idle(3) == 0


def test_a_crash_between_reading_and_looking_makes_no_deletions_of_it(home: Home) -> None:
    """The suspicion is kept with the cursor; the next start goes on from there."""
    session = home.world.add()
    home.run()
    made_anew(home)
    home.wire.fail("drop-request", after=3, every=True)
    home.world.add("Another")
    home.run()
    assert (home.world.calendar(home.name).state, home.world.questions()) == ("replaced", [])
    home.wire.fail()
    home.world.again()

    home.run()

    assert [question.kind for question in home.world.questions()] == ["replaced"]
    assert home.world.session(session).is_live


def test_a_listing_that_lies_ends_the_suspicion_by_itself(home: Home) -> None:
    """A dead token, then an empty list, once: the direct look finds the events, and nobody is asked."""
    for number in range(3):
        home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number))
    home.run()
    assert home.memory is not None
    home.memory.kill_tokens()
    home.wire.fail("empty", method="REPORT", after=1)

    home.run()
    home.run()

    assert home.world.questions() == []
    assert home.world.calendar(home.name).state == "ok"
    home.phone.edit(home.work, {"SUMMARY:S1": "SUMMARY:One"}, title="SUMMARY:S1\n")
    home.run()
    assert home.world.session_titled("One").is_live


def test_what_somebody_deleted_is_deleted_though_the_token_died(home: Home) -> None:
    """Something that was there before is still there: the calendar is the same."""
    session = home.world.add()
    home.phone.add(home.work, "gym", "SUMMARY:Gym", "DTSTART:20261127T090000Z", "DTEND:20261127T100000Z")
    home.run()
    assert home.memory is not None
    home.memory.kill_tokens()
    home.phone.delete(home.work, "Maths")

    home.run()

    assert home.world.questions() == []
    assert not home.world.session(session).is_live


def test_another_role_ends_the_question(anew: Home) -> None:
    """The tutor says what the calendar is for before anybody answers."""
    anew.world.engine.accounts.set_role(anew.name, Role.BUSY)
    anew.run()

    assert anew.world.questions() == []
    assert anew.world.calendar(anew.name).state == "ok"
    assert statuses(anew) == {SessionStatus.PLANNED}
