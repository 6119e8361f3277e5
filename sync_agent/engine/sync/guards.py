"""The guard against a mistaken mass deletion (ENGINE: "guards and questions"). Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

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
    """

    calendar: str
    links: tuple[str, ...]
    living: int
    confirmed: frozenset[str]

    @property
    def fingerprint(self) -> str:
        """Names this incident: the same set is never asked about twice."""
        return hashlib.sha256("\n".join(self.links).encode()).hexdigest()[:16]


def held_back(deletion: MassDeletion) -> bool:
    """Whether these deletions are to wait for a yes: more than ten, or at least three and more than a fifth."""
    asked = [link for link in deletion.links if link not in deletion.confirmed]
    if len(asked) > MANY:
        return True
    return len(asked) >= FEW and len(asked) > SHARE * max(deletion.living, 1)
