"""Bringing a window to the front, and giving it a size that fits its letters and the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontInfo, QGuiApplication

from desktop.theme.tokens import BODY_TEXT_PX

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_OF_THE_SCREEN = 0.92


def raise_window(window: QWidget) -> None:
    """Show a window in front of the others, also one that was made small."""
    window.show()
    window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
    window.raise_()
    window.activateWindow()


def size_for(window: QWidget, width: int, height: int) -> QSize:
    """Give the size of a window whose letters may be larger than usual.

    Args:
        window: its font and its screen count.
        width: with ordinary letters.
        height: likewise.
    """
    larger = max(1.0, QFontInfo(window.font()).pixelSize() / BODY_TEXT_PX)
    room = _screen_size(window) * _OF_THE_SCREEN
    return QSize(round(width * larger), round(height * larger)).boundedTo(room)


def keep_whole(window: QWidget) -> None:
    """See to it that a window is never lower than its wrapped texts need at its width (Qt leaves that to us)."""
    layout = window.layout()
    if layout is None or not layout.hasHeightForWidth():
        return
    needed = layout.totalMinimumHeightForWidth(window.width())
    window.setMinimumHeight(min(needed, _screen_size(window).height()))


def _screen_size(window: QWidget) -> QSize:
    """Ask how large the screen is that a window stands on.

    Never by `window.screen()`: PySide 6.11 takes what that gives for a child of the window, deletes the screen together
    with a window that Python collects, and the next window dies of it.
    """
    screen = QGuiApplication.screenAt(window.geometry().center()) or QGuiApplication.primaryScreen()
    return screen.availableSize()
