"""Colours by role as Qt's palette, for everything that the style draws by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor, QPalette

if TYPE_CHECKING:
    from desktop.theme.tokens import Tokens

_Role = QPalette.ColorRole


def palette(tokens: Tokens) -> QPalette:
    """Give the palette of a set of colours."""
    made = QPalette()
    for role, colour in (
        (_Role.Window, tokens.window),
        (_Role.WindowText, tokens.text),
        (_Role.Base, tokens.surface),
        (_Role.AlternateBase, tokens.raised),
        (_Role.Text, tokens.text),
        (_Role.PlaceholderText, tokens.muted),
        (_Role.Button, tokens.raised),
        (_Role.ButtonText, tokens.text),
        (_Role.BrightText, tokens.danger),
        (_Role.ToolTipBase, tokens.surface),
        (_Role.ToolTipText, tokens.text),
        (_Role.Highlight, tokens.accent_soft),
        (_Role.HighlightedText, tokens.on_accent_soft),
        (_Role.Accent, tokens.accent),
        (_Role.Link, tokens.accent),
        (_Role.LinkVisited, tokens.accent),
        (_Role.Light, tokens.surface),
        (_Role.Midlight, tokens.line),
        (_Role.Mid, tokens.line),
        (_Role.Dark, tokens.outline),
        (_Role.Shadow, tokens.outline),
    ):
        made.setColor(role, QColor(colour))
    for role in (_Role.WindowText, _Role.Text, _Role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(tokens.muted))
    return made
