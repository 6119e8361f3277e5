"""Faults that 5,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault


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
