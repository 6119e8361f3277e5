"""The connect dialog at a fake agent: from the first key to a connected calendar without the mouse."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from desktop.agent.client import AgentClient
from desktop.connect.dialog import ConnectDialog
from desktop.theme.theme import Theme
from tests.desktop.conftest import NOW
from tests.desktop.fake_agent import FakeAgent
from tests.desktop.looking import LongWinded, clipped, nameless, texts, unreachable
from tests.desktop.world import World, nothing_connected

Key = Qt.Key


@pytest.fixture
def world() -> World:
    return nothing_connected(NOW)


@pytest.fixture
def dialog(client: AgentClient, theme: Theme, shown: Callable[[QWidget], None]) -> ConnectDialog:
    made = ConnectDialog(client, theme)
    shown(made)
    return made


def _type(dialog: ConnectDialog, qtbot: QtBot, *words: str) -> None:
    """Type into one field after the other, as Tab leads."""
    for number, word in enumerate(words):
        if number:
            qtbot.keyClick(dialog.focusWidget(), Key.Key_Tab)
        field = dialog.focusWidget()
        assert isinstance(field, QLineEdit)
        qtbot.keyClicks(field, word)


def _nothing_is_clipped(dialog: ConnectDialog, qtbot: QtBot) -> None:
    def holds() -> None:
        assert clipped(dialog) == []

    qtbot.waitUntil(holds)


def _until(dialog: ConnectDialog, qtbot: QtBot, words: str) -> None:
    def holds() -> None:
        assert words in texts(dialog)

    qtbot.waitUntil(holds)


def test_from_nothing_to_a_connected_calendar_by_keys_only(
    dialog: ConnectDialog, qtbot: QtBot, world: World, fake_agent: FakeAgent
) -> None:
    """Address, name, password, Enter; Enter; a passphrase twice, Enter; the figures, Enter."""
    _type(dialog, qtbot, "https://cloud.example.org", "ana", "a password")
    qtbot.keyClick(dialog, Key.Key_Return)
    _until(dialog, qtbot, "What are your calendars for?")
    assert nameless(dialog) == []

    qtbot.keyClick(dialog, Key.Key_Return)
    _until(dialog, qtbot, "Keep your password safe")
    _type(dialog, qtbot, "correct horse", "correct horse")
    qtbot.keyClick(dialog, Key.Key_Return)
    _until(dialog, qtbot, "will be added")
    assert nameless(dialog) == []

    with qtbot.waitSignal(dialog.connected):
        qtbot.keyClick(dialog, Key.Key_Return)

    account = world.accounts[0]
    assert [(one["name"], one["role"]) for one in account["calendars"]][:2] == [
        ("Lessons", "sessions"),
        ("Private", "busy"),
    ]
    assert [one["confirmed"] for one in account["calendars"] if one["role"] == "sessions"] == [True]
    assert fake_agent.asked_for("POST", "/v1/sync")


def test_bad_input_an_unknown_host_stands_beside_the_address(dialog: ConnectDialog, qtbot: QtBot) -> None:
    """The field is marked, has the keyboard, and its text is selected: typing mends it."""
    _type(dialog, qtbot, "https://nowhere.example", "ana", "a password")

    qtbot.keyClick(dialog, Key.Key_Return)

    _until(dialog, qtbot, "There is no server called nowhere.example.")
    field = dialog.focusWidget()
    assert isinstance(field, QLineEdit)
    assert field.selectedText() == "https://nowhere.example"
    assert "no server" in field.accessibleDescription()


def test_nothing_is_frozen_while_a_slow_server_is_waited_for(
    dialog: ConnectDialog, qtbot: QtBot, fake_agent: FakeAgent
) -> None:
    """Escape stops the waiting, and the dialog is as it was."""
    fake_agent.gates["/v1/accounts/look"] = threading.Event()
    _type(dialog, qtbot, "https://cloud.example.org", "ana", "a password")
    qtbot.keyClick(dialog, Key.Key_Return)
    _until(dialog, qtbot, "Looking for calendars …")

    qtbot.keyClick(dialog, Key.Key_Escape)

    qtbot.waitUntil(lambda: "Looking for calendars …" not in texts(dialog))
    assert dialog.isVisible()
    fake_agent.gates["/v1/accounts/look"].set()


def test_every_control_has_a_name_and_is_reached_by_tab(dialog: ConnectDialog) -> None:
    """What a screen reader reads of each of them."""
    assert nameless(dialog) == []
    assert unreachable(dialog) == []


def test_nothing_is_cut_off_in_a_long_winded_language(
    client: AgentClient, theme: Theme, shown: Callable[[QWidget], None], qtbot: QtBot
) -> None:
    """40 % more text on each page."""
    with LongWinded():
        dialog = ConnectDialog(client, theme)
        shown(dialog)
        _nothing_is_clipped(dialog, qtbot)
        _type(dialog, qtbot, "https://cloud.example.org", "ana", "a password")
        qtbot.keyClick(dialog, Key.Key_Return)
        _until(dialog, qtbot, "What are your calendars for?")
        _nothing_is_clipped(dialog, qtbot)
        qtbot.keyClick(dialog, Key.Key_Return)
        _until(dialog, qtbot, "Keep your password safe")
        _nothing_is_clipped(dialog, qtbot)
