"""The main job: sessions appear in a calendar, and edits travel both ways, whoever makes them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup, Role
from tests.engine.phone import value_of
from tests.engine.world import NOW, THURSDAY, Home

T17 = datetime(2026, 11, 26, 17)
_ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT15M\nDESCRIPTION:Bring the book\nEND:VALARM\n"
_FOREIGN = (
    "COLOR:red\n",
    "ATTENDEE;CN=Emma;PARTSTAT=ACCEPTED:mailto:emma@example.org\n",
    "X-APPLE-TRAVEL-DURATION;VALUE=DURATION:PT30M\n",
    "CATEGORIES:School,Ümlaut\\, comma\n",
)


def test_a_session_appears_in_the_calendar(any_home: Home) -> None:
    """Title, notes, place, the hour on the wall in the session's own zone, and a mark by which it is known again."""
    any_home.world.add("Maths, Emma", notes="Bring the book", place="Library", online=False)

    report = any_home.run()

    text = any_home.phone.event(any_home.work)
    assert (report.created, report.updated, report.deleted) == (1, 0, 0)
    assert value_of(text, "SUMMARY").replace("\\,", ",") == "Maths, Emma"
    assert value_of(text, "LOCATION") == "Library"
    assert value_of(text, "DESCRIPTION") == "Bring the book"
    assert "DTSTART;TZID=Europe/Berlin:20261126T150000" in text
    assert "DTEND;TZID=Europe/Berlin:20261126T160000" in text
    assert value_of(text, "TRANSP") == "OPAQUE"
    assert "ORGANIZER" not in text
    assert "X-TUTORSYNC-MARKER" in text


def test_ten_idle_passes_write_nothing_and_ask_once_each(any_home: Home) -> None:
    """What was agreed stays agreed, and costs one question a pass."""
    any_home.world.add()
    any_home.run()
    any_home.run()

    assert any_home.idle() == 0
    assert any_home.run().requests == 1


def test_a_phone_moves_the_session(any_home: Home) -> None:
    """The session follows, the log says which calendar it was, and nothing is written back."""
    session = any_home.world.add()
    any_home.run()

    any_home.phone.move(any_home.work, 15, 17)
    report = any_home.run()

    assert any_home.world.session(session).when.start == T17
    assert report.written == 0
    assert [entry.actor for entry in any_home.world.log("session.changed")] == [any_home.name]
    assert any_home.idle(3) == 0


def test_the_app_moves_the_event(any_home: Home) -> None:
    """One edit is one write."""
    session = any_home.world.add()
    any_home.run()

    any_home.world.change(session, start=T17)
    report = any_home.run()

    assert "DTSTART;TZID=Europe/Berlin:20261126T170000" in any_home.phone.event(any_home.work)
    assert report.written == 1
    assert report.requests <= 3
    assert any_home.idle(3) == 0


def test_both_change_different_fields_and_both_survive(any_home: Home) -> None:
    """The tutor renames it on the train while someone at home moves it."""
    session = any_home.world.add(notes="Bring the book")
    any_home.run()

    any_home.world.change(session, title="Physics")
    any_home.phone.move(any_home.work, 15, 17)
    report = any_home.run()

    assert (any_home.world.session(session).title, any_home.world.session(session).when.start) == ("Physics", T17)
    text = any_home.phone.event(any_home.work)
    assert value_of(text, "SUMMARY") == "Physics"
    assert "20261126T170000" in text
    assert report.written == 1
    assert any_home.world.log("version.lost") == []


def test_what_we_do_not_own_stays_byte_for_byte(any_home: Home) -> None:
    """Alarm, colour, attendee, X- properties: untouched by every write of ours."""
    session = any_home.world.add(notes="Bring the book")
    any_home.run()
    any_home.phone.edit(any_home.work, {"END:VEVENT": f"{''.join(_FOREIGN)}{_ALARM}END:VEVENT"})
    any_home.run()
    before = any_home.phone.event(any_home.work)

    any_home.world.change(session, start=T17, title="Physics", notes="Bring nothing")
    any_home.run()

    after = any_home.phone.event(any_home.work)
    ours = ("DTSTART", "DTEND", "SUMMARY", "DESCRIPTION:Bring", "DTSTAMP", "LAST-MODIFIED", "SEQUENCE", "X-TUTORSYNC")
    assert [line for line in after.splitlines() if not line.startswith(ours)] == [
        line for line in before.splitlines() if not line.startswith(ours)
    ]
    assert all(line.strip() in after for line in _FOREIGN)


