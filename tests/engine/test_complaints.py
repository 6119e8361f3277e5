"""What users of other programs say about syncing, each row by its number (the list of complaints).

Through the command line, against a calendar server in memory, a wire that fails on demand, and a phone that knows
nothing of us. Where days have to go by, with the engine on a clock that is moved.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.engine.phone import value_of
from tests.engine.terminal import DAY, Begin, Terminal, title_of, titles, wall
from tests.engine.world import NOW, Home
from tests.servers.nullcal import Rewrite

_ALARM = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:-PT15M\nEND:VALARM\n"


def _told(me: Terminal) -> list[str]:
    return [one["what"] for one in me("activity")["activity"]]


@pytest.mark.complaint(1)
def test_complaint_1_moved_in_the_calendar_the_session_follows(begin: Begin) -> None:
    """Moved on the phone while the app renames it: both count on both sides, the log says who did what, and either
    is taken back by itself."""
    me = begin()
    session = me.add("Maths")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.edit("Maths", wall(0, 15), wall(0, 17).replace("0000", "3000"))
    me.side.edit("Maths", wall(0, 16), wall(0, 18).replace("0000", "3000"))

    me.sync()

    assert me.sessions()["Physics"]["start_wall"] == f"{DAY}T17:30:00"
    assert value_of(me.side.text("Physics"), "DTSTART") == wall(0, 17).replace("0000", "3000")
    moved, renamed = (next(one for one in _told(me) if one.startswith(who)) for who in ("Somebody in “work”", "You"))
    assert "17:30" in moved
    assert "Physics" in renamed
    me("undo", next(one["id"] for one in me("activity")["activity"] if one["what"] == moved))
    me.sync()
    assert value_of(me.side.text("Physics"), "DTSTART") == wall(0, 15)
    assert me.idle(3) == 0


@pytest.mark.complaint(1)
def test_complaint_1_deleted_in_the_calendar_the_session_is_cancelled(begin: Begin) -> None:
    """In the other calendar too; one command brings it back everywhere."""
    me = begin("two")
    me.add("Maths")
    me.sync()

    me.side.delete("Maths")
    me.sync()
    assert me.sessions() == {}
    me.sync()

    assert me.other.titles == []
    assert "Somebody in “work” cancelled “Maths”." in _told(me)
    me("undo")
    me.sync()
    assert me.side.titles == me.other.titles == list(me.sessions()) == ["Maths"]
    assert me.idle(3) == 0


@pytest.mark.complaint(8)
@pytest.mark.parametrize("rewrite", [None, "stamp", "count"])
def test_complaint_8_nothing_is_ever_copied(begin: Begin, rewrite: Rewrite) -> None:
    """A bad day: every answer to a creation is lost, every third write fails, tokens die, and everything is stamped
    anew. Each session has one event all the same, and ten passes more make no other."""
    me = begin("two", rewrite=rewrite)
    for number in range(6):
        me.add(title_of(number), day=number)
    for _ in range(6):
        me.side.wire.fail("drop-response", method="PUT")
        me.desk("sync", "--wait")
        me.side.wire.fail()
    me.side.wire.every_third_write = me.other.wire.every_third_write = True
    for number, (title, one) in enumerate(sorted(me.sessions().items())):
        me("sessions", "edit", one["id"], "--title", f"{title} again")
        me.desk("sync", "--wait")
        (me.side if number % 2 else me.other).server.kill_tokens()
    me.side.wire.every_third_write = me.other.wire.every_third_write = False
    me.sync()

    wanted = [f"{title} again" for title in titles(range(6))]
    assert me.side.titles == me.other.titles == sorted(me.sessions()) == wanted
    uids = {value_of(text, "UID") for text in me.side.phone.events(me.side.path).values()}
    assert len(uids) == 6
    assert me.idle(10) == 0


@pytest.mark.complaint(8)
def test_complaint_8_at_the_edge_of_the_window_there_is_one_event(home: Home) -> None:
    """Sessions on both edges while the window moves over them day by day, and one that is moved far beyond it."""
    for number, days in enumerate((-30, -29, 399, 400, 401)):
        home.world.add(title_of(number), start=NOW.replace(tzinfo=None) + timedelta(days=days))
    moved = home.world.add("moved", start=NOW.replace(tzinfo=None) + timedelta(days=10))
    home.run()
    home.world.change(moved, start=NOW.replace(tzinfo=None) + timedelta(days=500))

    for _ in range(4):
        home.run(minutes=24 * 60)
        home.wire.fail("dead-token", method="REPORT")
        home.run()

    assert home.phone.titles(home.work) == [*titles((1, 2, 3, 4)), "moved"]
    assert home.world.questions() == []
    assert home.idle(10) == 0


@pytest.mark.complaint(9)
def test_complaint_9_an_empty_calendar_empties_nothing_else(begin: Begin) -> None:
    """One calendar loses everything overnight. No session and nothing in the other calendar goes; a dry run says so
    before, one question asks, and no brings all of it back as it was."""
    me = begin("two")
    for number in range(12):
        me.add(title_of(number), day=number)
    me.sync()
    me.side.edit("S03", "END:VEVENT", f"{_ALARM}END:VEVENT")
    me.sync()
    me.side.delete(*titles(range(12)))

    dry = me("sync", "--dry-run")
    me.sync(code=5)
    me.sync(code=5)

    assert (dry["written"]["deleted"], me.side.titles) == (0, [])
    assert sorted(me.sessions()) == me.other.titles == titles(range(12))
    (question,) = me.questions()
    me("answer", question["id"], "no")
    me.sync()
    assert me.side.titles == me.other.titles == titles(range(12))
    assert "TRIGGER:-PT15M" in me.side.text("S03")
    assert me.idle(3) == 0


@pytest.mark.complaint(9)
@pytest.mark.parametrize("days", [0, 29])
def test_complaint_9_what_was_deleted_is_kept_for_thirty_days(home: Home, days: int) -> None:
    """The original comes back with all that others had put on it."""
    session = home.world.add(start=datetime(2027, 2, 1, 15))
    home.run()
    home.phone.edit(home.work, {"END:VEVENT": f"{_ALARM}COLOR:red\nEND:VEVENT"})
    home.run()
    home.world.engine.sessions.cancel(session)
    home.run()
    assert home.events == []

    for _ in range(days):
        home.run(minutes=24 * 60)
    home.world.engine.undo.undo()
    home.run()

    (text,) = home.events
    assert "TRIGGER:-PT15M" in text
    assert "COLOR:red" in text


@pytest.mark.complaint(10)
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_complaint_10_what_was_answered_is_not_asked_again(begin: Begin, answer: str) -> None:
    """Asked once, however often one syncs before the answer and after it, and after everything was read anew."""
    me = begin("full")
    me.side.delete(*titles(range(30)))
    ids = set()
    for _ in range(3):
        me.sync(code=5)
        ids |= {one["id"] for one in me.questions()}
    assert len(ids) == 1

    me("answer", ids.pop(), answer)
    me.sync()

    for _ in range(3):
        me.side.server.kill_tokens()
        me.sync()
        assert me.questions() == []
    assert len(me("questions", "--all")["questions"]) == 1
    assert sorted(me.sessions()) == me.side.titles == titles(range(30 if answer == "yes" else 0, 60))
    assert me.idle(3) == 0


@pytest.mark.complaint(11)
@pytest.mark.parametrize(
    ("extent", "left"),
    [
        pytest.param("field", [("Wrong 0", 15), ("Wrong 1", 17)], id="by field"),
        pytest.param("action", [("S00", 15), ("Wrong 1", 17)], id="by object"),
        pytest.param("run", [("S00", 15), ("S01", 15)], id="by run"),
    ],
)
def test_complaint_11_a_wrong_sync_is_taken_back(begin: Begin, extent: str, left: list[tuple[str, int]]) -> None:
    """Another program moved and renamed two events, and the sessions followed: one command takes back the hour of
    one, all that was done to it, or all that the same run brought. What was done before or after stays."""
    me = begin()
    for number in range(2):
        me.add(title_of(number), day=number)
    me.add("Other", day=2)
    me.sync()
    me.side.edit("Other", "SUMMARY:Other", "SUMMARY:Before")
    me.sync()
    for number in range(2):
        me.side.edit(title_of(number), wall(number, 16), wall(number, 18))
        me.side.edit(title_of(number), wall(number, 15), wall(number, 17))
        me.side.edit(title_of(number), f"SUMMARY:{title_of(number)}", f"SUMMARY:Wrong {number}")
    me.sync()
    moved = [
        one for one in me("activity")["activity"] if (one["kind"], one["field_group"]) == ("session.changed", "when")
    ]
    hour = next(one["id"] for one in moved if one["session"] == me.sessions()["Wrong 0"]["id"])
    me.side.edit("Before", "SUMMARY:Before", "SUMMARY:After")
    me.sync()

    me("undo", hour, "--extent", extent)
    me.sync()

    assert me.side.titles == sorted([*(title for title, _ in left), "After"])
    for number, (title, hour_now) in enumerate(left):
        assert value_of(me.side.text(title), "DTSTART") == wall(number, hour_now)
        assert me.sessions()[title]["start_wall"] == f"{DAY + timedelta(days=number)}T{hour_now}:00:00"
    assert me.idle(3) == 0


@pytest.mark.complaint(12)
def test_complaint_12_the_version_that_lost_is_kept_and_comes_back(begin: Begin) -> None:
    """The newest wins by itself. The other is named, one command brings it back, and nothing was doubled."""
    me = begin("two")
    me.add("Maths")
    me.sync()
    me.side.edit("Maths", "SUMMARY:Maths", "SUMMARY:Physics")
    me.other.edit("Maths", "SUMMARY:Maths", "SUMMARY:Chemistry")

    me.sync()

    (won,), (lost,) = me.side.titles, me.lost()
    assert {won, lost} == {"Physics", "Chemistry"}
    assert me.other.titles == list(me.sessions()) == [won]
    me("undo", next(one["id"] for one in me("activity")["activity"] if one["lost_value"] == lost))
    me.sync()
    assert me.side.titles == me.other.titles == list(me.sessions()) == [lost]
    assert me.idle(3) == 0


@pytest.mark.complaint(12)
@pytest.mark.parametrize("taken", ["Physics", "Chemistry"])
def test_complaint_12_who_wants_to_choose_is_asked(begin: Begin, taken: str) -> None:
    """Until then each keeps its own, other fields go on, and there is one event."""
    me = begin()
    me("config", "set", "sync.versions", "ask")
    session = me.add("Maths", "--in-person", "--place", "Library")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.edit("Maths", "SUMMARY:Maths", "SUMMARY:Chemistry")
    me.side.edit("Chemistry", "LOCATION:Library", "LOCATION:Cafe")
    me.sync(code=5)
    assert (me.side.titles, me.sessions()["Physics"]["place"]) == (["Chemistry"], "Cafe")

    (question,) = me.questions()
    me("answer", question["id"], next(one["answer"] for one in question["answers"] if taken in one["text"]))
    me.sync()

    assert me.side.titles == list(me.sessions()) == [taken]
    assert set(me.lost()) == {"Physics", "Chemistry"} - {taken}
    assert me.idle(3) == 0


@pytest.mark.complaint(13)
def test_complaint_13_a_lesson_that_is_moved_during_the_pass_does_not_jump_back(begin: Begin) -> None:
    """One lesson of a weekly row is moved on the phone at the moment when we write to all of them (412): it is read
    again and merged, and neither the hour nor the new title is lost."""
    me = begin()
    lessons = [me.add("Maths", day=7 * week) for week in range(3)]
    me.sync()
    for lesson in lessons:
        me("sessions", "edit", lesson, "--title", "Physics")
    calendar = me.side.calendar
    name = next(name for name, (_, text) in calendar.items.items() if wall(7, 15) in text)

    def meanwhile() -> None:
        calendar.revision += 1
        text = calendar.items[name][1].replace(wall(7, 16), wall(7, 18)).replace(wall(7, 15), wall(7, 17))
        calendar.items[name] = (calendar.revision, text)

    me.side.wire.at("PUT", 1, meanwhile)
    me.sync()

    assert me.idle(10) == 0
    texts = me.side.phone.events(me.side.path).values()
    assert sorted((value_of(text, "SUMMARY"), value_of(text, "DTSTART")) for text in texts) == [
        ("Physics", start) for start in sorted([wall(0, 15), wall(7, 17), wall(14, 15)])
    ]


@pytest.mark.complaint(13)
def test_complaint_13_an_instance_that_was_moved_stays_where_it_is(begin: Begin) -> None:
    """A series of the tutor's own in the same calendar: its moved instance is busy where it is now, its text is never
    touched, whatever we write beside it, and everything read anew changes nothing."""
    me = begin()
    lesson = me.add("Maths")
    hours = (f"DTSTART:{wall(0, 7)}Z", f"DTEND:{wall(0, 8)}Z")
    me.side.phone.add(me.side.path, "gym", "SUMMARY:Gym", "RRULE:FREQ=WEEKLY;COUNT=3", *hours)
    me.sync()
    moved = "\n".join(["BEGIN:VEVENT", "UID:gym", "DTSTAMP:20261101T080000Z", f"RECURRENCE-ID:{wall(7, 7)}Z",
                       f"DTSTART:{wall(7, 10)}Z", f"DTEND:{wall(7, 11)}Z", "SUMMARY:Gym", "END:VEVENT"])  # fmt: skip
    me.side.edit("Gym", "END:VCALENDAR", f"{moved}\nEND:VCALENDAR")
    before = me.side.text("Gym")

    for title in ("Physics", "Chemistry"):
        me("sessions", "edit", lesson, "--title", title)
        me.sync()
        me.side.server.kill_tokens()

    assert me.idle(3) == 0
    assert me.side.text("Gym") == before
    to = str(DAY + timedelta(days=30))
    starts = [datetime.fromisoformat(one["start"]) for one in me("busy", "--from", str(DAY), "--to", to)["busy"]]
    assert sorted(f"{start.astimezone(NOW.tzinfo):%Y%m%dT%H0000}" for start in starts) == [
        wall(0, 7), wall(7, 10), wall(14, 7)
    ]  # fmt: skip
