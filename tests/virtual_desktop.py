"""A desktop without a monitor: X server, session bus, window manager, panel with a tray, notification daemon.

Comes up in one or two seconds, in folders of its own, and leaves nothing behind. The panel of Xfce offers a tray in
both ways that there are (StatusNotifierItem and XEmbed), tint2 only in the older one.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Literal

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

Panel = Literal["xfce", "tint2", "none"]

_COMES_UP_WITHIN_S = 20
_LOOKS_EVERY_S = 0.02
_PANEL_HEIGHT = 36
_XFCE_PANEL = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="true"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=8;x=640;y=782"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="{_PANEL_HEIGHT}"/>
      <property name="icon-size" type="uint" value="24"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/><value type="int" value="2"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/><property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"""
_TINT2_PANEL = f"""\
panel_items = S
panel_position = bottom center horizontal
panel_size = 100% {_PANEL_HEIGHT}
panel_layer = top
systray_padding = 6 4 6
systray_icon_size = 24
panel_background_id = 1
rounded = 0
border_width = 0
background_color = #20242c 100
"""


class DesktopFailed(Exception):
    """A part of the desktop did not come up; the message says which, and what it said."""


@dataclass(frozen=True, slots=True)
class VirtualDesktop:
    """A running desktop.

    Attributes:
        folder: scratch, with the log of every part.
        environment: the whole environment of a program that is to appear on it; its HOME is empty.
        framebuffer: the screen as a file (XWD) that can be mapped and looked at without asking the X server.
    """

    folder: Path
    environment: dict[str, str]
    framebuffer: Path
    _parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, *command: str | Path) -> subprocess.Popen[bytes]:
        """Start one part; what it says goes into its log."""
        with (self.folder / f"{name}.log").open("wb") as log:
            part = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._parts[name] = part
        return part

    def stop(self) -> None:
        """End every part, the last one first."""
        for part in reversed(self._parts.values()):
            part.terminate()
        for part in reversed(self._parts.values()):
            try:
                part.wait(5)
            except subprocess.TimeoutExpired:
                part.kill()
                part.wait()

    def await_(self, name: str, condition: Callable[[], bool]) -> None:
        """Wait until a part does its work.

        Raises:
            DesktopFailed: it ended, or its time is up.
        """
        until, pause = time.monotonic() + _COMES_UP_WITHIN_S, Event()
        while not condition():
            if time.monotonic() > until or self._parts[name].poll() is not None:
                said = (self.folder / f"{name}.log").read_text(errors="replace")
                raise DesktopFailed(f"{name} did not come up: {said[-1000:]}")
            pause.wait(_LOOKS_EVERY_S)

    def owns(self, bus_name: str) -> bool:
        """Whether somebody on the session bus answers to a name."""
        bus = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")
        with open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"]) as connection:
            answer = connection.send_and_get_reply(new_method_call(bus, "NameHasOwner", "s", (bus_name,)))
        return bool(answer.body[0])


def _environment(home: Path, runtime: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "NO_AT_BRIDGE": "1",
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_SESSION_TYPE": "x11",
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
    }


@contextmanager
def virtual_desktop(
    *, panel: Panel = "xfce", notifications: bool = True, size: str = "1280x800", dpi: int = 96
) -> Iterator[VirtualDesktop]:
    """Run a desktop for as long as the block lasts.

    Args:
        panel: whose tray it has, if any.
        notifications: whether there is a notification daemon (one that draws buttons).
        size: of the screen, in pixels.
        dpi: the resolution that the X server tells.

    Raises:
        DesktopFailed: a part did not come up.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="desktop-", ignore_cleanup_errors=True)))
        home, runtime, screen = folder / "home", folder / "run", folder / "screen"
        for made in (home, runtime, screen):
            made.mkdir(mode=0o700)
        desktop = VirtualDesktop(folder, _environment(home, runtime), screen / "Xvfb_screen0")
        stack.callback(desktop.stop)
        _configure_panel(home)
        _start_screen(desktop, size, dpi)
        _start_bus(desktop)
        desktop.start("openbox", "openbox")
        if notifications:
            desktop.start("notifications", _notification_daemon())
            desktop.await_("notifications", lambda: desktop.owns("org.freedesktop.Notifications"))
        _start_panel(desktop, panel)
        yield desktop


def _configure_panel(home: Path) -> None:
    """Write down the panel of Xfce; first of all, because other programs wake the service that reads it."""
    channel = home / ".config/xfce4/xfconf/xfce-perchannel-xml"
    channel.mkdir(parents=True)
    (channel / "xfce4-panel.xml").write_text(_XFCE_PANEL)


def _start_screen(desktop: VirtualDesktop, size: str, dpi: int) -> None:
    """Start the X server; it chooses a free number itself, which nobody can take in between."""
    number = desktop.folder / "display"
    screen = f'exec Xvfb -displayfd 3 -screen 0 {size}x24 -dpi {dpi} -fbdir "$1" -nolisten tcp -noreset 3>"$2"'
    desktop.start("xvfb", "sh", "-c", screen, "sh", desktop.framebuffer.parent, number)
    desktop.await_("xvfb", lambda: number.exists() and number.read_text().endswith("\n"))
    desktop.environment["DISPLAY"] = f":{number.read_text().strip()}"


def _start_bus(desktop: VirtualDesktop) -> None:
    log = desktop.folder / "bus.log"
    desktop.start("bus", "dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
    desktop.await_("bus", lambda: log.read_text().startswith("unix:") and log.read_text().endswith("\n"))
    desktop.environment["DBUS_SESSION_BUS_ADDRESS"] = log.read_text().split()[0]


def _notification_daemon() -> str:
    """Debian keeps it beside the libraries, where no search path leads."""
    places = Path("/usr/lib").glob("*/xfce4/notifyd/xfce4-notifyd")
    return shutil.which("xfce4-notifyd") or str(next(places, "xfce4-notifyd"))


def _start_panel(desktop: VirtualDesktop, panel: Panel) -> None:
    match panel:
        case "xfce":
            desktop.start("panel", "xfce4-panel", "--disable-wm-check")
            desktop.await_("panel", lambda: desktop.owns("org.kde.StatusNotifierWatcher"))
        case "tint2":
            configuration = desktop.folder / "tint2rc"
            configuration.write_text(_TINT2_PANEL)
            desktop.start("panel", "tint2", "-c", configuration)
        case "none":
            return
    desktop.await_("panel", lambda: _tray_is_there(desktop))


def _tray_is_there(desktop: VirtualDesktop) -> bool:
    """Whether somebody holds the selection by which X programs find a tray (System Tray Protocol, section 2)."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.argtypes, x11.XInternAtom.restype = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int], ctypes.c_ulong
    x11.XGetSelectionOwner.argtypes, x11.XGetSelectionOwner.restype = [ctypes.c_void_p, ctypes.c_ulong], ctypes.c_ulong
    x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
    display = x11.XOpenDisplay(desktop.environment["DISPLAY"].encode())
    if not display:
        return False
    try:
        selection = x11.XInternAtom(display, b"_NET_SYSTEM_TRAY_S0", 0)
        return bool(x11.XGetSelectionOwner(display, selection))
    finally:
        x11.XCloseDisplay(display)
