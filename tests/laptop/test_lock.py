"""One process at a time works on a profile, and a dead one holds nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from sync_agent.laptop.profile.lock import AGENT, COMMAND, LockHeld, ProfileLock
from tests.laptop.conftest import until

_HOLD = """
import sys
from pathlib import Path
from sync_agent.laptop.profile.lock import ProfileLock
lock = ProfileLock.take(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
"""


@contextmanager
def _holder(path: Path, kind: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until it is told to end."""
    command = [sys.executable, "-c", _HOLD, str(path), kind]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_learns_who_is_first(tmp_path: Path) -> None:
    """By process and kind, so that the sentence can name it."""
    path = tmp_path / "lock"
    with _holder(path, AGENT) as first:
        with pytest.raises(LockHeld) as held:
            ProfileLock.take(path, COMMAND, patience=timedelta(seconds=30))

        assert (held.value.holder.pid, held.value.holder.kind) == (first.pid, AGENT)


def test_after_sigkill_the_lock_is_free(tmp_path: Path) -> None:
    """The system gives it back: nobody has to remove a file by hand."""
    path = tmp_path / "lock"
    with _holder(path, AGENT) as first:
        first.kill()
        first.wait(10)

        with ProfileLock.take(path, COMMAND):
            assert json.loads(path.read_bytes())["kind"] == COMMAND


def test_a_command_is_waited_for(tmp_path: Path) -> None:
    """It ends soon; two terminals at once are no error."""
    path = tmp_path / "lock"
    with _holder(path, COMMAND) as first:
        assert first.stdin is not None
        first.stdin.write("\n")
        first.stdin.flush()

        until(lambda: ProfileLock.take(path, AGENT, patience=timedelta(seconds=20)).release() is None)


def test_a_released_lock_is_free_for_others(tmp_path: Path) -> None:
    """And releasing it twice is nothing."""
    path = tmp_path / "lock"
    lock = ProfileLock.take(path, AGENT)
    lock.release()
    lock.release()

    ProfileLock.take(path, COMMAND).release()
