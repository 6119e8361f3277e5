"""Looks at a screen through the file that the X server draws into: whoever is watched does not notice."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from types import TracebackType
from typing import Self

# The head of an XWD file: 25 numbers, of which these places matter, then the colour table.
_HEAD = struct.Struct(">25I")
_HEAD_SIZE, _WIDTH, _HEIGHT, _BYTES_A_LINE, _COLOURS = 0, 4, 5, 12, 19
_COLOUR_SIZE = 12
_PIXEL_SIZE = 4


class Framebuffer:
    """The screen of an Xvfb that was started with `-fbdir`, 24 bits deep."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        head = _HEAD.unpack(self._map[: _HEAD.size])
        self.width, self.height, self._line = head[_WIDTH], head[_HEIGHT], head[_BYTES_A_LINE]
        self._begin = head[_HEAD_SIZE] + head[_COLOURS] * _COLOUR_SIZE

    def bottom(self, rows: int) -> bytes:
        """The pixels of the lowest rows, as they are at this moment."""
        top = self._begin + (self.height - rows) * self._line
        return self._map[top : top + (rows - 1) * self._line + self.width * _PIXEL_SIZE]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._map.close()
        self._file.close()
