"""Holding a profile as its agent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_agent.laptop.errors import ProfileBusy, ProfileInUse
from sync_agent.laptop.profile.lock import AGENT, COMMAND, LockHeld, ProfileLock

if TYPE_CHECKING:
    from sync_agent.laptop.profile.places import Profile

_PATIENCE = timedelta(seconds=10)
"""A command that works on the profile at this moment ends soon."""


@contextmanager
def held_profile(profile: Profile) -> Iterator[None]:
    """Prepare a profile and hold it as its agent.

    Raises:
        ProfileInUse: another agent has it.
        ProfileBusy: a command has it and does not end.
        ProfileNotWritable, DiskFull.
    """
    profile.prepare()
    try:
        lock = ProfileLock.take(profile.lock, AGENT, patience=_PATIENCE)
    except LockHeld as held:
        if held.holder.kind == COMMAND:
            raise ProfileBusy(pid=held.holder.pid) from held
        raise ProfileInUse(pid=held.holder.pid or "unknown") from held
    with lock:
        yield
