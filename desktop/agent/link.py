"""Keeps the tray app and an agent together: adopts one that runs, starts one, follows its events, comes back.

No polling: agent.json is watched by the system, the event stream ends when the agent does, and SIGCHLD tells of one
that we started ourselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal
from PySide6.QtNetwork import QNetworkReply, QNetworkRequest

from desktop.agent.announcement import Announcement, read_announcement
from desktop.agent.event_stream import AgentEvent, EventReader
from desktop.agent.supervise import PATIENCE_MS, Seen, Step, next_step, pause_ms
from desktop.profile import announcement_file

if TYPE_CHECKING:
    from desktop.agent.client import AgentClient
    from desktop.agent.process import AgentProcess

_STATUS = QNetworkRequest.Attribute.HttpStatusCodeAttribute
_OK = 200

TOO_NEW = "too_new"
"""Given by `missing` where an agent runs that this tray app is too old for."""


class AgentLink(QObject):
    """One agent, found or started, and its events."""

    connected = Signal()
    """Everything may have changed: read it anew."""

    happened = Signal(object)
    """An AgentEvent."""

    missing = Signal(str)
    """No agent answers; the text says why as far as it is known ("" while one is starting)."""

    def __init__(self, profile: Path, client: AgentClient, process: AgentProcess, parent: QObject) -> None:
        super().__init__(parent)
        self._profile, self._client, self._process = profile, client, process
        self._announced: Announcement | None = None
        self._refused: Announcement | None = None
        self._stream: QNetworkReply | None = None
        self._reader = EventReader()
        self._last_event = ""
        self._failures = 0
        self._is_leaving = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_profile_changed)
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._try)

    @property
    def is_connected(self) -> bool:
        """The event stream is open."""
        return self._stream is not None and self._announced is not None and self._announced != self._refused

    def start(self) -> None:
        """Find an agent, or start one."""
        self._watch()
        self._try()

    def leave(self) -> None:
        """Let go of the agent; it runs on."""
        self._is_leaving = True
        self._again.stop()
        self._close_stream()
        self._process.forget()

    def child_ended(self) -> None:
        """Look what became of the agent that we started (after SIGCHLD)."""
        if self._is_leaving or self._process.is_running or self.is_connected:
            return
        if words := self._process.last_words():
            self._fail(words)

    def _watch(self) -> None:
        folder = str(self._profile)
        if self._profile.is_dir() and folder not in self._watcher.directories():
            self._watcher.addPath(folder)

    def _on_profile_changed(self, _folder: str) -> None:
        found = read_announcement(announcement_file(self._profile))
        if found is not None and found != self._announced and not self._is_leaving:
            self._again.stop()
            self._try()

    def _try(self) -> None:
        if self._is_leaving or (self._stream is not None and self._announced != self._refused):
            return
        found = read_announcement(announcement_file(self._profile))
        match next_step(Seen(found, self._refused)):
            case Step.CONNECT if found is not None:
                self._connect(found)
            case Step.REPLACE if found is not None:
                self._client.speak_to(found)
                # It is of an older version: it is asked to go, and the watcher or the timer brings us back.
                self._client.post("/v1/shutdown", {}, lambda _: None, lambda _: None)
                self._refused = found
                self._again.start(pause_ms(2))
            case Step.TOO_NEW:
                self.missing.emit(TOO_NEW)
            case _:
                self._start_agent()

    def _start_agent(self) -> None:
        if self._process.is_running:
            # It has been silent for all the patience there is.
            self._fail("")
            return
        self.missing.emit("")
        if reason := self._process.start():
            self._fail(reason)
            return
        self._watch()
        self._again.start(PATIENCE_MS)

    def _fail(self, reason: str) -> None:
        self._failures += 1
        # One that is slow, and not dead, is worth another try.
        self._refused = None
        self.missing.emit(reason)
        self._again.start(max(pause_ms(self._failures), 1))

    def _connect(self, found: Announcement) -> None:
        self._announced = found
        self._client.speak_to(found)
        self._close_stream()
        self._reader = EventReader()
        stream = self._client.stream("/v1/events-stream", self._last_event)
        if stream is None:
            return
        self._stream = stream
        stream.metaDataChanged.connect(self._on_opened)
        stream.readyRead.connect(self._on_piece)
        stream.finished.connect(self._on_ended)

    def _on_opened(self) -> None:
        if self._stream is None or self._stream.attribute(_STATUS) != _OK:
            return
        self._refused = None
        self._failures = 0
        self._again.stop()
        self.connected.emit()

    def _on_piece(self) -> None:
        if self._stream is None:
            return
        try:
            events = self._reader.feed(bytes(self._stream.readAll().data()))
        except ValueError:
            self._stream.abort()
            return
        for event in events:
            self._last_event = event.number or self._last_event
            self.happened.emit(event)

    def _on_ended(self) -> None:
        """The agent is gone, or it was never there: agent.json of one that was killed stays."""
        if self._is_leaving:
            return
        self._close_stream()
        self._refused, self._announced = self._announced, None
        self._client.speak_to(None)
        self.missing.emit("")
        self._again.start(max(pause_ms(self._failures), 1))

    def _close_stream(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            for signal in (stream.metaDataChanged, stream.readyRead, stream.finished):
                signal.disconnect()
            stream.abort()
            stream.deleteLater()


__all__ = ["TOO_NEW", "AgentEvent", "AgentLink"]
