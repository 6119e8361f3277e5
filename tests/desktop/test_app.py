"""Everything put together, offscreen: what is chosen somewhere arrives at the agent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication

from desktop.app import TrayApp
from desktop.compact.window import CompactWindow
from desktop.conflict.window import ConflictWindow
from desktop.connect.dialog import ConnectDialog
from desktop.face import Face, show_face
from desktop.prompts.prompt import Prompt
from desktop.single_instance import SingleInstance
from desktop.theme.tokens import Look
from desktop.tray.menu import Pause
from tests.desktop.fake_agent import FakeAgent

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget
    from pytestqt.qtbot import QtBot


@pytest.fixture
def face(
    qapp: QApplication, fake_agent: FakeAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> Iterator[Face]:
    """The tray app of the fake agent's profile, from the moment on when it knows everything."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    instance = SingleInstance(fake_agent.profile, qapp)
    assert instance.is_first()
    shown = show_face(qapp)
    app = TrayApp(qapp, fake_agent.profile, instance, shown, Look.LIGHT)
    qtbot.waitUntil(lambda: any(one.text() == "2 double bookings…" for one in shown.menu.menu.actions()))
    yield shown
    app.leave()
    shown.tray.leave()
    instance.leave()
    for window in QApplication.topLevelWidgets():
        window.close()
    app.deleteLater()


def up(qtbot: QtBot, kind: type[QWidget]) -> QWidget:
    """The window of a kind that comes up."""

    def found() -> list[QWidget]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]

    qtbot.waitUntil(lambda: found() != [])
    return found()[0]


@pytest.mark.parametrize(
    ("how", "seconds"),
    [
        pytest.param(Pause.FOR_AN_HOUR, range(3600, 3601), id="an hour"),
        pytest.param(Pause.UNTIL_TOMORROW, range(6 * 3600 - 3600, 31 * 3600), id="until six tomorrow"),
        pytest.param(Pause.UNTIL_RESUMED, None, id="until it is resumed"),
    ],
)
def test_pausing_from_the_menu(
    how: Pause, seconds: range | None, face: Face, fake_agent: FakeAgent, qtbot: QtBot
) -> None:
    """And the menu then offers to resume."""
    face.menu.pause_chosen.emit(how)

    qtbot.waitUntil(lambda: fake_agent.asked_for("POST", "/v1/pause") != [])
    given = fake_agent.asked_for("POST", "/v1/pause")[0].body.get("seconds")
    assert given is None if seconds is None else given in seconds
    resume = next(one for one in face.menu.menu.actions() if one.text() == "&Resume syncing")
    qtbot.waitUntil(resume.isVisible)
    resume.trigger()
    qtbot.waitUntil(lambda: fake_agent.asked_for("POST", "/v1/resume") != [])


def test_syncing_from_the_menu(face: Face, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """One click, no window."""
    next(one for one in face.menu.menu.actions() if one.text() == "&Sync now").trigger()

    qtbot.waitUntil(lambda: fake_agent.asked_for("POST", "/v1/sync") != [])


@pytest.mark.parametrize(
    ("entry", "window"),
    [
        pytest.param("&Open TutorSync", CompactWindow, id="the small window"),
        pytest.param("2 double bookings…", ConflictWindow, id="the double bookings"),
        pytest.param("Add a &calendar…", ConnectDialog, id="another calendar"),
        pytest.param("&Quit…", Prompt, id="the question how to quit"),
    ],
)
def test_every_window_is_one_entry_away(entry: str, window: type[QWidget], face: Face, qtbot: QtBot) -> None:
    """The menu leads everywhere."""
    next(one for one in face.menu.menu.actions() if one.text() == entry).trigger()

    assert up(qtbot, window).isVisible()


def test_the_small_window_shows_what_the_agent_tells(face: Face, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """A double booking that is settled elsewhere vanishes here."""
    face.menu.opened.emit()
    window = up(qtbot, CompactWindow)
    assert isinstance(window, CompactWindow)
    qtbot.waitUntil(window.banner.isVisible)

    for conflict in list(fake_agent.world.open_conflicts):
        fake_agent.world.settle(conflict["id"], {"action": "keep_both", "reason": "Both are short."})
        fake_agent.tell("conflict.closed", conflict["id"])

    qtbot.waitUntil(lambda: not window.banner.isVisible())


def test_a_refusal_is_said_in_the_window(face: Face, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """Not in a box that has to be clicked away."""
    face.menu.opened.emit()
    window = up(qtbot, CompactWindow)
    assert isinstance(window, CompactWindow)
    error = {"code": "store.full", "message": "The disk is full.", "action": "Free some space.", "facts": {}}
    fake_agent.world.problems[("POST", "/v1/sync")] = (507, {"error": error})

    window.sync_chosen.emit()

    qtbot.waitUntil(lambda: window.notice == "The disk is full. Free some space.")


def test_a_copied_link_is_on_the_clipboard(face: Face, qtbot: QtBot) -> None:
    """And the window says so."""
    face.menu.opened.emit()
    window = up(qtbot, CompactWindow)
    assert isinstance(window, CompactWindow)
    qtbot.waitUntil(window.following.copy.isVisible)

    window.following.copy.click()

    assert QApplication.clipboard().text() == "https://meet.example/s-ana"
    assert window.notice == "The link is copied."


class Opened(QObject):
    """Takes the place of the browser and of every other program."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    @Slot(QUrl)
    def note(self, url: QUrl) -> None:
        """Remember an address instead of opening it."""
        self.addresses.append(url.toString())


def test_only_web_addresses_are_ever_opened(face: Face) -> None:
    """An event from a stranger's calendar must not start a program."""
    opened, schemes = Opened(), ("file", "ssh", "https")
    for scheme in schemes:
        QDesktopServices.setUrlHandler(scheme, opened, "note")

    for url in ("file:///etc/passwd", "ssh://meet.example", "https://meet.example/x"):
        face.menu.join_chosen.emit(url)

    for scheme in schemes:
        QDesktopServices.unsetUrlHandler(scheme)
    assert opened.addresses == ["https://meet.example/x"]


def test_stopping_also_stops_the_agent(face: Face, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """Quit, then "stop syncing too"."""
    face.menu.quit_chosen.emit()
    prompt = up(qtbot, Prompt)
    assert isinstance(prompt, Prompt)

    prompt.buttons["stop"].click()

    qtbot.waitUntil(lambda: fake_agent.asked_for("POST", "/v1/shutdown") != [])
