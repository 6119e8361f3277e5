"""Faults that the simulation found where events that a tutor made by hand became sessions, mostly on two laptops.

What a session was made of is its owner's. It leaves the calendar with its session only if somebody called that off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup, Role
from tests.engine.test_giving_up import adopt_there, by_hand
from tests.simulation.scene import PHONE, Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of

_BY_HAND = "hand-1"


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def session_of(scene: Scene) -> str:
    """Give the session that was made of the event by hand, by what the laptop in use knows."""
    return scene.newest().session or ""


def held(scene: Scene, number: int = 0) -> list[tuple[str, bool]]:
    """Give (UID, whether our marker stands there) of the events in a calendar."""
    return sorted((raw["uid"], raw["marker"] is not None) for raw in (raw_of(one.body) for one in scene.events(number)))


def adopted_here_and_looked_after_there() -> Scene:
    """One laptop adopts; then it is the other one that looks after the calendar."""
    scene = Scene(laptops=True)
    by_hand(scene)
    adopt_there(scene)
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)
    return scene


# Giving up ------------------------------------------------------------------------------------------------------------


def test_an_adoption_that_is_taken_back_without_a_lease_is_taken_back_by_whoever_has_it() -> None:
    """It had waited for a lease that never came, and the session went on as if nobody had said anything (4590)."""
    scene = adopted_here_and_looked_after_there()
    scene.stage.device.engine.undo.undo()
    scene.run(minutes=1)

    scene.sit_down_at(1)
    scene.run(minutes=1)
    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]


def test_what_is_given_up_is_removed_nowhere_else_either() -> None:
    """The ending says what it is, so the laptop that hears it need not have heard of anything else (2782)."""
    scene = adopted_here_and_looked_after_there()
    scene.stage.device.engine.undo.undo()
    scene.run(minutes=1, links=[Fault.REQUEST_LOST] * 9)

    scene.sit_down_at(1)
    scene.run(minutes=1, links=[Fault.REQUEST_LOST] * 9)
    scene.settle()
    scene.sit_down_at(0)
    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]


def test_an_event_that_was_moved_away_and_given_up_is_not_removed_where_sessions_are_put_later() -> None:
    """Its marker names an ended session; that the tutor had made it, nobody asked by then (2782)."""
    scene = Scene(busy=True)
    by_hand(scene)
    adopt_there(scene)
    scene.phone_moves()
    scene.stage.device.engine.undo.undo()
    scene.settle()
    scene.role(Role.SESSIONS, 1)

    scene.settle()

    assert held(scene, 1) == [(_BY_HAND, False)]


def test_a_session_that_is_called_off_takes_the_event_with_it_that_it_was_made_of() -> None:
    """On whichever laptop somebody says so: nobody said that it never was a session."""
    scene = adopted_here_and_looked_after_there()
    scene.cancel(session_of(scene))
    scene.run(minutes=1)

    scene.sit_down_at(1)
    scene.run(minutes=1)
    scene.settle()

    assert held(scene) == []


def test_an_office_that_calls_off_what_was_given_up_removes_nothing() -> None:
    """It knew only that the session took place; whose event that was is not for it to say (9518)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    adopt_there(scene)
    session = session_of(scene)
    scene.stage.device.engine.undo.undo()
    record = scene.record(session)
    scene.office(replace(record, status=SessionStatus.CANCELLED), FieldGroup.STATUS)

    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]


def test_what_is_given_up_stays_though_its_session_takes_place_after_all() -> None:
    """Somebody moved its other event without knowing; the tutor's own is none of it any more (10318)."""
    scene = Scene(Manners(), Manners())
    by_hand(scene)
    adopt_there(scene)
    session = session_of(scene)
    scene.phone(1, summary="Typed meanwhile")
    scene.stage.device.engine.undo.undo()
    scene.settle()
    assert scene.session(session).is_live

    scene.cancel(session)
    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]


def test_what_was_never_marked_is_given_up_without_a_write() -> None:
    """Nothing of ours stands in it, so there is nothing to take out, and to others it is a foreign event (3470)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.run(put=[Fault.DIED_BEFORE])
    (before,) = scene.events()
    scene.stage.device.engine.undo.undo()

    scene.settle()

    (after,) = scene.events()
    assert (after.body, after.etag) == (before.body, before.etag)


def test_our_marker_that_comes_late_into_what_was_given_up_is_taken_out_again() -> None:
    """A server without ETags carries out what was sent before, after the event had been given up (9470)."""
    scene = Scene(Manners(etag="missing", honours=False))
    by_hand(scene)
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.settle()
    server, place = scene.stage.collections()[0]
    (marked,) = scene.events()
    scene.stage.device.engine.undo.undo()
    scene.settle()
    assert held(scene) == [(_BY_HAND, False)]
    server.update(place.remote_id, marked.key, marked.body, by=PHONE)

    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]


def test_a_link_that_stood_in_the_event_before_does_not_tell_that_ours_arrived() -> None:
    """The tutor's own room stands in it; the write that was to show it in its other places was lost (11438)."""
    scene = Scene()
    by_hand(scene)
    room = "https://room.example/1"
    scene.phone(url=room, location="")
    scene.settle()
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.run(update=[Fault.DIED_BEFORE])
    scene.phone(summary="T2x")

    scene.settle()

    (one,) = scene.events()
    assert (raw_of(one.body)["summary"], raw_of(one.body)["location"]) == ("T2x", room)


# Telling and hearing --------------------------------------------------------------------------------------------------


def test_a_laptop_that_dies_telling_of_an_adopted_session_has_told_of_its_event() -> None:
    """The next one knew the session and no event of it, and made another (878)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.run(put=[Fault.DIED_AFTER])

    scene.sit_down_at(1)
    scene.settle()

    assert held(scene) == [(_BY_HAND, True)]


def test_an_adopted_session_is_not_told_before_its_event_is() -> None:
    """The platform does not hear of the event: then it is not to hear of the session, either (878)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.run(links=[Fault.REQUEST_LOST] * 9)
    assert scene.stage.platform is not None
    assert not scene.stage.platform.records

    scene.settle()

    assert len(scene.stage.platform.records) == 1
    assert held(scene) == [(_BY_HAND, True)]


def test_what_was_told_of_an_event_before_its_session_was_known_is_heard_once_it_is() -> None:
    """The first laptop told of the event, and died; the session came when another looked after the calendar (1604)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.stage.device.engine.adopting.wish(_BY_HAND)
    scene.run(put=[Fault.DIED_BEFORE])
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)
    scene.run(minutes=1)
    scene.sit_down_at(1)
    scene.run(minutes=1)

    scene.settle()

    assert held(scene) == [(_BY_HAND, True)]


def test_what_was_given_up_is_not_taken_again_on_the_word_of_what_was_told_before() -> None:
    """It gave the event up and died before it told; reading along it found it told as its session's still (3758)."""
    scene = Scene(laptops=True)
    by_hand(scene)
    adopt_there(scene)
    scene.stage.device.engine.undo.undo()
    scene.run(update=[Fault.ANSWER_LOST], links=[None, Fault.DIED_AFTER])
    scene.settle(1)
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)

    scene.settle()

    assert held(scene) == [(_BY_HAND, False)]
    with scene.stage.device.store.read() as connection:
        links = scene.stage.device.store.links.of_sessions(connection, [session_of(scene)])
    assert all(row.link.uid != _BY_HAND for found in links.values() for row in found)
