"""Buttons: to press, and to choose one of several."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLayout, QPushButton, QSizePolicy

from desktop.theme.tokens import RADIUS, SPACE_M, SPACE_S

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent

    from desktop.theme.theme import Theme


def push(text: str, *, main: bool = False, flat: bool = False) -> QPushButton:
    """Give a button.

    Args:
        text: with its mnemonic.
        main: the one button of the window that most people want.
        flat: one that matters less.
    """
    button = QPushButton(text)
    if main:
        button.setProperty("main", "true")
    if flat:
        button.setProperty("flat", "true")
    button.setAutoDefault(False)
    button.setAccessibleName(text.replace("&", ""))
    return button


def rename(button: QPushButton, text: str) -> None:
    """Give a button another text."""
    button.setText(text)
    button.setAccessibleName(text.replace("&", ""))


class ChoiceButton(QAbstractButton):
    """One of several things to choose, whatever is laid out on it. Chosen by click, Space or its own key."""

    def __init__(self, theme: Theme, spoken: str, inside: QLayout, *, framed: bool = True) -> None:
        """Lay a choice out.

        Args:
            theme: for the colours.
            spoken: all of it, for a screen reader.
            inside: what is seen on it.
            framed: has an outline also while it is not chosen.
        """
        super().__init__()
        self._theme, self._framed = theme, framed
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setAccessibleName(spoken)
        self.setLayout(inside)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As large as what lies on it."""
        layout = self.layout()
        return layout.sizeHint() if layout else QSize()

    def minimumSizeHint(self) -> QSize:
        """No smaller than what lies on it."""
        layout = self.layout()
        return layout.minimumSize() if layout else QSize()

    def hasHeightForWidth(self) -> bool:
        """Texts on it may wrap."""
        layout = self.layout()
        return layout is not None and layout.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        """Ask what lies on it."""
        layout = self.layout()
        return layout.totalHeightForWidth(width) if layout and layout.hasHeightForWidth() else self.sizeHint().height()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave Enter to the window: it carries out what is chosen."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
            return
        super().keyPressEvent(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show that no longer."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the outline; what lies on it paints itself."""
        tokens, painter = self._theme.tokens, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        ground = tokens.accent_soft if chosen else (tokens.raised if self.underMouse() else tokens.surface)
        outline, width = (tokens.accent, 2.0) if chosen or self.hasFocus() else (tokens.line, 1.0)
        if not self._framed and not chosen and not self.hasFocus():
            outline = ground = tokens.raised if self.underMouse() else tokens.window
        painter.setBrush(QColor(ground))
        painter.setPen(QPen(QColor(outline), width))
        inner = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inner, inner, -inner, -inner), RADIUS, RADIUS)
        if chosen and self.hasFocus():
            # Chosen and focused differ by more than colour: a second line inside.
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(tokens.accent), 1.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(4, 4, -4, -4), RADIUS - 2, RADIUS - 2)
        painter.end()


class Segment(ChoiceButton):
    """A short choice that is only a text, with its mnemonic."""

    def __init__(self, theme: Theme, text: str) -> None:
        """Lay it out.

        Args:
            theme: for the colours.
            text: with its mnemonic.
        """
        super().__init__(theme, text.replace("&", ""), QHBoxLayout(), framed=False)
        self.setText(text)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """As large as its text."""
        metrics = self.fontMetrics()
        words = metrics.size(Qt.TextFlag.TextShowMnemonic, self.text())
        return words + QSize(2 * SPACE_M, 2 * SPACE_S)

    def minimumSizeHint(self) -> QSize:
        """As large as its text."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground, then the text."""
        super().paintEvent(event)
        tokens, painter = self._theme.tokens, QPainter(self)
        painter.setPen(QColor(tokens.on_accent_soft if self.isChecked() else tokens.text))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, self.text())
        painter.end()
