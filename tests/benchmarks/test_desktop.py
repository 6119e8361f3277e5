"""The yardstick of the tray sees a start, and compares."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.desktop import Comparison, NothingSeen, Start, _Program, _start
from tests.benchmarks.framebuffer import Framebuffer
from tests.virtual_desktop import Panel, virtual_desktop

PROBE = _Program("probe", [sys.executable, "-m", "tests.benchmarks.tray_probe"], besides=set)


@pytest.mark.screen
@pytest.mark.parametrize("panel", ["xfce", "tint2"])
def test_the_first_pixel_in_the_tray_is_seen(panel: Panel) -> None:
    """Both kinds of tray show the probe; one that is already there does not count as the next one's start."""
    with virtual_desktop(panel=panel, notifications=False) as desktop, Framebuffer(desktop.framebuffer) as screen:
        seen = [_start(PROBE, desktop, screen, settle=False).after_ms for _ in range(2)]

    assert all(20 < after_ms < 20_000 for after_ms in seen)


@pytest.mark.screen
def test_a_program_that_fails_is_told_apart_from_a_slow_one() -> None:
    """It says what the program said."""
    broken = _Program("broken", [sys.executable, "-c", "raise SystemExit('no tray for me')"], besides=set)

    with (
        virtual_desktop(notifications=False) as desktop,
        Framebuffer(desktop.framebuffer) as screen,
        pytest.raises(NothingSeen, match="no tray for me"),
    ):
        _start(broken, desktop, screen, settle=False)


def test_starts_are_compared_by_their_medians() -> None:
    """One slow start, when the machine had other work, does not spoil the run."""
    found = Comparison(Start("probe", (100, 110, 900), 40, 1), Start("tutorsync", (180, 165, 170), 90, 2))

    assert found.start_ratio == pytest.approx(170 / 110)
    assert found.as_json()["start_ratio"] == found.start_ratio
