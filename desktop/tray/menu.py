"""The menu of the tray. Panels draw it themselves over D-Bus, so it is plain: words, separators, one submenu."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.tray.presenter import TrayCard


class Pause(Enum):
    """For how long nothing is synced."""

    FOR_AN_HOUR = auto()
    UNTIL_TOMORROW = auto()
    UNTIL_RESUMED = auto()


class TrayMenu(QObject):
    """Shows a card as a menu and says what was chosen."""

    opened = Signal()
    join_chosen = Signal(str)
    settle_chosen = Signal(str)
    sync_chosen = Signal()
    pause_chosen = Signal(object)
    """A Pause."""
    resume_chosen = Signal()
    connect_chosen = Signal()
    quit_chosen = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.menu = QMenu()
        self._card: TrayCard | None = None
        self._add(self.menu, self.tr("&Open TutorSync"), self.opened.emit)
        self.menu.addSeparator()
        self._following = self._add(self.menu, "", self.opened.emit)
        self._join = self._add(self.menu, self.tr("&Join the meeting"), self._on_join)
        self._settle = self._add(self.menu, "", self._on_settle)
        self.menu.addSeparator()
        self._sync = self._add(self.menu, self.tr("&Sync now"), self.sync_chosen.emit)
        self._pause = QMenu(self.tr("&Pause"), self.menu)
        self.menu.addMenu(self._pause)
        self._add(self._pause, self.tr("For one &hour"), lambda: self.pause_chosen.emit(Pause.FOR_AN_HOUR))
        self._add(self._pause, self.tr("Until &tomorrow morning"), lambda: self.pause_chosen.emit(Pause.UNTIL_TOMORROW))
        self._add(self._pause, self.tr("Until I &resume"), lambda: self.pause_chosen.emit(Pause.UNTIL_RESUMED))
        self._resume = self._add(self.menu, self.tr("&Resume syncing"), self.resume_chosen.emit)
        self._connect = self._add(self.menu, self.tr("Add a &calendar…"), self.connect_chosen.emit)
        self.menu.addSeparator()
        self._add(self.menu, self.tr("&Quit…"), self.quit_chosen.emit)

    def show_card(self, card: TrayCard) -> None:
        """Replace what is shown."""
        self._card = card
        # An ampersand in a title is no mnemonic.
        self._following.setText(card.following.replace("&", "&&"))
        self._join.setVisible(bool(card.join_url))
        self._settle.setVisible(bool(card.settle))
        self._settle.setText(card.settle)
        self._sync.setEnabled(card.can_act)
        self._connect.setEnabled(card.can_act)
        self._pause.menuAction().setVisible(not card.is_paused)
        self._pause.menuAction().setEnabled(card.can_act)
        self._resume.setVisible(card.is_paused)

    def _add(self, menu: QMenu, text: str, chosen: Callable[[], None]) -> QAction:
        action = QAction(text, menu)
        action.triggered.connect(lambda _checked=False: chosen())
        menu.addAction(action)
        return action

    def _on_join(self) -> None:
        if self._card is not None:
            self.join_chosen.emit(self._card.join_url)

    def _on_settle(self) -> None:
        if self._card is not None:
            self.settle_chosen.emit(self._card.conflict or "")
