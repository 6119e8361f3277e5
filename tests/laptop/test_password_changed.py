"""An account that cannot be read any more: within one poll nothing that it could hold is called free."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.laptop.conftest import Desk, Shelf, until
from tests.servers.radicale import PASSWORD

DAY = datetime.now(UTC).date() + timedelta(days=(7 - datetime.now(UTC).weekday()) + 2)
"""A Wednesday in the near future: in working hours, and inside the window that busy times are kept for."""

FEED = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nX-WR-CALNAME:School\nBEGIN:VEVENT\nUID:1\nSUMMARY:Assembly\n"
    f"DTSTART:{DAY:%Y%m%d}T060000Z\nDTEND:{DAY:%Y%m%d}T070000Z\nEND:VEVENT\nEND:VCALENDAR\n"
)


@pytest.fixture
def tutor(connected: Desk, shelf: Shelf, tmp_path: Path) -> Iterator[Desk]:
    """Two sessions, one of them beside the dentist's, and a school's feed as a second account: all is checked."""
    path = tmp_path / "school.ics"
    path.write_text(FEED)
    connected.json("connect", "ics", "--file", str(path), "--name", "School")
    connected.add_session("--title", "Maths", start=f"{DAY}T15:00")
    connected.add_session("--title", "Latin", start=f"{DAY}T10:00")
    shelf.put(
        "Private", "dentist", "SUMMARY:Dentist", f"DTSTART;TZID=Europe/Berlin:{DAY:%Y%m%d}T153000",
        f"DTEND;TZID=Europe/Berlin:{DAY:%Y%m%d}T163000",
    )  # fmt: skip
    connected.json("sync", "--wait")
    yield connected
    shelf.server.change_password(PASSWORD)


def seals(tutor: Desk) -> list[dict[str, Any]]:
    """The coverage of each session."""
    found = tutor.json("sessions", "--from", str(DAY), "--to", str(DAY))["sessions"]
    assert len(found) == 2
    return [one["coverage"] for one in found]


def slots(tutor: Desk) -> list[dict[str, Any]]:
    """Where the double booked session could go."""
    [conflict] = tutor.json("conflicts")["conflicts"]
    found: list[dict[str, Any]] = tutor.json("conflicts", "suggest", conflict["id"])["suggestions"]
    assert len(found) == 5
    return found


@pytest.mark.complaint(2)
def test_complaint_2_a_changed_password_makes_every_seal_stale_within_one_poll(tutor: Desk, shelf: Shelf) -> None:
    """No slot is called free from then on; the feed beside it is still read; signed in again, all is known again."""
    assert all(one["complete"] for one in seals(tutor))
    assert all(one["known_free"] for one in slots(tutor))
    assert tutor.json("why", f"{DAY}T12:00/13:00")["verdict"] == "free"

    shelf.server.change_password("another one")
    told = tutor("--json", "sync", "--wait")

    assert told.code == 4
    for one in seals(tutor):
        assert (one["complete"], one["stale"]) == (False, ["Private", "Work"])
        assert {kept["name"]: kept["why"] for kept in one["calendars"]} == {
            "Private": "refused", "School": "", "Work": "refused",
        }  # fmt: skip
    assert not any(one["known_free"] for one in slots(tutor))
    free = tutor.json("why", f"{DAY}T12:00/13:00")
    assert free["verdict"] == "not_checked"
    assert "not checked since" in free["text"]
    assert "its password is not accepted" in free["text"]
    assert tutor.json("why", f"{DAY}T15:30/16:30")["verdict"] == "taken"
    assert not tutor.json("status")["coverage"]["complete"]
    assert "not checked since" in tutor("conflicts").out

    shelf.server.change_password(PASSWORD)
    tutor.json("sync", "--wait")
    assert all(one["complete"] for one in seals(tutor))
    assert tutor.json("why", f"{DAY}T12:00/13:00")["verdict"] == "free"


def test_the_agent_finds_that_out_by_itself(tutor: Desk, shelf: Shelf) -> None:
    """Nobody types anything."""
    tutor.start_agent("--poll", "1")
    until(lambda: tutor.json("status")["coverage"]["complete"])

    shelf.server.change_password("another one")

    until(lambda: all(one["stale"] == ["Private", "Work"] for one in seals(tutor)))
    assert not any(one["known_free"] for one in slots(tutor))
    assert tutor.json("why", f"{DAY}T12:00/13:00")["verdict"] == "not_checked"


def test_a_vault_that_is_locked_makes_nothing_free_either(tutor: Desk) -> None:
    """Started without the passphrase: the feed needs none and is read, the account is not."""
    tutor.environment.pop("TUTORSYNC_PASSPHRASE_FILE")

    told = tutor("--json", "sync", "--wait")

    assert told.code == 4
    assert {one["name"]: one["why"] for one in seals(tutor)[0]["calendars"]} == {
        "Private": "locked", "School": "", "Work": "locked",
    }  # fmt: skip
    assert tutor.json("why", f"{DAY}T12:00/13:00")["verdict"] == "not_checked"
