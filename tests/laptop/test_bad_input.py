"""What people and machines do wrong: one clear sentence, the right exit code, and nothing is lost."""

from __future__ import annotations

import os
import resource
import signal
import socket
import sqlite3
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import number
from tests.laptop.conftest import Desk, Shelf, connect_caldav, until
from tests.servers.feeds import FeedServer, Published
from tests.servers.radicale import Radicale

# Busy times are kept for a window around today, so these tests happen in ten days' time.
DAY = datetime.now(UTC).date() + timedelta(days=10)
GOOD = (
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//school//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20261124T000000Z\r\n"
    + f"DTSTART:{DAY:%Y%m%d}T150000Z\r\nDTEND:{DAY:%Y%m%d}T160000Z\r\n".encode()
    + b"SUMMARY:Assembly\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
BROKEN_EVENT = b"BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Recital\r\nDTSTART:yesterday\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(
            ["--start", "2030-11-26T15:00", "--end", "2030-11-26T14:00"],
            "session.times_wrong",
            "would end at 2030-11-26 14:00, which is not after its start",
            id="a session that ends before it starts",
        ),
        pytest.param(
            ["--start", "2030-11-26T15:00", "--zone", "Mars/Phobos"],
            "session.zone_unknown",
            "no time zone called “Mars/Phobos”",
            id="an unknown zone",
        ),
    ],
)
def test_bad_input_a_session_that_cannot_be(desk: Desk, arguments: list[str], code: str, words: str) -> None:
    """Nothing is stored, and the sentence says what to give instead."""
    ended = desk("--json", "sessions", "add", *arguments)
    told = desk("sessions", "add", *arguments)

    assert (ended.code, ended.error["code"]) == (1, code)
    assert words in told.err
    assert told.out == ""
    assert ended.error["action"]
    assert desk.json("sessions", "--from", "2030-11-01", "--to", "2030-12-01")["sessions"] == []


@pytest.mark.parametrize("field", ["--title", "--student", "--notes"])
def test_bad_input_bytes_that_are_no_text(desk: Desk, field: str) -> None:
    """A terminal of another encoding hands over what nobody can store."""
    ended = desk("--json", "sessions", "add", "--start", "2030-11-26T15:00", field, "\udcff\udcfe")

    assert (ended.code, ended.error["code"]) == (2, "request.wrong")
    assert "no text" in ended.error["message"]
    assert desk.json("sessions", "--from", "2030-11-26", "--to", "2030-11-26")["sessions"] == []


def test_bad_input_signs_that_nobody_sees_are_left_out(desk: Desk) -> None:
    """No calendar file may hold them, so no calendar would take the session."""
    desk("sessions", "add", "--start", "2030-11-26T15:00", "--title", "Ma\x01ths\x1b[31m", "--notes", "one\ntwo\x7f")

    (session,) = desk.json("sessions", "--from", "2030-11-26", "--to", "2030-11-26")["sessions"]
    assert (session["title"], session["notes"]) == ("Maths[31m", "one\ntwo")


@pytest.mark.parametrize("command", ["sessions", "busy", "events"])
@pytest.mark.parametrize(
    "days", [("9999-12-31", "9999-12-31"), ("0001-01-01", "2030-01-01"), ("2030-01-01T10:00", "9999-01-01")]
)
def test_bad_input_a_time_in_which_nothing_can_lie(desk: Desk, command: str, days: tuple[str, str]) -> None:
    """A year is mistyped easily."""
    ended = desk("--json", command, "--from", days[0], "--to", days[1])

    assert ended.code in (1, 2)
    assert "Something went wrong" not in ended.err + ended.out


@pytest.mark.parametrize("command", [["sessions", "show"], ["conflicts", "show"], ["sessions", "cancel"]])
def test_bad_input_an_empty_id(desk: Desk, command: list[str]) -> None:
    """It is one that nothing bears."""
    ended = desk("--json", *command, "")

    assert ended.code == 1
    assert ended.error["code"] != "laptop.crashed"


@pytest.mark.parametrize("minutes", [float("nan"), float("inf"), 1e300, -1e12])
def test_bad_input_a_length_that_is_no_number(minutes: float) -> None:
    """What speaks to the local API may be any program, and JSON as Python reads it has more than there are minutes."""
    with pytest.raises(RequestWrong):
        number({"duration_minutes": minutes}, "duration_minutes")


