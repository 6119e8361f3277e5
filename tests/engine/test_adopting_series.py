"""A series that the tutor made by hand becomes single sessions, and ends; one undo puts all of it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync_agent.engine.errors import EventNotAdopted
from sync_agent.engine.store.bookings import BusyRow
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import Session
from tests.engine.phone import value_of
from tests.engine.terminal import DAY, Begin
from tests.engine.world import NOW, Home

SUMMARY = "SUMMARY:Mia"
ENDING = b"UNTIL=2026"
WEEKLY = ("RRULE:FREQ=WEEKLY;COUNT=6", "ATTENDEE:mailto:mia@example.com")
BEGUN = ("DTSTART;TZID=Europe/Berlin:20261110T150000", "DTEND;TZID=Europe/Berlin:20261110T160000")
TO_COME = ("DTSTART;TZID=Europe/Berlin:20261201T150000", "DTEND;TZID=Europe/Berlin:20261201T160000")
MOVED = (
    "END:VEVENT",
    "BEGIN:VEVENT",
    "UID:mia",
    "DTSTAMP:20261101T080000Z",
    "RECURRENCE-ID;TZID=Europe/Berlin:20261208T150000",
    "DTSTART;TZID=Europe/Berlin:20261208T170000",
    "DTEND;TZID=Europe/Berlin:20261208T180000",
    "SUMMARY:Mia\\, later",
)


def made(home: Home, *lines: str) -> str:
    """Let the phone make a series, and read it; give its text."""
    home.phone.add(home.work, "mia", SUMMARY, *lines)
    home.run()
    return home.phone.event(home.work)


def adopt(home: Home) -> Question:
    wish = home.world.engine.adopting.wish("mia")
    for _ in range(3):
        home.run()
    return home.world.engine.adopting.outcome(wish)


def living(home: Home) -> list[Session]:
    with home.world.store.read() as connection:
        lo = NOW - timedelta(days=30)
        return home.world.store.sessions.between(connection, lo, lo + timedelta(days=120), cancelled=False)


def busy(home: Home) -> list[BusyRow]:
    with home.world.store.read() as connection:
        return home.world.store.bookings.touching(connection, NOW - timedelta(days=30), NOW + timedelta(days=60))


def starts(home: Home) -> list[str]:
    """Give title and beginning of all events of the calendar, in order."""
    texts = home.phone.events(home.work).values()
    return sorted(f"{value_of(text, 'DTSTART')} {value_of(text, 'SUMMARY')}" for text in texts)


def test_each_date_to_come_becomes_a_session_and_the_series_ends(home: Home) -> None:
    """What was is kept, byte for byte but for the end of the rule; a date that was moved is where it was moved to."""
    made(home, *BEGUN, *WEEKLY, *MOVED)

    wish = adopt(home)

    assert wish.closed_why == "done"
    assert [(one.when.start.isoformat(), one.title) for one in living(home)] == [
        ("2026-11-24T15:00:00", "Mia"),
        ("2026-12-01T15:00:00", "Mia"),
        ("2026-12-08T17:00:00", "Mia, later"),
        ("2026-12-15T15:00:00", "Mia"),
    ]
    series = home.phone.event(home.work, "mia@example")
    assert value_of(series, "RRULE").startswith("FREQ=WEEKLY;UNTIL=20261124T09")
    assert (series.count("BEGIN:VEVENT"), "mailto:mia@example.com" in series) == (1, True)
    assert len(home.phone.events(home.work)) == 5
    assert {one.lo.date().isoformat() for one in busy(home)} == {"2026-11-10", "2026-11-17"}
    assert (home.world.conflicts(), home.world.questions(), home.idle(3)) == ([], [], 0)


def test_one_undo_puts_the_series_back_and_takes_its_sessions_away(home: Home) -> None:
    before = made(home, *BEGUN, *WEEKLY, *MOVED)
    adopt(home)

    undone = home.world.engine.undo.undo()
    for _ in range(3):
        home.run()

    assert (len(undone.undone), undone.refused) == (5, ())
    assert (living(home), home.phone.event(home.work)) == ([], before)
    assert len(busy(home)) == 6
    assert (home.world.questions(), home.idle(3)) == ([], 0)


def test_a_series_that_lies_ahead_as_a_whole_goes_and_comes_back_with_undo(home: Home) -> None:
    before = made(home, *TO_COME, *WEEKLY)
    adopt(home)
    assert (len(living(home)), len(home.phone.events(home.work))) == (6, 6)
    assert "FREQ=WEEKLY" not in "".join(home.phone.events(home.work).values())

    home.world.engine.undo.undo()
    for _ in range(3):
        home.run()

    assert living(home) == []
    assert [line for line in before.splitlines() if "DTSTAMP" not in line] == [
        line
        for line in home.phone.event(home.work).splitlines()
        if line.split(":")[0] not in ("DTSTAMP", "LAST-MODIFIED")
    ]
    assert home.idle(3) == 0


def test_an_undo_before_the_series_ended_leaves_it_as_it_is(home: Home) -> None:
    """The server was in trouble just then: the dates have their events, and the series is still what it was."""
    before = made(home, *BEGUN, *WEEKLY)
    home.wire.fail("status", method="PUT", containing=ENDING, every=True)
    adopt(home)
    assert home.phone.event(home.work, "mia@example") == before
    assert (len(living(home)), home.world.conflicts()) == (4, [])

    home.world.engine.undo.undo()
    home.wire.fail()
    for _ in range(3):
        home.run()

    assert (home.phone.event(home.work), living(home)) == (before, [])
    assert (len(busy(home)), home.idle(3)) == (6, 0)


def test_a_series_waits_for_the_last_of_its_dates(home: Home) -> None:
    """One of them the server will not take for now: if the series ended, that hour would be nobody's."""
    before = made(home, *BEGUN, *WEEKLY)
    home.wire.fail("dead-token-409", method="PUT", containing=b"20261208T150000", every=True)
    adopt(home)
    assert home.phone.event(home.work, "mia@example") == before
    assert (len(home.phone.events(home.work)), len(living(home))) == (4, 4)

    home.wire.fail()
    for _ in range(3):
        home.run(minutes=7 * 60)

    assert "UNTIL" in home.phone.event(home.work, "mia@example")
    assert (len(home.phone.events(home.work)), home.world.conflicts(), home.idle(3)) == (5, [], 0)


