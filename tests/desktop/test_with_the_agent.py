"""The windows with the real agent and a real CalDAV server: what the fake agent promises is what the agent does."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.agent.announcement import read_announcement
from desktop.agent.client import AgentClient
from desktop.agent.link import AgentLink
from desktop.agent.process import AgentProcess, agent_command
from desktop.conflict.window import ConflictWindow
from desktop.connect.dialog import ConnectDialog
from desktop.mirror import Mirror
from desktop.theme.theme import Theme
from tests.desktop.looking import texts
from tests.servers.radicale import PASSWORD, USER, Radicale

Key = Qt.Key
_WITHIN_MS = 30_000
_DENTIST = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//a phone//EN\r
BEGIN:VEVENT\r
UID:dentist\r
DTSTAMP:20260101T000000Z\r
DTSTART:{start:%Y%m%dT%H%M%SZ}\r
DTEND:{end:%Y%m%dT%H%M%SZ}\r
SUMMARY:Dentist\r
END:VEVENT\r
END:VCALENDAR\r
"""


@pytest.fixture
def radicale(tmp_path: Path) -> Iterator[Radicale]:
    """A server with two calendars: Lessons, which is empty, and Private, where the dentist is tomorrow."""
    with Radicale(tmp_path) as server, httpx.Client(base_url=server.address, auth=(USER, PASSWORD)) as phone:
        for name in ("Lessons", "Private"):
            body = (
                '<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
                f"<displayname>{name}</displayname></prop></set></C:mkcalendar>"
            )
            assert phone.request("MKCALENDAR", f"/{USER}/{name.lower()}/", content=body).is_success
        start = tomorrow()
        event = _DENTIST.format(start=start + timedelta(minutes=30), end=start + timedelta(minutes=75))
        assert phone.put(f"/{USER}/private/dentist.ics", content=event).is_success
        yield server


def tomorrow() -> datetime:
    """Tomorrow at three in the afternoon, in UTC."""
    return (datetime.now(UTC) + timedelta(days=1)).replace(hour=15, minute=0, second=0, microsecond=0)


@pytest.fixture
def kept(theme: Theme) -> Iterator[list[QWidget]]:
    """Windows that live, with their theme, until the agent is gone: its last answers still arrive."""
    assert theme is not None
    windows: list[QWidget] = []
    yield windows
    for window in windows:
        window.close()


@pytest.fixture
def mirror(
    qtbot: QtBot, qapp: QApplication, kept: list[QWidget], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Mirror]:
    """What a tray app knows that has started the agent of a new profile itself."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    profile = tmp_path / "profile"
    profile.mkdir(mode=0o700)
    owner = QObject()
    client = AgentClient(owner)
    link = AgentLink(profile, client, AgentProcess(agent_command(profile)), owner)
    made = Mirror(client, link, lambda: datetime.now(UTC), owner)
    link.start()
    qtbot.waitUntil(lambda: made.standing.accounts == (), timeout=_WITHIN_MS)
    yield made
    link.leave()
    if announced := read_announcement(profile / "agent.json"):
        os.kill(announced.pid, signal.SIGTERM)
        qtbot.waitUntil(lambda: not (profile / "agent.json").exists(), timeout=_WITHIN_MS)
    owner.deleteLater()


def test_a_calendar_is_connected_and_a_double_booking_settled_by_keys(
    mirror: Mirror, radicale: Radicale, theme: Theme, qtbot: QtBot, kept: list[QWidget]
) -> None:
    """From the first start to "settled", and one key takes it back."""
    client = mirror.agent
    assert isinstance(client, AgentClient)
    connect_by_keys(client, radicale, theme, qtbot, kept)
    start_wall = tomorrow().replace(tzinfo=None).isoformat()
    said: list[Any] = []
    body = {"title": "Physics", "start_wall": start_wall, "zone": "UTC", "duration_minutes": 60, "online": False}
    client.post("/v1/sessions", body, said.append, said.append)
    qtbot.waitUntil(lambda: len(mirror.standing.conflicts) == 1, timeout=_WITHIN_MS)

    window = ConflictWindow(client, theme)
    mirror.conflicts_read.connect(window.refresh)
    kept.append(window)
    show(window, qtbot)
    window.show_conflict(mirror.standing.conflicts[0].id)
    until(qtbot, lambda: "Dentist" in texts(window) and "What will happen" in texts(window))
    qtbot.keyClick(window, Key.Key_1)
    qtbot.keyClick(window, Key.Key_Return)
    # The agent's news may come before its answer to the window, which offers to take back once it has that.
    until(qtbot, lambda: mirror.standing.conflicts == () and "Settled" in texts(window))

    qtbot.keyClick(window, Key.Key_Z)
    qtbot.waitUntil(lambda: len(mirror.standing.conflicts) == 1, timeout=_WITHIN_MS)
    until(qtbot, lambda: "Dentist" in texts(window) and "What will happen" in texts(window))


def connect_by_keys(client: AgentClient, radicale: Radicale, theme: Theme, qtbot: QtBot, kept: list[QWidget]) -> None:
    """A wrong password first; then all pages of the dialog, with Enter."""
    dialog = ConnectDialog(client, theme)
    kept.append(dialog)
    show(dialog, qtbot)
    type_into(dialog, qtbot, radicale.address, USER, "wrong")
    qtbot.keyClick(dialog, Key.Key_Return)
    until(qtbot, lambda: "does not accept" in texts(dialog))
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, PASSWORD)
    qtbot.keyClick(dialog, Key.Key_Return)
    until(qtbot, lambda: "What are your calendars for?" in texts(dialog))
    lessons, private = (one for one in dialog.findChildren(QComboBox) if one.isVisible())
    assert (lessons.currentText(), private.currentText()) == ("Counts as busy", "Counts as busy")
    qtbot.keyClicks(lessons, "Your")
    assert lessons.currentText() == "Your sessions go here"
    qtbot.keyClick(dialog, Key.Key_Return)
    until(qtbot, lambda: "Keep your password safe" in texts(dialog))
    type_into(dialog, qtbot, "a long passphrase", "a long passphrase")
    qtbot.keyClick(dialog, Key.Key_Return)
    until(qtbot, lambda: "will be added" in texts(dialog))
    with qtbot.waitSignal(dialog.connected, timeout=_WITHIN_MS):
        qtbot.keyClick(dialog, Key.Key_Return)


def show(window: QWidget, qtbot: QtBot) -> None:
    """Show a window, with the keyboard."""
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def type_into(dialog: QWidget, qtbot: QtBot, *words: str) -> None:
    """Type into one field after the other, as Tab leads."""
    for number, word in enumerate(words):
        if number:
            qtbot.keyClick(dialog.focusWidget(), Key.Key_Tab)
        field = dialog.focusWidget()
        assert isinstance(field, QLineEdit)
        field.selectAll()
        qtbot.keyClicks(field, word)


def until(qtbot: QtBot, holds: Callable[[], bool]) -> None:
    """Wait for a condition that a real server takes part in."""
    qtbot.waitUntil(holds, timeout=_WITHIN_MS)