def test_bad_input_a_moved_session_that_would_end_before_it_starts_stays(desk: Desk) -> None:
    """It is where it was."""
    session = desk.add_session()

    ended = desk("--json", "sessions", "move", session, "--start", "2030-11-27T10:00", "--end", "2030-11-27T09:00")

    assert (ended.code, ended.error["code"]) == (1, "session.times_wrong")
    assert desk.json("sessions", "--from", "2030-11-26", "--to", "2030-11-26")["sessions"][0]["id"] == session


def test_bad_input_a_profile_that_is_not_writable(desk: Desk, tmp_path: Path) -> None:
    """Here a file lies where its folder should be; the sentence names the folder."""
    (tmp_path / "file").touch()
    desk.folder = tmp_path / "file" / "profile"

    ended = desk("--json", "status")

    assert (ended.code, ended.error["code"]) == (1, "profile.not_writable")
    assert str(desk.folder) in ended.error["message"]
    assert "--profile" in ended.error["action"]


def test_bad_input_a_profile_of_somebody_else(desk: Desk, tmp_path: Path) -> None:
    """The system refuses the write; root may write everywhere, so a lesser user tries."""
    desk.folder.chmod(0o500)
    nobody = 65534

    def lesser() -> None:
        if os.getuid() == 0:
            # Without the right to override what files say; the program itself stays readable.
            import ctypes

            for capability in (0, 1, 2, 3):  # CHOWN, DAC_OVERRIDE, DAC_READ_SEARCH, FOWNER
                ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP

    owner = nobody if os.getuid() == 0 else os.getuid()
    os.chown(desk.folder, owner, -1)

    ended = desk.process("--json", "status", limits=lesser)

    os.chown(desk.folder, os.getuid(), -1)
    assert (ended.code, ended.error["code"]) == (1, "profile.not_writable")
    assert list(desk.folder.iterdir()) == [desk.profile.vault]


def test_bad_input_a_second_agent_on_the_same_profile(desk: Desk) -> None:
    """It stops with one sentence that names the first, which goes on."""
    first = desk.start_agent()

    ended = desk.process("agent")

    assert ended.code == 1
    assert ended.err == (
        f"An agent already runs on this profile (process {first.pid}). This one stops, nothing was changed. Use the "
        "one that runs, stop it first, or choose another profile with --profile.\n"
    )
    assert desk.json("status")["state"] in ("ok", "starting", "syncing")


def _no_file_may_grow_over(size: int) -> Callable[[], None]:
    """To a program this is a disk that is full: a write fails in the middle."""

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [0, 1, 4096, 30_000])
def test_bad_input_a_full_disk(desk: Desk, size: int) -> None:
    """What was kept before is there afterwards, and the database is whole."""
    before = desk.add_session("--title", "kept")

    full = desk.process(
        "--json", "sessions", "add", "--start", "2030-11-27T15:00", "--notes", "x" * 60_000,
        limits=_no_file_may_grow_over(size),
    )  # fmt: skip

    assert (full.code, full.error["code"]) == (1, "store.full")
    assert "disk is full" in full.error["message"]
    listed = desk.json("sessions", "--from", "2030-11-01", "--to", "2030-12-01")["sessions"]
    assert [one["id"] for one in listed] == [before]
    assert next(one for one in desk.json("doctor")["checks"] if one["name"] == "database")["ok"]


def test_bad_input_a_full_disk_keeps_the_vault_as_it_was(desk: Desk) -> None:
    """Half a vault would be no vault."""
    assert desk("vault", "unlock").code == 0
    before = desk.profile.vault.read_bytes()

    ended = desk.process("--json", "config", "set", "tutor.name", "Anna", limits=_no_file_may_grow_over(0))

    assert (ended.code, ended.error["code"]) == (1, "store.full")
    assert desk.profile.vault.read_bytes() == before
    assert not desk.profile.config.exists()


