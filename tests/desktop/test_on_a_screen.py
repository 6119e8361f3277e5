"""The tray app as people meet it: on a virtual desktop with a panel and a notification service, by mouse and key."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import TypeVar

import pytest
from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

from tests.desktop.fake_agent import FakeAgent
from tests.desktop.world import World, a_quiet_week, an_ordinary_week
from tests.house.tree import ROOT
from tests.virtual_desktop import VirtualDesktop, virtual_desktop

pytestmark = [pytest.mark.screen, pytest.mark.timeout(120)]

PROGRAM = [sys.executable, "-c", "from desktop.cli import desktop; desktop()"]
_WITHIN_S = 30.0
T = TypeVar("T")
_WATCHER = DBusAddress("/StatusNotifierWatcher", "org.kde.StatusNotifierWatcher", "org.freedesktop.DBus.Properties")


def until(holds: Callable[[], T], within_s: float = _WITHIN_S) -> T:
    """Wait for a condition; gives its first true value."""
    deadline, pause = time.monotonic() + within_s, Event()
    while not (value := holds()):
        assert time.monotonic() < deadline, "it did not come true in time"
        pause.wait(0.02)
    return value


class Screen:
    """A virtual desktop as a person in front of it sees it."""

    def __init__(self, desktop: VirtualDesktop) -> None:
        self.desktop = desktop

    def do(self, *command: str) -> str:
        """Run a program of X and give what it says."""
        ran = subprocess.run(command, env=self.desktop.environment, capture_output=True, text=True, timeout=20)
        return ran.stdout.strip()

    def windows(self, *how: str) -> list[str]:
        """Find the windows that are seen."""
        return self.do("xdotool", "search", "--onlyvisible", *how).split()

    def window(self, title: str) -> str:
        """Wait for a window of ours."""
        return until(lambda: self.windows("--name", f"^{title}"))[0]

    def active(self) -> str:
        """Name the window that has the keyboard."""
        return self.do("xdotool", "getactivewindow", "getwindowname")

    def bubble(self) -> tuple[int, int, int, int]:
        """Wait for a notification that stands still; give its left, top, width and height."""

        def found() -> tuple[int, int, int, int] | None:
            windows = self.windows("--class", "xfce4-notifyd")
            return self.area(windows[0]) if windows else None

        until(found)
        last: list[tuple[int, int, int, int] | None] = [None]

        def is_still() -> tuple[int, int, int, int] | None:
            before, last[0] = last[0], found()
            return last[0] if last[0] == before else None

        return until(is_still)

    def area(self, window: str) -> tuple[int, int, int, int]:
        """Give where a window is."""
        lines = dict(
            line.split("=") for line in self.do("xdotool", "getwindowgeometry", "--shell", window).splitlines()
        )
        return int(lines["X"]), int(lines["Y"]), int(lines["WIDTH"]), int(lines["HEIGHT"])

    def click(self, x: int, y: int) -> None:
        """Click there."""
        self.do("xdotool", "mousemove", str(x), str(y), "click", "1")

    def key(self, *keys: str) -> None:
        """Press keys one after the other."""
        self.do("xdotool", "key", "--delay", "40", *keys)

    def tray_items(self) -> list[str]:
        """Name the icons that registered with the panel."""
        with open_dbus_connection(self.desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as bus:
            asked = ("org.kde.StatusNotifierWatcher", "RegisteredStatusNotifierItems")
            answer = bus.send_and_get_reply(new_method_call(_WATCHER, "Get", "ss", asked))
        return list(answer.body[0][1])

    def tray_sentence(self) -> str:
        """Give what the icon says when the pointer rests on it."""
        service, slash, path = self.tray_items()[0].partition("/")
        item = DBusAddress(slash + path, service, "org.freedesktop.DBus.Properties")
        with open_dbus_connection(self.desktop.environment["DBUS_SESSION_BUS_ADDRESS"]) as bus:
            asked = ("org.kde.StatusNotifierItem", "ToolTip")
            answer = bus.send_and_get_reply(new_method_call(item, "Get", "ss", asked))
        return " ".join(str(part) for part in answer.body[0][1][2:])


@contextmanager
def tray_app(screen: Screen, profile: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the tray app; it is asked to end, as at the end of a session."""
    log = (screen.desktop.folder / "app.log").open("ab")
    app = subprocess.Popen(
        [*PROGRAM, "--profile", str(profile)], env=screen.desktop.environment, cwd=ROOT, stdout=log, stderr=log
    )
    try:
        yield app
    finally:
        app.terminate()
        app.wait(10)
        log.close()


@contextmanager
def fake_agent(profile: Path, world: World) -> Iterator[FakeAgent]:
    """Run an agent that answers from a world."""
    agent = FakeAgent(profile, world)
    agent.start()
    try:
        yield agent
    finally:
        agent.stop()


