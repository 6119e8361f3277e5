"""Faults that the simulation found where stores are lost, put back or copied, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup, Role
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def lost_and_ended() -> Scene:
    """A session with an event, whose store was lost, and that the office cancelled before anybody read again."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.lose()
    scene.office(replace(scene.record(session), status=SessionStatus.CANCELLED), FieldGroup.STATUS)
    return scene


def test_an_event_goes_whose_session_ended_after_its_store_was_lost() -> None:
    """The new store learns of the session from the platform, as one that is cancelled, and has no link of it (148)."""
    scene = lost_and_ended()

    scene.settle()

    assert scene.events() == []


def test_an_event_goes_that_is_read_after_its_session_was_known_as_ended() -> None:
    """Its calendar could not be reached when the new store read the platform."""
    scene = lost_and_ended()
    scene.run(pull=[Fault.UNREACHABLE])

    scene.settle()

    assert scene.events() == []


def test_what_a_phone_made_of_an_event_before_its_store_was_lost_is_asked_about() -> None:
    """It bears the very name that the new store would give: it is the session's event, whatever it is by now (268)."""
    scene = Scene(Manners(), Manners())
    scene.add()
    scene.settle()
    scene.phone_makes_all_day(1)
    scene.lose()
    scene.run(create=[Fault.UNREACHABLE], update=[Fault.UNREACHABLE, Fault.UNREACHABLE])

    assert scene.answer("yes") == "shape"
    scene.settle()

    assert [raw_of(one.body)["when"]["kind"] for one in scene.events(1)] == ["zoned"]


def test_a_session_that_was_taken_up_again_after_the_backup_takes_place() -> None:
    """The old store knows it as cancelled; the event bears a name that only a later store can have given (244)."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.cancel(session)
    scene.settle()
    old = scene.backup()
    scene.change(session, status=SessionStatus.PLANNED)
    scene.settle()
    scene.phone(location="Room 12")
    scene.settle()
    scene.put_back(old)

    scene.settle()

    assert (scene.session(session).status, scene.session(session).place) == (SessionStatus.PLANNED, "Room 12")
    assert [len(scene.events(number)) for number in (0, 1)] == [1, 1]


def test_two_copies_of_a_profile_do_not_begin_afresh_in_turns() -> None:
    """The one that went on is told that it was copied, writes nothing, and goes on with a sign-in of its own (644)."""
    scene = Scene(leases=True, platform=True)
    first = scene.stage.device
    scene.add()
    scene.settle()
    content = scene.backup()
    scene.run()
    copy = scene.stage.copied(first, content)
    scene.stage.devices.append(copy)
    for _ in range(3):
        for number in (1, 0):
            scene.sit_down_at(number)
            scene.run()

    with first.store.read() as connection:
        told = [one.error_code for one in first.store.accounts.all(connection)]
        begun = [one.kind for one in first.store.activity.newest(connection)].count("store.restored")
    with copy.store.read() as connection:
        assert all(one.error_code == "" for one in copy.store.accounts.all(connection))
    assert (max(told), begun) == ("connection.profile_copied", 0)

    assert scene.stage.pair_again(first)
    session = scene.add(title="Physics")
    for _ in range(3):
        for number in (0, 1):
            scene.sit_down_at(number)
            scene.run()

    assert scene.titles() == ["Maths", "Physics"]
    assert scene.record(session).title == "Physics"
    scene.sit_down_at(0)
    assert not scene.stage.pair_again(first)


def test_what_was_typed_into_an_event_that_shows_late_is_not_lost_when_its_calendar_blocks() -> None:
    """Nobody had seen it when its calendar was given another role; it is taken for no block (972)."""
    scene = Scene(Manners(visible_after=timedelta(seconds=20)), Manners())
    session = scene.add()
    scene.run()
    scene.phone(summary="Physics")
    scene.role(Role.BLOCK)

    scene.settle()

    assert scene.session(session).title == "Physics"
    assert (scene.titles(0), scene.titles(1)) == (["Busy"], ["Physics"])


def test_a_calendar_that_takes_sessions_again_keeps_its_events() -> None:
    """What somebody does with them afterwards counts, before anything was read (1500)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    (event,) = scene.events()
    scene.role(Role.BLOCK)
    scene.role(Role.SESSIONS)
    scene.phone(summary="Physics")

    scene.settle()

    assert scene.session(session).title == "Physics"
    assert [one.key for one in scene.events()] == [event.key]
    scene.role(Role.BUSY)
    scene.role(Role.SESSIONS)
    scene.phone_deletes()

    scene.settle()

    assert scene.session(session).status is SessionStatus.CANCELLED


def test_a_block_is_no_session_s_event_when_its_calendar_takes_sessions_again() -> None:
    """It goes, and the session's event is made."""
    scene = Scene()
    scene.add()
    scene.role(Role.BLOCK)
    scene.settle()
    assert scene.titles() == ["Busy"]
    scene.role(Role.SESSIONS)

    scene.settle()

    assert scene.titles() == ["Maths"]


def test_an_edit_outlives_a_cancellation_although_its_calendar_takes_no_sessions_any_more() -> None:
    """It was typed before that, and whoever cancelled had not seen it (1548)."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.role(Role.BUSY)
    scene.cancel(session)

    scene.settle()

    assert (scene.session(session).status, scene.session(session).title) == (SessionStatus.PLANNED, "Physics")
    assert (scene.titles(0), scene.titles(1)) == ([], ["Physics"])


def test_what_is_asked_about_an_event_is_asked_still_when_its_calendar_takes_sessions_again() -> None:
    """A yes puts it back, although its calendar was for something else in between (1724)."""
    scene = Scene()
    scene.add()
    scene.settle()
    scene.phone_makes_all_day()
    scene.run()
    scene.role(Role.IGNORE)
    scene.role(Role.SESSIONS)

    assert scene.answer("yes") == "shape"
    scene.settle()

    assert [raw_of(one.body)["when"]["kind"] for one in scene.events()] == ["zoned"]


def test_two_copies_that_each_made_a_meeting_agree_on_the_one_that_the_host_has() -> None:
    """Each wrote the link of its own to the platform, pass after pass (1652)."""
    scene = Scene(leases=True, platform=True, meetings=True)
    first = scene.stage.device
    session = scene.add(online=True)
    content = scene.backup()
    scene.run(put=[Fault.UNREACHABLE])
    assert scene.stage.meetings is not None
    scene.stage.meetings.meetings.clear()
    scene.stage.devices.append(scene.stage.copied(first, content))
    _take_turns(scene, 2)
    assert scene.stage.pair_again(first)

    _take_turns(scene, 2)

    before = scene.record(session)
    (made,) = scene.stage.meetings.meetings.values()
    _take_turns(scene, 2)
    for number in (0, 1):
        scene.sit_down_at(number)
        assert scene.join_url(session) == made.join_url
    assert (scene.record(session).join_url, scene.record(session).version) == (made.join_url, before.version)


def _take_turns(scene: Scene, rounds: int) -> None:
    """Let both laptops do a pass, the second first."""
    for _ in range(rounds):
        for number in (1, 0):
            scene.sit_down_at(number)
            scene.run()
