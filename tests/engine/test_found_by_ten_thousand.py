"""Faults that 10,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from connectors.vocabulary.meetings import Meeting
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.errors import StoreFull
from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.faults import Fault


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


@pytest.mark.parametrize("restarts", [False, True])
def test_an_edit_of_a_session_long_over_that_is_read_while_the_platform_is_away_is_taken_later(restarts: bool) -> None:
    """Nothing may be planned then, so it was at rest, and nobody looks at what is over for a month (10004)."""
    scene = Scene(platform=True, leases=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")

    scene.run(minutes=90 * 24 * 60, feed=[Fault.SIGN_IN])
    if restarts:
        scene.stage.device.restart()
    scene.settle()

    assert scene.session(session).title == "Physics"
    assert scene.record(session).title == "Physics"


def test_a_question_about_late_edits_stands_while_nothing_may_be_planned() -> None:
    """The platform is away, so nobody knows what waits; it is not asked anew about what was asked already (10644)."""
    scene = Scene(platform=True, leases=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.UNREACHABLE])
    scene.run(minutes=10 * 24 * 60)

    scene.run(feed=[Fault.SIGN_IN])
    scene.settle()

    assert scene.answer("yes") == "late_edits"
    scene.settle()
    assert scene.titles() == ["Physics"]


def test_what_was_taken_back_while_it_was_asked_about_and_made_again_is_asked_about_again() -> None:
    """Otherwise it would wait for ever: nobody answered, and it is the same edit as before (10644)."""
    scene = Scene()
    session = scene.add(title="Maths")
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.UNREACHABLE])
    scene.run(minutes=10 * 24 * 60)
    scene.change(session, title="Maths")
    scene.run()
    scene.change(session, title="Physics")
    scene.run(minutes=10 * 24 * 60, pull=[Fault.UNREACHABLE])

    scene.settle()

    assert scene.answer("yes") == "late_edits"
    scene.settle()
    assert scene.titles() == ["Physics"]


def test_a_session_that_is_given_back_while_its_other_event_is_still_there_has_one() -> None:
    """An earlier event is back from the trash; the one of today could not be removed with its session (9885)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    (first,) = scene.events()
    scene.phone_deletes()
    scene.settle()
    scene.change(session, title="Physics", status=SessionStatus.PLANNED)
    scene.settle()
    scene.phone_creates(first)
    scene.settle()
    scene.cancel(session)
    scene.run(delete=[Fault.FULL])

    assert scene.answer("yes") == "restored"
    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == ["Physics"]


def test_what_was_typed_once_more_on_another_laptop_is_newer_than_what_was_typed_here_in_between() -> None:
    """The platform says what it said when both agreed, and was told something else meanwhile (7764)."""
    scene = Scene(laptops=True)
    session = scene.add(notes="bring the book")
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.change(session, notes="bring nothing")
    scene.sit_down_at(0)
    scene.run()
    scene.change(session, notes="bring a pen")
    scene.settle()
    scene.change(session, notes="bring the book")
    scene.settle()
    scene.sit_down_at(1)

    scene.settle()

    assert scene.session(session).notes == "bring the book"
    assert scene.record(session).notes == "bring the book"
    assert [one.lost_value for one in scene.lost()] == ["bring nothing"]


def test_what_was_typed_over_words_of_which_the_platform_never_heard_knew_them() -> None:
    """They stood in the calendar already, where another laptop then found what a phone made of them (7775)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.settle()
    scene.change(session, notes="bring a pen")

    def office(step: str) -> None:
        if step == "put":
            scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)

    scene.run(between=_each_once(office))
    scene.phone(description="bring two pens")
    scene.sit_down_at(0)
    scene.run(minutes=75)
    scene.sit_down_at(1)

    scene.settle()

    assert scene.record(session).notes == "bring two pens"
    assert scene.lost() == []


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
