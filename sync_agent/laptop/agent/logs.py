"""The agent's log: JSON lines in a rotating file of the profile. What is a secret prints as ***."""

from __future__ import annotations

import logging
import logging.handlers
from typing import TYPE_CHECKING

import structlog

from sync_agent.laptop.profile.places import PRIVATE_FILE

if TYPE_CHECKING:
    from pathlib import Path

_SIZE_BYTES = 2_000_000
_KEPT = 5


def log_to_file(folder: Path, level: str) -> None:
    """Send every log event of this process to `agent.log` (0600) in a folder.

    Args:
        folder: is there.
        level: "debug", "info", "warning" or "error".
    """
    path = folder / "agent.log"
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=_SIZE_BYTES, backupCount=_KEPT, encoding="utf-8")
    path.chmod(PRIVATE_FILE)
    handler.setFormatter(logging.Formatter("%(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    ours = logging.getLogger("tutorsync")
    ours.setLevel(level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=_one_logger,
        cache_logger_on_first_use=True,
    )


def log_to_nowhere() -> None:
    """Keep a command's terminal clean: its answer is what the person asked for."""
    structlog.configure(
        processors=[structlog.stdlib.add_log_level],
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        cache_logger_on_first_use=False,
    )


def _one_logger(*_names: str) -> logging.Logger:
    return logging.getLogger("tutorsync")
