"""Some of the engines that were broken on purpose, each day others: that each is still found.

One that no seed finds any more is a rule that could be broken without anybody hearing of it. All of them, from seed 0:
`python -m tests.simulation --mutants`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.hunt import found_before, in_turn

_SHARE = 6
_SEEDS = 40
_DAYS = 30


def test_each_mutant_has_its_turn() -> None:
    """Whatever the day is, within a month each was looked for."""
    seen = {number for day in range(_DAYS) for number in in_turn(day, _SHARE)}

    assert seen == found_before()
    assert [one.number for one in MUTANTS] == list(range(1, 30))


@pytest.mark.parametrize("half", range(2))
def test_a_broken_rule_is_found(half: int) -> None:
    """By an invariant, on a seed where the sound engine holds."""
    numbers = in_turn(datetime.now(UTC).toordinal(), _SHARE)[half::2]
    chosen = ",".join(map(str, numbers))
    command = [sys.executable, "-m", "tests.simulation", "--mutant", chosen, "--seeds", str(_SEEDS), "--jobs", "1"]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, timeout=110, check=False
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