def test_bad_input_a_disk_that_fills_up_while_the_agent_runs(connected: Desk) -> None:
    """The state says so for as long as it lasts and goes by itself; the agent lives on, and nothing is lost."""
    agent = connected.start_agent("--poll", "1")
    kept = connected.add_session()
    until(lambda: connected.json("status")["state"] == "ok")

    _, most = resource.prlimit(agent.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (0, most))
    full = until(lambda: (now := connected.json("status"))["state"] == "broken" and now)
    refused = connected("--json", "sessions", "add", "--start", "2030-11-27T15:00")
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (most, most))

    assert "disk is full" in full["reason"]
    assert (refused.code, refused.error["code"]) == (1, "store.full")
    until(lambda: connected.json("status")["state"] == "ok")
    listed = connected.json("sessions", "--from", "2030-11-01", "--to", "2030-12-01")["sessions"]
    assert [one["id"] for one in listed] == [kept]


def test_bad_input_a_database_from_a_newer_version(desk: Desk) -> None:
    """It is left as it is, so that the newer version finds it whole."""
    desk.add_session()
    with sqlite3.connect(desk.profile.database) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    ended = desk("--json", "status")
    agent = desk.process("--json", "agent")

    assert [(one.code, one.error["code"]) for one in (ended, agent)] == [(1, "store.too_new")] * 2
    assert "newer version" in ended.error["message"]
    with sqlite3.connect(desk.profile.database) as database:
        assert database.execute("SELECT count(*) FROM session").fetchone() == (1,)
    database.close()


def test_bad_input_a_file_that_is_no_database(desk: Desk) -> None:
    """It is left as it is, too."""
    desk.profile.database.write_bytes(b"not a database at all, by no means" * 100)

    ended = desk("--json", "status")

    assert (ended.code, ended.error["code"]) == (1, "store.broken")
    assert desk.profile.database.read_bytes().startswith(b"not a database")


@pytest.mark.parametrize(
    "text", ["sync.poll_seconds = never", "[sync]\npoll_seconds = 0"], ids=["no TOML", "a value that cannot be"]
)
def test_bad_input_a_broken_settings_file(desk: Desk, text: str) -> None:
    """The sentence names the file; it is not written over."""
    desk.profile.config.write_text(text)

    ended = desk("--json", "status")

    assert (ended.code, ended.error["code"]) == (1, "config.broken")
    assert desk.profile.config.read_text() == text


