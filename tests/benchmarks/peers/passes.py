"""Passes of TutorSync in a process that has begun already, as the agent's are, all its features on.

    python -m tests.benchmarks.peers.passes first PROFILE PASSPHRASE_FILE
    python -m tests.benchmarks.peers.passes warm PROFILE PASSPHRASE_FILE COUNT

*first*: one pass over whatever there is to do. *warm*: so many without news, one after the other, after some that do
not count; the floors of a warm poll were measured in the same way. Prints the CPU of a pass as JSON, of the first one
also its wall time and the most memory that was in use.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from sync_agent.laptop.logs import log_to_file
from sync_agent.laptop.office import Office
from sync_agent.laptop.profile.config import Config
from sync_agent.laptop.profile.places import Profile
from sync_agent.laptop.vault.secrets import Secret
from tests.benchmarks.measured import forget_peak, peak_mib

_BEFORE_WARM = 20


def _opened(folder: Path, passphrase: Path) -> Office:
    """Open the profile as the agent does."""
    profile = Profile.at(folder)
    profile.prepare()
    log_to_file(profile.logs, "info")
    office = Office(profile, Config(profile.config, os.environ, {}))
    office.vault.unlock(Secret(passphrase.read_text().strip()))
    return office


def first(office: Office) -> dict[str, float]:
    """Make one pass."""
    forget_peak(os.getpid())
    before_s, began = time.process_time(), time.perf_counter()
    office.run_pass()
    used_s, wall_s = time.process_time() - before_s, time.perf_counter() - began
    return {"cpu_s": used_s, "wall_s": wall_s, "peak_mib": peak_mib(os.getpid())}


def warm(office: Office, count: int) -> dict[str, float]:
    """Warm up, and measure."""
    for _ in range(_BEFORE_WARM):
        office.run_pass()
    before_s = time.process_time()
    for _ in range(count):
        office.run_pass()
    return {"cpu_s": (time.process_time() - before_s) / count}


def main(words: list[str]) -> None:
    """Measure one of the two."""
    office = _opened(Path(words[1]), Path(words[2]))
    found = first(office) if words[0] == "first" else warm(office, int(words[3]))
    office.close()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
