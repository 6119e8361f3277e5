"""The icon in the panel, over StatusNotifierItem where there is one and XEmbed elsewhere (Qt chooses)."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

from desktop.tray.icon import tray_icon

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMenu

    from desktop.tray.presenter import TrayCard, TrayState

_WATCHER = "org.kde.StatusNotifierWatcher"
PATIENCE_MS = 3_000
"""How long a panel may take to come up beside us at the start of a session."""


class Tray(QObject):
    """Shows a card as icon and tool tip."""

    activated = Signal()
    """The icon was clicked."""

    unavailable = Signal()
    """There is no tray after some seconds. Told once."""

    def __init__(self, menu: QMenu, parent: QObject) -> None:
        super().__init__(parent)
        self._menu = menu
        self._card: TrayCard | None = None
        self._painted: TrayState | None = None
        self._icon: QSystemTrayIcon | None = None
        self._panels: QObject | None = None

    def show_card(self, card: TrayCard) -> None:
        """Replace what is shown; the first card makes the icon appear."""
        self._card = card
        if self._icon is None:
            self._appear()
            QTimer.singleShot(PATIENCE_MS, self, self._look_for_panel)
        self._dress()

    def watch_panels(self) -> None:
        """Come again when a panel with StatusNotifierItem appears later: Qt would stay with XEmbed for ever.

        Costs some milliseconds (the session bus), so it is called when the icon is up.
        """
        if sys.platform != "linux":
            return
        # Imported here: nothing else needs it, and the icon is to be seen before.
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher

        watcher = QDBusServiceWatcher(
            _WATCHER,
            QDBusConnection.sessionBus(),
            QDBusServiceWatcher.WatchModeFlag.WatchForRegistration,
            self,
        )
        watcher.serviceRegistered.connect(self._appear_again)
        self._panels = watcher

    def leave(self) -> None:
        """Take the icon out of the panel."""
        if self._icon is not None:
            self._icon.hide()

    def _appear(self) -> None:
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._on_activated)
        self._painted = None
        self._dress()
        self._icon.show()

    def _appear_again(self) -> None:
        if self._icon is not None:
            self._icon.hide()
            self._icon.deleteLater()
            self._appear()

    def _dress(self) -> None:
        if self._icon is None or self._card is None:
            return
        if self._painted is not self._card.state:
            self._painted = self._card.state
            self._icon.setIcon(tray_icon(self._card.state))
        self._icon.setToolTip(self._card.sentence)

    def _look_for_panel(self) -> None:
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self.unavailable.emit()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.activated.emit()
