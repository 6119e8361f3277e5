"""agent.json: says to others of this user how the agent is reached. Readable by that user only, written as a whole."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from sync_agent.laptop.profile.files import write_private

API = 1
"""The number of the local API; an agent with another one is asked to stop."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What agent.json says.

    Attributes:
        address: "unix:PATH" or "tcp:HOST:PORT".
        token: fresh at each start; never printed.
    """

    address: str
    pid: int
    version: str
    token: str = field(repr=False)
    api: int = API


def announce(path: Path, announcement: Announcement) -> None:
    """Tell how this agent is reached.

    Raises:
        ProfileNotWritable, DiskFull.
    """
    write_private(path, json.dumps(asdict(announcement)).encode() + b"\n")


def read_announcement(path: Path) -> Announcement | None:
    """Give what the last agent told, or None. It may be dead: after SIGKILL nobody took it back."""
    try:
        told = json.loads(path.read_bytes())
        return Announcement(
            str(told["address"]), int(told["pid"]), str(told["version"]), str(told["token"]), int(told["api"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def withdraw(path: Path) -> None:
    """Take it back."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
