"""More faults that the simulation found: with two laptops, gusts and people who insist, on the seeds that are named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.tables import remote_obj
from sync_agent.engine.values import FieldGroup
from tests.simulation.scene import Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import raw_of, spelled

MONDAY = WallSpan(datetime(2026, 11, 30, 15), "Europe/Berlin", timedelta(hours=1))


@pytest.fixture(autouse=True)
def _fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def test_a_session_that_was_given_another_zone_meets_its_late_event_without_a_loss() -> None:
    """The creation arrives when the session was moved and has another zone: what it says is what we wrote (268)."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.change(session, start=scene.session(session).when.start + timedelta(days=1), zone="Asia/Tokyo")
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).when.zone == "Asia/Tokyo"
    assert scene.lost() == []


def test_what_was_typed_over_a_write_whose_answer_was_lost_is_an_edit_of_it() -> None:
    """The marker tells that our notes were there when somebody typed theirs over them: nobody lost anything (290)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.change(session, notes="bring the book")
    scene.run(update=[Fault.ANSWER_LOST])
    scene.phone(description="bring both books")

    scene.settle()

    assert scene.session(session).notes == "bring both books"
    assert scene.lost() == []


def test_what_was_typed_on_the_platform_over_a_lost_answer_is_an_edit_of_it() -> None:
    """Title and notes were written, the answer was lost, the office typed other notes: the title tells (432)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics", notes="bring the book")
    scene.run(put=[Fault.ANSWER_LOST])
    scene.office(replace(scene.record(session), notes="bring both books"), FieldGroup.NOTES)

    scene.settle()

    assert (scene.session(session).title, scene.session(session).notes) == ("Physics", "bring both books")
    assert scene.lost() == []


def test_what_a_server_makes_of_a_creation_that_arrives_late_does_not_travel() -> None:
    """It squeezes spaces; nobody waited for its answer any more (135)."""
    scene = Scene(Manners(rewrites=("spaces",)), Manners())
    session = scene.add(title="two  spaces")
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).title == "two  spaces"
    assert scene.titles(1) == ["two  spaces"]


def test_an_earlier_try_of_a_creation_is_nobodys_edit() -> None:
    """The first request arrives in the place of the second, which was made after somebody had typed notes (5)."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.change(session, notes="bring the book")
    scene.run(minutes=1, create=[Fault.DIED_BEFORE])
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).notes == "bring the book"
    assert '"description":"bring the book"' in scene.events()[0].body


def test_a_copy_of_a_refused_write_that_is_carried_out_later_is_nobodys_edit() -> None:
    """The calendar could not be written, and can be when the second copy of the request comes by (499)."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    (_, place), *_ = scene.stage.collections()
    place.state = "readonly"
    scene.change(session, title="Physics")
    scene.run(update=[Fault.DOUBLED])
    scene.change(session, title="Chemistry")
    scene.run(minutes=1)
    place.state = "ok"
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.titles() == ["Chemistry"]


def test_an_object_whose_text_was_not_kept_is_no_template() -> None:
    """Read while it was nobody's: its event is made anew without what nobody knows (351)."""
    scene = Scene()
    scene.add()
    scene.settle()
    store = scene.stage.device.store
    with store.write() as connection:
        connection.execute(update(remote_obj).values(body=""))
        (one,) = connection.execute(select(remote_obj.c.id)).scalars()

    with store.read() as connection:
        assert store.mirror.single_body(connection, one) is None


def test_what_was_under_way_ends_where_another_laptop_went_on() -> None:
    """Its server shows a new event late; until it does, the other laptop holds the lease (191, 207)."""
    scene = Scene(Manners(visible_after=timedelta(minutes=5)), laptops=True)
    scene.add()
    scene.run(minutes=1)
    scene.sit_down_at(1)
    scene.settle()
    scene.sit_down_at(0)
    scene.run(minutes=1)

    store = scene.stage.device.store
    with store.read() as connection:
        assert store.journal.unsettled(connection) == []


