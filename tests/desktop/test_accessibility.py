"""What a screen reader finds in every window: nothing that can be pressed or filled in is without a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QApplication, QWidget

from tests.desktop.every_window import WINDOWS, Made

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.agent.client import AgentClient
    from desktop.theme.theme import Theme

_Role = QAccessible.Role
_TO_USE = {
    _Role.PushButton,
    _Role.ButtonMenu,
    _Role.ButtonDropDown,
    _Role.CheckBox,
    _Role.RadioButton,
    _Role.EditableText,
    _Role.ComboBox,
    _Role.List,
    _Role.ListItem,
    _Role.MenuItem,
}


def everything_in(root: QAccessibleInterface) -> Iterator[QAccessibleInterface]:
    """A thing and all that it holds."""
    yield root
    for at in range(root.childCount()):
        if (child := root.child(at)) is not None:
            yield from everything_in(child)


def is_of_qt(thing: QAccessibleInterface) -> bool:
    """A part of a control that Qt made by itself (the arrow and the list of a combo box)."""
    parent = thing.parent()
    while parent is not None and parent.role() not in {_Role.Window, _Role.Dialog}:
        if parent.role() in {_Role.ComboBox, _Role.ScrollBar}:
            return True
        parent = parent.parent()
    return False


@pytest.mark.parametrize("make", WINDOWS)
def test_every_control_has_a_name(
    make: Callable[..., Made], client: AgentClient, theme: Theme, qtbot: QtBot, qapp: QApplication
) -> None:
    """A tutor who cannot see the screen settles a double booking like everybody else."""
    made = make(client, theme, qtbot)
    root = QAccessible.queryAccessibleInterface(made.window)
    assert root is not None
    controls = [one for one in everything_in(root) if one.role() in _TO_USE and not one.state().invisible]  # type: ignore[attr-defined]

    nameless = [
        f"{one.role().name} in {type(one.object().parent()).__name__ if one.object() else '?'}"
        for one in controls
        if not one.text(QAccessible.Text.Name) and not is_of_qt(one)
    ]

    assert controls
    assert nameless == []
    made.close()


@pytest.mark.parametrize("make", WINDOWS)
def test_every_control_is_reached_by_tab(
    make: Callable[..., Made], client: AgentClient, theme: Theme, qtbot: QtBot
) -> None:
    """From the first one round to it again, nothing is left out."""
    made = make(client, theme, qtbot)
    window = made.window
    wanted = {one for one in window.findChildren(QWidget) if takes_part(one)}
    reached: set[QWidget] = set()
    at = window.focusWidget() or window
    for _ in range(200):
        at = at.nextInFocusChain()
        if takes_part(at):
            reached.add(at)

    assert wanted
    assert wanted - reached == set()
    made.close()


def takes_part(widget: QWidget) -> bool:
    """Whether Tab stops there."""
    from PySide6.QtCore import Qt

    return (
        bool(widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not widget.focusProxy()
    )