def test_at_one_time_the_person_in_the_app_wins_and_the_other_is_kept(home: Home) -> None:
    """Nobody knows who was first between two looks. The loser stands in the log; undo brings it back everywhere."""
    session = home.world.add()
    home.run()
    home.world.clock.move(timedelta(minutes=2))
    home.world.change(session, title="Physics")
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Chemistry"})

    home.run(minutes=5)

    assert home.world.session(session).title == "Physics"
    assert home.phone.titles(home.work) == ["Physics"]
    (lost,) = home.world.log("version.lost")
    assert (lost.lost_value, lost.field_group) == ("Chemistry", "title")

    undone = home.world.engine.undo.undo(lost.id)
    home.run()

    assert not undone.refused
    assert home.world.session(session).title == "Chemistry"
    assert home.phone.titles(home.work) == ["Chemistry"]
    assert home.idle(3) == 0


def test_of_two_edits_the_newer_wins_and_the_older_is_kept(home: Home) -> None:
    """The app's edit could not be written (the server had trouble); later the phone edits the same field."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.wire.fail("status", method="PUT", every=True)
    home.run(minutes=5)
    home.wire.fail()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Chemistry"})

    home.run(minutes=5)
    home.run()

    assert home.world.session(session).title == "Chemistry"
    assert home.phone.titles(home.work) == ["Chemistry"]
    assert [entry.lost_value for entry in home.world.log("version.lost")] == ["Physics"]

    home.world.engine.undo.undo(home.world.log("version.lost")[0].id)
    home.run()

    assert home.phone.titles(home.work) == ["Physics"]


def test_deleted_on_the_phone_is_cancelled_and_undo_brings_it_back_with_its_alarms(any_home: Home) -> None:
    """The event returns with what others had put on it, under another UID."""
    session = any_home.world.add()
    any_home.run()
    any_home.phone.edit(any_home.work, {"END:VEVENT": f"COLOR:red\n{_ALARM}END:VEVENT"})
    any_home.run()
    uid = value_of(any_home.phone.event(any_home.work), "UID")

    any_home.phone.delete(any_home.work)
    any_home.run()

    assert any_home.world.session(session).status is SessionStatus.CANCELLED
    assert any_home.world.session(session).ended_reason
    (entry,) = any_home.world.log("session.cancelled")
    assert entry.actor == any_home.name

    any_home.world.engine.undo.undo(entry.id)
    any_home.run()

    text = any_home.phone.event(any_home.work)
    assert any_home.world.session(session).status is SessionStatus.PLANNED
    assert "TRIGGER:-PT15M" in text
    assert "COLOR:red" in text
    assert value_of(text, "UID") != uid
    assert any_home.idle(3) == 0


def test_cancelled_in_the_app_removes_the_event_and_undo_brings_it_back(home: Home) -> None:
    """With its alarm."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, {"END:VEVENT": f"{_ALARM}END:VEVENT"})
    home.run()

    home.world.engine.sessions.cancel(session)
    report = home.run()

    assert report.deleted == 1
    assert home.events == []

    home.world.engine.undo.undo()
    home.run()

    assert "TRIGGER:-PT15M" in home.phone.event(home.work)
    assert home.idle(3) == 0


@pytest.mark.parametrize("how", ["STATUS:CANCELLED\n", "TRANSP:OPAQUE\nSTATUS:CANCELLED\n"])
def test_marked_as_cancelled_is_cancelled(home: Home, how: str) -> None:
    """Some clients do not delete; undo makes a new event that takes place."""
    session = home.world.add()
    home.run()

    home.phone.edit(home.work, {"TRANSP:OPAQUE\n": how})
    home.run()
    assert home.world.session(session).status is SessionStatus.CANCELLED

    home.world.engine.undo.undo()
    home.run()
    home.run()

    assert home.world.session(session).status is SessionStatus.PLANNED
    assert sum("STATUS:CANCELLED" not in text for text in home.events) == 1


def test_deleting_a_past_event_unlinks_it_only(home: Home) -> None:
    """Tidying up the calendar must not rewrite what was taught."""
    session = home.world.add(start=datetime(2026, 11, 24, 11))
    home.run()
    home.world.clock.move(timedelta(days=2))

    home.phone.delete(home.work)
    home.run()

    assert home.world.session(session).status is SessionStatus.PLANNED
    assert home.idle(3) == 0
    assert home.events == []


