"""The guard against a mistaken mass deletion. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

SPAN = timedelta(hours=24)
"""Deletions that come one by one within this time count together."""

MANY = 10
FEW = 3
SHARE = 0.2


@dataclass(frozen=True, slots=True)
class MassDeletion:
    """Deletions that one calendar shows at one time.

    Attributes:
        links: whose event vanished.
        living: links of that calendar before.
        confirmed: links of which the tutor said before that they may go.
        recent: how many this calendar had deleted in the last 24 hours already, without being asked.
    """

    calendar: str
    links: tuple[str, ...]
    living: int
    confirmed: frozenset[str]
    recent: int = 0

    @property
    def fingerprint(self) -> str:
        """Names this incident: the same set is never asked about twice."""
        return hashlib.sha256("\n".join(self.links).encode()).hexdigest()[:16]


def held_back(deletion: MassDeletion) -> bool:
    """Whether these deletions are to wait for a yes: more than ten within a day, or at least three and over a fifth."""
    asked = [link for link in deletion.links if link not in deletion.confirmed]
    if not asked:
        return False
    count = len(asked) + deletion.recent
    if count > MANY:
        return True
    return count >= FEW and count > SHARE * max(deletion.living + deletion.recent, 1)
