"""A drop-down list in our own drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QComboBox

from desktop.theme.glyphs import drawing
from desktop.theme.tokens import SPACE_S

if TYPE_CHECKING:
    from desktop.theme.theme import Theme


class ChoiceBox(QComboBox):
    """One of a few, the others hidden until they are wanted."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        # The style's own arrow does not fit a field that a style sheet draws (app.qss hides it): ours goes over it.
        theme.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it, then the arrow."""
        super().paintEvent(event)
        edge = self.fontMetrics().height() * 0.9
        area = QRectF(self.width() - edge - SPACE_S, (self.height() - edge) / 2, edge, edge)
        painter = QPainter(self)
        QSvgRenderer(QByteArray(drawing("down", ink=self._theme.tokens.muted))).render(painter, area)
        painter.end()
