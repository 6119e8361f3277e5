"""Writes that arrive a second time, long after they were settled: they are our own words, and nobody's edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of

_HEEDLESS = [
    pytest.param(Manners(etag="none"), id="no etags"),
    pytest.param(Manners(etag="weak"), id="weak etags"),
    pytest.param(Manners(honours=False), id="no conditions"),
    pytest.param(Manners(honours=False, etag="content", rewrites=("unmark",)), id="no conditions and no markers"),
]


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def _run(scene: Scene, *, between: Callable[[str], None] | None = None, **copied: Sequence[Fault]) -> None:
    """Do a pass, of which one write is on its way a second time until `_late`."""
    scene.run(between=between, **copied)
    (copy,) = scene.stage.network.in_flight
    copy.due += timedelta(days=1)


def _late(scene: Scene) -> None:
    scene.stage.network.arrive(everything=True)


def _before_looking(scene: Scene, **fields: Any) -> Callable[[str], None]:
    """Let somebody edit the event after it was written and before it is read back."""
    todo = [fields]

    def between(step: str) -> None:
        if step == "settle" and todo:
            scene.phone(**todo.pop())

    return between


@pytest.mark.parametrize("manners", _HEEDLESS)
def test_a_copy_of_a_write_that_comes_after_a_later_one_takes_nothing_back(manners: Manners) -> None:
    """What was typed in the app since stays, also in the calendar (4017)."""
    scene = Scene(manners)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    _run(scene, update=[Fault.DOUBLED])
    scene.change(session, title="Chemistry")
    scene.run()

    _late(scene)
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


@pytest.mark.parametrize("manners", _HEEDLESS)
def test_a_copy_of_a_write_that_comes_after_an_edit_on_the_phone_takes_nothing_back(manners: Manners) -> None:
    """That edit had been taken over, and the event was not written since: its marker is that of the copy (4585)."""
    scene = Scene(manners)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    _run(scene, update=[Fault.DOUBLED])
    scene.phone(summary="Chemistry")
    scene.run()

    _late(scene)
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


def test_a_copy_of_a_creation_overwrites_nothing_where_no_condition_is_heeded() -> None:
    """It brings the first title, which somebody had changed since (4045)."""
    scene = Scene(Manners(honours=False, etag="content", rewrites=("unmark",)))
    session = scene.add()
    _run(scene, create=[Fault.DOUBLED])
    scene.phone(summary="Chemistry")
    scene.run()

    _late(scene)
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


@pytest.mark.parametrize("manners", _HEEDLESS[:3])
def test_a_copy_of_a_write_that_nobody_could_read_back_takes_nothing_back(manners: Manners) -> None:
    """Somebody had typed over it at once, so that nobody saw how it looked there (1794)."""
    scene = Scene(manners)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    _run(scene, update=[Fault.DOUBLED], between=_before_looking(scene, summary="Chemistry"))

    _late(scene)
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.titles() == ["Chemistry"]


def test_what_somebody_typed_right_after_a_write_is_no_copy_of_it() -> None:
    """Without ETags it is read back together with our own words; it is an edit all the same."""
    scene = Scene(Manners(etag="none"))
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")

    scene.run(between=_before_looking(scene, location="Room 5"))
    scene.settle()

    assert scene.session(session).place == "Room 5"
    assert raw_of(scene.events()[0].body)["location"] == "Room 5"


@pytest.mark.parametrize("manners", _HEEDLESS)
def test_a_title_that_is_set_back_on_the_phone_is_no_copy_of_our_write(manners: Manners) -> None:
    """A calendar app counts its edits: the text is another, though all that we write in it is as we wrote it."""
    scene = Scene(manners)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics", counter=1)
    scene.run()

    scene.phone(summary="Maths", counter=2)
    scene.settle()

    assert scene.session(session).title == "Maths"
    assert scene.titles() == ["Maths"]


def test_what_a_server_that_drops_the_marker_cut_of_a_late_write_is_nobodys_edit() -> None:
    """The session says the whole text still, and that is what was sent (2911, 4072)."""
    scene = Scene(Manners(rewrites=("cut", "unmark")))
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics" + " long" * 60)
    scene.run(update=[Fault.LATE])
    scene.run(minutes=0, update=[Fault.UNREACHABLE])
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).title == "Physics" + " long" * 60
    assert scene.lost() == []


@pytest.mark.parametrize("manners", _HEEDLESS[:3])
def test_a_copy_of_an_earlier_write_is_known_by_its_marker_when_somebody_decorated_it(manners: Manners) -> None:
    """The marker counts our writes, and tells of an earlier one than stood there: its words are ours (2539)."""
    scene = Scene(manners)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    _run(scene, update=[Fault.DOUBLED])
    scene.change(session, title="Chemistry", notes="bring the book")
    scene.run()

    _late(scene)
    scene.phone(counter=7, location="Room 5")
    scene.settle()

    found = scene.session(session)
    assert (found.title, found.notes, found.place) == ("Chemistry", "bring the book", "Room 5")
    assert scene.titles() == ["Chemistry"]
