"""Ctrl+C while a command syncs by itself: it ends at the next safe point. A second one ends at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

INTERRUPTED = 130
"""The exit code by which a shell knows that Ctrl+C ended a command."""


class Stopping:
    """Hears Ctrl+C.

    Attributes:
        is_asked: somebody pressed it.
    """

    def __init__(self) -> None:
        self.is_asked = False

    @contextmanager
    def ends(self, halt: Callable[[], bool]) -> Iterator[None]:
        """Let Ctrl+C end what is done inside.

        Args:
            halt: ends it at its next safe point; called by a signal's handler. False: there is nothing to be ended
                that way, so it ends at once.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def pressed(number: int, frame: FrameType | None) -> None:
            del number, frame
            was_asked, self.is_asked = self.is_asked, True
            if was_asked or not halt():
                raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, pressed)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
