"""Faults that the simulation found where others act: a person during a pass, another laptop before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.vocabulary.meetings import Meeting
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of

_UNTOLD = [Fault.REQUEST_LOST] * 9
"""The platform hears nothing of what is done with events."""


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_a_session_that_is_cancelled_while_its_event_is_written_loses_its_meeting() -> None:
    """The meetings of that pass were done, and it took the event out and was at rest (257)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.change(session, title="Physics")

    scene.run(between=_once("update", lambda: scene.cancel(session)))
    scene.run()

    assert scene.events() == []
    assert _meetings(scene) == []


def test_a_session_that_is_moved_while_its_event_is_written_has_its_meeting_moved() -> None:
    """Likewise: the event says the new hour already, and the meeting has to follow."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.change(session, title="Physics")
    later = scene.session(session).when.start + timedelta(days=1)

    scene.run(between=_once("update", lambda: scene.change(session, start=later)))
    scene.run()

    (meeting,) = _meetings(scene)
    assert meeting.starts == scene.session(session).when.starts_at.isoformat()
    assert scene.session(session).when.start == later


def test_what_was_typed_back_in_the_app_is_nothing_that_a_later_edit_was_typed_over() -> None:
    """The marker still tells of the first title; the second was agreed on since, and the third knew that one (1630)."""
    scene = Scene()
    session = scene.add(title="Maths")
    scene.settle()
    scene.phone(summary="Physics")
    scene.settle()
    scene.phone(summary="Biology")
    scene.change(session, title="Maths")

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert [one.lost_value for one in scene.lost()] == ["Biology"]


def test_all_that_stands_in_a_text_that_arrives_late_is_our_echo() -> None:
    """Only the title was written, to a server that heeds no condition: the old notes come back with it (1277)."""
    scene = Scene(Manners(honours=False))
    session = scene.add(notes="bring the book")
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.LATE])
    scene.run(minutes=1, update=[Fault.UNREACHABLE])
    scene.phone(description="bring both books")
    scene.settle()
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).notes == "bring both books"
    assert (scene.titles(), scene.lost()) == (["Physics"], [])


def test_an_earlier_event_that_takes_the_place_of_the_one_that_went_says_nothing_new() -> None:
    """It came back from the trash, and the session was edited since: what it says was true then (1473)."""
    scene = Scene()
    session = scene.add(notes="bring the book")
    scene.settle()
    (earlier,) = scene.events()
    scene.phone_deletes()
    scene.change(session, title="Physics")
    scene.settle()
    (newer,) = scene.events()
    scene.phone_creates(earlier)
    scene.change(session, notes="bring both books")
    scene.settle()
    scene.phone_deletes(key=newer.key)

    scene.settle()

    assert scene.session(session).notes == "bring both books"
    assert (scene.titles(), scene.lost()) == (["Physics"], [])


def test_an_event_that_an_earlier_try_made_without_its_link_gets_it() -> None:
    """The meeting was made in between, and the server said that the event was there already (1537)."""
    scene = Scene(Manners(visible_after=timedelta(minutes=5)), meetings=True)
    session = scene.add(online=True)
    scene.run(meeting=[Fault.UNREACHABLE], create=[Fault.ANSWER_LOST])
    scene.run(minutes=1)

    scene.settle()

    assert scene.join_url(session) in raw_of(scene.events()[0].body)["description"]


def test_a_session_that_takes_place_after_all_gets_a_meeting_though_nobody_heard_that_the_first_went() -> None:
    """Cancelled, its meeting was removed, the answer was lost; then the cancellation was taken back (1861)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.cancel(session)
    scene.run(meeting=[Fault.FAULT_AFTER])
    scene.change(session, status=SessionStatus.PLANNED)

    scene.settle()

    (meeting,) = _meetings(scene)
    assert scene.join_url(session) == meeting.join_url


def test_a_meeting_that_was_removed_late_is_made_anew_within_minutes() -> None:
    """The removal arrives when the session takes place again and all had been looked at (1747)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.cancel(session)
    scene.run(meeting=[Fault.DIED_LATE])
    scene.change(session, status=SessionStatus.PLANNED)
    scene.run(minutes=1)
    scene.stage.network.arrive(everything=True)

    scene.run(minutes=2)
    scene.run(minutes=2)

    (meeting,) = _meetings(scene)
    assert scene.join_url(session) == meeting.join_url


def test_what_a_server_that_drops_the_marker_makes_of_a_late_creation_is_nobodys_edit() -> None:
    """The session was cancelled meanwhile; the journal knows what was sent (1790)."""
    scene = Scene(Manners(rewrites=("spaces", "unmark")), platform=True)
    session = scene.add(title="two  spaces")
    scene.run(create=[Fault.DIED_LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.cancel(session)
    scene.run(minutes=1)
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).title == "two  spaces"
    assert (scene.events(), scene.lost()) == ([], [])


def test_an_ending_that_knew_less_does_not_speak_against_one_that_knew_all() -> None:
    """The office did not know of the phone's edit; whoever deleted the event did (2321)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(put=[Fault.UNREACHABLE])
    scene.office(replace(scene.record(session), status=SessionStatus.CANCELLED), FieldGroup.STATUS)
    scene.phone_deletes()

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.events() == []


