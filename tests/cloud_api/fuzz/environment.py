"""Schemathesis' environment: made from its lock where it is missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_FOLDER = ROOT / ".venv-fuzz"
_LOCK = ROOT / "build" / "locks" / "fuzz.txt"


def schemathesis_command() -> Path:
    """Give the command, making its environment first if there is none (or one of another lock)."""
    command, mark = _FOLDER / "bin" / "schemathesis", _FOLDER / "lock.txt"
    if not command.exists() or not mark.exists() or mark.read_bytes() != _LOCK.read_bytes():
        _make()
        shutil.copyfile(_LOCK, mark)
    return command


def _make() -> None:
    if (uv := shutil.which("uv")) is not None:
        _run(uv, "venv", "--quiet", "--clear", "--python", sys.executable, _FOLDER)
        _run(uv, "pip", "install", "--quiet", "--python", _FOLDER / "bin" / "python", "--require-hashes", "-r", _LOCK)
        return
    _run(sys.executable, "-m", "venv", "--clear", _FOLDER)
    _run(_FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", _LOCK)


def _run(*command: str | Path) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
