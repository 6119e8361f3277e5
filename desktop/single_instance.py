"""One tray app a profile: the first holds a lock and listens, a second one rings there and goes.

The lock decides, not the socket: of several that start at once exactly one gets it, and the system gives it back when
its holder is killed.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.profile import doorbell, lock_file

if TYPE_CHECKING:
    from pathlib import Path

OPEN = b"open\n"
_LONGEST_WORD = 64
_ANSWERS_WITHIN_S = 3.0
_LOOKS_EVERY_S = 0.02


class SingleInstance(QObject):
    """The lock and the bell of a profile."""

    rung = Signal()
    """A second start asks the first to show itself."""

    def __init__(self, profile: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._bell = doorbell(profile)
        self._lock = QLockFile(str(lock_file(profile)))
        # Age says nothing, a tray app runs for weeks: only a holder that is dead loses it.
        self._lock.setStaleLockTime(0)
        self._server: QLocalServer | None = None

    def is_first(self) -> bool:
        """Take the lock and listen; False where another one has it."""
        if not self._lock.tryLock(0):
            return False
        # What a killed one left behind is in the way, and the lock says that nobody listens there.
        QLocalServer.removeServer(self._bell)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_ring)
        self._server.listen(self._bell)
        return True

    def ring(self) -> bool:
        """Ask the first one to show itself; waits a little for one that is only just starting.

        Only for a process that has shown nothing yet: it blocks.
        """
        until = time.monotonic() + _ANSWERS_WITHIN_S
        while time.monotonic() < until:
            socket = QLocalSocket()
            socket.connectToServer(self._bell)
            if socket.waitForConnected(500):
                socket.write(OPEN)
                told = socket.waitForBytesWritten(500)
                socket.disconnectFromServer()
                return told
            time.sleep(_LOOKS_EVERY_S)
        return False

    def leave(self) -> None:
        """Give both back."""
        if self._server is not None:
            self._server.close()
        self._lock.unlock()

    def _on_ring(self) -> None:
        caller = self._server.nextPendingConnection() if self._server is not None else None
        if caller is None:
            return
        caller.readyRead.connect(lambda: self._on_word(caller))
        caller.disconnected.connect(caller.deleteLater)
        if caller.bytesAvailable():
            self._on_word(caller)

    def _on_word(self, caller: QLocalSocket) -> None:
        # Whoever it is, it is heard once and not at length.
        word = caller.read(_LONGEST_WORD).data()
        caller.disconnectFromServer()
        if bytes(word) == OPEN:
            self.rung.emit()