def test_what_a_server_makes_of_an_event_that_another_laptop_created_does_not_travel() -> None:
    """Nobody had read it back when the other laptop went on: the marker tells what was written (351)."""
    scene = Scene(Manners(rewrites=("spaces",), visible_after=timedelta(minutes=5)), laptops=True)
    session = scene.add(title="two  spaces")
    scene.run(minutes=1)
    scene.sit_down_at(1)

    scene.settle(4)

    assert scene.session(session).title == "two  spaces"


def test_what_was_typed_back_while_another_laptop_wrote_is_newer() -> None:
    """Typed back on the one without the lease, after a phone had moved the event: the new holder knows (287)."""
    scene = Scene(laptops=True)
    session = scene.add()
    scene.settle()
    agreed = scene.session(session).when.start
    scene.sit_down_at(1)
    scene.settle()
    scene.phone(summary="Biology")
    scene.sit_down_at(0)
    scene.change(session, title="Physics")
    scene.run(minutes=1)
    scene.change(session, title="Maths")

    scene.settle(4)

    assert scene.session(session).when.start == agreed
    assert scene.session(session).title == "Maths"
    assert scene.titles() == ["Maths"]


def test_a_late_creation_is_recognised_although_the_session_is_online_by_now() -> None:
    """A calendar cannot say that; the second copy of the request comes when the event was deleted (5, 267)."""
    scene = Scene()
    session = scene.add(place="library")
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.change(session, place="café", online=True)
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.stage.network.arrive(everything=True)

    scene.settle()

    assert scene.session(session).place == "café"
    assert scene.lost() == []


def test_an_edit_of_a_late_event_outlives_a_cancellation_although_the_session_was_moved_meanwhile() -> None:
    """The event says neither what was sent nor what the hub says now: the journal knows what was sent (11)."""
    scene = Scene()
    session = scene.add()
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.change(session, title="Physics")
    scene.stage.network.arrive(everything=True)
    scene.phone(summary="Biology")
    scene.cancel(session)

    scene.settle()

    assert scene.session(session).is_live
    assert scene.titles() == [scene.session(session).title]


def test_what_a_server_makes_of_a_late_event_is_nobodys_edit_although_the_session_was_renamed() -> None:
    """It squeezes spaces; the session was given another title and cancelled: it stays cancelled."""
    scene = Scene(Manners(rewrites=("spaces",)))
    session = scene.add(title="two  spaces")
    scene.run(create=[Fault.LATE])
    scene.run(minutes=1, create=[Fault.UNREACHABLE])
    scene.change(session, title="Physics")
    scene.stage.network.arrive(everything=True)
    scene.cancel(session)

    scene.settle()

    assert not scene.session(session).is_live
    assert scene.events() == []


def _offices(scene: Scene, count: int) -> list[str]:
    """Let the office make sessions. Gives their ids."""
    records = [
        SessionRecord(uuid7(scene.stage.clock.now()), 0, MONDAY, f"Maths {number}", online=False)
        for number in range(count)
    ]
    for record in records:
        scene.office(record, *(group for group in FieldGroup if group is not FieldGroup.LINK))
    return [record.id for record in records]


def _move(scene: Scene, sessions: Sequence[str], number: int = 0) -> None:
    """Move the events of some sessions an hour on the phone."""
    server, place = scene.stage.collections()[number]
    for one in list(place.objects.values()):
        raw = raw_of(one.body)
        if scene.stage.session_of(one) in sessions:
            later = datetime.fromisoformat(raw["when"]["local"]) + timedelta(hours=1)
            when = {**raw["when"], "local": later.isoformat()}
            server.update(place.remote_id, one.key, spelled({**raw, "when": when}), by="phone")


def _asked(scene: Scene) -> list[str]:
    store = scene.stage.device.store
    with store.read() as connection:
        return [one.kind for one in store.questions.open(connection)]


def test_a_no_to_moved_events_moves_them_back_and_nobody_asks_whether_that_is_meant() -> None:
    """The office made these sessions, so the guard counts what is written because of them, too (159)."""
    scene = Scene(platform=True)
    sessions = _offices(scene, 4)
    scene.settle()
    _move(scene, sessions)
    scene.run()
    assert scene.answer("no") == "mass_shift"

    scene.settle()

    assert _asked(scene) == []
    assert {raw_of(one.body)["when"]["local"] for one in scene.events()} == {MONDAY.start.isoformat()}


