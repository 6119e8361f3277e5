"""The seven icons: a calendar and a badge, which differ in shape and in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desktop.theme.glyphs import drawing, painted
from desktop.tray.presenter import TrayState

if TYPE_CHECKING:
    from PySide6.QtGui import QIcon

_SIZES = (16, 22, 24, 32, 44, 48, 64)
# The panel's colour is not known: a white sheet with an outline of middle brightness is seen on any.
_OUTLINE, _SHEET = "#4660d6", "#ffffff"
_BADGES = {
    TrayState.OK: "#1a8a52",
    TrayState.SYNCING: "#2a6fd6",
    TrayState.PAUSED: "#5d6675",
    TrayState.OFFLINE: "#5d6675",
    TrayState.NEEDS_YOU: "#c76a00",
    TrayState.BROKEN: "#cf2a20",
    TrayState.STARTING: "#5d6675",
}


def tray_icon(state: TrayState) -> QIcon:
    """Give the icon of a state."""
    sheet = drawing("tray", ink=_OUTLINE, paper=_SHEET)
    badge = drawing(f"badge-{state.value}", ink=_BADGES[state], paper="#ffffff")
    return painted([sheet, badge], _SIZES)


def app_icon() -> QIcon:
    """Give the icon of windows, in the list of tasks."""
    # Has colours of its own: notifications show the file as it is.
    return painted([drawing("tutorsync", ink=_OUTLINE, paper=_SHEET)], _SIZES)
