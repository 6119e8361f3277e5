"""What the peers have in common that keep a folder of .ics files equal with a calendar; and the floor among them."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from pathlib import Path

from tests.benchmarks.edits import Edits, new_text, title_of, titled


class FolderPeer(ABC):
    """A folder on one side, a CalDAV calendar on the other.

    Attributes:
        name: as it is called in the report.
        folder: the files.
        state: a place of its own for what the peer remembers.
        url: the calendar's address.
    """

    name: str

    def __init__(self, place: Path, url: str) -> None:
        self.folder, self.state, self.url = place / "folder", place / "state", url
        self.folder.mkdir(parents=True)

    @abstractmethod
    def prepare(self) -> None:
        """Do what has to be done once, and is not measured."""

    @abstractmethod
    def command(self) -> list[str | Path]:
        """The command that makes one pass."""

    def fill(self, texts: dict[str, str]) -> None:
        """Put objects into the folder, by name."""
        for name, text in texts.items():
            (self.folder / name).write_bytes(text.encode())

    def edit(self, edits: Edits) -> None:
        """Make edits in the folder, as somebody with an editor would."""
        for item, title in edits.changed:
            file = self.folder / item.name
            file.write_bytes(titled(file.read_bytes().decode(), title).encode())
        for item in edits.deleted:
            (self.folder / item.name).unlink()
        self.fill({item.name: new_text(item) for item in edits.added})

    def titles(self) -> list[str]:
        """Give the titles of what is in the folder, sorted."""
        return sorted(title_of(file.read_bytes().decode()) for file in self.folder.glob("*.ics"))

    def held(self) -> int:
        """How many objects are in the folder."""
        return sum(1 for _ in self.folder.glob("*.ics"))


class Raw(FolderPeer):
    """The floor; see tests/benchmarks/peers/raw.py."""

    name = "raw"

    def prepare(self) -> None:
        """It needs a place for its state."""
        self.state.mkdir()

    def command(self) -> list[str | Path]:
        """One pass."""
        return [sys.executable, "-m", "tests.benchmarks.peers.raw", self.folder, self.url, self.state / "state.json"]
