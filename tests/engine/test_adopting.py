"""An event that the tutor made by hand becomes a session, stays the event that it is, and can be given up again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sync_agent.engine.errors import EventNotAdopted, EventUnknown
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import Role, Session
from tests.engine.phone import an_event, value_of
from tests.engine.terminal import DAY, Begin
from tests.engine.world import THURSDAY, Home
from tests.servers.nullcal import Answer, Collection, NullCal

THEIRS = (
    "SUMMARY:Mia\\, algebra",
    "DTSTART;TZID=Europe/Berlin:20261126T150000",
    "DTEND;TZID=Europe/Berlin:20261126T160000",
    "LOCATION:12 Elm Street",
    "DESCRIPTION:Bring the book",
    "ORGANIZER;CN=Anna:mailto:anna@example.com",
    "ATTENDEE;CN=Mia;PARTSTAT=ACCEPTED:mailto:mia@example.com",
    "X-COLOUR:green",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Now",
    "TRIGGER:-PT15M",
    "END:VALARM",
)
_OURS = ("X-TUTORSYNC-MARKER", "DTSTAMP", "LAST-MODIFIED")


def wish(home: Home, uid: str = "mia") -> Question:
    return home.world.engine.adopting.wish(uid)


def adopt(home: Home, uid: str = "mia") -> Session:
    """Wish it and let a pass carry it out."""
    wished = wish(home, uid)
    home.run()
    home.run()
    return home.world.session(str(home.world.engine.adopting.outcome(wished).facts["sessions"][0]))


def handmade(home: Home, *lines: str, uid: str = "mia") -> None:
    home.phone.add(home.work, uid, *(lines or THEIRS))
    home.run()


def foreign_lines(text: str) -> list[str]:
    """Give what is nobody's but its owner's in an event."""
    return [line for line in text.splitlines() if line.split(":")[0].split(";")[0] not in _OURS]


def test_an_adopted_event_stays_the_event_that_it_is(home: Home) -> None:
    """UID, guests, alarm and colour stay as they are; the marker says whose it is, and it is in nobody's way."""
    handmade(home)
    before = home.phone.event(home.work)
    assert home.world.busy() == ["Mia, algebra"]

    session = adopt(home)

    after = home.phone.event(home.work)
    assert (session.title, session.place, session.notes, session.online) == (
        "Mia, algebra", "12 Elm Street", "Bring the book", False,
    )  # fmt: skip
    assert (session.when.start, session.when.zone) == (THURSDAY, "Europe/Berlin")
    assert foreign_lines(after) == foreign_lines(before)
    assert "X-TUTORSYNC-MARKER" in after
    assert (home.world.busy(), home.world.conflicts()) == ([], [])
    assert home.idle(3) == 0


def test_an_adopted_event_and_its_session_follow_each_other(home: Home) -> None:
    """An edit of either side is one write at the other; nobody is uninvited."""
    handmade(home)
    session = adopt(home)

    home.world.change(session.id, start=THURSDAY + timedelta(hours=2))
    assert home.run().written == 1
    text = home.phone.event(home.work)
    assert value_of(text, "DTSTART") == "20261126T170000"
    assert "mailto:mia@example.com" in text

    home.phone.edit(home.work, {"Mia\\, algebra": "Mia\\, geometry"})
    home.run()
    assert home.world.session(session.id).title == "Mia, geometry"

    home.phone.delete(home.work)
    home.run()
    assert not home.world.session(session.id).is_live
    assert home.idle(3) == 0


def test_what_is_wished_while_the_calendar_is_out_of_reach_is_done_later(home: Home) -> None:
    """The laptop is offline half of the day; what counts is what the event says then."""
    handmade(home)
    home.wire.fail("status")
    wished = wish(home)
    home.run()
    assert home.world.engine.adopting.outcome(wished).closed_why == ""
    assert wish(home).id == wished.id

    home.wire.fail()
    home.phone.move(home.work, 15, 17)
    session = adopt(home)

    assert session.when.start == THURSDAY + timedelta(hours=2)
    assert len(home.world.log("session.adopted")) == 1
    assert home.idle(3) == 0


def test_an_adopted_event_that_is_given_up_stays_without_our_marker(home: Home) -> None:
    """Undo takes the session back, never the event, which is like any other then and can be adopted again."""
    handmade(home)
    before = home.phone.event(home.work)
    session = adopt(home)

    home.world.engine.undo.undo()
    home.run()
    home.run()

    after = home.phone.event(home.work)
    assert not home.world.session(session.id).is_live
    assert foreign_lines(after) == foreign_lines(before)
    assert "X-TUTORSYNC-MARKER" not in after
    assert home.world.busy() == ["Mia, algebra"]
    assert (home.idle(3), home.world.questions()) == (0, [])

    again = adopt(home)
    assert again.id != session.id
    assert (again.is_live, home.world.busy(), home.idle(3)) == (True, [], 0)


