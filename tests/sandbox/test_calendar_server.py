"""A real CalDAV server, started and stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import psutil
import pytest

from cloud_api.sandbox.calendar_server import CalendarServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sandbox//EN\r\nBEGIN:VEVENT\r\nUID:one\r\n"
    "DTSTAMP:20310101T000000Z\r\nDTSTART:20310304T140000Z\r\nDTEND:20310304T150000Z\r\nSUMMARY:Dentist\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CalendarServer]:
    users = {"anna": "first-password", "ben": "other"}
    with CalendarServer(tmp_path_factory.mktemp("radicale"), users=users) as server:
        yield server


def test_made_calendar_speaks_caldav(radicale: CalendarServer) -> None:
    """RFC 4791, section 5.1: calendar-access."""
    url = radicale.make_calendar("anna", "work", name="Work & more")

    with radicale.client("anna") as client:
        options = client.options(url)
        body = b'<propfind xmlns="DAV:"><prop><displayname/></prop></propfind>'
        named = client.request("PROPFIND", url, content=body, headers={"Depth": "0"})

    assert "calendar-access" in options.headers["DAV"]
    assert "Work &amp; more" in named.text


def test_what_is_stored_is_read_back(radicale: CalendarServer) -> None:
    radicale.make_calendar("anna", "private")
    radicale.put("anna", "private", "one.ics", EVENT)

    objects = radicale.objects("anna", "private")

    assert list(objects) == ["one.ics"]
    assert "SUMMARY:Dentist" in objects["one.ics"]


@pytest.mark.parametrize("auth", [None, ("anna", "wrong"), ("nobody", "x")])
def test_without_the_password_nobody_gets_in(radicale: CalendarServer, auth: tuple[str, str] | None) -> None:
    answer = httpx.request("PROPFIND", radicale.home("anna"), auth=auth)

    assert answer.status_code == 401


def test_other_users_have_no_business_there(radicale: CalendarServer) -> None:
    with radicale.client("ben") as client:
        answer = client.request("PROPFIND", radicale.home("anna"))

    assert answer.status_code == 403


def test_restart_keeps_address_and_calendars_and_stop_leaves_no_process(tmp_path: Path) -> None:
    server = CalendarServer(tmp_path)
    with server:
        server.make_calendar("anna", "work")
        server.put("anna", "work", "one.ics", EVENT)
        address, pid = server.address, server.pid

    assert not psutil.pid_exists(pid)
    with pytest.raises(httpx.ConnectError):
        httpx.get(address)
    with server:
        assert server.address == address
        assert list(server.objects("anna", "work")) == ["one.ics"]
