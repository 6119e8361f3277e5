"""The shape of every short question: a title, a text, buttons. Never blocks: what was pressed comes by a signal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from desktop.parts.buttons import push
from desktop.parts.glyph import Glyph
from desktop.parts.layout import column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL
from desktop.theme.type import Type
from desktop.windows import keep_whole, size_for

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from desktop.theme.theme import Theme

_WIDTH = 440


@dataclass(frozen=True, slots=True)
class Choice:
    """One button.

    Attributes:
        key: given back when it is pressed.
        text: with its mnemonic.
        is_main: the one that most people want.
    """

    key: str
    text: str
    is_main: bool = False


class Prompt(QDialog):
    """Asks once and is gone.

    Attributes:
        text: what is asked.
        buttons: by the keys of their choices.
    """

    chosen = Signal(str)
    """The key of the choice; never told when the window was only closed."""

    def __init__(self, theme: Theme, *, title: str, text: str, glyph: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(size_for(self, _WIDTH, 0).width())
        self.text = text
        sign = Glyph(theme, glyph, "accent", lines=2)
        self._words = column(Text(title, Type.TITLE), Text(text), gap=SPACE_S)
        head = row(sign, self._words, gap=SPACE_L)
        head.setAlignment(sign, Qt.AlignmentFlag.AlignTop)
        head.setStretch(1, 1)
        self.buttons: dict[str, QPushButton] = {}
        for choice in choices:
            button = push(choice.text, main=choice.is_main)
            button.setDefault(choice.is_main)
            button.clicked.connect(lambda _checked=False, key=choice.key: self.choose(key))
            self.buttons[choice.key] = button
        self.setLayout(column(head, row(None, *self.buttons.values(), gap=SPACE_S), gap=SPACE_XL, margin=SPACE_XL))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower window needs more lines."""
        super().resizeEvent(event)
        keep_whole(self)

    def add(self, piece: QWidget) -> None:
        """Put something below the text."""
        self._words.addSpacing(SPACE_M)
        self._words.addWidget(piece)

    def choose(self, key: str) -> None:
        """Tell the choice and close."""
        self.chosen.emit(key)
        self.close()
