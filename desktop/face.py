"""What is seen at once: the icon and its menu, before anything else is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desktop.standing import Standing
from desktop.tray.menu import TrayMenu
from desktop.tray.presenter import tray_card
from desktop.tray.tray import Tray
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from desktop.tray.presenter import TrayCard


@dataclass(frozen=True, slots=True)
class Face:
    """The icon and its menu, which show the same."""

    tray: Tray
    menu: TrayMenu

    def show_card(self, card: TrayCard) -> None:
        """Replace what both show."""
        self.menu.show_card(card)
        self.tray.show_card(card)


def show_face(owner: QObject) -> Face:
    """Show the icon of a tray app that is only starting."""
    menu = TrayMenu(owner)
    face = Face(Tray(menu.menu, owner), menu)
    face.show_card(tray_card(Standing(), datetime.now(UTC), translate))
    return face
