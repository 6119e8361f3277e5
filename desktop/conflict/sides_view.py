"""The two sides of a double booking beside each other, and the little time line over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from desktop.parts.glyph import beside
from desktop.parts.layout import card, clear, column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from desktop.theme.type import Type, sized

if TYPE_CHECKING:
    from desktop.conflict.cards import Bar, SideCard, TimeLine
    from desktop.theme.theme import Theme


class SidesView(QWidget):
    """Both sides; they are for reading only."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._row = row(gap=SPACE_L)
        self.setLayout(self._row)

    def show_sides(self, sides: tuple[SideCard, SideCard]) -> None:
        """Replace what is shown."""
        clear(self._row)
        for number, side in enumerate(sides):
            self._row.addWidget(_side(self._theme, side, "accent" if number == 0 else "warn"), 1)


def _side(theme: Theme, side: SideCard, colour: str) -> QFrame:
    kind = row(Dot(theme, colour), Text(side.kind, Type.SMALL, tone="muted"), gap=SPACE_S)
    day = Text(" · ".join(filter(None, (side.day, side.zone))), Type.SMALL, tone="muted", wraps=bool(side.zone))
    when = row(Text(side.span, Type.TITLE, wraps=False), gap=SPACE_M)
    when.addWidget(day, 1, Qt.AlignmentFlag.AlignVCenter)
    # Short facts share a line; who changed it is long and has its own.
    short = [beside(theme, glyph, Text(words, Type.SMALL)) for glyph, words in side.facts if glyph != "clock"]
    lines = [row(*short[at : at + 2], gap=SPACE_M) for at in range(0, len(short), 2)]
    lines += [row(beside(theme, glyph, Text(words, Type.SMALL))) for glyph, words in side.facts if glyph == "clock"]
    inside = column(
        column(kind, Text(side.title, Type.STRONG), gap=0), when, column(*lines, gap=SPACE_XS), None, gap=SPACE_XS
    )
    frame = card(inside, margin=SPACE_M)
    frame.setAccessibleName(side.spoken)
    return frame


class Dot(QWidget):
    """A dot in a side's colour: the same that its bar has on the time line. The first is full, the second a ring."""

    def __init__(self, theme: Theme, colour: str) -> None:
        super().__init__()
        self._theme, self._colour = theme, colour
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A little lower than the letters."""
        edge = self.fontMetrics().xHeight() + 4
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(getattr(self._theme.tokens, self._colour))
        painter.setPen(QPen(colour, 2))
        painter.setBrush(colour if self._colour == "accent" else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
        painter.end()


class TimeLineView(QWidget):
    """Draws both sides as bars over one time axis, and hatches what they share."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._line: TimeLine | None = None
        self.setFont(sized(self.font(), Type.SMALL))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_line(self, line: TimeLine, spoken: str) -> None:
        """Replace what is drawn; `spoken` says the same to a screen reader."""
        self._line = line
        self.setAccessibleName(spoken)
        self.update()

    def sizeHint(self) -> QSize:
        """Two bars and a line of hours."""
        letters = self.fontMetrics().height()
        return QSize(20 * letters, round(2.9 * letters))

    def minimumSizeHint(self) -> QSize:
        """As wide as it gets, as high as it must be."""
        return QSize(8 * self.fontMetrics().height(), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        if self._line is None:
            return
        tokens, letters, painter = self._theme.tokens, self.fontMetrics().height(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        high, gap = letters * 0.62, letters * 0.24
        painter.setPen(Qt.PenStyle.NoPen)
        shared = self._area(self._line.overlap, 0, 2 * high + gap).adjusted(0, -3, 0, 3)
        painter.fillRect(shared, QColor(tokens.warn_soft))
        painter.setBrush(QColor(tokens.accent))
        painter.drawRoundedRect(self._area(self._line.first, 0, high), 4, 4)
        painter.setBrush(QColor(tokens.warn))
        painter.drawRoundedRect(self._area(self._line.second, high + gap, high), 4, 4)
        hatched = QBrush(QColor(tokens.surface), Qt.BrushStyle.BDiagPattern)
        painter.fillRect(self._area(self._line.overlap, 0, high), hatched)
        painter.fillRect(self._area(self._line.overlap, high + gap, high), hatched)
        painter.setPen(QColor(tokens.muted))
        self._draw_marks(painter, 2 * high + gap + 4, letters)
        painter.end()

    def _area(self, bar: Bar, top: float, high: float) -> QRectF:
        wide = float(self.width())
        return QRectF(bar.begins * wide, top + 3, max((bar.ends - bar.begins) * wide, 3.0), high)

    def _draw_marks(self, painter: QPainter, top: float, letters: float) -> None:
        """Write the hours; one that would lie on the one before it is left out."""
        free_from = 0.0
        for part, words in self._line.marks if self._line else ():
            wide = self.fontMetrics().horizontalAdvance(words) + 2.0
            left = min(max(part * self.width() - wide / 2, 0.0), self.width() - wide)
            if left >= free_from:
                painter.drawText(QRectF(left, top, wide, letters), Qt.AlignmentFlag.AlignCenter, words)
                free_from = left + wide + SPACE_S
