"""Every window there is, each in the state in which it holds most, for tests that look at all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from desktop.agent.documents import Question
from desktop.compact.presenter import compact_card
from desktop.compact.window import CompactWindow
from desktop.conflict.window import ConflictWindow
from desktop.connect.dialog import ConnectDialog
from desktop.prompts.guard import question_prompt
from desktop.prompts.quitting import quit_prompt
from desktop.prompts.unlocking import UnlockPrompt
from desktop.tray.menu import TrayMenu
from desktop.words.translation import in_english
from tests.desktop.conftest import NOW
from tests.desktop.test_compact import standing
from tests.desktop.world import an_ordinary_week, nothing_connected

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot

    from desktop.agent.client import AgentClient
    from desktop.theme.theme import Theme


@dataclass
class Made:
    """A window that is shown, and how it is put away."""

    window: QWidget
    close: Callable[[], object]


def _compact(theme: Theme, *, is_new: bool) -> Made:
    menu = TrayMenu(theme)
    window = CompactWindow(theme, menu.menu)
    world = nothing_connected(NOW) if is_new else an_ordinary_week(NOW)
    window.show_card(compact_card(standing(world), NOW, in_english))
    window.show()

    def close() -> None:
        window.close()
        window.deleteLater()
        menu.menu.deleteLater()

    return Made(window, close)


def _shown(window: QWidget) -> Made:
    window.show()
    return Made(window, window.close)


def _conflict(client: AgentClient, theme: Theme, qtbot: QtBot) -> Made:
    window = ConflictWindow(client, theme)
    window.show_conflict("c-ben")
    qtbot.waitUntil(lambda: "Dentist" in _words(window) and len(_buttons(window)) >= 5)
    return Made(window, window.close)


def _words(window: QWidget) -> str:
    from PySide6.QtWidgets import QLabel

    return "\n".join(one.text() for one in window.findChildren(QLabel) if one.isVisible())


def _buttons(window: QWidget) -> list[QWidget]:
    from PySide6.QtWidgets import QAbstractButton

    return [one for one in window.findChildren(QAbstractButton) if one.isVisible()]


def _question(theme: Theme) -> Made:
    text = "12 of 14 sessions vanished from “Lessons” at once. Were they really deleted?"
    return _shown(question_prompt(theme, Question("q", "mass_deletion", text, ())))


WINDOWS = [
    pytest.param(lambda _c, theme, _q: _compact(theme, is_new=False), id="the small window"),
    pytest.param(lambda _c, theme, _q: _compact(theme, is_new=True), id="the small window at the first start"),
    pytest.param(_conflict, id="a double booking"),
    pytest.param(lambda client, theme, _q: _shown(ConnectDialog(client, theme)), id="connecting a calendar"),
    pytest.param(lambda _c, theme, _q: _shown(quit_prompt(theme)), id="how to quit"),
    pytest.param(lambda _c, theme, _q: _shown(UnlockPrompt(theme)), id="the passphrase"),
    pytest.param(lambda _c, theme, _q: _question(theme), id="what a guard asks"),
]
