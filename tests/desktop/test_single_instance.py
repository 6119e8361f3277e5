"""One tray app a profile, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.profile import doorbell
from desktop.single_instance import OPEN, SingleInstance

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

_HOLDER = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from desktop.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
first = instance.is_first()
print("first" if first else "second", flush=True)
if not first:
    sys.exit(0 if instance.ring() else 1)
instance.rung.connect(lambda: print("rung", flush=True))
app.exec()
"""


@contextmanager
def started(profile: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that wants to be the one."""
    process = subprocess.Popen([sys.executable, "-c", _HOLDER, profile], stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str]) -> str:
    """Its next line."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A profile whose bell lies in a short place of its own."""
    (tmp_path / "run").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    return tmp_path / "profile"


def test_a_second_start_rings_at_the_first_and_ends(profile: Path) -> None:
    """A tutor clicks the program's entry again because the window is hidden."""
    with started(profile) as first:
        assert said(first) == "first"
        with started(profile) as second:
            assert said(second) == "second"
            assert second.wait(10) == 0
        assert said(first) == "rung"


def test_of_several_that_start_at_once_one_wins(profile: Path) -> None:
    """Autostart and an impatient click."""
    with ExitStack() as stack:
        all_of_them = [stack.enter_context(started(profile)) for _ in range(4)]
        assert sorted(said(one) for one in all_of_them) == ["first", "second", "second", "second"]


def test_a_killed_one_leaves_the_place_free(profile: Path) -> None:
    """Lock and socket of a process that was killed are no obstacle."""
    with started(profile) as first:
        assert said(first) == "first"
        os.kill(first.pid, signal.SIGKILL)
        first.wait(10)
        with started(profile) as second:
            assert said(second) == "first"


def test_two_profiles_do_not_know_each_other(profile: Path, tmp_path: Path) -> None:
    """The demo runs beside the real one."""
    with started(profile) as one, started(tmp_path / "other") as other:
        assert (said(one), said(other)) == ("first", "first")


@pytest.mark.parametrize(
    "word",
    [
        pytest.param(b"format c:\n", id="another word"),
        pytest.param(b"open\n" * 100_000, id="far too much"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_stranger_at_the_bell_is_not_listened_to(word: bytes, profile: Path, qtbot: QtBot) -> None:
    """Only the one word opens the window, and afterwards the bell still works."""
    from PySide6.QtNetwork import QLocalSocket

    instance = SingleInstance(profile)
    assert instance.is_first()
    heard: list[str] = []
    instance.rung.connect(lambda: heard.append("rung"))

    stranger = QLocalSocket()
    stranger.connectToServer(doorbell(profile))
    qtbot.waitUntil(lambda: stranger.state() is QLocalSocket.LocalSocketState.ConnectedState)
    stranger.write(word)
    stranger.disconnectFromServer()
    friend = QLocalSocket()
    friend.connectToServer(doorbell(profile))
    friend.write(OPEN)
    qtbot.waitUntil(lambda: heard != [])

    assert heard == ["rung"]
    instance.leave()


def test_the_bell_is_private(profile: Path, qtbot: QtBot) -> None:
    """Nobody else on the machine can ring."""
    instance = SingleInstance(profile)
    assert instance.is_first()

    assert Path(doorbell(profile)).stat().st_mode & 0o077 == 0
    instance.leave()
