"""Carries out what bubble.py decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal

from desktop.notify.bubble import LATER, Bubble, Close, Show, Told, next_step, put_off

if TYPE_CHECKING:
    from PySide6.QtCore import SignalInstance

    from desktop.agent.documents import Conflict
    from desktop.words.translation import Translate


class Notifications(Protocol):
    """What shows bubbles: the desktop's service here, toasts elsewhere."""

    clicked: SignalInstance
    gone: SignalInstance
    availability_changed: SignalInstance

    def open(self) -> None:
        """Find the service; tells `availability_changed`."""
        ...

    def show_bubble(self, bubble: Bubble) -> None:
        """Put one up in the place of the last."""
        ...

    def take_away(self) -> None:
        """Close it."""
        ...

    def close(self) -> None:
        """Let go of the service."""
        ...


class Notifier(QObject):
    """Tells of double bookings, all of them in one bubble. Never takes the keyboard from what the tutor is doing."""

    resolve_asked = Signal(str)
    """A double booking is to be opened."""

    availability_changed = Signal(bool)
    """Whether somebody shows notifications. If not, banner and icon are all there is."""

    def __init__(self, service: Notifications, translate: Translate, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._service, self._translate = service, translate
        self._told = Told()
        self._conflicts: tuple[Conflict, ...] = ()
        self._target = ""
        self._is_up = False
        self.is_available = False
        service.clicked.connect(self._on_clicked)
        service.gone.connect(self._on_gone)
        service.availability_changed.connect(self._on_availability)

    def start(self) -> None:
        """Find out whether somebody shows notifications."""
        self._service.open()

    def show_conflicts(self, conflicts: Sequence[Conflict]) -> None:
        """Say which double bookings are open now, the next one first."""
        self._conflicts = tuple(conflicts)
        if self.is_available:
            self._carry_on()

    def close(self) -> None:
        """Take the bubble away and let go."""
        if self._is_up:
            self._service.take_away()
        self._service.close()

    def _carry_on(self) -> None:
        step, self._told = next_step(self._conflicts, self._told, is_up=self._is_up, translate=self._translate)
        match step:
            case Show(bubble, target):
                self._target, self._is_up = target, True
                self._service.show_bubble(bubble)
            case Close():
                self._is_up = False
                self._service.take_away()
            case _:
                return

    def _on_clicked(self, action: str) -> None:
        if action == LATER:
            self._told = put_off(self._told)
        else:
            self.resolve_asked.emit(self._target)

    def _on_gone(self) -> None:
        self._is_up = False

    def _on_availability(self, is_available: bool) -> None:
        self.is_available = is_available
        self.availability_changed.emit(is_available)
        if is_available:
            self._carry_on()