def test_bad_input_a_wrong_password(desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 4: somebody has to sign in. Nothing is connected, and no secret is kept or shown."""
    ended = connect_caldav(desk, shelf.server, monkeypatch, password="wrong-wrong-wrong")

    assert (ended.code, ended.error["code"]) == (4, "connection.sign_in_refused")
    assert desk.json("accounts")["accounts"] == []
    assert "wrong-wrong-wrong" not in ended.out + ended.err


def test_bad_input_a_wrong_passphrase(connected: Desk, tmp_path: Path) -> None:
    """Exit 4, and the vault is as it was."""
    (tmp_path / "other").write_text("not the passphrase\n")
    before = connected.profile.vault.read_bytes()

    ended = connected("--json", "vault", "unlock", TUTORSYNC_PASSPHRASE_FILE=str(tmp_path / "other"))

    assert (ended.code, ended.error["code"]) == (4, "vault.wrong_passphrase")
    assert connected.profile.vault.read_bytes() == before


@pytest.mark.complaint(22)
def test_bad_input_nobody_opens_the_vault(connected: Desk) -> None:
    """Exit 4; the account says so in health, sessions go on, and once it is open all is well."""
    locked = connected("--json", "sync", "--wait", TUTORSYNC_PASSPHRASE_FILE="")
    status = connected("--json", "status", TUTORSYNC_PASSPHRASE_FILE="").document

    assert locked.code == 4
    assert [one["code"] for one in locked.document["accounts"]] == ["vault.locked"]
    assert (status["state"], status["banner"]["action"]) == ("broken", "unlock")
    assert connected("sync", "--wait").code == 0
    assert connected.json("status")["state"] == "ok"


@pytest.mark.parametrize(
    ("published", "code"),
    [
        pytest.param(Published(b"<!DOCTYPE html><title>Sign in</title>", kind="text/html"), "feed.broken", id="a page"),
        pytest.param(Published(GOOD[:-20]), "feed.broken", id="a truncated feed"),
        pytest.param(Published(b""), "feed.broken", id="nothing at all"),
        pytest.param(Published(b"gone", status=410), "feed.gone", id="a feed that is gone"),
    ],
)
def test_bad_input_an_address_that_is_no_feed(desk: Desk, published: Published, code: str) -> None:
    """Nothing is connected."""
    server = FeedServer()
    server.published["/feed.ics"] = published
    with server.started() as running:
        ended = desk("--json", "connect", "ics", "--url", f"http://127.0.0.1:{running.port}/feed.ics")

    assert (ended.code, ended.error["code"]) == (1, code)
    assert desk.json("accounts")["accounts"] == []


def test_bad_input_a_feed_that_breaks_later_harms_nobody_else(connected: Desk) -> None:
    """Its last good copy stays, its health says what is wrong, and the other account goes on."""
    server = FeedServer()
    server.published["/feed.ics"] = Published(GOOD)
    with server.started() as running:
        connected.json("connect", "ics", "--url", f"http://127.0.0.1:{running.port}/feed.ics", "--name", "School")
        connected.json("sync", "--wait")
        connected.add_session(start=f"{DAY}T08:00")
        server.published["/feed.ics"] = Published(GOOD[:-30])

        ended = connected("--json", "sync", "--wait")

    by_name = {one["name"]: one for one in ended.document["accounts"]}
    assert ended.code == 1
    assert by_name["School"]["code"] == "feed.broken"
    assert ended.document["written"]["created"] == 1
    busy = connected.json("busy", "--from", str(DAY), "--to", str(DAY))["busy"]
    assert [one["summary"] for one in busy] == ["Assembly"]
    health = {one["name"]: one["health"]["state"] for one in connected.json("accounts")["accounts"]}
    assert health["School"] != "ok"
    assert health["anna"] == "ok"


def test_bad_input_a_broken_event_among_good_ones(desk: Desk) -> None:
    """The good ones count, the broken one is named."""
    server = FeedServer()
    server.published["/feed.ics"] = Published(GOOD.replace(b"END:VCALENDAR\r\n", BROKEN_EVENT))
    with server.started() as running:
        desk.json("connect", "ics", "--url", f"http://127.0.0.1:{running.port}/feed.ics", "--name", "School")
        ended = desk("--json", "sync", "--wait")

    assert ended.code == 0
    assert len(ended.document["broken"]) == 1
    busy = desk.json("busy", "--from", str(DAY), "--to", str(DAY))["busy"]
    assert [one["summary"] for one in busy] == ["Assembly"]
    assert desk.json("status")["doubts"] == 1
    assert "Not fully understood in your calendars: 1" in desk("status").out
    told = desk("doctor").out
    assert "WRONG “Recital” in " in told
    assert "is not taken into account: it has a date that is no date. Look at it in its own calendar." in told


def test_bad_input_a_server_that_is_no_calendar_server(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, radicale: Radicale
) -> None:
    """Something answers, but it speaks no CalDAV."""
    server = FeedServer()
    with server.started() as running:
        monkeypatch.setattr(Radicale, "address", f"http://127.0.0.1:{running.port}/")
        ended = connect_caldav(desk, radicale, monkeypatch)

    assert (ended.code, ended.error["code"]) == (1, "connection.not_a_calendar_server")


def test_bad_input_nobody_answers_there(desk: Desk, monkeypatch: pytest.MonkeyPatch, radicale: Radicale) -> None:
    """A port where nothing listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setattr(Radicale, "address", f"http://127.0.0.1:{closed.getsockname()[1]}/")
        ended = connect_caldav(desk, radicale, monkeypatch)

    assert (ended.code, ended.error["code"]) == (1, "connection.unreachable")


def test_bad_input_an_unknown_host(desk: Desk, monkeypatch: pytest.MonkeyPatch, radicale: Radicale) -> None:
    """A typing mistake in the address (RFC 6761: “.invalid” never resolves)."""
    monkeypatch.setattr(Radicale, "address", "https://calendar.invalid/")

    ended = connect_caldav(desk, radicale, monkeypatch)

    assert (ended.code, ended.error["code"]) == (1, "connection.unknown_host")
    assert "calendar.invalid" in ended.error["message"]


def test_bad_input_a_certificate_that_does_not_fit(desk: Desk, tmp_path: Path) -> None:
    """Nothing is sent; with the server's own authority it is read."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = FeedServer()
    server.published["/feed.ics"] = Published(GOOD)
    with server.started(context) as running:
        connect = ["--json", "connect", "ics", "--url", f"https://localhost:{running.port}/feed.ics"]
        strange = desk(*connect)
        asked_before = len(server.requests)
        known = desk(*connect, "--ca", str(tmp_path / "ca.pem"))

    assert (strange.code, strange.error["code"], asked_before) == (1, "connection.certificate", 0)
    assert "--ca FILE" in strange.error["action"]
    assert known.code == 0


def test_bad_input_an_address_without_encryption(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, radicale: Radicale
) -> None:
    """A password never goes over the network in the open."""
    monkeypatch.setattr(Radicale, "address", "http://calendar.example.org/")

    ended = connect_caldav(desk, radicale, monkeypatch)

    assert (ended.code, ended.error["code"]) == (1, "connection.insecure")


def test_bad_input_a_calendar_that_is_not_there(desk: Desk, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names those that are; nothing is connected."""
    ended = connect_caldav(desk, shelf.server, monkeypatch, "--calendar", "Wrok")

    assert (ended.code, ended.error["code"]) == (1, "calendar.not_found")
    assert "“Work”" in ended.error["message"]
    assert desk.json("accounts")["accounts"] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"<html></html>", GOOD[:-30], b"\x00" * 5000, b"BEGIN:VCALENDAR\r\n" * 200_000],
    ids=["nothing", "a page", "cut off", "zeros", "a calendar in a calendar in a …"],
)
def test_bad_input_a_file_that_is_no_calendar(desk: Desk, tmp_path: Path, content: bytes) -> None:
    """Exit 1 and one sentence, whatever it is."""
    (tmp_path / "file.ics").write_bytes(content)

    ended = desk("--json", "ics", "check", str(tmp_path / "file.ics"))

    assert (ended.code, ended.error["code"]) == (1, "ics.not_understood")
    assert "file.ics" in ended.error["message"]


