"""Faults that the simulation found where a session is ended while others edit it, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

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


def test_an_edit_that_loses_in_the_very_moment_outlives_a_cancellation_that_did_not_know_it() -> None:
    """Moved in the app, moved elsewhere in the office an hour later and cancelled there: read together (2306, 4607)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, place="library")
    scene.stage.clock.wait(timedelta(hours=1))
    scene.office(replace(scene.record(session), place="town hall"), FieldGroup.WHERE)
    _office_cancels(scene, session)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.record(session).status is SessionStatus.PLANNED
    assert scene.session(session).place == scene.record(session).place == "town hall"
    assert sorted(one.field_group or "" for one in scene.lost()) == ["status", "where"]


def test_a_deletion_of_ours_that_comes_late_is_nobodys() -> None:
    """Cancelled, the deletion lost, edited on the phone, so it takes place; then it comes (1905, 3139, 4101)."""
    scene = Scene(Manners(honours=False))
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    scene.run(delete=[Fault.LATE])
    scene.phone(summary="Physics")
    scene.settle()
    assert scene.session(session).is_live
    scene.stage.network.arrive(everything=True)
    assert scene.events() == []

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == ["Physics"]


def test_whoever_deletes_the_event_that_was_made_again_after_a_late_deletion_ends_the_session() -> None:
    """What came late is counted once: the new event is another one, and its deletion is somebody's."""
    scene = Scene(Manners(honours=False))
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    scene.run(delete=[Fault.LATE])
    scene.phone(summary="Physics")
    scene.settle()
    scene.stage.network.arrive(everything=True)
    scene.settle()
    scene.phone_deletes()

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.events() == []


def test_what_was_typed_into_a_new_event_is_heard_although_it_became_a_whole_day_before_it_was_read_back() -> None:
    """Created, renamed on the phone and made all-day at once; its session is cancelled before it is answered (3107)."""
    scene = Scene()
    session = scene.add()
    scene.run(settle=[Fault.REQUEST_LOST])
    scene.phone(summary="Physics")
    scene.phone_makes_all_day()
    scene.run()
    assert scene.session(session).title == "Physics"
    scene.cancel(session)
    assert scene.answer("yes") == "shape"

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.events() == []


def test_an_edit_is_known_as_one_although_its_side_was_not_agreed_with_before_the_session_ended() -> None:
    """A copied profile finds its session on the platform and its event called off; then the office edits it (3772)."""
    scene = Scene(platform=True, leases=True)
    session = scene.add()
    content = scene.backup()
    scene.settle()
    scene.stage.devices.append(scene.stage.copied(scene.stage.device, content))
    scene.sit_down_at(1)
    scene.run(pull=[Fault.DIED_BEFORE])
    scene.phone(status="CANCELLED")
    renamed = replace(scene.record(session), title="Physics")

    def rename(step: str) -> None:
        if step == "pull" and scene.record(session).title != "Physics":
            scene.office(renamed, FieldGroup.TITLE)

    scene.run(between=rename)
    scene.settle()

    assert scene.session(session).is_live
    assert "Physics" in scene.titles()


def test_an_edit_that_loses_before_a_cancellation_is_read_outlives_it() -> None:
    """Cancelled in the office in the very pass in which an edit of the phone's lost to one of the app's (2451)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(pull=[Fault.REQUEST_LOST])
    scene.change(session, title="Biology")
    scene.run(pull=[Fault.REQUEST_LOST])

    def cancel(step: str) -> None:
        if step == "pull":
            _office_cancels(scene, session)

    scene.run(between=cancel)
    assert [one.lost_value for one in scene.lost()] == ["Physics"]
    scene.settle()

    assert scene.session(session).is_live
    assert scene.record(session).status is SessionStatus.PLANNED


def test_a_cancellation_after_an_edit_had_lost_ends_the_session() -> None:
    """What is settled speaks against nobody."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(pull=[Fault.REQUEST_LOST])
    scene.change(session, title="Biology")
    scene.settle()
    assert [one.lost_value for one in scene.lost()] == ["Physics"]
    _office_cancels(scene, session)

    scene.settle()

    assert not scene.session(session).is_live


def test_an_event_in_a_calendar_that_vanishes_is_not_deleted() -> None:
    """Moved there on the phone, and then that calendar answers for two passes that it does not exist (4678)."""
    scene = Scene(busy=True)
    session = scene.add()
    scene.settle()
    scene.phone_moves()
    _, private = scene.stage.collections()[1]
    private.state = "gone"
    scene.settle()
    assert scene.session(session).is_live

    private.state = "ok"
    scene.run()

    assert scene.answer("yes") == "moved_away"
    scene.settle()
    assert scene.session(session).is_live
    assert (scene.titles(0), scene.titles(1)) == ([], ["Maths"])


def test_whoever_deletes_an_event_after_another_calendar_vanished_ends_its_session() -> None:
    """It was there still when the other calendar was not: it cannot have been moved into that one."""
    scene = Scene(busy=True)
    session = scene.add()
    scene.settle()
    scene.stage.collections()[1][1].state = "gone"
    scene.run()
    scene.phone_deletes()

    scene.settle()

    assert not scene.session(session).is_live


def test_what_was_typed_into_an_event_is_heard_although_the_store_that_cancelled_its_session_was_put_back() -> None:
    """Cancelled in the app and renamed on the phone, and then the profile was restored: it takes place (4556)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    old = scene.backup()
    scene.phone(summary="Physics")
    scene.put_back(old)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == [scene.session(session).title] == ["Physics"]


def test_an_event_that_nobody_edited_stays_and_is_left_alone_where_an_old_store_cancelled_its_session() -> None:
    """Nothing is removed on the word of a store that was put back, and nothing is taken from it, either."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    old = scene.backup()
    scene.put_back(old)

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.titles() == ["Maths"]


def _office_cancels(scene: Scene, session: str) -> None:
    scene.office(replace(scene.record(session), status=SessionStatus.CANCELLED), FieldGroup.STATUS)


def test_an_edit_that_loses_to_another_laptops_outlives_a_deletion_where_nobody_knew_it() -> None:
    """Both named it in their apps; whoever deleted the event had only the later name before their eyes (12575)."""
    scene = Scene(laptops=True)
    session = scene.add(title="Algebra")
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.sit_down_at(0)
    scene.change(session, title="Physics")
    scene.sit_down_at(1)
    scene.stage.clock.wait(timedelta(minutes=5))
    scene.change(session, title="Chemistry")
    scene.settle()
    before = scene.titles()
    scene.phone_deletes()
    scene.sit_down_at(0)
    scene.run(minutes=75)

    scene.settle()

    assert before == ["Chemistry"]
    assert scene.session(session).is_live
    assert scene.titles() == ["Chemistry"]
    assert [one.lost_value for one in scene.lost()] == ["Physics"]
