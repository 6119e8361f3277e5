"""Where this user's profile is, and what of it is the tray app's business.

The rule is the agent's own, in our words: both must find the same folder, and no room imports the other.
"""

from __future__ import annotations

import os
import sys
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = "tutorsync"
_PRIVATE_FOLDER = 0o700
_NAME_LETTERS = 12


def default_folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """Say where the profile is if nobody names one.

    Args:
        platform: as `sys.platform` spells it.
        environment: TUTORSYNC_PROFILE wins; then XDG_DATA_HOME or LOCALAPPDATA.
        home: the user's home folder.
    """
    if named := environment.get("TUTORSYNC_PROFILE", ""):
        return Path(named)
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "")
        return (Path(local) if local else home / "AppData" / "Local") / _NAME
    if platform == "darwin":
        return home / "Library" / "Application Support" / _NAME
    data = environment.get("XDG_DATA_HOME", "")
    # A relative XDG_DATA_HOME is to be ignored (XDG Base Directory Specification).
    return (Path(data) if data.startswith("/") else home / ".local" / "share") / _NAME


def chosen_folder(named: Path | None) -> Path:
    """Give the profile's folder as an absolute path; it need not exist."""
    folder = named or default_folder(sys.platform, os.environ, Path.home())
    return folder.expanduser().absolute()


def announcement_file(profile: Path) -> Path:
    """Give the file in which the agent says how it is reached."""
    return profile / "agent.json"


def lock_file(profile: Path) -> Path:
    """Give the file that the one tray app of a profile holds."""
    return profile / "desktop.lock"


def doorbell(profile: Path) -> str:
    """Name the local socket on which a second start asks the first to show itself.

    Short, for the system refuses paths over 107 bytes; private to the user; the same for every spelling of the profile.
    On Windows it is the name of a pipe.
    """
    name = sha256(os.fsencode(profile.resolve())).hexdigest()[:_NAME_LETTERS]
    if sys.platform == "win32":
        return f"{_NAME}-{name}"
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime.startswith("/"):
        folder = Path(runtime) / _NAME
    else:
        folder = Path(tempfile.gettempdir()) / f"{_NAME}-{os.getuid()}"
    folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    return str(folder / f"{name}.ui")
