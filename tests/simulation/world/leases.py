"""The platform's leases and link states: who may write to a calendar, and what the writer left there for the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.vocabulary.errors import LeaseLost
from connectors.vocabulary.leases import Lease, Leases, LinkRecord, LinkStates, Start, StartSeen
from tests.simulation.world.clock import BEGINNING, WorldClock

_LONGEST = timedelta(minutes=15)


@dataclass(slots=True)
class _Row:
    holder: str = ""
    epoch: int = 0
    version: int = 0
    links_version: int = 0
    expires_at: datetime = BEGINNING
    links: dict[str, tuple[LinkRecord, int]] = field(default_factory=dict)


class LeaseServer:
    """All leases of one tutor."""

    def __init__(self, clock: WorldClock) -> None:
        self._clock = clock
        self._rows: dict[str, _Row] = {}
        self._starts: dict[str, Start] = {}

    @property
    def told(self) -> list[LinkRecord]:
        """All that was left here for other devices."""
        return [record for row in self._rows.values() for record, _ in row.links.values()]

    def lease(self, device: str, keys: Sequence[str], ttl: timedelta, start: Start) -> Leases:
        now = self._clock.at
        seen = self._seen(device, start)
        if seen.is_current:
            for key in keys:
                self._take(device, self._rows.setdefault(key, _Row()), now + min(ttl, _LONGEST), now)
        return Leases(now, seen, tuple(self._shown(key, device, now) for key in keys if key in self._rows))

    def release(self, device: str, leases: Sequence[Lease]) -> None:
        for one in leases:
            row = self._rows.get(one.key)
            if row is not None and row.holder == device and row.version == one.version:
                row.holder, row.version = "", row.version + 1

    def put_links(self, device: str, key: str, epoch: int, links: Sequence[LinkRecord]) -> None:
        """Keep what became of some links.

        Raises:
            LeaseLost.
        """
        row = self._rows.get(key)
        if row is None or row.holder != device or row.epoch != epoch or row.expires_at <= self._clock.at:
            raise LeaseLost("platform")
        row.links_version += 1
        row.links |= {one.session: (one, row.links_version) for one in links}

    def links(self, key: str, since: int) -> LinkStates:
        row = self._rows.get(key, _Row())
        return LinkStates(row.links_version, tuple(one for one, version in row.links.values() if version > since))

    def is_held(self, device: str, key: str) -> bool:
        """Whether a device may write there now, by the platform's clock."""
        row = self._rows.get(key)
        return row is not None and row.holder == device and row.expires_at > self._clock.at

    def _take(self, device: str, row: _Row, until: datetime, now: datetime) -> None:
        if row.holder not in ("", device) and row.expires_at > now:
            return
        if row.holder != device:
            row.holder, row.epoch = device, row.epoch + 1
        row.expires_at, row.version = until, row.version + 1

    def _seen(self, device: str, start: Start) -> StartSeen:
        known = self._starts.get(device)
        is_current = known is None or start.boot == known.boot or start.counter > known.counter
        if is_current:
            counter = max(start.counter, known.counter if known else 0)
            self._starts[device] = Start(counter, start.boot)
        return StartSeen(self._starts[device].counter, is_current)

    def _shown(self, key: str, device: str, now: datetime) -> Lease:
        row = self._rows[key]
        is_mine = row.holder == device and row.expires_at > now
        return Lease(key, row.holder, row.holder, row.epoch, row.expires_at, is_mine, row.version, row.links_version)