def test_an_edit_in_the_app_outlives_a_deletion_on_the_phone(home: Home) -> None:
    """Moved on the laptop before it heard of the deletion: the session stays and its event returns, moved."""
    session = home.world.add()
    home.run()
    home.phone.delete(home.work)
    home.world.change(session, start=T17)

    home.run()

    assert home.world.session(session).status is SessionStatus.PLANNED
    assert "20261126T170000" in home.phone.event(home.work)
    assert home.idle(3) == 0


def test_completed_and_no_show_have_no_spelling_in_a_calendar(home: Home) -> None:
    """The event of a session that took place stays as it is."""
    session = home.world.add()
    home.run()

    home.world.change(session, status=SessionStatus.NO_SHOW)

    assert home.run().written == 0
    assert len(home.events) == 1


def test_an_edit_with_seconds_or_in_another_zone_keeps_the_session_s_zone(home: Home) -> None:
    """A phone abroad writes UTC; only the app changes a session's zone."""
    session = home.world.add()
    home.run()

    home.phone.edit(
        home.work,
        {
            "DTSTART;TZID=Europe/Berlin:20261126T150000": "DTSTART:20261126T160000Z",
            "DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND:20261126T170000Z",
        },
    )
    home.run()

    assert home.world.session(session).when.start == T17
    assert home.world.session(session).when.zone == "Europe/Berlin"
    assert home.idle(3) == 0


def test_two_calendars_for_sessions_say_the_same(home: Home) -> None:
    """An edit in one goes to the other; deleting in one cancels in both."""
    second = home.more("private")
    home.world.engine.accounts.set_role("private", Role.SESSIONS, confirmed=True)
    session = home.world.add()
    home.run()
    assert home.phone.titles(second) == home.phone.titles(home.work) == ["Maths"]

    home.phone.edit(second, {"SUMMARY:Maths": "SUMMARY:Physics"})
    assert home.run().written == 1
    assert home.phone.titles(home.work) == ["Physics"]

    home.phone.delete(home.work)
    home.run()
    assert home.world.session(session).status is SessionStatus.CANCELLED
    home.run()
    assert home.phone.titles(second) == []
    assert home.idle(3) == 0


def test_two_edits_while_offline_arrive_once(home: Home) -> None:
    """They coalesce by themselves: what counts is what is, not what happened."""
    one, two = home.world.add("One"), home.world.add("Two", start=THURSDAY + timedelta(hours=3))
    home.run()
    home.wire.fail("drop-request", every=True)
    home.world.change(one, title="First")
    home.world.change(one, title="Number one")
    home.world.change(two, title="Number two")
    assert not home.run().accounts[home.account.id].ok

    home.wire.fail()
    report = home.run()

    assert report.updated == 2
    assert home.phone.titles(home.work) == ["Number one", "Number two"]
    assert home.idle(3) == 0


def test_origins_tell_who_made_which_value(home: Home) -> None:
    """The app's own, and the calendar where a phone edited."""
    session = home.world.add()
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Physics"})
    home.run()

    origins = home.world.session(session).origins

    assert origins[FieldGroup.WHEN].side == "app"
    assert origins[FieldGroup.TITLE].side == home.world.calendar(home.name).id
    assert NOW < origins[FieldGroup.TITLE].since < origins[FieldGroup.TITLE].until


def test_nobody_is_told_of_a_deletion_before_the_next_pass(home: Home) -> None:
    """Whoever deleted the wrong event takes it back before anybody hears: the other event is never touched."""
    second = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS)
    session = home.world.add()
    home.run()
    home.run()
    before = home.phone.event(second)

    home.phone.delete(home.work)
    assert home.run().written == 0
    assert not home.world.session(session).is_live
    assert home.phone.event(second) == before

    home.world.engine.undo.undo()
    home.run()
    home.run()
    assert (home.phone.event(second), home.phone.titles(home.work)) == (before, ["Maths"])
    assert home.world.session(session).is_live

    home.phone.delete(home.work)
    home.run()
    home.run()
    assert (home.phone.titles(second), home.phone.titles(home.work)) == ([], [])
    assert home.idle(3) == 0
