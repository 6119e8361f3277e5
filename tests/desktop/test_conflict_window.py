"""The double-booking window at a fake agent: by keys only, read by a screen reader, in a long-winded language."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from desktop.agent.client import AgentClient
from desktop.conflict.window import ConflictWindow
from desktop.parts.buttons import ChoiceButton
from desktop.theme.theme import Theme
from tests.desktop.fake_agent import FakeAgent
from tests.desktop.looking import LongWinded, clipped, nameless, texts, unreachable
from tests.desktop.world import World

Key = Qt.Key


@pytest.fixture
def window(client: AgentClient, theme: Theme, shown: Callable[[QWidget], None]) -> ConflictWindow:
    made = ConflictWindow(client, theme)
    shown(made)
    return made


def _apply_button(window: ConflictWindow) -> QPushButton:
    return next(one for one in window.findChildren(QPushButton) if one.property("main") and one.isVisible())


def _ready(window: ConflictWindow, qtbot: QtBot, conflict: str) -> None:
    window.show_conflict(conflict)
    qtbot.waitUntil(lambda: any(one.property("main") and one.isVisible() for one in window.findChildren(QPushButton)))
    qtbot.waitUntil(lambda: _apply_button(window).isEnabled())


def test_it_is_settled_by_two_keys_and_taken_back_by_one(
    window: ConflictWindow, qtbot: QtBot, world: World, fake_agent: FakeAgent
) -> None:
    """2, Enter; then Z."""
    _ready(window, qtbot, "c-ben")
    second = world.slots("c-ben", "s-ben")[1]["start_wall"]

    qtbot.keyClick(window, Key.Key_2)
    qtbot.waitUntil(lambda: "Thu" in _apply_button(window).text() and _apply_button(window).isEnabled())
    qtbot.keyClick(window, Key.Key_Return)
    qtbot.waitUntil(lambda: world.conflict("c-ben")["state"] == "closed")
    assert fake_agent.asked_for("POST", "/v1/conflicts/c-ben/resolve")[-1].body["start_wall"] == second

    qtbot.waitUntil(lambda: any(one.text().startswith("&Undo") and one.isVisible() for one in _buttons(window)))
    qtbot.keyClick(window, Key.Key_Z)
    qtbot.waitUntil(lambda: world.conflict("c-ben")["state"] == "open")
    qtbot.waitUntil(lambda: "Physics" in texts(window))


def test_both_are_kept_with_a_reason_typed_by_hand(window: ConflictWindow, qtbot: QtBot, fake_agent: FakeAgent) -> None:
    """Alt+K, the reason, Enter. Digits and Z in the reason are letters, not keys."""
    _ready(window, qtbot, "c-ben")

    qtbot.keyClick(window, Key.Key_K, Qt.KeyboardModifier.AltModifier)
    field = window.findChildren(QLineEdit)[0]
    qtbot.waitUntil(field.hasFocus)
    qtbot.keyClicks(field, "Zahnarzt um 2")
    qtbot.waitUntil(lambda: _apply_button(window).isEnabled())
    qtbot.keyClick(field, Key.Key_Return)

    qtbot.waitUntil(lambda: bool(_decided(fake_agent)))
    assert _decided(fake_agent) == {"action": "keep_both", "dry_run": False, "reason": "Zahnarzt um 2"}


def test_j_shows_the_next_one(window: ConflictWindow, qtbot: QtBot) -> None:
    """Two double bookings: J, and the other one is there."""
    _ready(window, qtbot, "c-ben")

    qtbot.keyClick(window, Key.Key_J)

    qtbot.waitUntil(lambda: "Which one?" in texts(window))


def test_the_window_follows_what_is_settled_elsewhere(
    window: ConflictWindow, qtbot: QtBot, world: World, fake_agent: FakeAgent
) -> None:
    """Both go; an empty window says so kindly."""
    _ready(window, qtbot, "c-ben")
    for one in world.conflicts:
        one["state"] = "closed"

    window.refresh()

    qtbot.waitUntil(lambda: "No double bookings" in texts(window))


def test_a_dead_agent_is_said_and_nothing_freezes(window: ConflictWindow, qtbot: QtBot, fake_agent: FakeAgent) -> None:
    """Enter while the agent is gone."""
    _ready(window, qtbot, "c-ben")
    fake_agent.stop()

    qtbot.keyClick(window, Key.Key_Return)

    qtbot.waitUntil(lambda: "did not answer" in texts(window))


@pytest.mark.parametrize("conflict", ["c-ben", "c-mia"])
def test_every_control_has_a_name_and_is_reached_by_tab(window: ConflictWindow, qtbot: QtBot, conflict: str) -> None:
    """What a screen reader reads of each of them."""
    _ready(window, qtbot, conflict)

    assert nameless(window) == []
    assert unreachable(window) == []
    assert any("1: " in one.accessibleName() for one in window.findChildren(ChoiceButton))


@pytest.mark.parametrize("conflict", ["c-ben", "c-mia"])
@pytest.mark.parametrize("letters", [1, 2], ids=["ordinary letters", "letters of twice the size"])
def test_nothing_is_cut_off_in_a_long_winded_language(
    client: AgentClient,
    theme: Theme,
    shown: Callable[[QWidget], None],
    qtbot: QtBot,
    qapp: QApplication,
    conflict: str,
    letters: int,
) -> None:
    """40 % more text than in English."""
    font = qapp.font()
    font.setPixelSize(font.pixelSize() * letters)
    qapp.setFont(font)
    with LongWinded():
        window = ConflictWindow(client, theme)
        shown(window)
        _ready(window, qtbot, conflict)
        qtbot.waitUntil(lambda: clipped(window) == [])


def _buttons(window: QWidget) -> list[QPushButton]:
    return window.findChildren(QPushButton)


def _decided(agent: FakeAgent) -> dict[str, object]:
    made = [one.body for one in agent.asked_for("POST", "/v1/conflicts/c-ben/resolve") if not one.body["dry_run"]]
    return made[-1] if made else {}


def test_without_double_bookings_it_says_how_far_that_is_known(
    window: ConflictWindow, qtbot: QtBot, fake_agent: FakeAgent
) -> None:
    """“None” is said of what could be read only."""
    fake_agent.world.conflicts.clear()
    fake_agent.world.cannot_read("Private")

    window.refresh()

    qtbot.waitUntil(lambda: "No double bookings in what could be read" in texts(window))
    assert "Private not checked since" in texts(window)
