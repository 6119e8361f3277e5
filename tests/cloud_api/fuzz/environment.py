"""Schemathesis' environment: made from its lock where it is missing."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@cache
def schemathesis_command() -> Path:
    """Give the command. Where two ask at once, the second waits until the first has made the environment.

    Raises:
        subprocess.CalledProcessError: it could not be made; the reason went to stderr.
    """
    subprocess.run([ROOT / "build" / "environment", "fuzz"], check=True)
    return ROOT / ".venv-fuzz" / "bin" / "schemathesis"
