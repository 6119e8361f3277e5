"""Writing a small private file as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from sync_agent.laptop.profile.places import cannot_write


def write_private(path: Path, content: bytes) -> None:
    """Put a file in the place of another (0600). After a crash there is the old one or the new one, never a half.

    Raises:
        ProfileNotWritable, DiskFull: the old file is as it was.
    """
    try:
        # mkstemp makes it 0600 from the start: nobody can read it in between.
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as cause:
        raise cannot_write(path.parent, cause) from cause
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as cause:
        with suppress(OSError):
            Path(name).unlink()
        raise cannot_write(path.parent, cause) from cause
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to the disk, where the system lets a folder be synced (Windows does not)."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
