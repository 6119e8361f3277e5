"""The cards of the small window: the banner, the next session, and what stands there when there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QPushButton

from desktop.parts.buttons import push, rename
from desktop.parts.glyph import Glyph
from desktop.parts.layout import column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from desktop.theme.type import Type

if TYPE_CHECKING:
    from PySide6.QtWidgets import QLayout

    from desktop.compact.card import BannerCard, EmptyCard, NextCard
    from desktop.theme.theme import Theme


class Card(QFrame):
    """A frame of some kind ("true", "quiet", "warn", "danger") around a layout."""

    def __init__(self, inside: QLayout, kind: str = "true") -> None:
        super().__init__()
        inside.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        self.setLayout(inside)
        self.setProperty("card", kind)

    def set_kind(self, kind: str) -> None:
        """Change what the frame says."""
        if self.property("card") != kind:
            self.setProperty("card", kind)
            self.style().unpolish(self)
            self.style().polish(self)


class Banner(Card):
    """The most important matter with its button."""

    action_chosen = Signal(str, str)
    """The action and its target, "" without one."""

    def __init__(self, theme: Theme) -> None:
        self._glyph = Glyph(theme, "alert", "warn", lines=1.4)
        self._text = Text()
        self.button = push("", main=True)
        inside = row(self._glyph, column(self._text, row(self.button, None), gap=SPACE_S), gap=SPACE_M)
        super().__init__(inside, "warn")
        inside.setAlignment(self._glyph, Qt.AlignmentFlag.AlignTop)
        self._card: BannerCard | None = None
        self.button.clicked.connect(self._on_clicked)

    def show_card(self, card: BannerCard | None) -> None:
        """Replace what is shown; nothing takes no room."""
        self._card = card
        self.setVisible(card is not None)
        if card is None:
            return
        self.set_kind(card.tone)
        self._glyph.setVisible(bool(card.glyph))
        self._glyph.show_glyph(card.glyph or "alert", card.tone if card.tone in {"warn", "danger"} else "muted")
        self._text.setText(card.text)
        rename(self.button, card.button)
        self.button.setVisible(bool(card.button))

    def _on_clicked(self) -> None:
        if self._card is not None:
            self.action_chosen.emit(self._card.action, self._card.target or "")


class Following(Card):
    """The next session, with its link."""

    join_chosen = Signal(str)
    copy_chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._day = Text(kind=Type.SMALL, tone="muted", wraps=False)
        self._ahead = Text(kind=Type.SMALL, tone="accent", wraps=False)
        self._hours = Text(kind=Type.HERO, wraps=False)
        self._title = Text(kind=Type.TITLE)
        self._people = Text(tone="muted")
        self.join = push(self.tr("&Join"), main=True)
        self.copy = push(self.tr("&Copy link"))
        buttons = row(self.join, self.copy, None, gap=SPACE_S)
        buttons.setContentsMargins(0, SPACE_XS, 0, 0)
        super().__init__(
            column(row(self._day, None, self._ahead), self._hours, self._title, self._people, buttons, gap=SPACE_XS)
        )
        self._card: NextCard | None = None
        self.join.clicked.connect(lambda: self.join_chosen.emit(self._link))
        self.copy.clicked.connect(lambda: self.copy_chosen.emit(self._link))
        theme.changed.connect(self._dress)
        self._dress()

    def show_card(self, card: NextCard | None) -> None:
        """Replace what is shown; nothing takes no room."""
        self._card = card
        self.setVisible(card is not None)
        if card is None:
            return
        self._day.setText(self.tr("Next · {day}").format(day=card.day))
        self._ahead.tell(card.ahead)
        self._hours.setText(card.hours)
        self._title.setText(card.title)
        self._people.tell(" · ".join(part for part in (card.people, card.place) if part))
        for button in (self.join, self.copy):
            button.setVisible(bool(card.join_url))
        self.join.setToolTip(card.join_url)

    def _dress(self) -> None:
        self.join.setIcon(self._theme.glyph("join", "on_accent"))
        self.copy.setIcon(self._theme.glyph("copy"))

    @property
    def _link(self) -> str:
        return self._card.join_url if self._card else ""


class Empty(Card):
    """What stands where there is no session."""

    connect_chosen = Signal()

    def __init__(self) -> None:
        self._title, self._text = Text(kind=Type.TITLE), Text(tone="muted")
        self.button: QPushButton = push("", main=True)
        super().__init__(column(self._title, self._text, row(self.button, None), gap=SPACE_M))
        self.button.clicked.connect(self.connect_chosen)

    def show_card(self, card: EmptyCard | None) -> None:
        """Replace what is shown; nothing takes no room."""
        self.setVisible(card is not None)
        if card is not None:
            self._title.setText(card.title)
            self._text.setText(card.text)
            rename(self.button, card.button)
            self.button.setVisible(bool(card.button))
