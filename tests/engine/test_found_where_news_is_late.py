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
