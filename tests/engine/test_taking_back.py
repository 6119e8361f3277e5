"""What the guards hold and what `undo` takes back, through the command line and seen on the calendar's server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.terminal import DAY, FULL, House, Terminal, titles, value_of, wall


@pytest.fixture
def me(house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal with one session, Maths, in its calendar."""
    made = house.terminal(tmp_path, capsys, monkeypatch, kind="empty")
    made.add("Maths")
    made.sync()
    return made


def _done(me: Terminal, kind: str, session: str) -> str:
    """Give the id of the last thing of that kind that was done to a session."""
    return next(one["id"] for one in me("activity")["activity"] if (one["kind"], one["session"]) == (kind, session))


def test_a_move_is_taken_back_on_the_server(me: Terminal) -> None:
    """Moved by the tutor, seen there, and back again."""
    session = me.sessions()["Maths"]["id"]
    me("sessions", "move", session, "--start", f"{DAY}T17:00")
    me.sync()
    assert value_of(me.side.text("Maths"), "DTSTART") == wall(0, 17)

    me("undo")
    me.sync()

    assert value_of(me.side.text("Maths"), "DTSTART") == wall(0, 15)
    assert me.idle(3) == 0


def test_a_cancellation_is_taken_back_on_the_server(me: Terminal) -> None:
    """The event is gone, and comes back with the alarm that a phone had put on it."""
    session = me.sessions()["Maths"]["id"]
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Soon\nTRIGGER:-PT15M\nEND:VALARM\n"
    me.side.edit("Maths", "END:VEVENT", f"{alarm}END:VEVENT")
    me.sync()
    me("sessions", "cancel", session)
    me.sync()
    assert me.side.titles == []

    me("undo")
    me.sync()

    assert "TRIGGER:-PT15M" in me.side.text("Maths")
    assert me.sessions()["Maths"]["id"] == session
    assert me.idle(3) == 0


def test_a_change_that_was_taken_over_is_taken_back_on_the_server(me: Terminal) -> None:
    """A phone renamed it and the session followed; that is undone like anything else."""
    session = me.sessions()["Maths"]["id"]
    me.side.edit("Maths", "SUMMARY:Maths", "SUMMARY:Chemistry")
    me.sync()
    assert list(me.sessions()) == ["Chemistry"]

    me("undo", _done(me, "session.changed", session))
    me.sync()

    assert me.side.titles == list(me.sessions()) == ["Maths"]
    assert me.idle(3) == 0


def test_what_somebody_else_edited_since_is_not_taken_back(me: Terminal) -> None:
    """It says so, ends with 1, and nothing is touched here or there."""
    session = me.sessions()["Maths"]["id"]
    me("sessions", "edit", session, "--title", "Physics")
    me.sync()
    mine = _done(me, "session.changed", session)
    me.side.edit("Physics", "SUMMARY:Physics", "SUMMARY:Chemistry")
    me.sync()

    told = me("undo", mine, code=1)

    assert (told["undone"], len(told["refused"])) == ([], 1)
    assert told["refused"][0]["message"] == "“Chemistry” stays as it is: work changed its title since."
    assert me.side.titles == list(me.sessions()) == ["Chemistry"]
    assert me.idle(3) == 0


def test_a_dry_run_writes_nothing_and_a_mass_deletion_waits_for_a_word(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty of sixty vanish while others are edited on both sides: those edits go on, and no restores all thirty."""
    me = house.terminal(tmp_path, capsys, monkeypatch, kind="full")
    me("sessions", "edit", me.sessions()["S40"]["id"], "--title", "Renamed here")
    me.side.wire.reset()
    dry = me("sync", "--dry-run")
    assert (dry["dry_run"], dry["written"]["updated"], me.side.wire.writes) == (True, 1, 0)
    assert me.side.titles == titles(range(FULL))

    before = {title: me.side.text(title) for title in titles(range(30))}
    me.side.delete(*before)
    me.side.edit("S41", "SUMMARY:S41", "SUMMARY:Renamed there")
    me.sync(code=5)
    (question,) = me.questions()
    assert question["kind"] == "mass_deletion"
    assert {"Renamed here", "Renamed there"} <= set(me.side.titles) & set(me.sessions())
    assert len(me.sessions()) == FULL

    me("answer", question["id"], "no")
    me.sync()

    wanted = sorted({*titles(range(FULL)), "Renamed here", "Renamed there"} - {"S40", "S41"})
    assert me.side.titles == sorted(me.sessions()) == wanted
    hours = {title: value_of(text, "DTSTART") for title, text in before.items()}
    assert {title: value_of(me.side.text(title), "DTSTART") for title in before} == hours
    assert me.questions() == []
    assert me.idle(3) == 0
