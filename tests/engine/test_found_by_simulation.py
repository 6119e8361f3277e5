"""Faults that the simulation found, each told in the shortest way in which it shows (tests/simulation/seeds.txt)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sync_agent.engine.sync.spell import block_of, without_block
from sync_agent.engine.values import FieldGroup, Role
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of

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


def test_what_a_server_makes_of_notes_when_only_the_link_is_written_does_not_travel() -> None:
    """It keeps notes as HTML and escapes what we send; the meeting goes, another comes, and stands in the same text."""
    scene = Scene(Manners(rewrites=("escape", "html")), Manners(), meetings=True)
    session = scene.add(online=True)
    scene.settle()
    scene.phone(0, description=f"<html>\nbring the book\n\n{block_of(scene.join_url(session))}\n</html>")
    scene.settle()
    notes = scene.session(session).notes
    scene.change(session, online=False)
    scene.settle()
    scene.change(session, online=True)

    scene.settle()

    assert scene.session(session).notes == notes
    assert without_block(raw_of(scene.events(1)[0].body)["description"]) == notes


def test_one_deletion_that_knew_of_everything_ends_the_session() -> None:
    """Deleted in one calendar before an edit, and in the other one after it was shown there."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.phone_deletes(0)
    scene.change(session, title="Physics")
    scene.run(pull=[Fault.REQUEST_LOST])
    scene.phone_deletes(1)

    scene.settle()

    assert not scene.session(session).is_live


def test_an_event_marked_as_cancelled_before_its_creation_was_settled_knew_of_no_edit() -> None:
    """Created, never looked at, marked as cancelled on the phone while the title was changed in the app."""
    scene = Scene()
    session = scene.add()
    scene.run(settle=[Fault.REQUEST_LOST])
    scene.change(session, title="Physics")
    scene.phone(status="CANCELLED")

    scene.settle()

    assert scene.session(session).is_live
    assert "Physics" in scene.titles()


def test_an_event_that_somebody_made_something_else_of_outlives_a_deletion_elsewhere() -> None:
    """Its title was changed and it was made all-day in one calendar; in the other one it was deleted: it is asked."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.phone(0, summary="Physics")
    scene.phone_makes_all_day(0)
    scene.phone_deletes(1)
    scene.run()

    assert scene.session(session).is_live
    assert scene.answer("yes") == "shape"
    scene.settle()
    assert scene.titles(0) == scene.titles(1)


def test_an_event_that_is_moved_while_calendars_are_read_is_not_deleted() -> None:
    """The other calendar was read before it arrived there, and the first one after it had left."""
    scene = Scene(busy=True)
    session = scene.add()
    scene.settle()
    pulls: list[str] = []

    def move(step: str) -> None:
        pulls.append(step)
        if pulls.count("pull") == 2 and scene.events(0):
            scene.phone_moves()

    scene.run(between=move)

    assert pulls.count("pull") == 3
    assert scene.session(session).is_live
    assert scene.answer("no") == "moved_away"
    scene.settle()
    assert scene.titles(0) == ["Maths"]


def test_an_event_that_was_moved_into_another_calendar_follows_its_session_there() -> None:
    """Also where a platform says who may write: and where it was no other one is made."""
    scene = Scene(platform=True, leases=True, busy=True)
    session = scene.add()
    scene.settle()
    scene.phone_moves()
    scene.run()
    assert scene.answer("yes") == "moved_away"
    scene.change(session, title="Physics")

    scene.settle()

    assert scene.titles(0) == []
    assert scene.titles(1) == ["Physics"]


def test_what_was_typed_back_is_newer_than_what_was_typed_meanwhile() -> None:
    """Renamed in the app, renamed on the phone, renamed back in the app, and only then anybody looks."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.phone(0, summary="Chemistry")
    scene.run(pull=[Fault.REQUEST_LOST, Fault.REQUEST_LOST])
    scene.change(session, title="Maths")

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert scene.titles(0) == scene.titles(1) == ["Maths"]
    assert [one.lost_value for one in scene.lost()] == ["Chemistry"]


def test_an_event_that_somebody_made_something_else_of_outlives_a_cancellation_on_the_platform() -> None:
    """The office cancels while its event becomes all-day on the phone: it takes place, and it is asked."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.phone_makes_all_day()
    record = scene.record(session)
    scene.office(replace(record, status=type(record.status).CANCELLED), FieldGroup.STATUS)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.record(session).status.value == "planned"


def test_a_cancellation_knows_what_was_typed_before_it_at_its_own_side() -> None:
    """The office changes the place and then cancels; both come with one reading."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.office(replace(scene.record(session), place="library"), FieldGroup.WHERE)
    record = scene.record(session)
    scene.office(replace(record, status=type(record.status).CANCELLED), FieldGroup.STATUS)

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.events() == []