def test_whoever_called_an_event_off_knew_what_it_said_though_this_laptop_did_not() -> None:
    """The other one had taken the notes, and told the platform; here both are read in one pass (2207)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(description="bring both books")
    scene.settle()
    scene.phone(status="CANCELLED")
    scene.sit_down_at(0)

    scene.settle(4)

    assert not scene.session(session).is_live
    assert scene.session(session).notes == "bring both books"


def test_an_earlier_event_that_was_called_off_is_no_place_to_move_to() -> None:
    """It stands there still; the one that came after it was deleted by somebody who saw everything (2419)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    (earlier,) = scene.events()
    scene.phone(status="CANCELLED")
    scene.change(session, title="Physics")
    scene.settle()
    (newer,) = [one for one in scene.events() if one.key != earlier.key]
    scene.phone_deletes(key=newer.key)

    scene.settle()

    assert not scene.session(session).is_live


def test_what_was_typed_over_what_another_laptop_agreed_on_wins_where_both_are_read_at_once() -> None:
    """The platform has the other one's title, and tells that the event said it before the phone's (687)."""
    scene = Scene(Manners(rewrites=("unmark",)), laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.change(session, title="Physics")
    scene.settle()
    scene.phone(summary="Biology")
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).title == "Biology"
    assert scene.lost() == []


def test_what_another_laptop_agreed_on_may_be_later_than_what_the_marker_tells() -> None:
    """A phone's notes were taken there, and no write followed: the marker tells of the ones before (671)."""
    scene = Scene(laptops=True)
    session = scene.add(notes="bring the book")
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.phone(description="bring both books")
    scene.settle()
    scene.phone(description="bring a pen")
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).notes == "bring a pen"
    assert scene.lost() == []


def _once(step: str, act: Callable[[], None]) -> Callable[[str], None]:
    """Let somebody act when a pass comes to a step for the first time."""
    todo = [act]

    def between(name: str) -> None:
        if name == step and todo:
            todo.pop()()

    return between


def _meetings(scene: Scene) -> list[Meeting]:
    assert scene.stage.meetings is not None
    return list(scene.stage.meetings.meetings.values())


def test_what_was_typed_before_another_laptop_knew_what_was_agreed_is_an_edit_of_it() -> None:
    """Nobody had told it yet what the event said, only the marker does: nobody lost anything (351, 367)."""
    scene = Scene(Manners(visible_after=timedelta(seconds=20)), laptops=True)
    session = scene.add()
    scene.run()
    scene.sit_down_at(1)
    scene.run(minutes=75, lease=[None, Fault.THROTTLED])
    scene.phone(summary="Physics")

    scene.settle(4)

    assert scene.session(session).title == "Physics"
    assert scene.lost() == []


def test_an_event_that_another_laptop_wrote_and_told_nobody_of_was_written_over_what_we_knew() -> None:
    """The platform refused the edit and did not hear of the write: the marker tells of that one (271)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.run(create=[Fault.DIED_AFTER])
    scene.run(links=_UNTOLD)
    scene.phone(summary="Physics")
    scene.sit_down_at(1)
    scene.run(minutes=75, put=[Fault.THROTTLED], links=_UNTOLD)
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).title == "Physics"
    assert scene.lost() == []


def test_what_was_typed_over_the_write_of_another_laptop_that_told_nobody_of_it_wins() -> None:
    """The platform has the notes, and heard of no write; the marker tells that they were there (271)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.change(session, notes="bring the book")
    scene.run(links=_UNTOLD)
    scene.phone(description="bring both books")
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).notes == "bring both books"
    assert scene.lost() == []


def test_what_a_server_escaped_that_nobody_read_back_is_nobodys_edit_though_the_session_was_edited_since() -> None:
    """Another laptop made the event and told nobody what it said; the marker tells that nobody typed there (2367)."""
    scene = Scene(Manners(rewrites=("escape",)), laptops=True)
    session = scene.add(title="Sums & <b>more</b>")
    scene.run(settle=[Fault.UNREACHABLE], links=[None, *_UNTOLD])
    scene.sit_down_at(1)
    scene.run(minutes=75, lease=_UNTOLD)
    scene.change(session, title="Physics")

    scene.settle(4)

    assert scene.session(session).title == "Physics"
    assert scene.lost() == []


def test_a_link_that_goes_from_where_a_place_would_stand_is_nobodys_edit_of_the_place() -> None:
    """A link is derived: what somebody does to it is put back, and does not win over the place that was typed (971)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.change(session, place="Room 5")
    scene.run(update=[Fault.UNREACHABLE])
    scene.phone(location="")

    scene.settle()

    assert scene.session(session).place == "Room 5"
    assert raw_of(scene.events()[0].body)["location"] == "Room 5"
    assert scene.lost() == []


def test_an_edit_in_an_event_that_was_looked_at_since_is_newer_than_what_was_typed_before_that_look() -> None:
    """Where no marker tells whether the write arrived, the looks still tell who was later (857)."""
    scene = Scene(Manners(rewrites=("unmark",)))
    session = scene.add("Maths")
    typed: list[str] = []

    def type_while_it_is_made(step: str) -> None:
        if step == "create" and not typed:
            typed.append("Physics")
            scene.change(session, title="Physics")

    scene.run(between=type_while_it_is_made, update=[Fault.ANSWER_LOST])
    scene.phone(summary="Chemistry")

    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


def test_a_meeting_of_a_session_that_is_cancelled_while_it_is_made_goes_although_the_lease_ended_meanwhile() -> None:
    """The host and the platform took ten minutes each: at the end of the pass nothing might be sent there (971)."""
    scene = Scene(platform=True, leases=True, meetings=True)
    session = scene.add(online=True)
    scene.add("Physics")

    scene.run(between=_once("meeting", lambda: scene.cancel(session)), meeting=[Fault.HANG], put=[Fault.HANG])
    scene.settle()

    assert _meetings(scene) == []
