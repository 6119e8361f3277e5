"""Signals of the system as signals of Qt: nobody polls, and Python's handlers need not wait for an event of Qt.

Python writes a byte into a socket at the instant a signal arrives (signal.set_wakeup_fd), and Qt watches that socket.
"""

from __future__ import annotations

import signal
import socket
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier, Signal

_READ_AT_ONCE = 64


class Wakeups(QObject):
    """Lives once in a process, on its main thread."""

    asked_to_end = Signal()
    """SIGTERM, SIGINT or SIGHUP."""

    child_ended = Signal()
    """SIGCHLD."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._inside, self._outside = socket.socketpair()
        self._inside.setblocking(False)
        self._outside.setblocking(False)
        self._ends = {signal.SIGTERM, signal.SIGINT}
        self._child = getattr(signal, "SIGCHLD", None)
        if hangup := getattr(signal, "SIGHUP", None):
            self._ends.add(hangup)
        for number in (*self._ends, *([self._child] if self._child else [])):
            # A handler of Python's must be there, else no byte is written; there is nothing for it to do.
            signal.signal(number, _leave_it_to_the_socket)
        signal.set_wakeup_fd(self._outside.fileno(), warn_on_full_buffer=False)
        self._notifier = QSocketNotifier(self._inside.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_bytes)

    def _on_bytes(self) -> None:
        try:
            numbers = set(self._inside.recv(_READ_AT_ONCE))
        except BlockingIOError:
            return
        if numbers & self._ends:
            self.asked_to_end.emit()
        elif self._child in numbers:
            self.child_ended.emit()

    def close(self) -> None:
        """Give the signals back as they were, before the process does something else."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(-1)
        for number in (*self._ends, *([self._child] if self._child else [])):
            signal.signal(number, signal.SIG_DFL)
        self._inside.close()
        self._outside.close()


def _leave_it_to_the_socket(_number: int, _frame: FrameType | None) -> None:
    return None
