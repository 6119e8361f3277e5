"""The list of open double bookings; there is none to choose from where only one is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QFrame

from desktop.parts.buttons import ChoiceButton
from desktop.parts.layout import clear, column, scrolled
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS
from desktop.theme.type import Type
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from desktop.conflict.cards import ListEntry
    from desktop.theme.theme import Theme

_SHOWN = 60
"""More than anyone settles in a sitting; those after them come up as these are settled."""


class EntriesView(QFrame):
    """All open double bookings, the next one first."""

    entry_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("role", "side")
        self._theme = theme
        self._shown: tuple[ListEntry, ...] = ()
        self._buttons: dict[str, ChoiceButton] = {}
        self._has_room, self._is_wanted = True, False
        self._heading = Text(kind=Type.SMALL, tone="muted")
        self._more = Text(kind=Type.SMALL, tone="muted")
        self._column = column(gap=SPACE_S)
        inside = column(self._heading, self._column, self._more, None, gap=SPACE_M)
        inside.setContentsMargins(SPACE_L, SPACE_XL, SPACE_L, SPACE_L)
        whole = column(scrolled(inside))
        whole.setContentsMargins(0, 0, 0, 0)
        self.setLayout(whole)
        self.setFixedWidth(24 * self.fontMetrics().averageCharWidth() + 4 * SPACE_L)

    def set_room(self, has_room: bool) -> None:
        """Say whether there is room for the list at all."""
        self._has_room = has_room
        self.setVisible(self._is_wanted and has_room)

    def show_entries(self, entries: tuple[ListEntry, ...], current: str) -> None:
        """Replace the list and mark the one that is open."""
        self._is_wanted = len(entries) > 1 or (len(entries) == 1 and not current)
        self.setVisible(self._is_wanted and self._has_room)
        if entries != self._shown:
            self._shown = entries
            clear(self._column)
            group = QButtonGroup(self)
            self._buttons = {entry.id: self._entry(entry, group) for entry in entries[:_SHOWN]}
            for button in self._buttons.values():
                self._column.addWidget(button)
            self._heading.setText(translate("EntriesView", "%n double booking(s)", None, len(entries)))
            left = len(entries) - _SHOWN
            self._more.tell(translate("EntriesView", "and %n more", None, left) if left > 0 else "")
        for key, button in self._buttons.items():
            button.setChecked(key == current)

    def _entry(self, entry: ListEntry, group: QButtonGroup) -> ChoiceButton:
        inside = column(Text(entry.title, Type.STRONG), Text(entry.when, Type.SMALL, tone="muted"), gap=SPACE_XS)
        inside.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        button = ChoiceButton(self._theme, f"{entry.title}, {entry.when}", inside)
        button.clicked.connect(lambda: self.entry_chosen.emit(entry.id))
        group.addButton(button)
        return button
