"""Where the agent's socket lies: a private folder and a short name, for the system refuses paths over 107 bytes."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from typing import TYPE_CHECKING

from sync_agent.laptop.errors import RuntimeFolderUnsafe
from sync_agent.laptop.profile.places import PRIVATE_FOLDER, cannot_write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sync_agent.laptop.profile.places import Profile

LONGEST_ADDRESS = 107
"""Bytes of a Unix socket's path on Linux (sockaddr_un holds 108 with the NUL); macOS has 103, which we stay under."""

_NAME_LETTERS = 12


def socket_name(profile: Profile) -> str:
    """Give the short name of a profile's socket: the same for every spelling of its folder."""
    return sha256(os.fsencode(profile.folder.resolve())).hexdigest()[:_NAME_LETTERS] + ".sock"


def runtime_folders(environment: Mapping[str, str], temporary: Path, user: int) -> list[Path]:
    """Give the folders to try, best first."""
    named = environment.get("XDG_RUNTIME_DIR", "")
    found = [temporary.joinpath(f"tutorsync-{user}")]
    if named.startswith("/"):
        found.insert(0, temporary.__class__(named) / "tutorsync")
    return found


def socket_path(profile: Profile, folders: list[Path], user: int) -> Path:
    """Give the path of a profile's socket, in the first folder that can be used; makes the folder (0700).

    Raises:
        RuntimeFolderUnsafe: the folder is not ours alone, or every path would be too long.
        ProfileNotWritable, DiskFull.
    """
    problem: Exception = RuntimeFolderUnsafe(folder=str(folders[-1]), reason="its name is too long")
    for folder in folders:
        path = folder / socket_name(profile)
        if len(os.fsencode(path)) > LONGEST_ADDRESS:
            continue
        try:
            folder.mkdir(exist_ok=True, mode=PRIVATE_FOLDER)
        except OSError as cause:
            problem = cannot_write(folder, cause)
            continue
        _require_private(folder, user)
        return path
    raise problem


def _require_private(folder: Path, user: int) -> None:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise RuntimeFolderUnsafe(folder=str(folder), reason="it is no folder")
    if found.st_uid != user:
        raise RuntimeFolderUnsafe(folder=str(folder), reason="it belongs to somebody else")
    if found.st_mode & 0o077:
        folder.chmod(PRIVATE_FOLDER)
