"""What three rooms need: nothing else belongs here."""

from __future__ import annotations

from pathlib import Path

_SHARED = Path(__file__).resolve().parents[2] / "shared"

# Tests that need samples, contracts or yardsticks that are not part of the clone are collected only where these lie.
collect_ignore_glob = [] if _SHARED.is_dir() else ["**/test_*_shared.py", "*_shared.py"]
