"""Rows, columns and cards, with the distances of the tokens."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from desktop.theme.tokens import SPACE_L, SPACE_M

Piece = QWidget | QLayout | None
"""A widget, a layout, or None for a stretch."""


def column(*pieces: Piece, gap: int = SPACE_M, margin: int = 0) -> QVBoxLayout:
    """Put pieces under each other."""
    layout = QVBoxLayout()
    _fill(layout, pieces, gap, margin)
    return layout


def row(*pieces: Piece, gap: int = SPACE_M, margin: int = 0) -> QHBoxLayout:
    """Put pieces beside each other."""
    layout = QHBoxLayout()
    _fill(layout, pieces, gap, margin)
    return layout


def box(layout: QLayout) -> QWidget:
    """Make a widget of a layout, so that it can be hidden as one."""
    held = QWidget()
    layout.setContentsMargins(0, 0, 0, 0)
    held.setLayout(layout)
    return held


def card(layout: QLayout, kind: str = "true", *, margin: int = SPACE_L) -> QFrame:
    """Put a layout on a card: "true" (plain), "quiet", "warn" or "danger"."""
    frame = QFrame()
    frame.setProperty("card", kind)
    layout.setContentsMargins(margin, margin, margin, margin)
    frame.setLayout(layout)
    return frame


def line() -> QFrame:
    """Give a thin line that divides."""
    frame = QFrame()
    frame.setProperty("role", "line")
    frame.setFixedHeight(1)
    return frame


def scrolled(layout: QLayout) -> QScrollArea:
    """Make a layout scroll when it has too little room; it is reached by its controls, not by itself."""
    area, held = QScrollArea(), QWidget()
    held.setLayout(layout)
    area.setWidget(held)
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area


def clear(layout: QLayout) -> None:
    """Take every widget out of a layout and delete it.

    What is to be cleared holds widgets only: a layout inside a layout is deleted twice, by Python as an item that was
    taken and by Qt as an object, and some time later that is a crash. `box` makes a widget of it.
    """
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def _fill(layout: QBoxLayout, pieces: tuple[Piece, ...], gap: int, margin: int) -> None:
    layout.setSpacing(gap)
    layout.setContentsMargins(margin, margin, margin, margin)
    for piece in pieces:
        if piece is None:
            layout.addStretch(1)
        elif isinstance(piece, QWidget):
            layout.addWidget(piece)
        else:
            layout.addLayout(piece)
