"""Faults that further histories of the simulation found, where news came late, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_a_new_store_knows_an_event_that_was_made_anew_by_its_name_where_markers_are_dropped() -> None:
    """The other calendar tells of the session; here nothing but the UID says whose event it is (5020)."""
    scene = Scene(Manners(rewrites=("unmark",)), Manners())
    session = scene.add()
    scene.settle()
    scene.phone_deletes()
    scene.change(session, title="Physics")
    scene.settle()
    (anew,) = scene.events()
    scene.lose()

    scene.settle()

    assert [one.key for one in scene.events()] == [anew.key]


def test_a_new_store_removes_the_event_of_a_session_that_ended_by_its_name_where_markers_are_dropped() -> None:
    """The platform tells that it was cancelled, and nobody that an event of it lies here (5548)."""
    scene = Scene(Manners(rewrites=("unmark",)), platform=True)
    session = scene.add()
    scene.settle()
    scene.office(replace(scene.record(session), status=SessionStatus.CANCELLED), FieldGroup.STATUS)
    scene.lose()

    scene.settle()

    assert scene.events() == []


def test_what_was_typed_over_a_late_creation_outlives_a_cancellation_where_markers_are_dropped() -> None:
    """The journal tells with what it was made, so anything else was typed (6587)."""
    scene = Scene(Manners(rewrites=("unmark",)))
    session = scene.add()
    scene.run(create=[Fault.DIED_LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.cancel(session)
    scene.run(minutes=1)
    scene.stage.network.arrive(everything=True)
    scene.phone(summary="Physics")

    scene.settle()

    assert scene.session(session).is_live
    assert (scene.session(session).title, scene.titles()) == ("Physics", ["Physics"])


def test_what_the_session_said_before_is_not_called_lost() -> None:
    """The platform had brought the phone's title; another was typed over it before the calendar was read (6207)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(summary="Physics")
    scene.run(links=[Fault.UNREACHABLE] * 9)
    scene.sit_down_at(0)
    scene.run(lease=[Fault.UNREACHABLE] * 9)
    assert scene.session(session).title == "Physics"
    scene.change(session, title="Biology")

    scene.settle(4)

    assert scene.session(session).title == "Biology"
    assert scene.lost() == []


def _with_a_place_that_one_laptop_told_in_its_calendar_only() -> tuple[Scene, str]:
    """The other laptop took it from the phone, and put our link back; what it told of the session itself was lost."""
    scene = Scene(laptops=True)
    session = scene.add(place="Room 5")
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(location="Room 7", conference="https://elsewhere.example/1")
    scene.run(put=[Fault.REQUEST_LOST])
    scene.sit_down_at(0)
    scene.run(minutes=2)
    scene.run(minutes=75)
    return scene, session


def test_what_another_laptop_told_of_an_event_only_is_not_written_over() -> None:
    """That laptop may never wake again: the event is all that knows of it (7631)."""
    scene, session = _with_a_place_that_one_laptop_told_in_its_calendar_only()

    scene.settle()

    assert scene.session(session).place == "Room 7"
    assert scene.lost() == []


def test_whoever_deletes_an_event_knew_what_another_laptop_told_of_it_only() -> None:
    """What this laptop still says was there before: it is no edit that the deletion did not know (7631)."""
    scene, session = _with_a_place_that_one_laptop_told_in_its_calendar_only()
    scene.phone_deletes()

    scene.settle()
    scene.sit_down_at(1)
    scene.settle(4)

    assert not scene.session(session).is_live
    assert scene.events() == []


def test_what_was_typed_and_not_read_before_an_event_was_called_off_comes_back_with_its_session() -> None:
    """Nobody else has it (7631)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics", status="CANCELLED")

    scene.settle()

    assert (scene.session(session).is_live, scene.session(session).title) == (False, "Physics")


def test_what_this_laptop_read_before_another_told_of_the_event_does_not_come_back_with_its_session() -> None:
    """The other one agreed on what was typed over that, and the event was deleted before it was read here (4383)."""
    scene = Scene(laptops=True)
    session = scene.add(title="Algebra")
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(summary="Chemistry")
    scene.sit_down_at(0)
    scene.run(minutes=2)
    scene.phone(summary="Physics")
    scene.sit_down_at(1)
    scene.settle()
    scene.phone_deletes()
    scene.sit_down_at(0)
    scene.run(minutes=75)

    scene.settle(4)

    assert (scene.session(session).is_live, scene.session(session).title) == (False, "Physics")
    assert scene.lost() == []


def test_whoever_cancels_a_session_was_asked_what_its_event_is_to_be_though_it_was_another_laptop_that_asked() -> None:
    """This one takes the calendar over, and finds the event in a shape that was asked about before (6927, 10415)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone_makes_all_day()
    scene.settle()
    scene.cancel(session)
    scene.run()
    scene.sit_down_at(0)
    scene.run(minutes=75)

    scene.settle(4)

    assert not scene.session(session).is_live
    assert scene.answer("yes") == "shape"
    scene.settle()
    assert scene.events() == []
