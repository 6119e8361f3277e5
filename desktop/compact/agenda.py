"""The coming days as a list: a model of headings and sessions, and how they are painted.

The model says everything in words as well, so that a screen reader reads the list like any other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.compact.card import RowCard
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from desktop.theme.type import Type, sized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.compact.card import DayCard
    from desktop.theme.theme import Theme

Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
CARD = int(_Role.UserRole)
_NOWHERE = QModelIndex()


class AgendaModel(QAbstractListModel):
    """Days and their sessions, one under the other."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lines: list[str | RowCard] = []

    def show_days(self, days: Sequence[DayCard]) -> None:
        """Replace all of it, unless nothing changed."""
        lines: list[str | RowCard] = []
        for day in days:
            lines += [day.heading, *day.rows]
        if lines != self._lines:
            self.beginResetModel()
            self._lines = lines
            self.endResetModel()

    def row_of(self, session: str) -> int:
        """Give where a session stands, or -1."""
        found = (n for n, one in enumerate(self._lines) if isinstance(one, RowCard) and one.session == session)
        return next(found, -1)

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Headings count as well."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = _Role.DisplayRole) -> str | RowCard | None:
        """Give the words of a line; under CARD the session itself."""
        line = self._lines[index.row()]
        if role == CARD:
            return line if isinstance(line, RowCard) else None
        if role in {_Role.DisplayRole, _Role.AccessibleTextRole}:
            return line.spoken if isinstance(line, RowCard) else line
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading is read and not chosen."""
        if isinstance(self._lines[index.row()], RowCard):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled


class AgendaDelegate(QStyledItemDelegate):
    """Paints headings and sessions."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Two lines of text for a session, one and some air for a heading."""
        line = option.fontMetrics.height()
        if index.data(CARD) is None:
            return QSize(0, line + SPACE_M + SPACE_XS + (SPACE_S if index.row() else 0))
        return QSize(0, line + QFontMetrics(sized(option.font, Type.SMALL)).height() + SPACE_L)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one line."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = index.data(CARD)
        if isinstance(card, RowCard):
            self._paint_session(painter, option, card)
        else:
            self._paint_heading(painter, option, str(index.data()))
        painter.restore()

    def _paint_heading(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        painter.setFont(sized(option.font, Type.STRONG))
        painter.setPen(QColor(self._theme.tokens.text))
        place = option.rect.adjusted(SPACE_L, 0, -SPACE_L, -SPACE_XS)
        painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeading, text)

    def _paint_session(self, painter: QPainter, option: QStyleOptionViewItem, card: RowCard) -> None:
        tokens = self._theme.tokens
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        frame = option.rect.adjusted(SPACE_S, 1, -SPACE_S, -1)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.accent_soft if chosen else tokens.raised))
            painter.drawRoundedRect(frame, SPACE_S, SPACE_S)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 2))
            painter.drawRoundedRect(frame.adjusted(1, 1, -1, -1), SPACE_S, SPACE_S)
        strong = tokens.on_accent_soft if chosen else (tokens.muted if card.is_over else tokens.text)
        quiet = tokens.on_accent_soft if chosen else tokens.muted
        inside = frame.adjusted(SPACE_S, SPACE_XS, -SPACE_S, -SPACE_XS)
        times = self._paint_hours(painter, option, inside, card, strong)
        mark = self._paint_mark(painter, option, inside, card)
        words = inside.adjusted(times + SPACE_M, 0, -mark, 0)
        upper, lower = _halves(words, option.fontMetrics.height())
        _line(painter, upper, card.title, sized(option.font, Type.STRONG), strong)
        _line(painter, lower, card.details, sized(option.font, Type.SMALL), quiet)

    def _paint_hours(
        self, painter: QPainter, option: QStyleOptionViewItem, inside: QRect, card: RowCard, colour: str
    ) -> int:
        font = sized(option.font, Type.BODY)
        width = QFontMetrics(font).horizontalAdvance("00:00–00:00")
        upper, _ = _halves(inside, option.fontMetrics.height())
        upper.setWidth(width + SPACE_XS)
        _line(painter, upper, card.hours, font, colour)
        return width

    def _paint_mark(self, painter: QPainter, option: QStyleOptionViewItem, inside: QRect, card: RowCard) -> int:
        """Paint what marks a double booking; give how wide it is."""
        if card.conflict is None:
            return 0
        edge = round(option.fontMetrics.height() * 1.1)
        place = QRect(inside.right() - edge, inside.center().y() - edge // 2, edge, edge)
        self._theme.glyph("alert", "warn").paint(painter, place)
        return edge + SPACE_S


def _halves(place: QRect, first: int) -> tuple[QRect, QRect]:
    upper = QRect(place.left(), place.top() + SPACE_XS // 2, place.width(), first)
    return upper, QRect(place.left(), upper.bottom() + 1, place.width(), place.bottom() - upper.bottom())


def _line(painter: QPainter, place: QRect, text: str, font: QFont, colour: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading, shown)