def test_a_no_to_moving_events_takes_the_hour_that_their_calendar_has_although_it_was_overruled() -> None:
    """Moved there and by the office at the same time, and not written yet: nothing is agreed on (159)."""
    scene = Scene(Manners(), Manners(), platform=True)
    sessions = _offices(scene, 4)
    scene.settle()
    for session in sessions[:2]:
        later = replace(MONDAY, start=MONDAY.start + timedelta(days=1))
        scene.office(replace(scene.record(session), when=later), FieldGroup.WHEN)
    _move(scene, sessions[:2], 1)
    scene.run(update=[None, None, Fault.UNREACHABLE])
    _move(scene, sessions[2:3])
    scene.run()
    assert scene.answer("no") == "shifts_to_write"

    scene.settle()

    assert _asked(scene) == []
    hours = [scene.session(session).when.start for session in sessions]
    assert hours == [MONDAY.start + timedelta(hours=1)] * 2 + [MONDAY.start] * 2


def test_what_a_server_cut_of_a_write_does_not_travel_although_its_event_was_gone_when_it_was_looked_at() -> None:
    """Deleted before it was read back, and back from the trash before the deletion was believed (157)."""
    scene = Scene(Manners(rewrites=("cut",)), Manners())
    session = scene.add()
    scene.settle()
    scene.change(session, title="x" * 300)
    scene.run(settle=[Fault.UNREACHABLE])
    (written,) = scene.events()
    scene.phone_deletes()

    def from_the_trash(step: str) -> None:
        if step.startswith("pull") and not scene.events():
            scene.phone_creates(written)

    scene.run(between=from_the_trash)
    assert scene.titles() == ["x" * 200]
    scene.settle()

    assert scene.session(session).title == "x" * 300
    assert scene.lost() == []


def test_what_a_late_write_brings_back_besides_what_it_wrote_is_no_edit() -> None:
    """Without ETags it overwrites whatever was typed since: that was read before, so it is put there again (98)."""
    scene = Scene(Manners(etag="none"))
    session = scene.add()
    scene.settle()
    scene.change(session, notes="bring the book")
    scene.run(update=[Fault.LATE])
    scene.phone(summary="Physics")
    scene.run()
    assert scene.session(session).title == "Physics"
    scene.stage.network.arrive(everything=True)
    assert scene.titles() == ["Maths"]

    scene.settle()

    assert scene.titles() == [scene.session(session).title] == ["Physics"]
    assert scene.lost() == []


def test_a_value_that_was_refused_is_an_edit_where_somebody_types_it_within_the_day() -> None:
    """A refused write is remembered, because a copy of it may come later; but that would bring our marker."""
    scene = Scene()
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.FORBIDDEN])
    scene.change(session, title="Chemistry")
    scene.settle()
    assert scene.titles() == ["Chemistry"]

    scene.phone(summary="Physics")
    scene.settle()

    assert scene.session(session).title == "Physics"


def _keeps_no_notes(scene: Scene) -> None:
    """Let the servers drop descriptions, as some do that only know when and what."""
    for server in scene.stage.servers:
        was = server.rewritten
        server.rewritten = lambda body, was=was: was(spelled({**raw_of(body), "description": ""}))  # type: ignore[method-assign]


@pytest.mark.parametrize("etag", ["strong", "none"])
@pytest.mark.parametrize("fault", [None, Fault.ANSWER_LOST, Fault.LATE])
def test_notes_that_a_server_does_not_keep_stay_where_they_were_typed(etag: str, fault: Fault | None) -> None:
    """It gives no ETag for what it did not store as sent: its emptiness counted as a person's edit, everywhere."""
    scene = Scene(Manners(etag=etag), platform=True)
    _keeps_no_notes(scene)
    made = scene.add(notes="bring the book")
    changed = scene.add(title="Physics")
    scene.run(create=[fault])
    scene.settle()
    scene.change(changed, notes="bring the compass")
    scene.run(update=[fault])
    scene.stage.network.arrive(everything=True)
    scene.settle()

    for session, notes in ((made, "bring the book"), (changed, "bring the compass")):
        assert (scene.session(session).notes, scene.record(session).notes) == (notes, notes)
    before = scene.stage.engine_writes.copy()
    scene.settle()
    assert scene.stage.engine_writes == before


