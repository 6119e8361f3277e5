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
