"""Faults that 10,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connectors.vocabulary.meetings import Meeting
from sync_agent.engine.errors import StoreFull
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


def test_a_session_that_is_cancelled_in_a_pass_that_breaks_off_loses_its_meeting() -> None:
    """It was cancelled while its meeting was made, and the disk was full before anybody asked what was left (7928)."""
    scene = Scene(meetings=True)
    session, other = scene.add(online=True), scene.add("Physics", online=True)

    def meanwhile(step: str) -> None:
        if step == "meeting":
            scene.cancel(session)
        if step == "settle":
            raise StoreFull

    with pytest.raises(StoreFull):
        scene.run(between=_each_once(meanwhile))
    scene.settle()

    assert scene.titles() == ["Physics"]
    assert [one.join_url for one in _meetings(scene)] == [scene.join_url(other)]


def _each_once(happens: Callable[[str], None]) -> Callable[[str], None]:
    """Let something happen before the first request of each kind."""
    seen = set[str]()

    def before(step: str) -> None:
        if step not in seen:
            seen.add(step)
            happens(step)

    return before


def _meetings(scene: Scene) -> list[Meeting]:
    assert scene.stage.meetings is not None
    return list(scene.stage.meetings.meetings.values())
