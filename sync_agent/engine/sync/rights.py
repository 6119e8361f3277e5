"""Which remote calendars this device may write to now (ARCHITECTURE.md, "Several laptops").

With a platform one device at a time writes to a calendar; the others only read it. The right lives on the platform and
ends by its clock. What is kept here is kept in memory: after a start nothing is known until the platform was asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vocabulary.leases import Lease, Leases

TTL = timedelta(hours=6)
"""For how long a right is asked for; the platform grants minutes while another device might have to go on."""

RENEW_AFTER = timedelta(minutes=5)

LONGEST_REQUEST = timedelta(seconds=60)
"""Nothing is sent unless the right outlasts a request, so that no write arrives after somebody else took over."""

LOOK_AGAIN = timedelta(seconds=60)
"""How often it is asked whether another device still looks after a calendar."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of the lease of one calendar.

    Attributes:
        until: on the clock of elapsed time; only of use while the lease is ours.
    """

    lease: Lease
    until: timedelta


class Rights:
    """What the platform granted to this device, by the key of the remote calendar.

    Attributes:
        is_needed: whether there is a platform at all; without one this profile is the only writer.
        were_elsewhere: calendars that this device could not plan for when it last looked.
        accepted: the start of this device that the platform took for its newest; "" before it was asked.
    """

    def __init__(self) -> None:
        self.is_needed = False
        self.were_elsewhere: frozenset[str] = frozenset()
        self.accepted = ""
        self._known: dict[str, Held] = {}
        self._asked: dict[str, timedelta] = {}
        self._searched: dict[str, int] = {}

    def note(self, told: Leases, keys: Iterable[str], *, asked_at: timedelta) -> None:
        """Note what the platform said.

        Args:
            told: its answer.
            keys: what was asked for.
            asked_at: when the request was sent, on the clock of elapsed time: the way there counts against us.
        """
        for key in keys:
            self._asked[key] = asked_at
            lease = told.of(key)
            if lease is None:
                self._known.pop(key, None)
            else:
                self._known[key] = Held(lease, asked_at + (lease.expires_at - told.now))

    def lose(self, key: str) -> None:
        """Forget a right that the platform denied while it was used."""
        self._known.pop(key, None)
        self._asked.pop(key, None)

    def lose_all(self) -> None:
        """Forget everything: this store may be older than what was granted."""
        self._known.clear()
        self._asked.clear()

    def lease(self, key: str) -> Lease | None:
        """Give what is known of a lease, whoever holds it."""
        held = self._known.get(key)
        return None if held is None else held.lease

    def is_mine(self, key: str, elapsed: timedelta) -> bool:
        """Whether this device may plan for the calendar: its lease is ours and not over."""
        held = self._known.get(key)
        return not self.is_needed or (held is not None and held.lease.is_mine and held.until > elapsed)

    def may_send(self, key: str, elapsed: timedelta) -> bool:
        """Whether a request that leaves now ends before the right does."""
        held = self._known.get(key)
        return not self.is_needed or (
            held is not None and held.lease.is_mine and held.until > elapsed + LONGEST_REQUEST
        )

    def to_search(self, key: str) -> bool:
        """Whether another device worked at a host before us, and we have not looked what it left."""
        held = self._known.get(key)
        return held is not None and held.lease.epoch > 1 and self._searched.get(key) != held.lease.epoch

    def searched(self, key: str) -> None:
        """Note that what another device left at a host is known."""
        held = self._known.get(key)
        if held is not None:
            self._searched[key] = held.lease.epoch

    def to_ask(self, keys: Iterable[str], elapsed: timedelta) -> list[str]:
        """Give the calendars whose lease is to be taken, renewed or looked at again."""
        return [key for key in keys if self._is_due(key, elapsed)]

    def _is_due(self, key: str, elapsed: timedelta) -> bool:
        held, asked = self._known.get(key), self._asked.get(key)
        if held is None or asked is None:
            return True
        if held.lease.is_mine:
            return elapsed - asked >= RENEW_AFTER or held.until - elapsed < 2 * LONGEST_REQUEST
        return elapsed - asked >= LOOK_AGAIN
