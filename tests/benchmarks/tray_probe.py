"""The smallest honest tray app: one drawn icon, one menu, nothing behind it. What every start is measured against.

Run as a program: python -m tests.benchmarks.tray_probe
"""

from __future__ import annotations

import signal
import sys

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

_SVG = b"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect x="3" y="5" width="26" height="23" rx="5" fill="#fff"/>
<rect x="3" y="5" width="26" height="8" rx="4" fill="#5b6ee1"/>
<path d="M9 18h6m-6 5h4" stroke="#5b6ee1" stroke-width="2"/><circle cx="25" cy="25" r="7" fill="#2e9e5b"/>
<path d="M22 25l2 2 4-4" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>
"""
_SIZES = (16, 22, 24, 32, 44, 48, 64)
_MENU = (
    ("Next: Ana · Maths · 16:00", "Join meeting"),
    ("1 conflict to resolve…", "Sync now", "Pause sync"),
    ("Open week view", "Health…", "Settings…"),
    ("Quit",),
)


def _icon() -> QIcon:
    renderer, icon = QSvgRenderer(QByteArray(_SVG)), QIcon()
    for size in _SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(picture)
    return icon


def _menu() -> QMenu:
    menu = QMenu()
    for group in _MENU:
        for text in group:
            menu.addAction(QAction(text, menu))
        menu.addSeparator()
    return menu


def main() -> int:
    """Show the icon until killed."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    app = QApplication(sys.argv)
    app.setQuitOnLastWindowClosed(False)
    tray, menu = QSystemTrayIcon(_icon()), _menu()
    tray.setContextMenu(menu)
    tray.setToolTip("Up to date")
    tray.show()
    return app.exec()


if __name__ == "__main__":
    sys.exit(main())
