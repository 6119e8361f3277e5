"""Faults that the simulation found where one laptop goes on where another one left a calendar."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

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


def test_what_was_typed_before_a_laptop_first_looked_is_no_newer_than_what_was_typed_elsewhere_since() -> None:
    """Whoever takes over a calendar that it never read knows only that the phone's edit was made by now (4191)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.stage.clock.wait(timedelta(minutes=5))
    scene.change(session, title="Chemistry")
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.settle()
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).title == "Chemistry"
    assert [one.lost_value for one in scene.lost()] == ["Physics"]


def test_what_is_found_in_a_calendar_is_newer_than_what_another_laptop_had_found_there_before() -> None:
    """That one told nobody but the platform, and this one had not looked for longer (4863)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.phone(description="bring the book")
    scene.run(links=_UNTOLD)
    scene.phone(description="bring both books")
    scene.sit_down_at(0)

    scene.settle(4)
    scene.sit_down_at(1)
    scene.settle(4)

    assert scene.session(session).notes == scene.record(session).notes == "bring both books"
    assert scene.lost() == []


def test_what_was_typed_over_what_another_laptop_wrote_over_an_overruled_edit_wins() -> None:
    """It told of that edit and of what it was to write, and read nothing back: the marker says the rest (895)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.change(session, title="Chemistry")
    scene.run(settle=[Fault.UNREACHABLE])
    scene.phone(summary="Biology")
    scene.sit_down_at(1)

    scene.settle(4)

    assert scene.session(session).title == "Biology"
    assert scene.lost() == []


def test_what_was_typed_over_an_overruled_edit_knew_nothing_of_what_was_not_written_over_it() -> None:
    """It was typed once more, and the marker tells of the first, over which the overruled edit had been typed."""
    scene = Scene(laptops=True)
    session = scene.add("Maths")
    scene.settle()
    scene.phone(summary="Physics")
    scene.change(session, title="Chemistry")
    scene.change(session, title="Maths")
    scene.run(links=[Fault.REQUEST_LOST], update=[Fault.UNREACHABLE])
    scene.phone(summary="Biology")
    scene.sit_down_at(1)

    scene.settle(4)

    assert scene.session(session).title == "Biology"
    assert [one.lost_value for one in scene.lost()] == ["Maths"]


def test_what_another_laptop_wrote_is_nobodys_edit_of_what_the_session_says_by_now() -> None:
    """Its event shows late: that it was there already does not say that it was made with these words (4479)."""
    scene = Scene(Manners(visible_after=timedelta(minutes=80)), laptops=True)
    session = scene.add("Maths", notes="bring the book")
    scene.run(links=[None, *_UNTOLD])
    scene.office(replace(scene.record(session), title="Physics", notes=""), FieldGroup.TITLE, FieldGroup.NOTES)
    scene.sit_down_at(1)
    scene.run(minutes=75)

    scene.settle(4)

    assert (scene.session(session).title, scene.session(session).notes) == ("Physics", "")
    assert (scene.titles(), scene.lost()) == (["Physics"], [])


def test_a_write_that_was_given_up_when_another_laptop_took_over_settles_nothing_any_more() -> None:
    """It is looked at in the very pass that takes over again, and what the other one agreed on is later (4479)."""
    scene = Scene(laptops=True)
    session = scene.add("Maths")
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.DIED_AFTER])
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(summary="Biology")
    scene.settle()
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.sit_down_at(0)

    scene.settle(4)

    assert scene.session(session).title == "Chemistry"
    assert scene.lost() == []


