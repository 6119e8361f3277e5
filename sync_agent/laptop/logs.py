"""Logs: an event name and facts, one JSON object a line, in a few files that stay small. No secret ever gets there."""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

import structlog

from sync_agent.laptop.profile.places import PRIVATE_FILE

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from pathlib import Path

    from structlog.typing import Processor

_FILE = "agent.log"
_LARGEST_BYTES = 2_000_000
_KEPT = 5
_HIDDEN = "***"
_SECRET_NAMES = re.compile(r"pass(word|phrase)|secret|token|authorization|cookie|join_url|start_url", re.IGNORECASE)
_ADDRESS = re.compile(r"((?:https?|webcals?)://)(?:[^/\s@]*@)?([^/?\s#]+)[^\s'\")]*", re.IGNORECASE)


def log_to_file(folder: Path, level: str) -> None:
    """Write the agent's log into a folder: five files of 2 MB at most."""
    path = folder / _FILE
    handler = RotatingFileHandler(path, maxBytes=_LARGEST_BYTES, backupCount=_KEPT, encoding="utf-8")
    path.chmod(PRIVATE_FILE)
    handler.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False)))
    _configure(handler, level)


def log_to_terminal(*, verbose: bool) -> None:
    """Say on standard error what goes on, if somebody asked for it; else nothing: standard out is for documents."""
    handler = logging.StreamHandler(sys.stderr) if verbose else logging.NullHandler()
    handler.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=False)))
    _configure(handler, "debug" if verbose else "error")


def _configure(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one.formatter, _Formatter)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    # APScheduler tells of every beat, httpx of every address with its query, which may be a secret.
    for name in ("apscheduler", "httpx", "httpcore", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """Tells our handlers from those of others."""


def _formatter(renderer: Processor) -> logging.Formatter:
    return _Formatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            hide_secrets,
            renderer,
        ]
    )


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what bears a secret's name, and all of an address but its host: a feed's path is its password."""
    for name, value in event.items():
        event[name] = _HIDDEN if _SECRET_NAMES.search(name) and value else _without_addresses(value)
    return event


def _without_addresses(value: Any) -> Any:
    if isinstance(value, str):
        return _ADDRESS.sub(r"\1\2/" + _HIDDEN, value)
    mapped: Callable[[Any], Any] = _without_addresses
    if isinstance(value, dict):
        return {key: _HIDDEN if _SECRET_NAMES.search(str(key)) else mapped(item) for key, item in value.items()}
    return [mapped(item) for item in value] if isinstance(value, list | tuple) else value
