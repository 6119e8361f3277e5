"""Our own drawings (resources/icons), tinted when they are asked for: one SVG serves every theme, size and state.

In the files black stands for the ink and white for the paper below it: QtSvg knows no variables, so they are replaced.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_SIZES = (16, 20, 24, 32, 48)
_INK, _PAPER = '"#000"', '"#fff"'


def drawing(name: str, *, ink: str, paper: str = "none") -> bytes:
    """Give one drawing as SVG in our colours.

    Raises:
        FileNotFoundError: there is none of that name.
    """
    text = files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
    return text.replace(_INK, f'"{ink}"').replace(_PAPER, f'"{paper}"').encode()


def painted(layers: Sequence[bytes], sizes: Sequence[int]) -> QIcon:
    """Give drawings over each other, the first one undermost, as an icon.

    Args:
        layers: SVG texts.
        sizes: the edges in pixels that it is painted for.
    """
    renderers = [QSvgRenderer(QByteArray(layer)) for layer in layers]
    icon = QIcon()
    for edge in sizes:
        picture = QPixmap(edge, edge)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        for renderer in renderers:
            renderer.render(painter, QRectF(0, 0, edge, edge))
        painter.end()
        icon.addPixmap(picture)
    return icon


def glyph(name: str, ink: str) -> QIcon:
    """Give a one-coloured glyph as an icon."""
    return painted([drawing(name, ink=ink)], _SIZES)
