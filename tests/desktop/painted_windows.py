"""Paints each window into a picture: python -m tests.desktop.painted_windows --theme light [--large|--long]."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

_WITHIN_S = 20.0


def main() -> None:
    """Paint all windows in one theme."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--theme", default="light")
    parser.add_argument("--large", action="store_true", help="Twice as many pixels.")
    parser.add_argument("--long", action="store_true", help="Texts that need 40 % more room.")
    asked = parser.parse_args()
    if asked.large:
        os.environ["QT_SCALE_FACTOR"] = "2"
    name = asked.theme + ("-200" if asked.large else "") + ("-long" if asked.long else "")
    _Painter(asked.into, asked.theme, name, is_long=asked.long).paint_all()


class _Painter:
    """One process, one theme."""

    def __init__(self, into: Path, theme: str, name: str, *, is_long: bool) -> None:
        # Imported here: Qt reads how large its pixels are when it is loaded.
        from PySide6.QtWidgets import QApplication

        from desktop.theme.theme import Theme
        from desktop.theme.tokens import Look
        from tests.desktop.looking import LongWinded

        self._app = QApplication(sys.argv[:1])
        self._theme = Theme(self._app, Look(theme))
        self._into, self._name = into, name
        self._language = LongWinded() if is_long else None
        if self._language:
            self._app.installTranslator(self._language)
        # Half past nine of a Tuesday: pictures must not depend on the hour at which they are made.
        self._now = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)

    def paint_all(self) -> None:
        """Paint every window."""
        from tests.desktop.world import a_quiet_week, an_ordinary_week, nothing_connected

        full, empty = an_ordinary_week(self._now), nothing_connected(self._now)
        empty.sessions = []
        self._paint_compact("compact", full)
        self._paint_compact("compact-quiet", a_quiet_week(self._now))
        unread = an_ordinary_week(self._now)
        unread.cannot_read("Private")
        self._paint_compact("compact-unread", unread)
        self._paint_compact("compact-first-start", nothing_connected(self._now))
        self._paint_conflict(an_ordinary_week(self._now))
        self._paint_unread(unread)
        self._paint_connect()

    def _paint_compact(self, name: str, world: object) -> None:
        from desktop.compact.presenter import compact_card
        from desktop.compact.window import CompactWindow
        from desktop.tray.menu import TrayMenu
        from desktop.words.from_qt import translate
        from tests.desktop.test_compact import standing

        window = CompactWindow(self._theme, TrayMenu(self._theme).menu)
        window.show_card(compact_card(standing(world), self._now, translate))  # type: ignore[arg-type]
        window.show()
        window.focus_first()
        self._save(window, name)
        window.close()

    def _paint_conflict(self, world: object) -> None:
        from PySide6.QtWidgets import QPushButton

        from desktop.conflict.window import ConflictWindow

        with self._agent(world) as stack:
            window = ConflictWindow(stack.client, self._theme)
            window.show_conflict("c-ben")
            self._until(lambda: any(one.property("main") and one.isEnabled() for one in _shown(window, QPushButton)))
            self._save(window, "double-booking")
            window.show_conflict("c-mia")
            self._until(lambda: "Noor Haddad" in _words(window) and "18:00" not in window.windowTitle())
            self._until(lambda: any(one.property("main") and one.isEnabled() for one in _shown(window, QPushButton)))
            self._save(window, "double-booking-two-sessions")
            next(one for one in _shown(window, QPushButton) if one.property("main")).click()
            self._until(lambda: any(one.text().find("ndo") > 0 for one in _shown(window, QPushButton)))
            self._save(window, "double-booking-settled")
            window.close()

    def _paint_unread(self, world: object) -> None:
        """A double booking while a calendar cannot be read: no slot is called free."""
        from PySide6.QtWidgets import QPushButton

        from desktop.conflict.window import ConflictWindow

        with self._agent(world) as stack:
            window = ConflictWindow(stack.client, self._theme)
            window.show_conflict("c-ben")
            self._until(lambda: any(one.property("main") and one.isEnabled() for one in _shown(window, QPushButton)))
            self._save(window, "double-booking-unread")
            window.close()

    def _paint_connect(self) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest
        from PySide6.QtWidgets import QLineEdit

        from desktop.connect.dialog import ConnectDialog
        from tests.desktop.world import an_ordinary_week, nothing_connected

        world = nothing_connected(self._now)
        world.sessions = an_ordinary_week(self._now).sessions
        with self._agent(world) as stack:
            dialog = ConnectDialog(stack.client, self._theme)
            dialog.show()
            dialog.activateWindow()
            self._until(dialog.isActiveWindow)
            self._save(dialog, "connect-1-address")
            fields = _shown(dialog, QLineEdit)
            for field, words in zip(fields, ("https://cloud.nowhere.example", "ana.weber", "a password"), strict=True):
                QTest.keyClicks(field, words)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            self._until(lambda: "nowhere.example" in _words(dialog))
            self._save(dialog, "connect-1-wrong-address")
            fields[0].clear()
            QTest.keyClicks(fields[0], "https://cloud.example.org")
            for name, words in (
                ("connect-2-calendars", "What are your calendars for?"),
                ("connect-3-vault", "Keep your password safe"),
                ("connect-4-summary", "will be added"),
                ("connect-5-done", "Connected"),
            ):
                if name == "connect-4-summary":
                    for field in _shown(dialog, QLineEdit):
                        QTest.keyClicks(field, "correct horse battery")
                QTest.keyClick(dialog, Qt.Key.Key_Return)
                self._until(lambda words=words: words in _words(dialog))
                self._save(dialog, name)
            dialog.close()

    def _agent(self, world: object) -> _Connected:
        return _Connected(world)

    def _until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + _WITHIN_S
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("the window did not come to show it")
            self._app.processEvents()

    def _save(self, window: object, name: str) -> None:
        still = time.monotonic() + timedelta(milliseconds=120).total_seconds()
        while time.monotonic() < still:
            self._app.processEvents()
        window.grab().save(str(self._into / f"{name}-{self._name}.png"))  # type: ignore[attr-defined]


class _Connected:
    """A fake agent and a client that speaks to it, for as long as the block lasts."""

    def __init__(self, world: object) -> None:
        self._world, self._stack = world, ExitStack()

    def __enter__(self) -> SimpleNamespace:
        from desktop.agent.announcement import read_announcement
        from desktop.agent.client import AgentClient
        from tests.desktop.fake_agent import FakeAgent

        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        agent = FakeAgent(folder, self._world)  # type: ignore[arg-type]
        agent.start()
        self._stack.callback(agent.stop)
        client = AgentClient()
        client.speak_to(read_announcement(folder / "agent.json"))
        return SimpleNamespace(client=client, agent=agent)

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def _shown(window: object, kind: type) -> list:  # type: ignore[type-arg]
    return [one for one in window.findChildren(kind) if one.isVisible()]  # type: ignore[attr-defined]


def _words(window: object) -> str:
    from tests.desktop.looking import texts

    return texts(window)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
