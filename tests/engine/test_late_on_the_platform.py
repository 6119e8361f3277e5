"""What arrives late on the platform, after it was looked for in vain, and what the office does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.faults import Fault


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_what_arrives_late_on_the_platform_does_not_speak_against_an_ending_that_came_after_it() -> None:
    """It was looked for before it arrived, and the session was cancelled by whoever had typed it (4407)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.DIED_LATE])
    scene.run(minutes=0, feed=[Fault.UNREACHABLE])
    scene.cancel(session)
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert not scene.session(session).is_live
    assert (scene.events(), scene.lost()) == ([], [])


def test_an_earlier_write_that_arrives_late_does_not_say_that_the_later_one_did() -> None:
    """Both brought the title; only the later one the ending. One write was carried out, and says so (4661)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.DIED_LATE])
    scene.run(minutes=0, feed=[Fault.UNREACHABLE])
    scene.cancel(session)
    scene.run(minutes=0, put=[Fault.REQUEST_LOST])
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.record(session).status is SessionStatus.CANCELLED
    assert (scene.events(), scene.lost()) == ([], [])


def test_what_the_office_types_is_its_own_edit_even_where_it_is_what_we_gave_up_sending() -> None:
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.REQUEST_LOST])
    scene.run(minutes=1, put=[Fault.UNREACHABLE])
    scene.change(session, title="Chemistry")
    scene.stage.clock.wait(timedelta(minutes=1))
    scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)

    scene.settle()

    assert scene.session(session).title == "Physics"


def test_what_the_office_typed_over_a_write_whose_answer_was_lost_had_no_rival() -> None:
    """Nothing shows any more that it arrived; asked once more under its key, the platform says so (4533, 2254)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.FAULT_AFTER])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)

    scene.settle()

    assert (scene.session(session).title, scene.record(session).title) == ("Chemistry", "Chemistry")
    assert scene.titles() == ["Chemistry"]
    assert scene.lost() == []


def test_what_became_of_a_write_is_asked_until_the_platform_says_it() -> None:
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.FAULT_AFTER])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.run(put=[Fault.ANSWER_LOST])
    scene.run(put=[Fault.DIED_AFTER])

    scene.settle()

    assert (scene.session(session).title, scene.record(session).title) == ("Chemistry", "Chemistry")
    assert scene.lost() == []


def test_what_never_arrived_and_was_overtaken_by_the_office_is_kept_as_the_version_that_lost() -> None:
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.REQUEST_LOST])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)

    scene.settle()

    assert scene.session(session).title == scene.record(session).title == "Chemistry"
    assert [one.lost_value for one in scene.lost()] == ["Physics"]


def test_asking_what_became_of_a_write_carries_nothing_out() -> None:
    """The office changed something else, so our edit still stands against what it did not change, and is sent anew."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.REQUEST_LOST])
    scene.office(replace(scene.record(session), notes="Bring a compass"), FieldGroup.NOTES)

    scene.settle()

    assert (scene.record(session).title, scene.record(session).notes) == ("Physics", "Bring a compass")
    assert scene.session(session).notes == "Bring a compass"
    assert scene.lost() == []


def test_a_key_that_the_platform_may_have_forgotten_tells_nothing() -> None:
    """A laptop that slept for two days: what was typed over its write may have been typed where it never was."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.FAULT_AFTER])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.stage.clock.wait(timedelta(days=2))
    asked: list[str] = []

    scene.run(between=asked.append)
    scene.settle()

    assert "put" not in asked
    assert scene.session(session).title == scene.record(session).title == "Chemistry"
