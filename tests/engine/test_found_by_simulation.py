"""Faults that the simulation found, each told in the shortest way in which it shows (tests/simulation/seeds.txt)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault

LONG = "Algebra " * 40


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_the_next_version_on_the_platform_need_not_be_ours() -> None:
    """Our change never arrived, the office made the very next version: ours is sent again, and nothing is lost."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(put=[Fault.FAULT_BEFORE])
    scene.office(replace(scene.record(session), notes="bring the book"), FieldGroup.NOTES)

    scene.settle()

    assert (scene.record(session).title, scene.record(session).notes) == ("Physics", "bring the book")
    assert (scene.session(session).title, scene.session(session).notes) == ("Physics", "bring the book")


def test_an_edit_of_an_event_whose_creation_was_never_answered_is_an_edit() -> None:
    """Created, the answer lost, renamed on the phone, cancelled in the app: the edit did not know, so it outlives."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.ANSWER_LOST], settle=[Fault.REQUEST_LOST])
    scene.phone(summary="Physics")
    scene.cancel(session)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == ["Physics"]


def test_what_a_server_cut_does_not_travel_from_an_event_that_shows_late() -> None:
    """It says that it has the event, shows it after minutes, and has cut its title."""
    scene = Scene(Manners(rewrites=("cut",), visible_after=timedelta(minutes=5)), Manners())
    session = scene.add(title=LONG)
    for _ in range(4):
        scene.run(minutes=1)

    scene.settle()

    assert scene.session(session).title == LONG
    assert [len(title) for title in scene.titles(0) + scene.titles(1)] == [200, len(LONG)]


def test_what_a_server_escaped_does_not_travel_from_an_event_that_shows_late() -> None:
    """Somebody set an alarm before it showed, so its ETag is no longer the one of our answer."""
    scene = Scene(Manners(rewrites=("escape",), visible_after=timedelta(minutes=5)))
    session = scene.add(title="Sets & <proofs>")
    scene.run(minutes=1)
    scene.phone(foreign="an alarm")

    scene.settle()

    assert scene.session(session).title == "Sets & <proofs>"


def test_an_event_that_arrives_after_its_session_was_cancelled_goes() -> None:
    """The creation was given up, the session cancelled; the request is carried out after all."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.cancel(session)
    scene.run(minutes=1)
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.events() == []


def test_a_name_that_a_tombstone_holds_is_left_for_another() -> None:
    """Created, the answer lost, deleted on the phone before anybody looked: the server never gives the name again."""
    scene = Scene(Manners(keeps_tombstones=True))
    session = scene.add()
    scene.run(create=[Fault.ANSWER_LOST], settle=[Fault.REQUEST_LOST])
    scene.phone_deletes()

    scene.settle(4)

    assert scene.session(session).is_live
    assert scene.titles() == ["Maths"]


def test_a_link_beside_a_lost_answer_is_not_ours() -> None:
    """We wrote none; the phone writes one of its own: it is put back."""
    scene = Scene()
    scene.add()
    scene.run(create=[Fault.ANSWER_LOST], settle=[Fault.REQUEST_LOST])
    scene.phone(url="https://elsewhere.example/j/1")

    scene.settle()

    assert '"url":""' in scene.events()[0].body


def test_a_cancellation_on_the_platform_yields_to_an_edit_that_did_not_know_of_it() -> None:
    """The office cancels while the tutor moves it in the app: it takes place, and one key cancels it after all."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, place="library")
    record = scene.record(session)
    scene.office(replace(record, status=type(record.status).CANCELLED), FieldGroup.STATUS)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.record(session).status.value == "planned"
    assert [one.field_group for one in scene.lost()] == ["status"]
    scene.stage.device.engine.undo.undo(scene.lost()[0].id)
    scene.settle()
    assert scene.record(session).status.value == "cancelled"
    assert scene.events() == []


def test_a_session_that_takes_place_again_is_shown_in_every_calendar() -> None:
    """Cancelled here, deleted in one calendar, edited in the other."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    scene.phone(0, summary="Physics")
    scene.phone_deletes(1)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles(0) == scene.titles(1) == ["Physics"]


def test_a_platform_without_leases_that_was_away_for_a_pass_is_caught_up_with() -> None:
    """What a calendar showed while it did not answer is planned when it does."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(feed=[Fault.SIGN_IN])

    scene.settle()

    assert scene.session(session).title == scene.record(session).title == "Physics"
