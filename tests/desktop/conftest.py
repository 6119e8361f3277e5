"""A fake agent in a profile of its own, a client that speaks to it, and the theme; widgets without a screen."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.agent.announcement import read_announcement
from desktop.agent.client import AgentClient
from desktop.theme.theme import Theme
from desktop.theme.tokens import Look
from tests.desktop.fake_agent import FakeAgent
from tests.desktop.world import World, an_ordinary_week

NOW = datetime(2026, 11, 24, 9, 20, tzinfo=UTC)
"""A Tuesday; it is 10:20 in Berlin."""

_OF_OFFSCREEN = ("This plugin does not support", "systemTrayWindowChanged")


def pytest_configure() -> None:
    """Windows of this process need no screen; those on the virtual desktop are other processes."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


@pytest.fixture(scope="session", autouse=True)
def _what_was_loaded_is_no_garbage() -> None:
    """So that looking for windows after each test does not walk through all modules: a tenth of a second each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _windows_are_collected_in_their_own_thread() -> Iterator[None]:
    """Python collects garbage in whatever thread happens to allocate, the fake agent's among them; a window that is
    destroyed there takes the process along. The app itself has one thread only."""
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _no_complaints_of_qt() -> Iterator[None]:
    """What Qt warns of is a fault of ours, except for what the offscreen platform cannot do."""
    said: list[str] = []

    def note(kind: QtMsgType, _context: object, message: str | None) -> None:
        if kind is not QtMsgType.QtDebugMsg and not any(one in str(message) for one in _OF_OFFSCREEN):
            said.append(str(message))

    before = qInstallMessageHandler(note)
    yield
    qInstallMessageHandler(before)
    assert said == []


@pytest.fixture
def world() -> World:
    """A tutor's ordinary week, with two double bookings."""
    return an_ordinary_week(NOW)


@pytest.fixture
def fake_agent(tmp_path: Path, world: World) -> Iterator[FakeAgent]:
    """An agent that answers from the world."""
    agent = FakeAgent(tmp_path / "profile", world)
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture
def client(qapp: QApplication, fake_agent: FakeAgent) -> Iterator[AgentClient]:
    """A client that speaks to it."""
    made = AgentClient()
    made.speak_to(read_announcement(fake_agent.profile / "agent.json"))
    yield made
    made.deleteLater()


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The light theme."""
    font = qapp.font()
    made = Theme(qapp, Look.LIGHT)
    yield made
    made.deleteLater()
    qapp.setFont(font)


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[QWidget], None]:
    """Show a widget, and close it after the test."""

    def show(widget: QWidget) -> None:
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        widget.activateWindow()
        # Keys of a window work only while it is the active one.
        qtbot.waitUntil(widget.isActiveWindow)

    return show
