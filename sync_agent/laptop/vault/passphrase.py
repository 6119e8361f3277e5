"""Where a passphrase may come from without standing on a command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sync_agent.laptop.errors import PassphraseMissing
from sync_agent.laptop.vault.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "TUTORSYNC_PASSPHRASE_FILE"
_LONGEST_BYTES = 4096


def passphrase_file(flag: Path | None, environment: Mapping[str, str]) -> Path | None:
    """Say which file holds the passphrase, if any: the flag's, else the environment's."""
    named = environment.get(VARIABLE, "")
    return flag or (Path(named) if named else None)


def read_passphrase(path: Path) -> Secret:
    """Read the first line of a file.

    Raises:
        PassphraseMissing: the file cannot be read, or its first line is empty.
    """
    try:
        with path.open("rb") as file:
            line = file.read(_LONGEST_BYTES).decode().split("\n", 1)[0].rstrip("\r")
    except (OSError, ValueError) as cause:
        raise PassphraseMissing(where=str(path)) from cause
    if not line:
        raise PassphraseMissing(where=str(path))
    return Secret(line)
