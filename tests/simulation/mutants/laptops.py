"""Mutants of several laptops: who may write, and what a new holder knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sync_agent.engine.sync import sharing
from sync_agent.engine.sync.leases import WRITTEN_ROLES, LeaseKeeper
from sync_agent.engine.sync.rights import Rights
from tests.simulation.mutants.mutant import mutant, replaced


@mutant(
    22,
    "lease per connection, no epoch check",
    "one engine writes to one remote calendar",
    among=lambda extras: extras.laptops,
)
def no_lease() -> Iterator[None]:
    def always(*found: Any, **rest: Any) -> bool:
        return True

    with (
        replaced(Rights, is_mine=always, may_send=always),
        replaced(LeaseKeeper, announce=always),
        replaced(sharing, not_ours=lambda *found, **rest: frozenset()),
    ):
        yield


@mutant(
    23,
    "take-over without reading every side first",
    "a new holder takes the bases and reads first",
    among=lambda extras: extras.laptops,
)
def take_over_unread() -> Iterator[None]:
    def unread(
        calendars: Any, keys: Any, taken: Any, read: Any, rights: Rights, elapsed: Any, **rest: Any
    ) -> frozenset[str]:
        if not rights.is_needed:
            return frozenset()
        written = [one for one in calendars if one.role in WRITTEN_ROLES]
        return frozenset(one.id for one in written if not rights.is_mine(keys[one.id], elapsed))

    with replaced(sharing, not_ours=unread), replaced(LeaseKeeper, _take_over=_in_name_only):
        yield


def _in_name_only(self: LeaseKeeper, platform: Any, calendar: Any, lease: Any) -> None:
    """Hold a lease, and know nothing of what its former holder left."""
    del self, platform, calendar, lease