def test_an_event_that_shows_late_may_have_been_edited_long_ago() -> None:
    """Made, edited on the phone at once, edited in the app later; meanwhile its calendar was read without it."""
    scene = Scene(Manners(visible_after=timedelta(minutes=5)))
    session = scene.add()
    scene.run(minutes=1)
    scene.phone(location="at home")
    scene.change(session, place="library")
    scene.run(minutes=1)

    scene.settle()

    assert scene.session(session).place == "library"


def test_what_was_typed_back_while_it_was_on_its_way_is_newer() -> None:
    """Made, and nobody could look yet: renamed in the app, renamed on the phone, renamed back in the app."""
    scene = Scene()
    session = scene.add()
    scene.run(settle=[Fault.REQUEST_LOST])
    scene.change(session, title="Physics")
    scene.phone(summary="Chemistry")
    scene.change(session, title="Maths")

    scene.settle()

    assert scene.session(session).title == "Maths"
    assert scene.titles() == ["Maths"]


def test_an_event_of_an_earlier_name_takes_the_place_of_the_one_that_went() -> None:
    """Back from the trash beside the one that was made instead, and then that one was deleted."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    (first,) = scene.events()
    scene.phone_deletes()
    scene.change(session, title="Physics")
    scene.settle()
    (second,) = scene.events()
    scene.phone_creates(first)
    scene.run()
    scene.change(session, title="Chemistry")
    scene.phone_deletes(key=second.key)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == ["Chemistry"]


def test_a_clock_that_is_set_back_between_two_looks_stops_nothing() -> None:
    """It was ten minutes ahead when the event was last seen; then somebody set it right, and renamed the event."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.stage.device.clock.wrong_by = timedelta(minutes=10)
    scene.run()
    scene.stage.device.clock.wrong_by = timedelta(0)
    scene.phone(summary="Physics")

    scene.run(minutes=1)

    assert scene.session(session).title == "Physics"


def test_what_was_asked_about_before_the_store_was_put_back_is_asked_again() -> None:
    """The platform remembers that the event is held for a question, and the store that held the question is gone."""
    scene = Scene(platform=True, leases=True)
    session = scene.add()
    scene.settle()
    old = scene.backup()
    scene.phone_makes_all_day()
    scene.settle()

    scene.put_back(old)
    scene.settle()

    assert scene.answer("yes") == "shape"
    scene.settle()
    assert raw_of(scene.events()[0].body)["when"]["kind"] == "zoned"
    assert scene.session(session).is_live


def test_an_event_that_a_lost_store_never_saw_again_is_made_anew() -> None:
    """The platform names it, it is gone by then, and an edit outlives that: there is no text to bring back."""
    scene = Scene(platform=True, leases=True)
    session = scene.add()
    scene.settle()
    scene.lose()
    scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)
    scene.phone_deletes()

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == ["Physics"]


def test_a_late_edit_of_a_session_that_is_long_over_is_sent_after_a_yes() -> None:
    """The laptop lay in a drawer for three months; the tutor wants the calendar to say what was said then."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(pull=[Fault.UNREACHABLE])
    scene.run(minutes=90 * 24 * 60)

    assert scene.answer("yes") == "late_edits"
    scene.settle()

    assert scene.titles() == ["Physics"]


def test_a_session_whose_event_was_deleted_in_the_past_has_one_again_when_it_is_moved_ahead() -> None:
    """It did not take place, so its event went; weeks later another hour was found for it."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.run(minutes=10 * 24 * 60)
    scene.phone_deletes()
    scene.settle()
    scene.change(session, start=scene.session(session).when.start + timedelta(days=20))

    scene.settle()

    assert scene.titles() == ["Maths"]


def test_what_was_typed_before_a_calendar_was_for_something_else_is_not_lost() -> None:
    """Renamed on the phone, and before anybody looked the tutor gives the calendar another role in the app."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.role(Role.BUSY)

    scene.settle()

    assert (scene.titles(0), scene.titles(1)) == ([], ["Physics"])
    assert scene.session(session).title == "Physics"


def test_what_was_typed_before_a_calendar_only_blocked_is_not_lost() -> None:
    """Likewise; the block says nothing of it."""
    scene = Scene(Manners(), Manners())
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.role(Role.BLOCK)

    scene.settle()

    assert (scene.titles(0), scene.titles(1)) == (["Busy"], ["Physics"])
    assert scene.session(session).title == "Physics"


def test_what_was_typed_into_a_block_is_not_taken_when_its_calendar_takes_sessions() -> None:
    """A block never had a say."""
    scene = Scene()
    session = scene.add()
    scene.role(Role.BLOCK)
    scene.settle()
    scene.phone(summary="Physics")
    scene.role(Role.SESSIONS)

    scene.settle()

    assert scene.titles() == ["Maths"]
    assert scene.session(session).title == "Maths"
