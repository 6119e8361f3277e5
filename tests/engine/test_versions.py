"""Two versions of one field, where the tutor chooses: one question a field, and what loses is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sync_agent.engine.errors import FieldWrong
from sync_agent.engine.values import Role
from tests.engine.phone import value_of
from tests.engine.world import Home


@pytest.fixture
def choosing(home: Home) -> Home:
    """A tutor who wants to be asked."""
    home.world.settings = replace(home.world.settings, versions="ask")
    return home


def a_clash(home: Home) -> str:
    """Rename a session in the app and on the phone, without a look in between."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Chemistry"})
    home.run()
    return session


def versions(home: Home) -> dict[int, str]:
    (question,) = home.world.questions()
    return {one["number"]: one["value"] for one in question.facts["versions"]}


def take(home: Home, value: str) -> None:
    (question,) = home.world.questions()
    number = next(number for number, one in versions(home).items() if one == value)
    home.world.engine.questions.answer(question.id, str(number))


def test_both_stay_as_they_are_and_one_question_is_asked(choosing: Home) -> None:
    """The phone goes on showing its own, and idle passes neither write nor ask."""
    session = a_clash(choosing)

    (question,) = choosing.world.questions()
    assert (question.kind, question.targets) == ("two_versions", (session,))
    assert sorted(versions(choosing).values()) == ["Chemistry", "Physics"]
    assert choosing.world.session(session).title == "Physics"
    assert choosing.phone.titles(choosing.work) == ["Chemistry"]
    assert choosing.idle(5) == 0
    assert choosing.world.questions() == [question]


@pytest.mark.parametrize(("taken", "lost"), [("Physics", "Chemistry"), ("Chemistry", "Physics")])
def test_what_is_taken_counts_everywhere_and_undo_brings_the_other_back(choosing: Home, taken: str, lost: str) -> None:
    """The one in the calendar as well as the one in the app."""
    session = a_clash(choosing)

    take(choosing, taken)
    choosing.run()

    assert choosing.world.session(session).title == taken
    assert choosing.phone.titles(choosing.work) == [taken]
    assert choosing.world.questions() == []
    assert choosing.idle(3) == 0
    (entry,) = choosing.world.log("version.lost")
    assert entry.lost_value == lost
    assert not choosing.world.engine.undo.undo(entry.id).refused
    choosing.run()
    assert choosing.phone.titles(choosing.work) == [lost]
    assert choosing.idle(3) == 0


def test_a_later_edit_updates_the_question_and_numbers_stay(choosing: Home) -> None:
    """Who read "2" and answers later means what it was then."""
    a_clash(choosing)
    before = versions(choosing)
    (question,) = choosing.world.questions()
    of_the_app = next(number for number, value in before.items() if value == "Physics")

    choosing.phone.edit(choosing.work, {"SUMMARY:Chemistry": "SUMMARY:Biology"})
    choosing.run()

    (after,) = choosing.world.questions()
    assert after.id == question.id
    assert versions(choosing) == {of_the_app: "Physics", 3: "Biology"}
    with pytest.raises(FieldWrong):
        choosing.world.engine.questions.answer(question.id, str(3 - of_the_app))
    take(choosing, "Biology")
    choosing.run()
    assert choosing.phone.titles(choosing.work) == ["Biology"]


def test_equality_closes_it(choosing: Home) -> None:
    """Somebody typed the same on the phone."""
    session = a_clash(choosing)

    choosing.phone.edit(choosing.work, {"SUMMARY:Chemistry": "SUMMARY:Physics"})
    choosing.run()

    assert choosing.world.questions() == []
    assert choosing.world.session(session).title == "Physics"
    assert choosing.idle(3) == 0
    choosing.phone.edit(choosing.work, {"SUMMARY:Physics": "SUMMARY:Music"})
    choosing.run()
    assert choosing.world.session(session).title == "Music"


def test_other_fields_go_on_meanwhile(choosing: Home) -> None:
    """The hour moved on the phone, the notes in the app: both arrive while the title is in question."""
    session = a_clash(choosing)

    choosing.phone.move(choosing.work, 15, 17)
    choosing.world.change(session, notes="Bring the book")
    choosing.run()

    assert choosing.world.session(session).when.start.hour == 17
    text = choosing.phone.event(choosing.work)
    assert (value_of(text, "SUMMARY"), value_of(text, "DESCRIPTION")) == ("Chemistry", "Bring the book")
    assert len(choosing.world.questions()) == 1


def test_two_fields_are_two_questions(choosing: Home) -> None:
    """Each is answered for itself."""
    session = choosing.world.add()
    choosing.run()
    choosing.world.change(session, title="Physics", notes="ours")
    choosing.phone.edit(choosing.work, {"SUMMARY:Maths": "SUMMARY:Chemistry\nDESCRIPTION:theirs"})

    choosing.run()

    assert sorted(one.facts["group"] for one in choosing.world.questions()) == ["notes", "title"]


def test_three_calendars_three_versions(choosing: Home) -> None:
    """What is taken reaches those that said something else and those that said nothing."""
    paths = [choosing.work, choosing.more("second"), choosing.more("third")]
    for name in ("second", "third"):
        choosing.world.engine.accounts.set_role(name, Role.SESSIONS, confirmed=True)
    session = choosing.world.add()
    choosing.run()
    choosing.world.change(session, title="Physics")
    for path, title in zip(paths[:2], ("Chemistry", "Biology"), strict=True):
        choosing.phone.edit(path, {"SUMMARY:Maths": f"SUMMARY:{title}"})
    choosing.run()
    assert sorted(versions(choosing).values()) == ["Biology", "Chemistry", "Physics"]
    assert choosing.phone.titles(paths[2]) == ["Maths"]

    take(choosing, "Biology")
    choosing.run()

    assert [choosing.phone.titles(path) for path in paths] == [["Biology"]] * 3
    assert choosing.idle(3) == 0


def test_cancelled_meanwhile_there_is_nothing_left_to_choose(choosing: Home) -> None:
    """The event goes, the question closes."""
    session = a_clash(choosing)

    choosing.world.engine.sessions.cancel(session)
    choosing.run()

    assert choosing.world.questions() == []
    assert choosing.events == []


def test_who_no_longer_wants_to_be_asked_gets_the_newest(choosing: Home) -> None:
    """The open question closes with the next sweep; what lost is in the log."""
    session = a_clash(choosing)

    choosing.world.settings = replace(choosing.world.settings, versions="newest")
    choosing.world.clock.move(timedelta(hours=7))
    choosing.run()

    assert choosing.world.questions() == []
    assert choosing.phone.titles(choosing.work) == [choosing.world.session(session).title]
    assert len(choosing.world.log("version.lost")) == 1


def test_an_edit_after_the_last_look_is_newer_than_the_choice(choosing: Home) -> None:
    """The tutor takes the app's version while somebody at home types on: that edit is in question then, not lost."""
    a_clash(choosing)
    choosing.phone.edit(choosing.work, {"SUMMARY:Chemistry": "SUMMARY:Biology"})

    take(choosing, "Physics")
    choosing.run()

    assert sorted(versions(choosing).values()) == ["Biology", "Physics"]
    assert choosing.phone.titles(choosing.work) == ["Biology"]