def test_notes_that_a_server_does_not_keep_outlast_a_lost_store() -> None:
    """The marker tells that there were some; that they are not there is what its server made of them."""
    scene = Scene(Manners(etag="none"), platform=True)
    _keeps_no_notes(scene)
    session = scene.add(notes="bring the book")
    scene.settle()
    scene.lose()

    scene.settle()

    assert scene.session(session).notes == "bring the book"


def test_whoever_takes_the_notes_out_of_an_event_has_taken_them_out_everywhere() -> None:
    """Right after they were written, where no ETag tells: the calendar was seen to keep notes, so it was a person."""
    scene = Scene(Manners(etag="none"), Manners())
    scene.add(title="Physics", notes="bring the compass")
    scene.settle()
    session = scene.add(notes="bring the book")

    def clear(step: str) -> None:
        for one in scene.events():
            if step == "settle" and "bring the book" in one.body:
                server, place = scene.stage.collections()[0]
                server.update(place.remote_id, one.key, spelled({**raw_of(one.body), "description": ""}), by="phone")

    scene.run(between=clear)
    scene.settle()

    assert scene.session(session).notes == ""


def test_a_cancellation_that_knew_less_does_not_speak_against_a_deletion_that_knew_everything() -> None:
    """Moved on the phone, and the office not told yet; deleted on the phone, and cancelled in the office (253)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.phone(summary="Physics")
    scene.run(put=[Fault.UNREACHABLE])
    assert scene.session(session).title == "Physics"
    scene.phone_deletes()
    scene.office(replace(scene.record(session), status=SessionStatus.CANCELLED), FieldGroup.STATUS)

    scene.settle()

    assert not scene.session(session).is_live
    assert (scene.events(), scene.record(session).status) == ([], SessionStatus.CANCELLED)


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.ANSWER_LOST])
def test_a_question_whose_answer_is_lost_lets_no_event_go_where_the_marker_is_dropped(fault: Fault) -> None:
    """It writes no field, as what takes our marker out of an event does that is given up (1057)."""
    scene = Scene(Manners(rewrites=("unmark",)))
    scene.settle(4)
    session = scene.add()
    scene.run(update=[fault])
    scene.settle()

    scene.phone(summary="Physics")
    scene.settle()

    assert scene.session(session).title == "Physics"


def test_what_was_typed_over_a_write_that_nobody_answered_in_an_event_that_was_moved_away_lost_nothing() -> None:
    """The look did not find it in its place; the marker tells that the write had arrived there before (2731)."""
    scene = Scene(busy=True)
    session = scene.add()
    scene.settle()
    scene.change(session, title="Physics")
    scene.run(update=[Fault.ANSWER_LOST])
    scene.phone_moves()
    scene.run()
    scene.phone(1, summary="Chemistry")
    scene.run()

    assert scene.answer("yes") == "moved_away"
    scene.settle()

    assert scene.session(session).title == "Chemistry"
    assert scene.lost() == []


def test_a_write_arrived_where_the_platform_says_its_title_though_that_had_won_over_another_one_there() -> None:
    """So the office typed over our notes, and they are not lost (5704)."""
    scene = Scene(platform=True)
    session = scene.add()
    scene.settle()
    scene.office(replace(scene.record(session), title="Physics"), FieldGroup.TITLE)
    scene.stage.clock.wait(timedelta(minutes=1))
    scene.change(session, title="Chemistry", notes="bring the book")
    scene.run(put=[Fault.ANSWER_LOST])
    scene.office(replace(scene.record(session), notes="bring both books"), FieldGroup.NOTES)

    scene.settle()

    assert scene.session(session).notes == "bring both books"
    assert [one.lost_value for one in scene.lost()] == ["Physics"]
