"""Sizes of text, all relative to the system's font and never too small to read."""

from __future__ import annotations

from enum import Enum

from PySide6.QtGui import QFont, QFontInfo

from desktop.theme.tokens import BODY_TEXT_PX, SMALLEST_TEXT_PX


class Type(Enum):
    """What a text is, as (size against the body, weight)."""

    SMALL = (0.92, QFont.Weight.Normal)
    BODY = (1.0, QFont.Weight.Normal)
    STRONG = (1.0, QFont.Weight.DemiBold)
    TITLE = (1.23, QFont.Weight.DemiBold)
    HERO = (1.7, QFont.Weight.DemiBold)


def body_font(system: QFont) -> QFont:
    """Give the font of ordinary text: the system's, made readable where a bare session has a tiny one."""
    font = QFont(system)
    font.setPixelSize(max(BODY_TEXT_PX, QFontInfo(system).pixelSize()))
    return font


def sized(body: QFont, kind: Type) -> QFont:
    """Give the font of some kind of text, its figures all of one width (times stand in columns)."""
    factor, weight = kind.value
    font = QFont(body)
    font.setPixelSize(max(SMALLEST_TEXT_PX, round(QFontInfo(body).pixelSize() * factor)))
    font.setWeight(weight)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
