"""A server as a process of its own: it announces itself, and its whole group ends."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import psutil
import pytest

from cloud_api.sandbox.loopback import ServerDidNotStart
from cloud_api.sandbox.process import ServerProcess

if TYPE_CHECKING:
    from pathlib import Path


def a_program(script: str, folder: Path) -> ServerProcess:
    return ServerProcess([sys.executable, "-c", script], folder / "log")


def test_group_is_ended_whole(tmp_path: Path) -> None:
    """A server that started another one takes it along."""
    script = (
        "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print('{\"child\": %d}' % p.pid, flush=True); time.sleep(600)"
    )
    process = a_program(script, tmp_path)

    child = psutil.Process(process.start_announced()["child"])
    process.stop()

    gone, _ = psutil.wait_procs([child], timeout=10)
    assert gone or child.status() == psutil.STATUS_ZOMBIE


def test_program_that_ends_at_once_says_why(tmp_path: Path) -> None:
    with pytest.raises(ServerDidNotStart, match="no such port"):
        a_program("raise SystemExit('no such port')", tmp_path).start_announced()
    with pytest.raises(ServerDidNotStart, match="no such port"):
        a_program("raise SystemExit('no such port')", tmp_path).start(lambda: False)


def test_program_that_never_gets_ready_is_ended(tmp_path: Path) -> None:
    process = a_program("import time; time.sleep(600)", tmp_path)

    with pytest.raises(ServerDidNotStart):
        process.start(lambda: False, within_s=0.2)

    assert not process.is_running


def test_program_that_talks_a_lot_does_not_stop(tmp_path: Path) -> None:
    """What comes after the first line goes to the log; a full pipe would stop it."""
    script = "print('{}', flush=True); print('x' * 500_000, flush=True); open('done', 'w').close()"
    process = a_program(f"import os, time; os.chdir({str(tmp_path)!r}); {script}; time.sleep(600)", tmp_path)
    assert process.start_announced() == {}

    a_program("import time; time.sleep(600)", tmp_path / "other").start((tmp_path / "done").exists).stop()
    process.stop()

    assert (tmp_path / "log").stat().st_size > 500_000
