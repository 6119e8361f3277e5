"""Which version of the tz database this process derives instants with."""

from __future__ import annotations

import zoneinfo
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_HEAD_LETTERS = 64


@cache
def zone_rules_version() -> str:
    """Give the version's name ("2026c"), or "" if the database does not say.

    Asked once in a process: zones that were read stay as they were, whatever is installed meanwhile.
    """
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / "UTC").exists():
            return _version_in(folder)
    try:
        return version("tzdata")
    except PackageNotFoundError:
        return ""


def _version_in(folder: Path) -> str:
    """Read the version that the database writes into one of its files; else tell it by when its zones were written."""
    for name, mark in (("tzdata.zi", "# version "), ("+VERSION", ""), ("version", "")):
        try:
            with (folder / name).open(encoding="utf-8") as file:
                head = file.readline(_HEAD_LETTERS).strip()
        except (OSError, UnicodeDecodeError):
            continue
        if head.startswith(mark) and head:
            return head.removeprefix(mark)
    try:
        return f"as of {(folder / 'UTC').stat().st_mtime_ns}"
    except OSError:
        return ""
