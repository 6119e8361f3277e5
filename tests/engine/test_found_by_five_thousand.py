"""Faults that 5,000 histories of the simulation found, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import Role
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


def test_a_link_whose_event_is_on_the_way_takes_no_other_one() -> None:
    """A creation that was given up shows late, while nobody knows yet what became of the next one (565)."""
    scene = Scene(Manners(visible_after=timedelta(minutes=5)))
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.cancel(session)
    scene.run(minutes=6)
    scene.change(session, status=SessionStatus.PLANNED)
    scene.stage.network.arrive(everything=True)
    scene.run(minutes=2)
    scene.run(minutes=4)

    scene.settle()
    assert scene.titles() == ["Maths"]

    scene.cancel(session)
    scene.settle()
    assert scene.titles() == []


def test_a_creation_that_arrives_when_its_session_has_another_event_goes_again() -> None:
    """Given up with its session, which takes place again and was made anew: what was typed there meanwhile is heard."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.cancel(session)
    scene.run(minutes=6)
    scene.change(session, status=SessionStatus.PLANNED)
    scene.run(minutes=6)
    (anew,) = scene.events()
    scene.stage.network.arrive(everything=True)
    server, place = scene.stage.collections()[0]
    (late,) = [one for one in scene.events() if one.key != anew.key]
    server.update(place.remote_id, late.key, spelled({**raw_of(late.body), "location": "Room 7"}), by=PHONE)

    scene.settle()

    assert [one.key for one in scene.events()] == [anew.key]
    assert (scene.session(session).place, scene.session(session).is_live) == ("Room 7", True)
    assert scene.lost() == []


@pytest.mark.parametrize(
    ("does", "answer", "left"),
    [
        ("moves", "no", (["Maths"], ["Maths"])),
        ("moves", "yes", ([], ["Physics"])),
        ("makes all day", "yes", (["Physics"], [])),
        ("makes all day", "no", (["Maths"], [])),
    ],
)
def test_an_answer_counts_although_another_laptop_looked_after_the_calendar_meanwhile(
    does: str, answer: str, left: tuple[list[str], list[str]]
) -> None:
    """That one tells that the event is asked about, and has no answer: whoever has one knows better (3119, 4655)."""
    scene = Scene(laptops=True, busy=True)
    session = scene.add()
    scene.settle()
    scene.phone_moves() if does == "moves" else scene.phone_makes_all_day()
    scene.run()
    scene.sit_down_at(1)
    scene.run()
    scene.sit_down_at(0)

    scene.answer(answer)
    scene.settle()
    if left != (["Maths"], ["Maths"]):
        scene.change(session, title="Physics")
        scene.settle()
    assert (scene.titles(), scene.titles(1)) == left

    scene.sit_down_at(1)
    scene.settle()
    assert (scene.titles(), scene.titles(1)) == left


def test_what_became_of_a_creation_is_looked_up_although_another_laptop_had_the_calendar_meanwhile() -> None:
    """It shows late, somebody deletes it before, and the other one came to nothing: nothing is sent unseen (3343)."""
    scene = Scene(Manners(visible_after=timedelta(minutes=5)), laptops=True)
    scene.add()
    scene.run()
    scene.phone_deletes()
    scene.sit_down_at(1)
    scene.run(create=[Fault.UNREACHABLE])
    scene.sit_down_at(0)
    scene.run(minutes=5)

    scene.settle()

    assert scene.stage.broken == []
    assert scene.titles() == ["Maths"]


def test_a_link_that_somebody_put_there_while_ours_never_arrived_is_put_back() -> None:
    """The write was lost on its way, and what lies there is neither what was before nor what was sent (844)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.run(meeting=[Fault.FAULT_BEFORE])
    plays = {"meeting": lambda: scene.phone(url="https://elsewhere.example/j/1")}
    scene.run(update=[Fault.REQUEST_LOST], between=lambda step: plays.get(step, lambda: None)())

    scene.settle()

    (event,) = scene.events()
    assert raw_of(event.body)["url"] == scene.join_url(session)


def test_a_creation_that_nobody_knows_of_is_looked_up_in_a_calendar_that_is_ignored_by_now() -> None:
    """Its lease is asked for as long as something is on the way there: its event goes again (4372)."""
    scene = Scene(platform=True, leases=True)
    scene.add()
    scene.run(create=[Fault.LATE])
    scene.role(Role.IGNORE)
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.events() == []
    with scene.stage.device.store.read() as connection:
        assert scene.stage.device.store.journal.unsettled(connection) == []


def test_events_go_from_an_ignored_calendar_that_is_there_again() -> None:
    """It was not to be found when somebody said that it is for nothing; nobody reads it any more (4908)."""
    scene = Scene()
    scene.add()
    scene.settle()
    (_, place), *_ = scene.stage.collections()
    place.state = "gone"
    scene.run()
    scene.role(Role.IGNORE)
    scene.run()
    assert len(scene.events()) == 1
    place.state = "ok"

    scene.settle()

    assert scene.events() == []
    with scene.stage.device.store.read() as connection:
        assert not scene.stage.device.store.sessions.has_unsettled(connection)


def test_a_store_that_was_put_back_makes_no_second_meeting() -> None:
    """The backup is from before the meeting was made (3540)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    content = scene.backup()
    scene.settle()
    scene.put_back(content)

    scene.settle()

    server = scene.stage.meetings
    assert server is not None
    assert [one.join_url for one in server.meetings.values()] == [scene.join_url(session)]
    assert server.doubled == []


def test_a_store_that_was_put_back_knows_the_meeting_that_was_made_since() -> None:
    """The one that it remembers was removed with its session, which then took place again with another (3924)."""
    scene = Scene(meetings=True)
    session = scene.add(online=True)
    scene.change(session, start=scene.session(session).when.start + timedelta(days=7))
    scene.settle()
    content = scene.backup()
    scene.cancel(session)
    scene.settle()
    scene.change(session, status=SessionStatus.PLANNED)
    scene.settle()
    scene.put_back(content)
    scene.change(session, title="Physics")

    scene.settle()

    server = scene.stage.meetings
    assert server is not None
    assert [one.join_url for one in server.meetings.values()] == [scene.join_url(session)]
    assert server.doubled == []


def test_a_laptop_that_made_a_meeting_does_not_tell_its_link_again_when_another_one_removed_it() -> None:
    """The session was cancelled, and another laptop looked after the host by then (4180)."""
    scene = Scene(meetings=True, laptops=True)
    session = scene.add(online=True)
    scene.settle()
    assert scene.record(session).join_url
    scene.sit_down_at(1)
    scene.settle()
    scene.cancel(session)
    scene.settle()
    version = scene.record(session).version

    for number in (0, 1, 0):
        scene.sit_down_at(number)
        scene.run(minutes=2)

    assert (scene.record(session).join_url, scene.record(session).version) == ("", version)
    server = scene.stage.meetings
    assert server is not None
    assert server.meetings == {}
