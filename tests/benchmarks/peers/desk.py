"""Edits sessions of a profile as the tutor would, many at once and without a pass; says what the sessions then are.

    python -m tests.benchmarks.peers.desk PROFILE < {"changed": {TITLE: NEW}, "cancelled": [TITLE], "added": [TITLE]}

Prints the titles of the live sessions as a JSON list. An agent would go to work after each edit.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.laptop.logs import log_to_file
from sync_agent.laptop.office import Office
from sync_agent.laptop.profile.config import Config
from sync_agent.laptop.profile.places import Profile

_FIRST_NEW = timedelta(days=380)


def opened(folder: Path) -> Office:
    """Open a profile as the agent does."""
    profile = Profile.at(folder)
    profile.prepare()
    log_to_file(profile.logs, "info")
    return Office(profile, Config(profile.config, os.environ, {}))


def ids_by_title(office: Office) -> dict[str, str]:
    """Give the live sessions of the next years."""
    now = datetime.now(UTC)
    with office.store.read() as connection:
        found = office.store.sessions.between(
            connection, now - timedelta(days=1), now + timedelta(days=3000), cancelled=False
        )
    return {session.title: session.id for session in found}


def edit(office: Office, wanted: dict[str, Any]) -> None:
    """Make the edits."""
    ids, sessions = ids_by_title(office), office.engine.sessions
    for title, new in wanted["changed"].items():
        sessions.change(ids[title], SessionEdit(title=new))
    for title in wanted["cancelled"]:
        sessions.cancel(ids[title])
    first = datetime.now(UTC).replace(tzinfo=None, hour=8, minute=0, second=0, microsecond=0) + _FIRST_NEW
    for number, title in enumerate(wanted["added"]):
        sessions.add(SessionEdit(title=title, start=first + timedelta(days=number), duration=timedelta(hours=1)))


def main(folder: Path) -> None:
    """Edit what stdin asks for, and say what there is."""
    office = opened(folder)
    edit(office, json.load(sys.stdin))
    sys.stdout.write(json.dumps(sorted(ids_by_title(office))))
    office.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
