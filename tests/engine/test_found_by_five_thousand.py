"""Faults that 5,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.scene import PHONE, Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of, spelled


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


@pytest.mark.parametrize("deletes", [False, True])
def test_nothing_leaves_when_the_lease_ended_while_it_was_looked_what_lies_there(deletes: bool) -> None:
    """A server without ETags is asked before each write, and answers when the lease is over (4024, 4727)."""
    scene = Scene(Manners(etag="none"), leases=True, platform=True)
    session = scene.add()
    scene.settle()
    if deletes:
        scene.cancel(session)
    else:
        scene.change(session, title="Physics")

    scene.run(pull=[Fault.HANG], condition=[Fault.HANG])

    assert scene.stage.broken == []
    assert scene.titles() == ["Maths"]
    scene.settle()
    assert scene.titles() == ([] if deletes else ["Physics"])
    assert scene.stage.broken == []


def test_a_no_to_events_that_were_marked_as_cancelled_gives_each_session_one_again() -> None:
    """They are there, and are no events any more: a question that was answered is not asked again (3385, 3449)."""
    scene = Scene()
    sessions = [scene.add(title) for title in ("Maths", "Physics", "Art")]
    scene.settle()
    server, place = scene.stage.collections()[0]
    for one in scene.events():
        server.update(place.remote_id, one.key, spelled({**raw_of(one.body), "status": "CANCELLED"}), by=PHONE)
    scene.settle()

    assert scene.answer("no") == "mass_deletion"
    scene.settle()

    living = sorted(raw_of(one.body)["summary"] for one in scene.events() if raw_of(one.body)["status"] != "CANCELLED")
    assert living == ["Art", "Maths", "Physics"]
    assert all(scene.session(one).is_live for one in sessions)


def test_an_event_at_which_conditions_were_tried_is_ours_although_its_server_drops_our_marker() -> None:
    """The answer to that question was lost, and the look found no marker: it was never taken out (3313)."""
    scene = Scene(Manners(rewrites=("unmark",)))
    scene.run(minutes=90)
    session = scene.add()
    scene.run(update=[Fault.FAULT_AFTER])
    scene.settle()

    scene.cancel(session)
    scene.settle()

    assert scene.events() == []