def test_what_a_phone_typed_is_no_stronger_where_another_laptop_looks_after_its_calendar() -> None:
    """Nobody can tell whether it or what was typed in the app is newer: everywhere the app's wins (3695)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.phone(summary="Physics")
    scene.stage.clock.wait(timedelta(minutes=1))
    scene.sit_down_at(0)
    scene.change(session, title="Chemistry")
    scene.sit_down_at(1)
    scene.run(put=[Fault.DIED_BEFORE])
    scene.sit_down_at(0)
    scene.run(minutes=75)
    scene.sit_down_at(1)

    scene.run(minutes=1)
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


def test_what_a_server_cut_of_what_another_laptop_was_about_to_write_is_nobodys_edit() -> None:
    """Its event is seen when the session says something else by now: it told with what it was to be made (4671)."""
    scene = Scene(Manners(rewrites=("cut",), visible_after=timedelta(minutes=80)), laptops=True)
    session = scene.add("long " * 60)
    scene.run(links=[None, *_UNTOLD])
    scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)
    scene.sit_down_at(1)
    scene.run(minutes=75, create=[Fault.UNREACHABLE])

    scene.settle(4)

    assert scene.session(session).title == "Physics"
    assert (scene.titles(), scene.lost()) == (["Physics"], [])


def test_what_was_typed_over_what_another_laptop_had_found_there_leaves_nothing_lost() -> None:
    """It told the platform of the first edit, and nobody that it was agreed; here both are read at once (4447)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)
    scene.phone(summary="Physics")
    scene.run(links=_UNTOLD)
    scene.phone(summary="Biology")
    scene.sit_down_at(1)

    scene.settle(4)

    assert scene.session(session).title == "Biology"
    assert scene.lost() == []


@pytest.mark.parametrize("rewrites", [("cut",), ("cut", "unmark")], ids=["with its marker", "without one"])
def test_what_a_server_cut_of_another_laptop_s_write_is_nobodys_edit(rewrites: tuple[str, ...]) -> None:
    """It told what it was about to write, and not that it was agreed: the platform did not let it in (2911)."""
    long = "A title that goes on and on, " * 10 + "to its end"
    scene = Scene(Manners(rewrites=rewrites), laptops=True)
    session = scene.add("Maths")
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.change(session, title=long)
    scene.run(put=[Fault.FORBIDDEN])
    scene.sit_down_at(0)
    scene.settle()
    elsewhere = scene.session(session).title
    scene.sit_down_at(1)

    scene.settle()

    assert elsewhere == "Maths"
    assert scene.session(session).title == scene.record(session).title == long
    assert scene.lost() == []


def test_what_was_agreed_and_could_not_be_told_is_known_still_when_a_calendar_comes_back_untouched() -> None:
    """Nobody told anything of the event meanwhile: what was typed over the phone's place has no rival in it (4447)."""
    scene = Scene(laptops=True)
    session = scene.add(place="Room 1")
    scene.settle()
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)
    scene.settle()
    scene.phone(location="Room 2")
    scene.run(links=_UNTOLD)
    scene.office(replace(scene.record(session), place="Room 3"), FieldGroup.WHERE)
    scene.run(links=_UNTOLD, update=[Fault.THROTTLED])
    scene.sit_down_at(1)
    scene.run(pull=[Fault.UNREACHABLE])
    scene.sit_down_at(0)

    scene.settle()

    assert scene.session(session).place == scene.record(session).place == "Room 3"
    assert [raw_of(one.body)["location"] for one in scene.events()] == ["Room 3"]
    assert scene.lost() == []


def test_the_platform_hears_of_an_event_that_was_read_back_a_pass_later() -> None:
    """It was told that the event is wanted; whoever looks along would wait for it for good (2415)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.run(settle=[Fault.UNREACHABLE])
    assert _told(scene)[session] == "want"

    scene.run()

    assert _told(scene)[session] == "live"


def _told(scene: Scene) -> dict[str, str]:
    """Give what the platform was told of the links of the calendar, by session."""
    platform = scene.stage.platform
    assert platform is not None
    return {one.session: one.state for one in platform.leases.told}


def test_what_was_typed_over_words_that_lost_on_another_laptop_is_heir_of_them_where_they_were_agreed() -> None:
    """The other laptop heard of a newer version, could not write it, and told what stood in the event (1583)."""
    scene = Scene(Manners(), Manners(), laptops=True)
    session = scene.add(title="Algebra")
    scene.settle()
    scene.sit_down_at(1)
    scene.run(minutes=75)
    scene.sit_down_at(0)
    scene.run(minutes=75)
    scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)
    scene.run(links=_UNTOLD)
    scene.office(replace(scene.record(session), title="Chemistry"), FieldGroup.TITLE)
    scene.sit_down_at(1)
    scene.run(minutes=75, update=[Fault.LOCKED])
    before = (scene.titles(), scene.titles(1))
    scene.phone(summary="Biology")
    scene.phone(1, summary="History")
    scene.sit_down_at(0)
    scene.run(minutes=75)
    scene.settle()

    assert before == (["Physics"], ["Chemistry"])
    assert [one.lost_value for one in scene.lost()] == ["History"]
    assert scene.session(session).title == scene.record(session).title == "Biology"
