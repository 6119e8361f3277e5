"""Faults that the simulation found where somebody types once more what was there before, or takes an edit back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_what_was_typed_over_the_first_does_not_win_over_what_was_typed_once_more() -> None:
    """The calendar did not answer since: what it said before is not what it says of the second (1789, 4121)."""
    scene = Scene()
    session = scene.add("Maths")
    scene.settle()
    scene.phone(summary="Physics")
    scene.change(session, title="Chemistry")
    scene.change(session, title="Maths")
    scene.run(pull=[Fault.UNREACHABLE])

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert [one.lost_value for one in scene.lost()] == ["Physics"]


def test_what_is_typed_over_the_second_wins_once_it_was_seen_there() -> None:
    """A look is all that was missing: nothing was written, and the phone's edit has no rival."""
    scene = Scene()
    session = scene.add("Maths")
    scene.settle()
    scene.change(session, title="Chemistry")
    scene.change(session, title="Maths")
    scene.run(pull=[Fault.UNREACHABLE])
    scene.run()
    scene.phone(summary="Physics")

    scene.settle()

    assert scene.session(session).title == "Physics"
    assert scene.lost() == []


def test_the_marker_of_the_first_does_not_tell_that_the_second_arrived() -> None:
    """Nobody heard what became of the write, which was never sent: the phone's edit was typed over the first (3031)."""
    scene = Scene()
    session = scene.add("Maths")
    scene.settle()
    scene.phone(summary="Physics")
    scene.change(session, title="Chemistry")
    scene.change(session, title="Maths")
    scene.run(update=[Fault.DIED_BEFORE])
    scene.phone(description="bring the book")

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert [one.lost_value for one in scene.lost()] == ["Physics"]


def test_what_another_laptop_found_meanwhile_was_not_typed_over_the_second() -> None:
    """It took over what was undone here and knew nothing of that: the platform says the same as before (3695)."""
    scene = Scene(laptops=True)
    session = scene.add("Maths")
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(put=[Fault.DIED_BEFORE])
    assert scene.session(session).title == "Physics"
    scene.change(session, title="Maths")
    scene.run(update=[Fault.UNREACHABLE], links=[Fault.REQUEST_LOST] * 9)
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.settle()
    assert scene.session(session).title == "Physics"
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).title == "Maths"
    assert scene.lost() == []  # whoever typed the second saw what it replaced


def test_what_was_taken_back_on_another_laptop_is_newer_here_though_the_platform_says_the_same_as_before() -> None:
    """The office named a place, the other laptop took it back: a phone had typed another one before that (351)."""
    scene = Scene(Manners(), Manners(), laptops=True)
    session = scene.add(place="")
    scene.settle()
    scene.phone(1, location="library")
    scene.sit_down_at(1)
    scene.office(replace(scene.record(session), place="hall"), FieldGroup.WHERE)
    scene.run(minutes=1)
    assert scene.session(session).place == "hall"
    scene.change(session, place="")
    scene.run(minutes=1)
    assert scene.record(session).place == ""
    scene.sit_down_at(0)

    scene.settle()

    assert scene.session(session).place == scene.record(session).place == ""
    assert len(scene.lost()) == 1


def test_a_value_that_was_typed_once_more_is_not_the_one_that_was_given_up_before() -> None:
    """The first creation never arrived; its title came back much later, typed in the app beside a phone's (1709)."""
    scene = Scene()
    session = scene.add("Maths")
    scene.run(create=[Fault.REQUEST_LOST])
    scene.settle()
    scene.phone(summary="Physics")
    scene.run()
    assert scene.session(session).title == "Physics"
    scene.phone(summary="Biology")
    scene.change(session, title="Maths")

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert [one.lost_value for one in scene.lost()] == ["Biology"]


def test_what_was_agreed_on_here_is_not_forgotten_for_what_was_announced_before_it() -> None:
    """Two laptops could tell each other nothing; a phone typed over what the second one wrote (271)."""
    scene = Scene(Manners(rewrites=("html",)), laptops=True)
    session = scene.add()
    scene.run(links=[None, *[Fault.REQUEST_LOST] * 9])
    scene.run(links=[Fault.REQUEST_LOST] * 9)
    scene.sit_down_at(1)
    scene.run(minutes=75, links=[Fault.REQUEST_LOST] * 9)
    scene.change(session, notes="Bring the book")
    scene.run(links=[Fault.REQUEST_LOST] * 9)
    scene.phone(description="Bring both books")
    scene.sit_down_at(0)

    scene.run(minutes=75)
    scene.settle()

    assert "Bring both books" in scene.session(session).notes
    assert scene.lost() == []


def test_a_text_that_is_taken_back_in_a_cancelled_session_cancels_nothing() -> None:
    """The log says what was done: the notes were changed, and the session was cancelled once."""
    scene = Scene()
    session = scene.add()
    scene.change(session, notes="Bring the book")
    changed = scene.newest().id
    scene.cancel(session)

    scene.stage.device.engine.undo.undo(changed)

    assert scene.session(session).notes == ""
    assert (scene.newest().kind, scene.newest().field_group) == ("session.changed", FieldGroup.NOTES.value)
