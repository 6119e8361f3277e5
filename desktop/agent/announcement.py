"""agent.json: how the agent of a profile is reached."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

API = 1
"""The local API that this tray app speaks."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What an agent told when it started. It may be dead since.

    Attributes:
        address: "unix:PATH" or "tcp:HOST:PORT".
        token: for the header Authorization; never printed.
    """

    address: str
    pid: int
    version: str
    api: int
    token: str = field(repr=False)

    @property
    def socket(self) -> str | None:
        """The Unix socket's path, or None where it is TCP."""
        return self.address.removeprefix("unix:") if self.address.startswith("unix:") else None

    @property
    def base(self) -> str:
        """The address that a path is appended to."""
        return "unix+http://tutorsync" if self.socket else "http://" + self.address.removeprefix("tcp:")


def read_announcement(path: Path) -> Announcement | None:
    """Give what the last agent told, or None where there is nothing, or nothing that can be read."""
    try:
        told = json.loads(path.read_bytes())
        return Announcement(
            str(told["address"]), int(told["pid"]), str(told["version"]), int(told["api"]), str(told["token"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
