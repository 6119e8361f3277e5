"""Faults that the simulation found where an event came back from the trash, on the seeds that are named."""

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
from tests.simulation.world.texts import raw_of, spelled


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_an_event_from_the_trash_that_says_what_was_typed_over_since_is_no_version_that_lost() -> None:
    """Its marker tells of an older title still; the platform agreed on the one that it says (6047)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.settle()
    (old,) = scene.events()
    scene.phone_deletes()
    scene.settle()
    scene.phone_creates(old)
    scene.change(session, title="Chemistry", status=SessionStatus.PLANNED)

    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]
    assert [one for one in scene.lost() if one.field_group == FieldGroup.TITLE.value] == []


def test_an_earlier_event_that_is_taken_out_takes_no_words_back() -> None:
    """Back from the trash beside the one that stands: it never said the notes that were written since (6929)."""
    scene = Scene(busy=True)
    scene.role(Role.SESSIONS, 1)
    session = scene.add()
    scene.settle()
    (first,) = scene.events()
    scene.change(session, notes="bring the book")
    scene.phone_deletes()
    scene.settle()
    when = {**raw_of(first.body)["when"], "seconds": 0}
    scene.phone_creates(replace(first, body=spelled({**raw_of(first.body), "when": when})))
    scene.change(session, title="Physics")
    scene.phone_deletes(1)

    scene.settle()

    assert scene.session(session).notes == "bring the book"
    assert (scene.titles(), scene.titles(1)) == (["Physics"], ["Physics"])


def test_an_event_from_the_trash_goes_on_from_what_was_agreed_with_it() -> None:
    """Its session is taken up again by an edit in the office; what the event says of old is nobody's edit (1699)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.settle()
    (old,) = scene.events()
    scene.phone_deletes()
    scene.run(put=[Fault.UNREACHABLE])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.phone_creates(old)

    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]
    assert [one for one in scene.lost() if one.field_group == FieldGroup.TITLE.value] == []


def test_what_was_typed_in_an_event_from_the_trash_since_is_an_edit() -> None:
    """Taken back, and given another place at once: that place was typed, the title was not."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics", location="Room 1")
    scene.settle()
    (old,) = scene.events()
    scene.phone_deletes()
    scene.run(put=[Fault.UNREACHABLE])
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.phone_creates(replace(old, body=spelled({**raw_of(old.body), "location": "Room 5"})))

    scene.settle()

    assert (scene.session(session).title, scene.session(session).place) == ("Chemistry", "Room 5")
    assert (scene.titles(), raw_of(scene.events()[0].body)["location"]) == (["Chemistry"], "Room 5")


def test_an_earlier_event_says_nothing_new_in_the_words_that_its_server_made_of_ours() -> None:
    """What was written there last was written after it was made, and the hub says something else by now (5545)."""
    scene = Scene(Manners(rewrites=("spaces",)))
    session = scene.add("Maths")
    scene.settle()
    scene.change(session, title="Physics  for  two")
    scene.settle()
    (earlier,) = scene.events()
    scene.phone_deletes()
    scene.change(session, title="Chemistry")
    scene.settle()
    (newer,) = scene.events()
    scene.stage.clock.wait(timedelta(days=2))
    scene.phone_creates(earlier)
    scene.settle()
    scene.phone_deletes(key=newer.key)

    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert (scene.titles(), scene.lost()) == (["Chemistry"], [])
