"""What was written in a pass, calendar by calendar."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_agent.engine.sync.pace import ONE_BY_ONE, Pace
from sync_agent.engine.values import Verb

if TYPE_CHECKING:
    from connectors.vocabulary.errors import ConnectorError
    from sync_agent.engine.store.journal import Intent


@dataclass(slots=True)
class Tally:
    """What was written in a pass.

    Attributes:
        to_read_back: intents whose object must be read back, by calendar.
        refused: (calendar, session, sentence) of writes that the other side will not take.
        again: sessions that must be planned again at once.
        failed: the error after which a calendar's account was left alone.
        pace: how fast the account was written to in the end.
    """

    created: int = 0
    updated: int = 0
    deleted: int = 0
    to_read_back: list[Intent] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    failed: ConnectorError | None = None
    pace: Pace = ONE_BY_ONE

    @property
    def total(self) -> int:
        """All writes that were carried out."""
        return self.created + self.updated + self.deleted

    def add(self, other: Tally) -> None:
        """Count another calendar's in."""
        self.created += other.created
        self.updated += other.updated
        self.deleted += other.deleted
        self.to_read_back += other.to_read_back
        self.refused += other.refused
        self.again |= other.again
        self.pace = other.pace

    def count(self, verb: Verb) -> None:
        """Count one write."""
        match verb:
            case Verb.CREATE:
                self.created += 1
            case Verb.UPDATE:
                self.updated += 1
            case Verb.DELETE:
                self.deleted += 1
