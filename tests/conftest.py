"""What three rooms need: nothing else belongs here."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, settings

# How long an example takes says more of the machine and its other work than of the code.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

_SHARED = Path(__file__).resolve().parents[2] / "shared"

# Tests that need samples, contracts or yardsticks that are not part of the clone are collected only where these lie.
collect_ignore_glob = [] if _SHARED.is_dir() else ["**/test_*_shared.py", "*_shared.py"]