def test_giving_up_is_refused_where_somebody_cancelled_since(home: Home) -> None:
    """Undo compares: there is nothing left to give up."""
    handmade(home)
    session = adopt(home)
    (entry,) = home.world.log("session.adopted")
    home.world.engine.sessions.cancel(session.id)

    refused = home.world.engine.undo.undo(entry.id).refused

    assert [one.activity for one in refused] == [entry.id]


def test_a_calendar_that_takes_no_sessions_any_more_keeps_what_was_adopted(home: Home) -> None:
    """What we made is removed, what the tutor made is given up; a block is no exception."""
    handmade(home)
    adopt(home)
    home.world.add("Maths", THURSDAY + timedelta(days=1))
    home.run()

    home.world.engine.accounts.set_role(home.name, Role.BLOCK)
    for _ in range(3):
        home.run()

    assert sorted(home.phone.titles(home.work)) == ["Busy", "Mia\\, algebra"]
    assert "X-TUTORSYNC-MARKER" not in home.phone.event(home.work, "algebra")


def test_an_adopted_event_keeps_the_link_that_its_tutor_put_there(home: Home) -> None:
    """As address, or instead of a place: it is the session's link, also after it was given up."""
    handmade(home, *THEIRS[:3], "LOCATION:https://meet.example/mia")
    session = adopt(home)
    text = home.phone.event(home.work)
    assert (session.online, session.place) == (True, "")
    assert value_of(text, "LOCATION") == "https://meet.example/mia"
    assert "Join: https://meet.example/mia" in text

    home.world.engine.undo.undo()
    home.run()

    text = home.phone.event(home.work)
    assert value_of(text, "LOCATION") == "https://meet.example/mia"
    assert "TutorSync" not in text


def test_the_same_event_in_another_calendar_is_in_nobodys_way(home: Home) -> None:
    """An invitation lies in two calendars under one UID."""
    other = home.more("family")
    home.phone.add(other, "mia", *THEIRS)
    handmade(home)
    assert home.world.busy() == ["Mia, algebra"] * 2

    adopt(home)

    assert (home.world.busy(), home.world.conflicts(), home.world.questions()) == ([], [], [])
    assert home.idle(3) == 0


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param((*THEIRS[:3], "STATUS:CANCELLED"), "called off", id="called off"),
        pytest.param(("SUMMARY:Fair", "DTSTART;VALUE=DATE:20261126"), "whole-day", id="whole day"),
        pytest.param(
            ("SUMMARY:Choir", "DTSTART:20261126T150000", "DURATION:PT1H"), "without a time zone", id="floating"
        ),
    ],
)
def test_what_no_session_can_be_is_not_adopted(home: Home, lines: tuple[str, ...], reason: str) -> None:
    handmade(home, *lines)
    before = home.phone.event(home.work)
    wished = wish(home)
    home.run()

    with pytest.raises(EventNotAdopted, match=reason):
        home.world.engine.adopting.outcome(wished)
    assert home.phone.event(home.work) == before
    assert home.idle(3) == 0


def test_an_event_that_went_meanwhile_is_not_adopted(home: Home) -> None:
    handmade(home)
    wished = wish(home)
    home.phone.delete(home.work)
    home.run()

    with pytest.raises(EventNotAdopted, match="no longer there"):
        home.world.engine.adopting.outcome(wished)


def test_only_events_of_a_calendar_for_sessions_are_adopted_and_only_once(home: Home) -> None:
    other = home.more("family")
    home.phone.add(other, "dentist", *THEIRS)
    handmade(home)
    with pytest.raises(EventUnknown):
        wish(home, "nobody")
    with pytest.raises(EventNotAdopted, match="not for sessions"):
        wish(home, "dentist")
    adopt(home)
    with pytest.raises(EventNotAdopted, match="already"):
        wish(home)


def test_a_copy_that_another_program_made_is_asked_about_once(home: Home) -> None:
    """Same title, same time, no marker: yes frees the time, undo takes that back, and nobody asks again."""
    other = home.more("family")
    home.world.add("Mia, algebra")
    home.run()
    home.phone.add(other, "copied", *THEIRS[:3])
    home.run()
    (question,) = home.world.questions()
    assert question.kind == "copy"
    assert len(home.world.conflicts()) == 1

    home.world.engine.questions.answer(question.id, "yes")
    assert (home.world.conflicts(), home.world.busy()) == ([], [])
    home.run()
    assert home.phone.titles(other) == ["Mia\\, algebra"]

    home.world.engine.undo.undo()
    home.run()
    assert len(home.world.conflicts()) == 1
    assert (home.world.questions(), home.idle(3)) == ([], 0)


