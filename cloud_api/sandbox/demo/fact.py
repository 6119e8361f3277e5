"""One fact of the story: what it says, whether it holds, what was seen, and where it was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry of the demo's report.

    Attributes:
        name: never changes.
        told: one line for a person.
        observed: what was seen.
        read_from: the outside system it was read from, and over which protocol.
    """

    name: str
    told: str
    holds: bool
    observed: str
    read_from: str

    def as_document(self) -> dict[str, object]:
        """Give it as it stands in the JSON report."""
        return {
            "name": self.name,
            "holds": self.holds,
            "observed": self.observed,
            "read_from": self.read_from,
            "told": self.told,
        }
