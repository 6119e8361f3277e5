"""The theme in force: follows the system's light or dark, unless the user chose one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from desktop.theme.glyphs import glyph
from desktop.theme.palette import palette
from desktop.theme.stylesheet import style_sheet
from desktop.theme.tokens import TOKENS, Look, Tokens
from desktop.theme.type import body_font

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication


_STYLED = "tutorsync_styled"


class Theme(QObject):
    """Puts one theme on the whole application, and another one when the system changes."""

    changed = Signal()
    """Colours are others now: what painted itself paints anew."""

    def __init__(self, app: QApplication, look: Look | None = None) -> None:
        """Put the theme on.

        Args:
            app: everything of it is dressed.
            look: the one that was chosen; None follows the system.
        """
        super().__init__(app)
        self._app, self._look = app, look
        # Once in a process: to take the style from under windows that live (each with a style sheet's own style upon
        # it) is needed by nobody, and a test that made one theme after the other died of it.
        if app.property(_STYLED) is not True:
            app.setStyle("Fusion")
            app.setProperty(_STYLED, True)
        app.setFont(body_font(app.font()))
        self.tokens: Tokens = self._wanted()
        self._dress()
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def glyph(self, name: str, colour: str = "text") -> QIcon:
        """Give a drawing of resources/icons in the colour of a role (a field of Tokens)."""
        return glyph(name, getattr(self.tokens, colour))

    def _wanted(self) -> Tokens:
        if self._look is not None:
            return TOKENS[self._look]
        is_dark = self._app.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return TOKENS[Look.DARK if is_dark else Look.LIGHT]

    def _follow(self) -> None:
        wanted = self._wanted()
        if wanted != self.tokens:
            self.tokens = wanted
            self._dress()
            self.changed.emit()

    def _dress(self) -> None:
        self._app.setPalette(palette(self.tokens))
        self._app.setStyleSheet(style_sheet(self.tokens))
