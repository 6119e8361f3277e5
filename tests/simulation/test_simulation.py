"""A share of the simulation for every run of the tests: fixed seeds, some hundred others, a mutant or two.

Each chunk runs in a process of its own with a fixed order of sets, so that what fails here replays with the command
that it prints, and so that both cores have something to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.simulation.runner import seeds_in

SEEDS = 500
CHUNKS = 10
FIXED = seeds_in(Path(__file__).with_name("seeds.txt"))


def _played(*arguments: str) -> None:
    command = [sys.executable, "-m", "tests.simulation", "--jobs", "1", *arguments]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONHASHSEED": "0"}, capture_output=True, text=True, timeout=110, check=False
    )

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_the_invariants_hold_in_random_histories(chunk: int) -> None:
    """Lost and late answers, crashes at any commit, servers of all manners, people who never wait."""
    size = SEEDS // CHUNKS
    _played("--seeds", str(size), "--start", str(chunk * size), "--no-counts")


def test_seeds_that_once_failed_hold() -> None:
    """Each of them showed a fault that is mended."""
    _played("--only", ",".join(map(str, sorted(FIXED))), "--no-counts", "--no-coverage")
