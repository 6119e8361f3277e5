"""Pictures of everything that can be seen, made on a virtual desktop: build/screenshots.

The panel, its menu and the notification are photographed on the desktop while the real tray app runs there; windows
are painted by themselves, in a process of their own for each theme, so that no other window lies over them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.desktop.fake_agent import FakeAgent
from tests.desktop.test_on_a_screen import Screen, fake_agent, tray_app, until
from tests.desktop.world import World, a_quiet_week, an_ordinary_week
from tests.house.tree import ROOT
from tests.virtual_desktop import virtual_desktop

_STATES = {
    "ok": "All calendars agree.",
    "syncing": "Calendars are being compared.",
    "paused": "Paused until 15:00.",
    "offline": "Offline since 14:02. 3 changes wait.",
    "needs_you": "2 double bookings to settle.",
    "broken": "“Home” does not accept the password any more.",
    "starting": "TutorSync is starting.",
}
_TRAY = (320, 36)
_ZOOM = "400%"


def main() -> None:
    """Make all pictures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--into", type=Path, default=ROOT / "docs" / "screenshots")
    into: Path = asked.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    with virtual_desktop(size="1280x1000") as desktop:
        screen = Screen(desktop)
        _photograph_tray(screen, into)
        _photograph_menu_and_bubble(screen, into)
    with virtual_desktop(panel="none", notifications=False, size="2200x1900") as desktop:
        screen = Screen(desktop)
        screen.do("xdotool", "mousemove", "2199", "1899")
        for theme in ("light", "dark", "contrast"):
            _paint_windows(screen, into, theme)
        _paint_windows(screen, into, "light", "--large")
        _paint_windows(screen, into, "light", "--long")


def _photograph_tray(screen: Screen, into: Path) -> None:
    """The icon in each state, in the panel, enlarged as a magnifying glass would."""
    with _running(screen, a_quiet_week(datetime.now(UTC))) as agent:
        for state, reason in _STATES.items():
            agent.world.state, agent.world.reason = state, reason
            agent.tell("state.changed")
            until(lambda reason=reason: reason in screen.tray_sentence())
            _settled(screen)
            _shoot(screen, into / f"tray-{state}.png", "-crop", "48x36+1232+964", "-filter", "point", "-resize", _ZOOM)
    strip = [str(into / f"tray-{state}.png") for state in _STATES]
    screen.do("convert", *strip, "+append", str(into / "tray-states.png"))
    for one in strip:
        Path(one).unlink()


def _photograph_menu_and_bubble(screen: Screen, into: Path) -> None:
    """The menu over the icon, and the notification."""
    with _running(screen, an_ordinary_week(datetime.now(UTC))):
        left, top, width, height = screen.bubble()
        _settled(screen)
        _shoot(screen, into / "notification.png", "-crop", f"{width + 24}x{height + 24}+{left - 12}+{top - 12}")
        before = screen.windows("--class", "xfce4-panel|wrapper")
        screen.do("xdotool", "mousemove", "1262", "982", "click", "3")
        until(lambda: len(screen.windows("--class", "xfce4-panel|wrapper")) > len(before), 5)
        _settled(screen)
        _shoot(screen, into / "tray-menu.png", "-crop", "420x420+860+580")
        screen.key("Escape")


@contextmanager
def _running(screen: Screen, world: World) -> Iterator[FakeAgent]:
    with (
        tempfile.TemporaryDirectory() as folder,
        fake_agent(Path(folder), world) as agent,
        tray_app(screen, Path(folder)),
    ):
        until(screen.tray_items)
        until(lambda: agent.listeners)
        yield agent


def _settled(screen: Screen) -> None:
    """Wait until nothing moves on the screen any more."""
    last: list[bytes] = [b""]

    def is_still() -> bool:
        before, last[0] = last[0], screen.desktop.framebuffer.read_bytes()
        return before == last[0]

    for _ in range(8):
        until(is_still)


def _shoot(screen: Screen, into: Path, *changes: str) -> None:
    screen.do("import", "-window", "root", *changes, "+repage", str(into))


def _paint_windows(screen: Screen, into: Path, theme: str, *how: str) -> None:
    command = [sys.executable, "-m", "tests.desktop.painted_windows", "--into", str(into), "--theme", theme, *how]
    subprocess.run(command, cwd=ROOT, env=screen.desktop.environment, check=True)


if __name__ == "__main__":
    main()
