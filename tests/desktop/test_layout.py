"""Nothing is cut off when letters are twice as large (WCAG 2.2, 1.4.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from desktop.theme.theme import Theme
from desktop.theme.tokens import BODY_TEXT_PX, Look
from tests.desktop.every_window import WINDOWS, Made

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.agent.client import AgentClient


@pytest.fixture(params=[1, 2], ids=["100 %", "200 %"])
def sized_theme(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[Theme]:
    """The theme on a desktop whose letters have another size."""
    before, large = qapp.font(), QFont(qapp.font())
    large.setPixelSize(BODY_TEXT_PX * request.param)
    qapp.setFont(large)
    made = Theme(qapp, Look.LIGHT)
    yield made
    made.deleteLater()
    qapp.setFont(before)


@pytest.mark.parametrize("make", WINDOWS)
def test_no_text_is_cut_off(make: Callable[..., Made], client: AgentClient, sized_theme: Theme, qtbot: QtBot) -> None:
    """Every text has the room that it asks for, and every control lies within what holds it."""
    made = make(client, sized_theme, qtbot)

    def nothing_is_cut() -> None:
        assert [described(one) for one in texts(made.window) if is_cut(one)] == []

    qtbot.waitUntil(nothing_is_cut)
    made.close()


def texts(window: QWidget) -> list[QWidget]:
    """All that shows words."""
    found: list[QWidget] = [*window.findChildren(QLabel), *window.findChildren(QAbstractButton)]
    return [one for one in found if one.isVisible()]


def is_cut(widget: QWidget) -> bool:
    """Whether it has less room than its words need."""
    needed = widget.heightForWidth(widget.width()) if widget.hasHeightForWidth() else widget.sizeHint().height()
    if isinstance(widget, QLabel) and widget.wordWrap():
        longest = max((widget.fontMetrics().horizontalAdvance(word) for word in widget.text().split()), default=0)
        return widget.height() < needed - 1 or widget.contentsRect().width() < longest
    return widget.height() < needed - 1 or widget.width() < widget.minimumSizeHint().width()


def described(widget: QWidget) -> str:
    """What it says and how much room it has."""
    says = widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""
    return f"{says or widget.accessibleName()}: {widget.width()}x{widget.height()}, asks {widget.sizeHint().toTuple()}"