def test_an_appointment_of_its_own_goes_on_being_in_the_way(home: Home) -> None:
    """No means: not a copy. What only lies at the same time, or has another title, is not asked about at all."""
    other = home.more("family")
    home.world.add("Mia, algebra")
    home.run()
    home.phone.add(other, "dentist", "SUMMARY:Dentist", *THEIRS[1:3])
    home.phone.add(other, "copied", *THEIRS[:3])
    home.run()
    (question,) = home.world.questions()
    assert len(question.facts["copies"]) == 1

    home.world.engine.questions.answer(question.id, "no")
    home.run()

    assert len(home.world.conflicts()) == 2
    assert home.world.questions() == []


def test_a_copy_that_moves_away_answers_the_question_itself(home: Home) -> None:
    other = home.more("family")
    home.world.add("Mia, algebra")
    home.run()
    home.phone.add(other, "copied", *THEIRS[:3])
    home.run()
    assert len(home.world.questions()) == 1

    home.phone.move(other, 15, 18)
    home.run()

    assert home.world.questions() == []


class _Renaming(NullCal):
    """A server that gives each new event a UID of its own, and keeps it where it was put."""

    def _put(self, calendar: Collection, name: str, headers: dict[str, str], text: str) -> Answer:
        if name not in calendar.items:
            lines = (
                f"UID:of-the-server-{calendar.revision}" if one.startswith("UID:") else one
                for one in text.split("\r\n")
            )
            text = "\r\n".join(lines)
        return super()._put(calendar, name, headers, text)


def test_a_server_that_gives_our_events_uids_of_its_own_gets_each_once(tmp_path: Path) -> None:
    """Our marker is not valid there; what lies at our name and says what we sent is ours all the same."""
    with Home(tmp_path, _Renaming()) as home:
        session = home.world.add()
        for _ in range(3):
            home.run()
        assert home.phone.titles(home.work) == ["Maths"]
        assert (home.world.busy(), home.idle(3)) == ([], 0)

        home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Physics"})
        home.run()
        assert home.world.session(session).title == "Physics"
        home.world.engine.accounts.set_role(home.name, Role.BUSY)
        home.run()
        home.run()

        assert home.phone.titles(home.work) == []


def test_what_holds_the_name_of_our_event_and_says_something_else_is_not_ours(home: Home) -> None:
    """Its UID is another and it bears no marker, as with such a server; but nobody ever sent what it says."""
    session = home.world.add()
    with home.world.store.read() as connection:
        naming = home.world.engine.context.naming(connection)
    name = naming.uid(session, home.world.calendar(home.name).id, 0)
    times = ("DTSTART;TZID=Europe/Berlin:20261126T150000", "DTEND;TZID=Europe/Berlin:20261126T160000")
    home.phone.put(f"{home.work}{name}.ics", an_event("dentist", "SUMMARY:Dentist", *times))
    before = home.phone.event(home.work)

    for _ in range(3):
        home.run()

    assert home.phone.event(home.work, "Dentist") == before
    assert home.phone.titles(home.work) == ["Dentist", "Maths"]
    assert home.world.session(session).title == "Maths"
    assert home.world.busy() == ["Dentist"]


def test_adopting_through_the_command_line(begin: Begin) -> None:
    """Listed, adopted, moved, given up; a copy elsewhere is asked about and answered."""
    me = begin("two")
    times = (f"DTSTART;TZID=Europe/Berlin:{DAY:%Y%m%d}T150000", f"DTEND;TZID=Europe/Berlin:{DAY:%Y%m%d}T160000")
    me.side.phone.add(me.side.path, "mia", "SUMMARY:Mia", *times, "ATTENDEE:mailto:mia@example.com")
    me.sync()
    (listed,) = me("events")["events"]

    made = me("sessions", "adopt", listed["uid"])
    (session,) = made["sessions"]
    assert session["title"] == "Mia"
    assert [one["kind"] for one in made["activity"]] == ["session.adopted"]
    assert me("sessions", "adopt", listed["uid"], code=1)["error"]["code"] == "event.not_adopted"
    me("sessions", "move", session["id"], "--start", f"{DAY}T17:00")
    me.sync()
    assert me.other.titles == ["Mia"]
    assert "T170000" in value_of(me.side.text("Mia"), "DTSTART")

    me.other.phone.add(
        me.other.path, "copied", "SUMMARY:Mia", *(one.replace("T15", "T17").replace("T16", "T18") for one in times)
    )
    me.sync(code=5)
    (question,) = me.questions()
    assert "Is it a copy?" in question["text"]
    me("answer", question["id"], "yes")
    assert me("conflicts")["conflicts"] == []

    me("undo", made["activity"][0]["id"])
    me.sync()
    assert me.sessions() == {}
    assert "MARKER" not in me.side.text("Mia")
    assert "mailto:mia@example.com" in me.side.text("Mia")
    assert me.other.titles == ["Mia"]
    assert me.idle(2) == 0
