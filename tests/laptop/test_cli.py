"""The command line is a contract: names, exit codes, JSON. One story goes through all of it, on a real server."""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_agent.laptop.cli.main import COMMANDS
from sync_agent.laptop.errors import DiskFull
from tests.laptop import schemas
from tests.laptop.conftest import Desk, Ended, Shelf, connect_caldav, until

DAY = datetime.now(UTC).date() + timedelta(days=(7 - datetime.now(UTC).weekday()) + 2)
"""A Wednesday in the near future: in working hours, and inside the window that busy times are kept for."""


def _checked(name: str, ended: Ended, *, code: int = 0) -> dict[str, Any]:
    """Check exit code and document against the promise."""
    assert ended.code == code, ended
    document = ended.document
    assert schemas.problems(name, document) == []
    return document


def test_a_session_reaches_the_calendar_once_and_keeps_what_a_phone_added(connected: Desk, shelf: Shelf) -> None:
    """Written once, moved later: alarm, colour, attendee and X- properties read byte for byte as before."""
    session = connected.add_session("--title", "Maths", start=f"{DAY}T15:00")
    first = _checked("sync", connected("--json", "sync", "--wait"))
    second = _checked("sync", connected("--json", "sync", "--wait"))
    assert (first["written"]["created"], second["written"]["total"]) == (1, 0)

    text = shelf.texts("Work")[0]
    extra = (
        "COLOR:tomato\nX-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC\nATTENDEE;CN=Mia;PARTSTAT=ACCEPTED:mailto:mia@example.org\n"
        "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Now\nTRIGGER:-PT15M\nEND:VALARM\n"
    )
    shelf.replace("Work", text, text.replace("END:VEVENT", extra + "END:VEVENT"))
    before = _foreign(shelf.texts("Work")[0])
    _checked("sessions-move", connected("--json", "sessions", "move", session, "--start", f"{DAY}T17:00"))
    moved = _checked("sync", connected("--json", "sync", "--wait"))

    assert moved["written"] == {"created": 0, "updated": 1, "deleted": 0, "total": 1}
    after = shelf.texts("Work")
    assert len(after) == 1
    assert "T170000" in after[0]
    assert _foreign(after[0]) == before


def _foreign(text: str) -> list[str]:
    """Give the lines that a phone put there."""
    names = ("COLOR", "X-APPLE", "ATTENDEE", "BEGIN:VALARM", "ACTION", "TRIGGER", "END:VALARM", "DESCRIPTION:Now")
    return [line for line in text.splitlines() if line.startswith(names)]


def test_a_double_booking_is_settled_and_taken_back(connected: Desk, shelf: Shelf) -> None:
    """Found, looked at, moved to a suggested slot after a dry run, undone: the calendar shows each step."""
    session = connected.add_session("--title", "Maths", start=f"{DAY}T15:00")
    shelf.put(
        "Private", "dentist", f"DTSTART;TZID=Europe/Berlin:{DAY:%Y%m%d}T153000",
        f"DTEND;TZID=Europe/Berlin:{DAY:%Y%m%d}T163000", "SUMMARY:Dentist",
    )  # fmt: skip
    connected.json("sync", "--wait")

    conflict = _checked("conflicts", connected("--json", "conflicts"))["conflicts"][0]
    shown = _checked("conflicts-show", connected("--json", "conflicts", "show", conflict["id"]))["conflict"]
    why = _checked("why", connected("--json", "why", conflict["id"]))
    slots = _checked("conflicts-suggest", connected("--json", "conflicts", "suggest", conflict["id"]))["suggestions"]
    choice = ["conflicts", "resolve", conflict["id"], "--move", session, "--start", slots[0]["start"]]
    dry = _checked("conflicts-resolve", connected("--json", *choice, "--dry-run"))
    assert [side["title"] for side in shown["sides"]] == ["Maths", "Dentist"]
    assert (conflict["overlap_minutes"], why["verdict"], len(slots)) == (30, "taken", 5)
    assert (dry["applied"], [one["where"] for one in dry["preview"]]) == (False, ["Work"])
    assert len(connected.json("conflicts")["conflicts"]) == 1
    taken = [*choice[:-1], f"{DAY}T16:00", "--dry-run"]
    assert "It would be double booked there, too:\n    “Dentist” in Private overlaps “Maths” by 30 minutes." in (
        connected(*taken).out
    )

    done = _checked("conflicts-resolve", connected("--json", *choice))
    connected.json("sync", "--wait")
    assert done["applied"]
    assert connected.json("conflicts")["conflicts"] == []
    wanted = slots[0]["start_wall"].replace("-", "").replace(":", "")
    assert wanted in shelf.texts("Work")[0]

    undone = _checked("undo", connected("--json", "undo", done["activity"][0]["id"]))
    connected.json("sync", "--wait")
    assert len(undone["undone"]) == 1
    assert f"{DAY:%Y%m%d}T150000" in shelf.texts("Work")[0]
    assert len(connected.json("conflicts")["conflicts"]) == 1