def test_bad_input_a_damaged_vault_is_found_by_the_doctor(desk: Desk) -> None:
    """Before a sync fails because of it; the file stays as it is."""
    assert desk("vault", "unlock").code == 0
    desk.profile.vault.write_text("x")

    ended = desk("--json", "doctor")

    vault = next(one for one in ended.document["checks"] if one["name"] == "vault")
    assert (ended.code, vault["ok"]) == (1, False)
    assert "damaged" in vault["message"]
    assert desk.profile.vault.read_text() == "x"


@pytest.mark.parametrize("content", [b"\xff\xfe", b'home_zone = "Mars/X"\n', b"[sync]\npol_seconds = 5\n"])
def test_bad_input_settings_that_cannot_be_are_told_once(desk: Desk, content: bytes) -> None:
    """One sentence of ours, not the reader's, and nothing is said twice."""
    desk.profile.prepare()
    desk.profile.config.write_bytes(content)

    told = desk("status")

    assert told.code == 1
    assert told.err.count("Nothing was changed.") == 1
    assert ".." not in told.err
    assert "codec" not in told.err


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x.ics", "https://nobody.invalid/x.ics"])
def test_bad_input_what_was_never_connected_does_not_go_on_by_itself(desk: Desk, address: str) -> None:
    """A tutor who is just connecting has no changes that wait and no copy that stays in use."""
    told = desk("connect", "ics", "--url", address)

    assert told.code == 1
    assert "Nothing was connected." in told.err
    assert not any(words in told.err for words in ("by itself", "stays in use", "Your changes"))


def test_bad_input_a_session_at_the_end_of_time(desk: Desk) -> None:
    """A slip of the finger in the year: refused, instead of a crash somewhere else later."""
    for year in ("9999", "0001"):
        refused = desk("--json", "sessions", "add", "--start", f"{year}-12-31T23:30")

        assert (refused.code, refused.error["code"]) == (1, "session.field_wrong")
        assert "between 1900 and 2099" in refused.error["message"]
