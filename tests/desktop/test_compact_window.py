"""The small window by keyboard and as a screen reader finds it, offscreen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from desktop.compact.presenter import compact_card
from desktop.compact.window import CompactWindow
from desktop.standing import Standing
from desktop.tray.menu import TrayMenu
from desktop.tray.presenter import tray_card
from desktop.words.translation import in_english
from tests.desktop.test_compact import standing
from tests.desktop.world import World, a_quiet_week, an_ordinary_week, nothing_connected

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from desktop.theme.theme import Theme

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@pytest.fixture
def menu(qapp: QApplication) -> Iterator[TrayMenu]:
    """The menu that the window and the tray share."""
    made = TrayMenu(qapp)
    yield made
    made.menu.deleteLater()
    made.deleteLater()


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, menu: TrayMenu) -> CompactWindow:
    """The window with an ordinary week, as it opens."""
    made = CompactWindow(theme, menu.menu)
    qtbot.addWidget(made)
    show(made, an_ordinary_week(NOON))
    made.show()
    made.activateWindow()
    # Before that, the keys of a window do nothing.
    qtbot.waitUntil(made.isActiveWindow)
    made.focus_first()
    return made


def show(window: CompactWindow, world: World) -> None:
    """Have a window show a world."""
    window.show_card(compact_card(standing(world), NOON, in_english))


def press(qtbot: QtBot, window: CompactWindow, *keys: Qt.Key) -> None:
    """Press keys where the focus is."""
    for key in keys:
        qtbot.keyClick(window.focusWidget(), key)


def test_enter_settles_what_is_most_important(window: CompactWindow, qtbot: QtBot) -> None:
    """The window opens, one key, and the double booking is on the screen."""
    with qtbot.waitSignal(window.banner_chosen) as chosen:
        press(qtbot, window, Qt.Key.Key_Space)

    assert chosen.args == ["resolve", "c-ben"]


def test_the_meeting_is_joined_by_keys(window: CompactWindow, qtbot: QtBot) -> None:
    """Tab to Join, Space."""
    with qtbot.waitSignal(window.join_chosen) as chosen:
        press(qtbot, window, Qt.Key.Key_Tab, Qt.Key.Key_Space)

    assert chosen.args == ["https://meet.example/s-ana"]


def test_the_link_is_copied_by_keys(window: CompactWindow, qtbot: QtBot) -> None:
    """Tab twice, Space."""
    with qtbot.waitSignal(window.copy_chosen) as chosen:
        press(qtbot, window, Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Space)

    assert chosen.args == ["https://meet.example/s-ana"]


def test_a_marked_session_opens_its_double_booking(window: CompactWindow, qtbot: QtBot) -> None:
    """Into the list, down to Physics tomorrow, Enter."""
    press(qtbot, window, Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    assert window.focusWidget() is window.agenda

    with qtbot.waitSignal(window.settle_chosen) as chosen:
        while "Physics" not in str(window.agenda.currentIndex().data()):
            press(qtbot, window, Qt.Key.Key_Down)
        press(qtbot, window, Qt.Key.Key_Return)

    assert chosen.args == ["c-ben"]


def test_another_session_opens_its_menu(window: CompactWindow, qtbot: QtBot) -> None:
    """Enter on a session that is well offers its link."""
    window.agenda.setFocus()
    window.agenda.setCurrentIndex(window.agenda.model().index(1, 0))
    press(qtbot, window, Qt.Key.Key_Return)

    menu = window.findChild(QMenu)
    assert menu is not None
    assert [action.text() for action in menu.actions()] == ["&Join the meeting", "&Copy the link"]
    menu.close()


def test_what_was_chosen_stays_chosen_when_the_list_changes(window: CompactWindow) -> None:
    """A pass ends while a tutor reads: the same session is still marked."""
    model = window.agenda.model()
    window.agenda.setCurrentIndex(model.index(2, 0))
    world = an_ordinary_week(NOON)
    world.sessions[0]["title"] = "Algebra"

    show(window, world)

    assert "English" in str(window.agenda.currentIndex().data())


def test_escape_closes_the_window(window: CompactWindow, qtbot: QtBot) -> None:
    """It hides; the icon stays."""
    with qtbot.waitSignal(window.closed):
        press(qtbot, window, Qt.Key.Key_Escape)

    assert not window.isVisible()


def test_the_first_start_begins_at_the_one_button(window: CompactWindow, qtbot: QtBot) -> None:
    """No calendar yet: Space adds one."""
    show(window, nothing_connected(NOON))
    window.focus_first()

    with qtbot.waitSignal(window.connect_chosen):
        press(qtbot, window, Qt.Key.Key_Space)


def test_the_keyboard_waits_for_the_first_answer(theme: Theme, menu: TrayMenu, qtbot: QtBot) -> None:
    """The window opens before the agent has answered; then the focus goes to what the answer brings."""
    window = CompactWindow(theme, menu.menu)
    qtbot.addWidget(window)
    window.show_card(compact_card(Standing(), NOON, in_english))
    window.show()
    window.focus_first()

    show(window, nothing_connected(NOON))

    assert window.focusWidget() is window.empty.button


def test_the_menu_says_what_the_card_says(menu: TrayMenu) -> None:
    """At most ten entries, the double bookings among them, and none of them without words."""
    menu.show_card(tray_card(standing(an_ordinary_week(NOON)), NOON, in_english))
    seen = [one.text().replace("&", "") for one in menu.menu.actions() if one.isVisible() and not one.isSeparator()]

    assert seen == [
        "Open TutorSync",
        "Next: 12:50 · Maths · Ana Weber",
        "Join the meeting",
        "2 double bookings…",
        "Sync now",
        "Pause",
        "Add a calendar…",
        "Quit…",
    ]


def test_a_paused_menu_offers_to_resume(menu: TrayMenu) -> None:
    """Pause and resume are never both there."""
    world = a_quiet_week(NOON)
    world.paused_until = "2026-11-24T14:00:00+01:00"
    menu.show_card(tray_card(standing(world), NOON, in_english))
    seen = [one.text() for one in menu.menu.actions() if one.isVisible()]

    assert "&Resume syncing" in seen
    assert "&Pause" not in seen
