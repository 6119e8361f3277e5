"""What a decision will do, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from desktop.parts.glyph import Glyph, beside
from desktop.parts.layout import box, card, clear, column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS
from desktop.theme.type import Type
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from desktop.conflict.cards import PreviewCard
    from desktop.conflict.presenter import Settled
    from desktop.theme.theme import Theme


class PreviewView(QWidget):
    """What will be written where, and who is told."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: PreviewCard | None = None
        self._writes = column(gap=SPACE_XS)
        self._told = Text(kind=Type.SMALL, tone="muted")
        heading = Text(self.tr("What will happen"), Type.SMALL, tone="muted")
        inside = column(heading, self._writes, self._told, gap=SPACE_XS)
        self.setLayout(column(card(inside, "quiet", margin=SPACE_M)))

    def show_preview(self, preview: PreviewCard | None) -> None:
        """Replace what is shown; None hides it."""
        self.setVisible(preview is not None)
        if preview is None or preview == self._shown:
            return
        self._shown = preview
        clear(self._writes)
        for where, what in preview.writes:
            words = row(Text(where, Type.STRONG, wraps=False), gap=SPACE_S)
            words.addWidget(Text(what), 1)
            self._writes.addWidget(box(beside(self._theme, "forward", box(words), "accent")))
        self._told.tell(preview.told)


class SettledView(QWidget):
    """What was done, after a decision."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title, self._words, self._left = Text(kind=Type.TITLE), Text(), Text(tone="muted")
        for text in (self._title, self._words, self._left):
            text.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        glyph = Glyph(theme, "done", "ok", lines=3)
        inside = column(None, glyph, self._title, column(self._words, gap=SPACE_XS), self._left, None, gap=SPACE_L)
        inside.setAlignment(glyph, Qt.AlignmentFlag.AlignHCenter)
        inside.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_XL)
        self.setLayout(inside)

    def show_settled(self, settled: Settled, left: int, unchecked: str) -> None:
        """Say what was done, how many double bookings are left, and what could not be looked at."""
        self._title.setText(self.tr("Settled"))
        self._words.tell("\n".join(settled.words))
        if left:
            self._left.tell(translate("SettledView", "%n double booking(s) left to settle.", None, left))
        else:
            self._left.tell(unchecked or self.tr("Your calendars agree again."))

    def show_nothing(self, unchecked: str) -> None:
        """Say that there is nothing to decide, as far as anybody knows."""
        if unchecked:
            self._title.setText(self.tr("No double bookings in what could be read"))
            self._words.tell(unchecked)
        else:
            self._title.setText(self.tr("No double bookings"))
            self._words.tell(self.tr("Nothing in your connected calendars is at the same time as a session."))
        self._left.tell("")
