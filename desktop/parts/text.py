"""Texts: every label of the windows."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.theme.type import Type, sized


class Text(QLabel):
    """A text of some size and tone, wrapped where it is long. Never read as markup: titles come from strangers."""

    def __init__(
        self,
        text: str = "",
        kind: Type = Type.BODY,
        *,
        tone: str = "",
        wraps: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        """Show a text.

        Args:
            text: as it is.
            kind: its size and weight.
            tone: "", "muted", "warn", "danger" or "ok".
            wraps: else it stays on one line and asks for the room.
            parent: its owner.
        """
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(sized(self.font(), kind))
        self.setWordWrap(wraps)
        self.set_tone(tone)
        if wraps:
            policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_tone(self, tone: str) -> None:
        """Change what the colour says."""
        if self.property("tone") != tone:
            self.setProperty("tone", tone)
            self.style().unpolish(self)
            self.style().polish(self)

    def tell(self, text: str) -> None:
        """Show another text; an empty one takes no room."""
        self.setText(text)
        self.setVisible(bool(text))

    def minimumSizeHint(self) -> QSize:
        """One line is enough to begin with: how high it gets, its width says (a scroll area asks for this first)."""
        least = super().minimumSizeHint()
        return QSize(least.width(), self.fontMetrics().height()) if self.wordWrap() else least
