"""The Developer API as a process, as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_COMMAND = (sys.executable, "-m", "cloud_api.cli")
_ROOT = Path(__file__).resolve().parents[2]


def run_cloud(*arguments: str | Path, expect: int = 0) -> Any:
    """Run one command of `tutorsync cloud` with --json and give its document."""
    done = subprocess.run(
        [*_COMMAND, *map(str, arguments), "--json"], capture_output=True, text=True, cwd=_ROOT, check=False, timeout=60
    )
    assert done.returncode == expect, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return json.loads(done.stdout)


class CloudProcess:
    """A server that can be stopped and killed."""

    def __init__(self, database: Sequence[str], *, port: int = 0) -> None:
        self._process = subprocess.Popen(
            [*_COMMAND, *database, "--port", str(port), "--json"], stdout=subprocess.PIPE, text=True, cwd=_ROOT,
            # On a full disk Python would leave half a compiled file behind, which breaks the next start.
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the server ended before it was ready"
        ready = json.loads(line)
        self.url: str = ready["url"]
        self.port: int = ready["port"]
        self.pid = self._process.pid

    def stop(self) -> int:
        """End it as an operator does, and give its exit code."""
        self._process.terminate()
        return self._ended()

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._ended()

    def _ended(self) -> int:
        code = self._process.wait(timeout=15)
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code


@contextmanager
def running_cloud(*database: str, port: int = 0) -> Iterator[CloudProcess]:
    """Run a server until the end of the block."""
    process = CloudProcess(database, port=port)
    try:
        yield process
    finally:
        process.kill()
