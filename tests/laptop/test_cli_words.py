"""What a command says to people: tables and sentences, times with weekday and zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sync_agent.laptop.cli.commands.sync import pass_words
from tests.laptop.conftest import ZONE, Desk, Shelf

DAY = datetime.now(UTC).date() + timedelta(days=(7 - datetime.now(UTC).weekday()) + 2)
"""A Wednesday in the near future: in working hours, and inside the window that busy times are kept for."""


def test_without_json_people_read_tables_and_sentences(connected: Desk) -> None:
    """Each command says something a person understands."""
    connected.add_session("--title", "幾何学", start=f"{DAY}T15:00")
    connected("sync", "--wait")
    said = {
        name: connected(*name.split())
        for name in ("status", "sessions", "accounts", "calendars", "events", "activity", "log", "doctor", "config get",
                     "conflicts", "questions", "students", "meetings", "vault", "busy", "sync --wait")
    }  # fmt: skip

    assert {name: ended.code for name, ended in said.items()} == dict.fromkeys(said, 0)
    assert all(ended.out.strip() and not ended.err for ended in said.values())
    assert "幾何学" in said["sessions"].out
    assert said["conflicts"].out == "No double bookings.\n"


def test_every_time_that_people_read_has_weekday_and_zone(connected: Desk, shelf: Shelf) -> None:
    """No table or sentence shows the spelling that scripts read."""
    connected.add_session(start=f"{DAY}T15:00")
    shelf.put("Private", "d", f"DTSTART:{DAY:%Y%m%d}T080000Z", f"DTEND:{DAY:%Y%m%d}T090000Z", "SUMMARY:Dentist")
    connected("sync", "--wait")
    window = ["--from", str(DAY), "--to", str(DAY)]
    said = [["status"], ["accounts"], ["calendars"], ["events", *window], ["busy", *window], ["activity"], ["log"]]

    for command in said:
        out = connected(*command).out
        assert ZONE in out, command
        assert not re.search(r"\d{4}-\d\d-\d\dT", out), command


def test_a_start_may_be_an_instant_as_json_gives_it(desk: Desk) -> None:
    """A script passes on what it read; the session's own clock says which hour that is."""
    session = desk.add_session("--zone", "America/New_York", start=f"{DAY}T09:00")

    moved = desk.json("sessions", "move", session, "--start", f"{DAY}T16:00:00+00:00")["session"]

    assert (moved["zone"], moved["start"]) == ("America/New_York", _at_new_york(f"{DAY}T16:00:00+00:00"))
    assert moved["duration_minutes"] == 60


def _at_new_york(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo("America/New_York")).isoformat()


def test_one_of_a_thing_is_not_called_by_its_plural(connected: Desk) -> None:
    """What a sync says about itself reads like a sentence."""
    words = pass_words(connected.json("sync", "--wait") | {"read": {"objects": 1, "removed": 0}, "requests": 1})

    assert words.startswith("Read 1 new or changed event, 0 gone.")
    assert "\n1 request, " in words


def test_a_title_cannot_drive_the_terminal(desk: Desk) -> None:
    """Control characters of a foreign title become blanks in a table."""
    desk.add_session("--title", "Maths\x1b[31m\nred", start=f"{DAY}T15:00")

    out = desk("sessions", "--from", str(DAY)).out

    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


def test_taking_back_that_a_session_was_added_says_so(desk: Desk) -> None:
    """It is not “cancelled (taken back)”, which reads as if it stood again."""
    desk.add_session("--title", "Maths", start=f"{DAY}T15:00")

    assert desk("undo").out == "Taken back: You took “Maths” out again.\n"
