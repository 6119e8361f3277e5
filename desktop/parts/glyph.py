"""A drawing beside a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from desktop.theme.glyphs import drawing
from desktop.theme.tokens import SPACE_S

if TYPE_CHECKING:
    from desktop.theme.theme import Theme


class Glyph(QWidget):
    """Paints itself in the theme's colour of the moment. Says nothing to a screen reader: the text beside it does."""

    def __init__(self, theme: Theme, name: str, colour: str = "muted", *, lines: float = 1.25) -> None:
        """Show a drawing.

        Args:
            theme: for the colour.
            name: of a file in resources/icons.
            colour: a token's name.
            lines: its height in lines of text, so that it grows with the letters.
        """
        super().__init__()
        self._theme, self._name, self._colour, self._lines = theme, name, colour, lines
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_glyph(self, name: str, colour: str) -> None:
        """Show another drawing."""
        if (name, colour) != (self._name, self._colour):
            self._name, self._colour = name, colour
            self.update()

    def sizeHint(self) -> QSize:
        """As high as the text beside it."""
        edge = round(self.fontMetrics().height() * self._lines * 0.8)
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        ink = getattr(self._theme.tokens, self._colour)
        # Straight from the drawing: as sharp at 200 % as at 100 %.
        QSvgRenderer(QByteArray(drawing(self._name, ink=ink))).render(painter, QRectF(self.rect()))
        painter.end()


def beside(theme: Theme, name: str, words: QWidget, colour: str = "muted") -> QHBoxLayout:
    """Put a drawing beside the first line of a text."""
    layout = QHBoxLayout()
    layout.setSpacing(SPACE_S)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(Glyph(theme, name, colour), 0, Qt.AlignmentFlag.AlignTop)
    layout.addWidget(words, 1)
    if isinstance(words, QLabel):
        words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return layout
