"""The mark of the last start, outside of the profile: by it a profile that was put back or copied is recognised.

It lies in the system's folder for state, named for the installation, so that whoever copies or restores a profile does
not take it along.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.starts import StartMark
from sync_agent.laptop.errors import LaptopError
from sync_agent.laptop.profile.files import write_private
from sync_agent.laptop.profile.places import PRIVATE_FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_agent.engine.engine import Engine

log = structlog.get_logger()

_NAME = "tutorsync"


def state_folder(platform: str, environment: Mapping[str, str], home: Path) -> Path:
    """Say where this program keeps state that is no part of a profile.

    Args:
        platform: as `sys.platform` spells it.
        environment: XDG_STATE_HOME or LOCALAPPDATA.
        home: the user's home folder.
    """
    if platform == "win32":
        local = environment.get("LOCALAPPDATA", "")
        return (Path(local) if local else home / "AppData" / "Local") / f"{_NAME}-state"
    if platform == "darwin":
        return home / "Library" / "Application Support" / f"{_NAME}-state"
    state = environment.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else home / ".local" / "state") / _NAME


def here(environment: Mapping[str, str]) -> Path:
    """Give the folder on this computer."""
    home = environment.get("HOME", "")
    return state_folder(sys.platform, environment, Path(home) if home else Path.home())


def begin(engine: Engine, folder: Path) -> None:
    """Tell the engine that it begins, and leave its mark. The caller holds the profile's lock.

    A folder that cannot be written makes every start look like a copy, which costs a full reading and loses nothing.

    Raises:
        StoreFull: nothing was changed.
    """
    file = folder / f"{engine.context.installation}.start"
    mark = engine.start(_read(file), str(uuid.uuid4()))
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        write_private(file, json.dumps({"counter": mark.counter, "nonce": mark.nonce}).encode())
    except (OSError, LaptopError) as error:
        log.warning("start.not_marked", reason=type(error).__name__)


def _read(file: Path) -> StartMark | None:
    try:
        known = json.loads(file.read_text(encoding="ascii"))
        return StartMark(int(known["counter"]), str(known["nonce"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