def test_every_other_command_gives_what_it_promises(connected: Desk, shelf: Shelf, tmp_path: Path) -> None:
    """One after the other, as a script would call them."""

    def asked(name: str, *arguments: str) -> dict[str, Any]:
        return _checked(name, connected("--json", *arguments))

    feed = tmp_path / "school.ics"
    feed.write_text(
        f"BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1\nDTSTART:{DAY:%Y%m%d}T080000Z\nDTEND:{DAY:%Y%m%d}T090000Z\n"
        "RRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Assembly\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    fields = ["--student", "Mia Okafor", "--in-person", "--place", "Library", "--minutes", "45", "--subject", "Physics"]
    added = asked("sessions-add", "sessions", "add", "--start", f"{DAY}T15:00", *fields)["session"]
    assert (added["duration_minutes"], added["online"], added["students"][0]["name"]) == (45, False, "Mia Okafor")
    edited = asked("sessions-edit", "sessions", "edit", added["id"], "--title", "Optics", "--free")["session"]
    assert (edited["title"], edited["chargeable"]) == ("Optics", False)
    shown = asked("sessions-show", "sessions", "show", added["id"])["session"]["coverage"]
    assert (shown["complete"], {one["why"] for one in shown["calendars"]}) == (False, {"never"})
    assert asked("ics-check", "ics", "check", str(feed))["recurring"] == 1
    school = asked("connect", "connect", "ics", "--file", str(feed), "--name", "School")["account"]
    assert asked("agent-once", "agent", "--once")["written"]["created"] == 1
    assert [one["title"] for one in asked("sessions", "sessions", "--from", str(DAY))["sessions"]] == ["Optics"]
    assert len(asked("busy", "busy", "--from", str(DAY), "--to", str(DAY))["busy"]) == 1
    assert {one["ours"] for one in asked("events", "events", "--from", str(DAY))["events"]} == {True, False}
    assert [one["verb"] for one in asked("log", "log")["log"]] == ["create"]
    assert asked("activity", "activity")["activity"]
    assert [one["name"] for one in asked("accounts", "accounts")["accounts"]] == ["anna", "School"]
    work = next(one for one in asked("calendars", "calendars")["calendars"] if one["name"] == "Private")
    assert asked("calendars-set", "calendars", "set", work["id"], "--role", "ignore")["calendar"]["role"] == "ignore"
    days = asked("calendars-set", "calendars", "set", school["calendars"][0]["id"], "--all-day", "free")["calendar"]
    assert (days["role"], days["all_day"]) == ("busy", "free")
    assert asked("disconnect", "disconnect", "School")["account"]["id"] == school["id"]
    assert asked("students-add", "students", "add", "Jonas", "--zone", "Europe/Paris")["students"]
    assert len(asked("students", "students")["students"]) == 2
    assert asked("why", "why", f"{DAY}T10:00", "--minutes", "30")["verdict"] == "free"
    status = asked("status", "status")
    assert (status["next_session"]["title"], status["coverage"]["complete"]) == ("Optics", True)
    assert asked("doctor", "doctor")["ok"]
    assert asked("audit", "audit")["accuracy"] == 100
    assert asked("config-set", "config", "set", "travel_buffer_minutes", "15")["config"]["travel_buffer_minutes"] == 15
    assert asked("config-get", "config", "get", "travel_buffer_minutes")["config"] == {"travel_buffer_minutes": 15}
    assert asked("config-get", "config", "get")["config"]["home_zone"] == "Europe/Berlin"
    assert asked("vault", "vault")["vault"]["state"] == "open"
    assert asked("vault-unlock", "vault", "unlock")["vault"]["state"] == "open"
    assert asked("meetings", "meetings")["meetings"] == []
    assert asked("sync", "sync", "--dry-run")["dry_run"]
    shelf.put("Work", "lesson", "SUMMARY:By hand", f"DTSTART:{DAY:%Y%m%d}T180000Z", "DURATION:PT1H")
    connected.json("sync", "--wait")
    assert asked("sessions-adopt", "sessions", "adopt", "lesson")["sessions"][0]["title"] == "By hand"
    assert asked("sessions-cancel", "sessions", "cancel", added["id"])["session"]["status"] == "cancelled"
    assert asked("undo", "undo")["undone"][0]["undo_of"]


def test_the_first_write_is_asked_for(desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 5: a question waits. Before yes nothing is on the server, after it all is."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("correct horse\n"))
    address = shelf.server.address
    _checked("connect", desk("--json", "connect", "caldav", "--url", address, "--username", "anna", "--password-stdin",
                             "--calendar", "Work"))  # fmt: skip
    desk.add_session(start=f"{DAY}T15:00")

    asked = _checked("sync", desk("--json", "sync", "--wait"), code=5)
    question = _checked("questions", desk("--json", "questions"))["questions"][0]
    assert (asked["written"]["total"], question["kind"], shelf.texts("Work")) == (0, "first_write", [])

    _checked("answer", desk("--json", "answer", question["id"], "yes"))
    desk.json("sync", "--wait")
    assert len(shelf.texts("Work")) == 1


def test_a_mass_deletion_ends_with_five_and_no_brings_everything_back(connected: Desk, shelf: Shelf) -> None:
    """A dry run says what would be written and writes nothing; meanwhile an edit of another session still travels."""
    for number in range(5):
        connected.add_session("--title", f"S{number}", start=f"{DAY}T{10 + 2 * number}:00")
    dry = _checked("sync", connected("--json", "sync", "--dry-run"))
    assert (dry["written"]["created"], shelf.texts("Work")) == (5, [])
    connected.json("sync", "--wait")
    for text in shelf.texts("Work"):
        if "SUMMARY:S4" in text:
            shelf.replace("Work", text, text.replace("SUMMARY:S4", "SUMMARY:Physics"))
        else:
            shelf.remove("Work", text)

    asked = _checked("sync", connected("--json", "sync", "--wait"), code=5)

    (question,) = _checked("questions", connected("--json", "questions"))["questions"]
    sessions = connected.json("sessions", "--from", str(DAY))["sessions"]
    assert (asked["asked"], question["kind"]) == (1, "mass_deletion")
    assert "4 of 5 sessions vanished from “Work” at once." in question["text"]
    assert [one["answer"] for one in question["answers"]] == ["yes", "no"]
    assert [(one["title"], one["status"]) for one in sessions] == [
        *((f"S{number}", "planned") for number in range(4)), ("Physics", "planned")
    ]  # fmt: skip
    _checked("answer", connected("--json", "answer", question["id"], "no"))
    _checked("sync", connected("--json", "sync", "--wait"))
    shown = sorted(line for text in shelf.texts("Work") for line in text.splitlines() if line.startswith("SUMMARY:"))
    assert shown == ["SUMMARY:Physics", *(f"SUMMARY:S{number}" for number in range(4))]


def test_of_two_versions_the_tutor_takes_one(connected: Desk, shelf: Shelf) -> None:
    """Asked for in the settings: both stay until “answer ID --take N”; a word that is no answer says what is one."""
    connected.json("config", "set", "sync.versions", "ask")
    session = connected.add_session("--title", "Maths", start=f"{DAY}T15:00")
    connected.json("sync", "--wait")
    (text,) = shelf.texts("Work")
    shelf.replace("Work", text, text.replace("SUMMARY:Maths", "SUMMARY:Chemistry"))
    connected.json("sessions", "edit", session, "--title", "Physics")
    _checked("sync", connected("--json", "sync", "--wait"), code=5)

    (question,) = _checked("questions", connected("--json", "questions"))["questions"]
    taken = next(one["answer"] for one in question["answers"] if "Chemistry" in one["text"])
    wrong = _checked("error", connected("--json", "answer", question["id"], "yes"), code=1)
    none = _checked("error", connected("--json", "answer", question["id"]), code=2)
    done = _checked("answer", connected("--json", "answer", question["id"], "--take", taken))
    connected.json("sync", "--wait")

    assert (question["kind"], wrong["error"]["code"], none["error"]["code"]) == (
        "two_versions", "session.field_wrong", "usage"
    )  # fmt: skip
    assert "“1” or “2”" in wrong["error"]["message"]
    assert done["question"]["answer"] == taken
    assert [one["title"] for one in connected.json("sessions", "--from", str(DAY))["sessions"]] == ["Chemistry"]


def test_an_agent_is_paused_and_resumed(desk: Desk) -> None:
    """Without one, exit 3: there is nothing to pause."""
    for verb in ("pause", "resume"):
        error = _checked("error", desk("--json", verb), code=3)["error"]
        assert error["code"] == "agent.absent"

    desk.start_agent()
    assert _checked("pause", desk("--json", "pause", "--for", "1h"))["paused_until"]
    assert _checked("resume", desk("--json", "resume"))["paused_until"] is None
    assert _checked("sync", desk("--json", "sync"))["started"]


def test_a_pause_outlives_a_restart(connected: Desk) -> None:
    """It is the tutor's word: an agent that is started again syncs nothing by itself, but on request it does."""
    connected.start_agent("--poll", "1")
    connected.json("pause")
    connected.close()

    connected.start_agent("--poll", "1")
    connected.add_session(start=f"{DAY}T15:00")

    assert connected.json("status")["state"] == "paused"
    assert connected.json("sync", "--wait")["written"]["created"] == 1


def test_a_command_with_a_passphrase_opens_the_agents_vault(
    desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desktop started the agent and knows no passphrase; a script that has one does its work through it."""
    passphrase = desk.environment.pop("TUTORSYNC_PASSPHRASE_FILE")
    desk.profile.vault.unlink()
    desk.start_agent()
    without = connect_caldav(desk, shelf.server, monkeypatch)
    with_it = connect_caldav(desk, shelf.server, monkeypatch, "--passphrase-file", passphrase)

    assert (without.code, without.error["code"]) == (4, "vault.absent")
    assert with_it.code == 0
    assert desk.json("vault")["vault"]["state"] == "open"
    assert desk("sync", "--wait").code == 0


def test_an_edit_reaches_the_calendar_by_itself_while_an_agent_runs(connected: Desk, shelf: Shelf) -> None:
    """Nobody types sync; the next beat is an hour away."""
    connected.start_agent("--poll", "3600")

    connected.add_session(start=f"{DAY}T15:00")

    until(lambda: len(shelf.texts("Work")) == 1)


def test_meetings_need_somebody_who_makes_them(desk: Desk) -> None:
    """The sentence says what to connect."""
    session = desk.add_session()

    error = _checked("error", desk("--json", "meetings", "ensure", session), code=1)["error"]

    assert error["code"] == "meeting.no_provider"
    assert "connect zoom" in error["action"]


def test_a_silent_agent_is_exit_3(desk: Desk) -> None:
    """Stopped in its tracks (SIGSTOP): the command says so instead of waiting for ever."""
    import signal

    agent = desk.start_agent()
    agent.send_signal(signal.SIGSTOP)

    error = _checked("error", desk("--json", "status", TUTORSYNC_PATIENCE_SECONDS="1"), code=3)["error"]

    assert error["code"] == "agent.silent"
    assert str(agent.pid) in error["message"]


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        pytest.param(["nothing"], 2, "usage", id="no such command"),
        pytest.param(["sessions", "add"], 2, "usage", id="a needed option is missing"),
        pytest.param(["sessions", "add", "--start", "soon"], 2, "usage", id="no time"),
        pytest.param(["sessions", "add", "--start", "2030-01-01T10:00Z"], 2, "usage", id="a time with an offset"),
        pytest.param(["conflicts", "resolve", "x"], 2, "usage", id="no choice"),
        pytest.param(["conflicts", "resolve", "x", "--move", "y"], 2, "usage", id="moved, but where to"),
        pytest.param(["conflicts", "resolve", "x", "--keep-both"], 2, "usage", id="no reason"),
        pytest.param(["connect", "ics"], 2, "usage", id="neither address nor file"),
        pytest.param(["connect", "caldav", "--url", "x"], 2, "usage", id="nobody there to type a password"),
        pytest.param(["sessions", "cancel", "nope"], 1, "session.unknown", id="no such session"),
        pytest.param(["sessions", "cancel", "a/../b?c"], 1, "session.unknown", id="an odd id is only an id"),
        pytest.param(["conflicts", "show", "nope"], 1, "conflict.unknown", id="no such conflict"),
        pytest.param(["disconnect", "nope"], 1, "account.unknown", id="no such account"),
        pytest.param(["calendars", "set", "nope", "--role", "busy"], 1, "calendar.unknown", id="no such calendar"),
        pytest.param(["calendars", "set", "nope"], 2, "usage", id="nothing said of a calendar"),
        pytest.param(
            ["calendars", "set", "nope", "--all-day", "free"], 1, "calendar.unknown", id="no such calendar's days"
        ),
        pytest.param(["answer", "nope", "yes"], 1, "question.unknown", id="no such question"),
        pytest.param(["undo"], 1, "activity.unknown", id="nothing to undo"),
        pytest.param(["why", "nope"], 1, "session.unknown", id="why of nothing"),
        pytest.param(["config", "get", "nope"], 1, "config.key_unknown", id="no such setting"),
        pytest.param(["config", "set", "nope", "1"], 1, "config.key_unknown", id="no such setting to change"),
        pytest.param(["config", "set", "sync.poll_seconds", "x"], 1, "config.value_wrong", id="a wrong value"),
        pytest.param(["sync", "--account", "nope"], 1, "account.unknown", id="sync of nothing"),
        pytest.param(["connect", "ics", "--file", "/nope.ics"], 1, "file.unreadable", id="no such file"),
    ],
)
def test_exit_codes(desk: Desk, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, name: str) -> None:
    """2 is usage, 1 is wrong; with --json one error document, without it one sentence on standard error."""
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))

    error = _checked("error", desk("--json", *arguments), code=code)["error"]
    told = desk(*arguments)

    assert error["code"] == name
    assert (told.code, told.out) == (code, "")
    assert told.err.count("\n") == 1


def test_global_options_stand_anywhere(desk: Desk) -> None:
    """Before the command or behind it."""
    first, last = desk("--json", "sessions"), desk("sessions", "--json")

    assert first == last
    assert desk("status", "--quiet").out == ""


def test_help_names_every_command(desk: Desk) -> None:
    """Those of other rooms included, and none is loaded for it."""
    out = desk("--help").out

    assert all(f"  {name} " in out for name in (*COMMANDS, "cloud", "demo", "desktop"))


def test_status_is_quick(desk: Desk) -> None:
    """With an agent, less than 300 ms of processor time: it is what a status line in a terminal calls."""
    desk.start_agent()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    for _ in range(3):
        assert desk.process("--json", "status").code == 0

    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / 3 < 0.3


def test_no_secret_is_on_disk_or_in_a_log(connected: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Password, passphrase, token: a day's files of the profile hold none of them in the open."""
    connected("config", "set", "log.level", "debug")
    connected.start_agent("--poll", "1")
    token = connected.announcement
    assert token is not None
    connected.add_session("--title", "Maths", start=f"{DAY}T15:00")
    until(lambda: shelf.texts("Work"))
    connected.close()

    planted = (b"correct horse", token.token.encode())
    kept = {path.name: path.read_bytes() for path in connected.folder.rglob("*") if path.is_file()}
    kept.pop("agent.json", None)  # private, and the token in it is worthless without its agent
    assert kept["agent.log"]
    assert [name for name, text in kept.items() if any(one in text for one in planted)] == []


def test_an_extra_that_is_not_installed_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1, and what to install."""
    from importlib.metadata import EntryPoint

    def missing(_point: EntryPoint) -> None:
        raise ModuleNotFoundError("No module named 'fastapi'", name="fastapi")

    monkeypatch.setattr(EntryPoint, "load", missing)

    ended = desk("cloud")

    assert ended.code == 1
    assert (
        ended.err == "“tutorsync cloud” is not part of this installation. Install TutorSync with its extra “cloud”.\n"
    )


def test_what_an_extra_lacks_is_one_sentence_too(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A room's command that loads, and finds only when it runs that a library is not there."""
    from importlib.metadata import EntryPoint

    import click

    @click.command()
    def lacking() -> None:
        raise ModuleNotFoundError("No module named 'PySide6.QtCore'", name="PySide6.QtCore")

    monkeypatch.setattr(EntryPoint, "load", lambda _point: lacking)

    ended = desk("desktop")

    assert ended.code == 1
    assert (
        ended.err
        == "What this needs (PySide6) is not part of this installation. Install TutorSync with its extra “desktop”.\n"
    )


def test_facts_fill_every_action() -> None:
    """No sentence shows a placeholder."""
    from sync_agent.laptop import errors

    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.LaptopError)]

    assert len({one.code for one in kinds}) == len(kinds)
    assert not [one for one in kinds if "{" in one.action]
    assert json.dumps(str(DiskFull()))


def test_every_schema_is_held_against_real_output() -> None:
    """A promise that no test looks at is none."""
    looked_at = set(re.findall(r'(?:_checked|asked)\(\s*"([a-z-]+)"', Path(__file__).read_text(encoding="utf-8")))

    # Meetings are made in the demo's and the engine's tests, which have a meeting service.
    assert set(schemas.names()) - looked_at <= {"meetings-ensure"}
