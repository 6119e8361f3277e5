"""The start: the icon comes first, alone; everything else is made behind it. A second start only rings at the first."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from desktop.face import show_face
from desktop.single_instance import SingleInstance
from desktop.tray.icon import app_icon

if TYPE_CHECKING:
    from pathlib import Path

    from desktop.app import TrayApp
    from desktop.theme.tokens import Look

_FETCHES_THE_ICON_MS = 120
"""A panel asks back for the icon over D-Bus in this time, and nobody answers it while the rest is being made."""


def run(profile: Path, look: Look | None) -> int:
    """Run the tray app of a profile, or ask the one that runs to show itself.

    Returns:
        The exit code: 0 also when another one was asked; 1 when it did not answer.
    """
    app = QApplication(sys.argv[:1])
    app.setApplicationName("tutorsync")
    app.setApplicationDisplayName("TutorSync")
    app.setDesktopFileName("tutorsync")
    app.setQuitOnLastWindowClosed(False)
    is_first_start = not profile.exists()
    instance = SingleInstance(profile, app)
    if not instance.is_first():
        return 0 if instance.ring() else 1
    face = show_face(app)
    app.setWindowIcon(app_icon())
    made: list[TrayApp] = []

    def begin() -> None:
        # Imported here, behind the icon: the network, D-Bus and the theme cost more than the icon itself.
        from desktop.app import TrayApp

        made.append(TrayApp(app, profile, instance, face, look))
        if is_first_start:
            made[0].open_compact()

    QTimer.singleShot(_FETCHES_THE_ICON_MS, app, begin)
    code = app.exec()
    for tray_app in made:
        tray_app.leave()
    face.tray.leave()
    instance.leave()
    return code
