"""Passes of TutorSync one after the other in one process that has been at work for a while, all its features on.

    python -m tests.benchmarks.peers.passes PROFILE PASSPHRASE_FILE COUNT

Prints {"cpu_s": CPU of one pass} as JSON. The floors of a warm poll were measured in the same way.
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

_BEFORE_WARM = 20


def main(folder: Path, passphrase: Path, count: int) -> None:
    """Open the profile as the agent does, warm up, and measure."""
    profile = Profile.at(folder)
    profile.prepare()
    log_to_file(profile.logs, "info")
    office = Office(profile, Config(profile.config, os.environ, {}))
    office.vault.unlock(Secret(passphrase.read_text().strip()))
    for _ in range(_BEFORE_WARM):
        office.run_pass()
    before_s = time.process_time()
    for _ in range(count):
        office.run_pass()
    used_s = (time.process_time() - before_s) / count
    office.close()
    sys.stdout.write(json.dumps({"cpu_s": used_s}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