def test_a_lost_answer_ends_the_series_once(home: Home) -> None:
    """The laptop slept between request and answer: it looks, and finds that the series has ended."""
    made(home, *BEGUN, *WEEKLY)
    home.wire.fail("drop-response", method="PUT", containing=ENDING)
    adopt(home)

    assert len(home.phone.events(home.work)) == 5
    assert "UNTIL" in home.phone.event(home.work, "mia@example")
    assert (len(living(home)), len(busy(home)), home.world.conflicts(), home.idle(3)) == (4, 2, [], 0)


def test_a_series_that_somebody_changed_since_is_not_put_back(home: Home) -> None:
    """Undo takes the sessions away; what was typed into the series after it had ended stays."""
    made(home, *BEGUN, *WEEKLY)
    adopt(home)
    home.phone.edit(home.work, {"SUMMARY:Mia": "SUMMARY:Mia (old)"}, title="mia@example")
    home.run()

    home.world.engine.undo.undo()
    for _ in range(3):
        home.run()

    assert starts(home) == ["20261110T150000 Mia (old)"]
    assert "UNTIL" in home.phone.event(home.work)
    assert home.idle(3) == 0


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        pytest.param(("DTSTART;VALUE=DATE:20261110", "RRULE:FREQ=WEEKLY"), "whole-day", id="whole days"),
        pytest.param((*BEGUN, "RRULE:FREQ=WEEKLY;COUNT=2"), "lies ahead", id="over"),
        pytest.param((*BEGUN, *WEEKLY, "RDATE:20261212T120000Z"), "outside of its rule", id="single dates beside it"),
        pytest.param(
            (*BEGUN, *WEEKLY, *(one.replace("RECURRENCE-ID;", "RECURRENCE-ID;RANGE=THISANDFUTURE;") for one in MOVED)),
            "all at once",
            id="all later ones changed",
        ),
    ],
)
def test_what_cannot_become_sessions_is_left_alone(home: Home, lines: tuple[str, ...], reason: str) -> None:
    before = made(home, *lines)

    with pytest.raises(EventNotAdopted, match=reason):
        adopt(home)

    assert (home.phone.event(home.work), home.idle(3)) == (before, 0)


def test_adopting_a_series_through_the_command_line(begin: Begin) -> None:
    """One command makes the sessions and ends the series; one undo takes all of it back."""
    me = begin()
    first = DAY - timedelta(days=14)
    times = (f"DTSTART;TZID=Europe/Berlin:{first:%Y%m%d}T150000", "DURATION:PT1H")
    me.side.phone.add(me.side.path, "mia", SUMMARY, *times, *WEEKLY)
    before = me.side.phone.event(me.side.path)
    me.sync()

    adopted = me("sessions", "adopt", "mia")

    assert len(adopted["sessions"]) == 4
    assert [one["kind"] for one in adopted["activity"]].count("series.ended") == 1
    assert len(me.side.titles) == 5
    assert me("conflicts")["conflicts"] == []
    me("undo")
    me.side.wire.reset()
    me("sync", "--dry-run")
    assert me.side.wire.writes == 0
    me.sync()
    me.sync()
    assert me.side.phone.event(me.side.path) == before
    assert me.sessions() == {}
    assert me.idle(2) == 0
