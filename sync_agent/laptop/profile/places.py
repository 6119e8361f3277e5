"""Where a profile is and what lies where in it.

The desktop has the same rule in its own words: both must find the same agent.
"""

from __future__ import annotations

import errno
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sync_agent.laptop.errors import DiskFull, LaptopError, ProfileNotWritable

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "tutorsync"
PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def default_folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """Say where the profile is if nobody names one.

    Args:
        platform: as `sys.platform` spells it.
        environment: TUTORSYNC_PROFILE wins; then XDG_DATA_HOME or LOCALAPPDATA.
        home: the user's home folder.
    """
    named = environment.get("TUTORSYNC_PROFILE", "")
    if named:
        return Path(named)
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "")
        return (Path(local) if local else home / "AppData" / "Local") / _NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / _NAME
    data = environment.get("XDG_DATA_HOME", "")
    # A relative XDG_DATA_HOME is to be ignored (XDG Base Directory Specification).
    return (Path(data) if data.startswith("/") else home / ".local" / "share") / _NAME


@dataclass(frozen=True, slots=True)
class Profile:
    """One user's folder; `folder` is absolute."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> Profile:
        """Give the profile in a folder, whose name may be relative or begin with "~"."""
        return cls(folder.expanduser().absolute())

    @property
    def database(self) -> Path:
        """The store."""
        return self.folder / "tutorsync.db"

    @property
    def vault(self) -> Path:
        """The sealed secrets."""
        return self.folder / "vault.json"

    @property
    def config(self) -> Path:
        """The settings that were changed."""
        return self.folder / "config.toml"

    @property
    def lock(self) -> Path:
        """Held by the one process that works on this profile."""
        return self.folder / "lock"

    @property
    def announcement(self) -> Path:
        """How the agent is reached."""
        return self.folder / "agent.json"

    @property
    def installation(self) -> Path:
        """The name of this installation, for ever."""
        return self.folder / "installation"

    @property
    def pause(self) -> Path:
        """Until when nothing is synced, if the tutor said so."""
        return self.folder / "pause.json"

    @property
    def logs(self) -> Path:
        """The folder of the agent's logs."""
        return self.folder / "logs"

    def prepare(self) -> None:
        """Make the folders (0700), and see whether something can be written.

        Raises:
            ProfileNotWritable, DiskFull.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
            if self.folder.stat().st_mode & 0o077:
                self.folder.chmod(PRIVATE_FOLDER)
            self.logs.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
            with tempfile.TemporaryFile(dir=self.folder) as trial:
                trial.write(b"x")
                trial.flush()
            # SQLite gives its side files the rights of the database; an empty file is an empty database.
            self.database.touch(mode=PRIVATE_FILE)
        except OSError as cause:
            raise cannot_write(self.folder, cause) from cause


def cannot_write(folder: Path, cause: OSError) -> LaptopError:
    """Give our error for one of the system's. Decides, never raises."""
    # EFBIG: a limit on file sizes (a quota of some kind) is to the tutor what a full disk is.
    if cause.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        return DiskFull()
    return ProfileNotWritable(folder=str(folder), reason=cause.strerror or str(cause))
