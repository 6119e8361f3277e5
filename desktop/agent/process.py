"""Starting the agent as a process of its own, which outlives the tray app. Nothing of it is imported here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_LAST_WORDS = 4000


def agent_command(profile: Path) -> list[str]:
    """Give the command that runs the agent of a profile."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--profile", str(profile), "agent"]
    return [sys.executable, "-m", "sync_agent.laptop.cli.main", "--profile", str(profile), "agent"]


class AgentProcess:
    """The agent that this tray app started, if it did."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = list(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._told: IO[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """It was started here and has not ended. Also takes leave of one that has (no zombie stays)."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> str:
        """Start it in a session of its own, so that it outlives us.

        Returns:
            "" or why it could not be started.
        """
        self.forget()
        # A file, not a pipe: an agent that outlives us must not die of writing into a closed one.
        self._told = tempfile.TemporaryFile()  # noqa: SIM115 -- closed by forget()
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own interpreter with our own module
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._told,
                start_new_session=True,
            )
        except OSError as cause:
            return cause.strerror or str(cause)
        return ""

    def last_words(self) -> str:
        """Give the sentence with which it ended, or "" where it runs, ended well, was killed or said nothing."""
        # Negative: killed by a signal. Then its last line is no reason, and it is simply started again.
        if self._process is None or self._told is None or (self._process.poll() or 0) <= 0:
            return ""
        size = self._told.seek(0, 2)
        self._told.seek(max(0, size - _LAST_WORDS))
        lines = [line.strip() for line in self._told.read().decode("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1] if lines else ""

    def forget(self) -> None:
        """Let it run on its own, and keep nothing open for it."""
        if self._told is not None:
            self._told.close()
            self._told = None
        if self._process is not None:
            # Python would warn about a child that is still running; ours is meant to.
            self._process.returncode = self._process.poll() or 0
            self._process = None
