"""The notification service of a Linux desktop (Desktop Notifications Specification 1.2), spoken to with jeepney.

No thread and no waiting: what is asked is sent, and a QSocketNotifier brings the answers and the clicks. QtDBus of
PySide6 cannot be used: it has no way to send the unsigned number that Notify begins with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jeepney import DBusAddress, HeaderFields, MatchRule, Message, MessageType, message_bus, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from PySide6.QtCore import QObject, QSocketNotifier, Signal

if TYPE_CHECKING:
    from desktop.notify.bubble import Bubble

_SERVICE = DBusAddress(
    "/org/freedesktop/Notifications",
    bus_name="org.freedesktop.Notifications",
    interface="org.freedesktop.Notifications",
)
_HELLO_WITHIN_S = 0.5
"""The bus is a process of this machine: it answers in a millisecond or not at all."""
_LAST_ANSWER_WITHIN_S = 0.05
_NORMAL_URGENCY = 1
_STAY = 0
"""Never expires: it asks for a decision."""

Answered = Callable[[tuple[Any, ...] | None], None]
"""Gets what came back; None where nobody answered."""


class NotificationBus(QObject):
    """One bubble at a time."""

    clicked = Signal(str)
    """A button's name."""

    gone = Signal()
    """The bubble was closed, by the user or by its service."""

    availability_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus: DBusConnection | None = None
        self._notifier: QSocketNotifier | None = None
        self._waiting: dict[int, Answered] = {}
        self._bubble = 0
        self._is_sending = False
        self._is_unwanted = False
        self._next: Bubble | None = None
        self._can: frozenset[str] = frozenset()

    def open(self) -> None:
        """Connect, and ask what the service can do; `availability_changed` tells whether there is one."""
        try:
            self._bus = open_dbus_connection(bus="SESSION", auth_timeout=_HELLO_WITHIN_S)
        except (OSError, KeyError, ValueError, TimeoutError):
            # No session bus at all: a bare X session, a container.
            self.availability_changed.emit(False)
            return
        self._notifier = QSocketNotifier(self._bus.sock.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        rule = MatchRule(type="signal", interface=_SERVICE.interface, path=_SERVICE.object_path)
        self._ask(message_bus.AddMatch(rule), lambda _: None)
        self._ask(new_method_call(_SERVICE, "GetCapabilities"), self._on_capabilities)

    def show_bubble(self, bubble: Bubble) -> None:
        """Put it up in the place of the one that stands there."""
        if self._is_sending:
            # The number of the one before is not known yet: sent now, it would be a second bubble.
            self._next = bubble
            return
        self._is_sending = True
        self._ask(new_method_call(_SERVICE, "Notify", "susssasa{sv}i", self._notify_body(bubble)), self._on_shown)

    def take_away(self) -> None:
        """Close the bubble."""
        self._next = None
        if self._is_sending:
            self._is_unwanted = True
        elif self._bubble:
            self._ask(new_method_call(_SERVICE, "CloseNotification", "u", (self._bubble,)), lambda _: None)
            self._bubble = 0

    def close(self) -> None:
        """Let go of the bus. A bubble that is on its way is waited for, for an instant: nobody could close it later."""
        until = time.monotonic() + _LAST_ANSWER_WITHIN_S
        while self._bus is not None and self._is_sending and (left := until - time.monotonic()) > 0:
            try:
                self._sort(self._bus.receive(timeout=left))
            except (TimeoutError, OSError, ValueError):
                break
        if self._notifier is not None:
            self._notifier.setEnabled(False)
        if self._bus is not None:
            self._bus.close()
            self._bus = None

    def _notify_body(self, bubble: Bubble) -> tuple[Any, ...]:
        actions = [part for action in bubble.actions for part in action] if "actions" in self._can else []
        hints = {
            "urgency": ("y", _NORMAL_URGENCY),
            "category": ("s", "x-tutorsync.double-booking"),
            "desktop-entry": ("s", "tutorsync"),
        }
        return (
            "TutorSync",
            self._bubble,
            _picture(),
            bubble.title,
            _escaped(bubble.body) if "body-markup" in self._can else bubble.body,
            actions,
            hints,
            _STAY,
        )

    def _ask(self, message: Message, answered: Answered) -> None:
        if self._bus is None:
            return
        serial = next(self._bus.outgoing_serial)
        self._waiting[serial] = answered
        try:
            self._bus.send(message, serial=serial)
        except OSError:
            self._lost()

    def _read(self) -> None:
        while self._bus is not None:
            try:
                message = self._bus.receive(timeout=0)
            except TimeoutError:
                return
            except (OSError, ValueError):
                self._lost()
                return
            self._sort(message)

    def _sort(self, message: Message) -> None:
        fields, kind = message.header.fields, message.header.message_type
        if kind is MessageType.method_return or kind is MessageType.error:
            answered = self._waiting.pop(fields.get(HeaderFields.reply_serial, 0), None)
            if answered is not None:
                answered(message.body if kind is MessageType.method_return else None)
        elif kind is MessageType.signal and message.body and message.body[0] == self._bubble and self._bubble:
            member = fields.get(HeaderFields.member)
            if member == "ActionInvoked":
                self.clicked.emit(str(message.body[1]))
            elif member == "NotificationClosed":
                self._bubble = 0
                self.gone.emit()

    def _on_capabilities(self, answer: tuple[Any, ...] | None) -> None:
        self._can = frozenset(answer[0]) if answer else frozenset()
        self.availability_changed.emit(answer is not None)

    def _on_shown(self, answer: tuple[Any, ...] | None) -> None:
        self._is_sending = False
        is_unwanted, self._is_unwanted = self._is_unwanted, False
        following, self._next = self._next, None
        if answer is None:
            self.availability_changed.emit(False)
            return
        self._bubble = int(answer[0])
        if following is not None:
            self.show_bubble(following)
        elif is_unwanted:
            self.take_away()

    def _lost(self) -> None:
        self.close()
        self._waiting.clear()
        self._bubble = 0
        self.availability_changed.emit(False)


def _picture() -> str:
    """Give our own drawing's address; the service draws it as large as it likes."""
    return Path(str(files("resources") / "icons" / "tutorsync.svg")).as_uri()


def _escaped(text: str) -> str:
    """Keep a title from being read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
