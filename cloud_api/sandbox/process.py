"""A sandbox program as a process of its own, in a group of its own that is ended as a whole."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from cloud_api.sandbox.loopback import ServerDidNotStart

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

_STEP_S = 0.02


class ServerProcess:
    """One program and all that it starts. Nothing of it survives `stop`.

    Attributes:
        log_file: what it printed to stderr, and to stdout unless that is read here.
    """

    def __init__(self, command: Sequence[str], log_file: Path, *, env: Mapping[str, str] | None = None) -> None:
        self._command, self.log_file, self._env = list(command), log_file, env
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: Thread | None = None

    @classmethod
    def of_module(cls, module: str, arguments: Sequence[str], log_file: Path) -> Self:
        """A module of this installation, run by this very interpreter."""
        return cls([sys.executable, "-m", module, *arguments], log_file)

    @property
    def pid(self) -> int:
        """The process, and the group, once started."""
        if self._process is None:
            raise ServerDidNotStart
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has been started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self, is_ready: Callable[[], bool], *, within_s: float = 30) -> Self:
        """Run it, and return when `is_ready` says so.

        Raises:
            ServerDidNotStart: it ended, or was not ready in time; its last words are in the error.
        """
        self._spawn(subprocess.DEVNULL)
        deadline = time.monotonic() + within_s
        while not is_ready():
            self._require_alive(deadline)
            time.sleep(_STEP_S)
        return self

    def start_announced(self, *, within_s: float = 30) -> Mapping[str, Any]:
        """Run a program whose first line on stdout is a JSON object that says where it listens, and give that.

        Raises:
            ServerDidNotStart: it ended, or said nothing in time.
        """
        process = self._spawn(subprocess.PIPE)
        first: Queue[bytes] = Queue()
        self._reader = Thread(target=self._read, args=(process, first), name="sandbox-stdout", daemon=True)
        self._reader.start()
        try:
            announced: Mapping[str, Any] = json.loads(first.get(timeout=within_s))
        except (Empty, ValueError) as cause:
            self.stop()
            raise ServerDidNotStart(self._last_words()) from cause
        return announced

    def stop(self, *, within_s: float = 10) -> None:
        """End the whole group: asked first, then killed. Twice is fine."""
        process = self._process
        if process is None:
            return
        self._signal(process, signal.SIGTERM)
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # Whatever the leader left behind is still in its group.
        self._signal(process, getattr(signal, "SIGKILL", signal.SIGTERM))
        if self._reader is not None:
            self._reader.join(within_s)
        if process.stdout is not None:
            process.stdout.close()
        self._process = self._reader = None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __enter__(self) -> Self:
        return self

    def _spawn(self, stdout: int) -> subprocess.Popen[bytes]:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=stdout if stdout == subprocess.PIPE else log,
                stderr=log,
                env=None if self._env is None else {**os.environ, **self._env},
                start_new_session=True,
            )
        return self._process

    def _read(self, process: subprocess.Popen[bytes], first: Queue[bytes]) -> None:
        """Give the first line, and write the rest to the log: a pipe that nobody empties would stop the program."""
        if process.stdout is None:
            return
        first.put(process.stdout.readline())
        with self.log_file.open("ab") as log:
            shutil.copyfileobj(process.stdout, log)

    def _require_alive(self, deadline: float) -> None:
        if self.is_running and time.monotonic() < deadline:
            return
        self.stop()
        raise ServerDidNotStart(self._last_words())

    def _last_words(self) -> str:
        return self.log_file.read_text(errors="replace")[-2000:] if self.log_file.exists() else ""

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: int) -> None:
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return  # the whole group has ended
        except AttributeError:  # Windows knows no groups to signal
            process.terminate()
