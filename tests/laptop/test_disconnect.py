"""An account is disconnected: no session is touched, and our events stay or go, as the tutor says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.laptop.conftest import Desk, Shelf
from tests.servers.radicale import PASSWORD

DAY = datetime.now(UTC).date() + timedelta(days=7)


@pytest.fixture
def tutor(connected: Desk, shelf: Shelf) -> Desk:
    """Two sessions with their events in “Work”, where an appointment of the tutor's own lies beside them."""
    for number, title in enumerate(("Maths", "Latin")):
        connected.add_session("--title", title, start=f"{DAY + timedelta(days=number)}T15:00")
    shelf.put("Work", "dentist", "SUMMARY:Dentist", f"DTSTART:{DAY:%Y%m%d}T080000Z", f"DTEND:{DAY:%Y%m%d}T090000Z")
    connected.json("sync", "--wait")
    assert titles(shelf, "Work") == ["Dentist", "Latin", "Maths"]
    return connected


def titles(shelf: Shelf, calendar: str) -> list[str]:
    rows = (row for text in shelf.texts(calendar) for row in text.splitlines() if row.startswith("SUMMARY:"))
    return sorted(row.removeprefix("SUMMARY:") for row in rows)


def sessions(desk: Desk) -> list[tuple[str, str]]:
    listed = desk.json("sessions", "--from", str(DAY), "--to", str(DAY + timedelta(days=30)))["sessions"]
    return [(one["title"], one["status"]) for one in listed]


BOTH = [("Maths", "planned"), ("Latin", "planned")]


def test_our_events_stay_if_nothing_is_said(tutor: Desk, shelf: Shelf) -> None:
    tutor.json("disconnect", "anna")

    assert titles(shelf, "Work") == ["Dentist", "Latin", "Maths"]
    assert (sessions(tutor), tutor.json("accounts")["accounts"]) == (BOTH, [])


def test_our_events_go_if_that_is_wished_and_nothing_else_does(tutor: Desk, shelf: Shelf) -> None:
    """Those that only block time, too."""
    private = next(one["id"] for one in tutor.json("calendars")["calendars"] if one["name"] == "Private")
    tutor.json("calendars", "set", private, "--role", "block")
    tutor("sync", "--wait")
    for question in tutor.json("questions")["questions"]:
        tutor.json("answer", question["id"], "yes")
    tutor.json("sync", "--wait")
    assert titles(shelf, "Private") == ["Busy", "Busy"]

    tutor.json("disconnect", "anna", "--remove-events")

    assert (titles(shelf, "Work"), titles(shelf, "Private")) == (["Dentist"], [])
    assert (sessions(tutor), tutor.json("accounts")["accounts"]) == (BOTH, [])


def test_an_account_whose_events_could_not_be_removed_stays_connected(tutor: Desk, shelf: Shelf) -> None:
    """Its server does not let us in: once it was forgotten, nobody could take them out any more."""
    shelf.server.change_password("another one")

    told = tutor("--json", "disconnect", "anna", "--remove-events")

    shelf.server.change_password(PASSWORD)
    assert (told.code, told.error["code"]) == (1, "account.events_left")
    assert "anna stays connected: 2 of our events there could not be removed yet." in told.error["message"]
    assert titles(shelf, "Work") == ["Dentist", "Latin", "Maths"]

    tutor.json("disconnect", "anna", "--remove-events")
    assert titles(shelf, "Work") == ["Dentist"]
    assert (sessions(tutor), tutor.json("accounts")["accounts"]) == (BOTH, [])
