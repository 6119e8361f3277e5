"""Faults that 10,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.scene import Scene, repeatable


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_a_list_that_wrongly_shows_nothing_does_not_turn_a_move_into_a_deletion() -> None:
    """Token and events of the calendar to which an event was moved are gone for a moment: so is what arrived (8872)."""
    scene = Scene(busy=True)
    session = scene.add()
    scene.settle()
    scene.phone_moves()
    _, target = scene.stage.collections()[1]
    target.generation, target.empty_once = 1, True

    scene.settle()

    assert scene.session(session).is_live
    assert scene.answer("no") == "moved_away"
