"""The name of this installation: it stands in UIDs and markers, so it is made once and stays for ever."""

from __future__ import annotations

import uuid
from hashlib import sha256
from typing import TYPE_CHECKING

from sync_agent.laptop.errors import InstallationBroken
from sync_agent.laptop.profile.files import write_private

if TYPE_CHECKING:
    from pathlib import Path


def installation_id(path: Path) -> str:
    """Give the installation's UUID; the first call makes it.

    Raises:
        ProfileNotWritable, DiskFull.
        InstallationBroken: it holds no name any more.
    """
    try:
        return str(uuid.UUID(path.read_text(encoding="ascii").strip()))
    except FileNotFoundError:
        made = str(uuid.uuid4())
        write_private(path, made.encode() + b"\n")
        return made
    except (OSError, ValueError) as cause:
        raise InstallationBroken(file=path.name) from cause


def device_name(hostname: str) -> str:
    """Name this computer in the origins of edits, without telling others what it is called."""
    return "laptop:" + sha256(hostname.encode()).hexdigest()[:8]


def shown_name(device: str) -> str:
    """Give a device's name for people: enough to tell a tutor's laptops apart, nothing of what they are called."""
    return device.replace(":", " ", 1).capitalize()
