"""A real CalDAV server: Radicale as a process of its own, on a free port, with one user."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

USER, PASSWORD = "anna", "correct horse"
_PATIENCE_S = 20
_CONFIGURATION = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/data
[web]
type = none
[logging]
level = warning
"""


class Radicale:
    """Lives as long as the `with` block; `address` is its root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def __enter__(self) -> Radicale:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        configuration = self.folder / "radicale.conf"
        configuration.write_text(_CONFIGURATION.format(port=self.port, folder=self.folder), encoding="utf-8")
        (self.folder / "users").write_text(f"{USER}:{PASSWORD}\n", encoding="utf-8")
        with (self.folder / "radicale.log").open("wb") as log:
            command = [sys.executable, "-m", "radicale", "--config", str(configuration)]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def change_password(self, password: str) -> None:
        """Somebody changes the user's password on the server; it holds from the next request on."""
        (self.folder / "users").write_text(f"{USER}:{password}\n", encoding="utf-8")

    def _wait(self) -> None:
        """Wait until it answers: the port is bound before Radicale is ready."""
        assert self._process is not None
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, (self.folder / "radicale.log").read_text()
            try:
                httpx.get(self.address, timeout=1)
            except httpx.TransportError:
                continue
            return
        raise AssertionError("Radicale did not answer in time")