@pytest.fixture(scope="module")
def screen() -> Iterator[Screen]:
    """A desktop with a panel and a notification service."""
    with virtual_desktop() as desktop:
        yield Screen(desktop)


def _click_resolve(screen: Screen) -> None:
    """The service draws the buttons in a row at the lower right, Resolve before Later."""
    left, top, width, height = screen.bubble()
    screen.click(left + width - 14 - 85 - 7 - 42, top + height - 31)


def test_a_double_booking_is_settled_from_its_notification(screen: Screen, tmp_path: Path) -> None:
    """Resolve is clicked in the bubble, the third slot is chosen and applied: one click and two keys."""
    world = an_ordinary_week(datetime.now(UTC))
    with fake_agent(tmp_path, world) as agent, tray_app(screen, tmp_path):
        _click_resolve(screen)
        screen.window("Double bookings")
        until(lambda: screen.active().startswith("Double bookings"))
        until(lambda: agent.asked_for("POST", "/v1/conflicts/c-ben/resolve"))
        third = world.slots("c-ben", "s-ben")[2]["start_wall"]
        screen.key("3", "Return")

        until(lambda: world.conflict("c-ben")["state"] == "closed")
        decided = agent.asked_for("POST", "/v1/conflicts/c-ben/resolve")[-1].body
        assert decided["action"] == "move"
        assert decided["session"] == "s-ben"
        assert decided["start_wall"] == third
        assert decided["dry_run"] is False

        def is_open_after_another_z() -> bool:
            screen.key("z")
            return bool(world.conflict("c-ben")["state"] == "open")

        until(is_open_after_another_z)
        assert len(agent.asked_for("POST", "/v1/undo")) == 1, "an impatient hand takes it back once"


def test_the_icon_says_what_is_the_matter(screen: Screen, tmp_path: Path) -> None:
    """The icon registers with the panel; its sentence follows what the agent tells, without any polling."""
    world = a_quiet_week(datetime.now(UTC))
    with fake_agent(tmp_path, world) as agent, tray_app(screen, tmp_path):
        until(screen.tray_items)
        until(lambda: agent.listeners)
        until(lambda: "agree" in screen.tray_sentence())

        world.state, world.reason = "offline", "Offline since 14:02."
        agent.tell("state.changed")

        until(lambda: "Offline since 14:02." in screen.tray_sentence())


def test_a_second_start_raises_the_window_of_the_first(screen: Screen, tmp_path: Path) -> None:
    """A tutor clicks the program's entry again: there is one program, and its window comes to the front."""
    with fake_agent(tmp_path, a_quiet_week(datetime.now(UTC))) as agent, tray_app(screen, tmp_path) as first:
        until(lambda: agent.listeners)
        until(screen.tray_items)

        second = subprocess.run(
            [*PROGRAM, "--profile", str(tmp_path)], env=screen.desktop.environment, cwd=ROOT, timeout=30
        )

        assert second.returncode == 0
        assert first.poll() is None
        screen.window("TutorSync")
        until(lambda: screen.active().startswith("TutorSync"))
        assert len(screen.tray_items()) == 1


def test_a_solved_double_booking_takes_its_notification_away(screen: Screen, tmp_path: Path) -> None:
    """Both double bookings are settled on another device: nothing is left to tell."""
    world = an_ordinary_week(datetime.now(UTC))
    with fake_agent(tmp_path, world) as agent, tray_app(screen, tmp_path):
        screen.bubble()
        for conflict in world.conflicts:
            conflict["state"] = "closed"
        agent.tell("conflict.closed", "c-ben", "c-mia")

        until(lambda: not screen.windows("--class", "xfce4-notifyd"))


def test_the_end_of_the_session_ends_the_tray_app_at_once(screen: Screen, tmp_path: Path) -> None:
    """SIGTERM while nothing happens: no timer has to fire before it is heard."""
    with fake_agent(tmp_path, a_quiet_week(datetime.now(UTC))) as agent, tray_app(screen, tmp_path) as app:
        until(lambda: agent.listeners)
        until(screen.tray_items)

        app.send_signal(signal.SIGTERM)

        assert app.wait(5) == 0


def test_without_a_tray_the_window_opens_and_says_why(tmp_path: Path) -> None:
    """A desktop that shows no icons: everything is in the window, and nothing runs hidden."""
    with (
        virtual_desktop(panel="none", notifications=False) as desktop,
        fake_agent(tmp_path, an_ordinary_week(datetime.now(UTC))) as agent,
        tray_app(Screen(desktop), tmp_path),
    ):
        screen = Screen(desktop)
        screen.window("TutorSync")
        until(lambda: screen.active().startswith("TutorSync"))
        until(lambda: agent.asked_for("GET", "/v1/sessions"))
        # The most important matter has the keyboard: Space opens it.
        until(lambda: (screen.key("space"), screen.windows("--name", "^Double bookings"))[1])
