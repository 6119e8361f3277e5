"""The tree of the project as a test sees it: where it lies, and which files are ours."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("connectors", "sync_agent", "desktop", "cloud_api", "resources")
LOCKS = ROOT / "build" / "locks"

_LEFT_OUT = {".git", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", "node_modules"}


@cache
def files() -> tuple[Path, ...]:
    """Every file of the tree but those that tools made, in a stable order."""
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(n for n in folders if n not in _LEFT_OUT and not n.startswith((".venv", ".import_linter")))
        # In a second working tree of git ".git" is a file, which says where the first one is.
        found += [Path(folder, n) for n in sorted(names) if not n.endswith((".log", ".pyc")) and n not in _LEFT_OUT]
    return tuple(found)


def texts() -> dict[Path, str]:
    """Every file that is text, by its path in the tree."""
    found = {}
    for path in files():
        content = path.read_bytes()
        if b"\0" not in content:
            found[path.relative_to(ROOT)] = content.decode(errors="replace")
    return found


def python_files(*folders: str) -> list[Path]:
    """The Python files below some folders of the tree."""
    return [p for p in files() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in folders]


def module_name(path: Path) -> str:
    """The name under which a file of the tree is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules(*rooms: str) -> list[str]:
    """The modules of some rooms; programs (`__main__`, Alembic's `env.py`) are none, they act when imported."""
    programs = ("__main__.py", "migrations/env.py")
    return [module_name(p) for p in python_files(*rooms) if not p.as_posix().endswith(programs)]


@cache
def pyproject() -> dict[str, Any]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
