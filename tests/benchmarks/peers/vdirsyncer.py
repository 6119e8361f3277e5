"""The peer that people use: vdirsyncer, between a folder and a CalDAV calendar, from an environment of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.benchmarks.peers.folder import FolderPeer
from tests.house.tree import ROOT

PROGRAM = ROOT / ".venv-peers" / "bin" / "vdirsyncer"

_CONFIGURATION = """\
[general]
status_path = "{state}/status"
[pair p]
a = "here"
b = "there"
collections = [["p", "{folder}", "{calendar}"]]
conflict_resolution = "a wins"
[storage here]
type = "filesystem"
path = "{parent}"
fileext = ".ics"
[storage there]
type = "caldav"
url = "{home}/"
username = "anna"
password = "x"
"""


def install() -> None:
    """Make the peer's environment where there is none.

    Raises:
        subprocess.CalledProcessError: it could not be made; the reason went to stderr.
    """
    subprocess.run([ROOT / "build" / "environment", "peers"], check=True)


class Vdirsyncer(FolderPeer):
    """Lists names and tags at every pass, keeps whole objects, and remembers an etag for each."""

    name = "vdirsyncer"

    def prepare(self) -> None:
        """Write the configuration and let it find both sides."""
        self.state.mkdir()
        home, _, calendar = self.url.rstrip("/").rpartition("/")
        places = {"folder": self.folder.name, "parent": self.folder.parent, "home": home, "calendar": calendar}
        self._configuration.write_text(_CONFIGURATION.format(state=self.state, **places))
        discover = [PROGRAM, "-c", self._configuration, "discover", "p"]
        subprocess.run(discover, input=b"y\ny\ny\n", check=True, capture_output=True)

    def command(self) -> list[str | Path]:
        """One pass."""
        return [PROGRAM, "-v", "ERROR", "-c", self._configuration, "sync", "p"]

    @property
    def _configuration(self) -> Path:
        return self.state / "config"
