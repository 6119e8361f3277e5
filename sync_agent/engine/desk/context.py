"""What every desk needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin

if TYPE_CHECKING:
    from datetime import datetime

    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import EngineSettings


@dataclass(frozen=True, slots=True)
class DeskContext:
    """Store, clock, settings, and whom to tell.

    Attributes:
        tenant: goes into UIDs and markers.
        device: this computer, for origins.
        notify: called with an event's name and ids, after the unit of work.
    """

    store: Store
    clock: Clock
    settings: Callable[[], EngineSettings]
    tenant: str
    device: str
    notify: Callable[[str, Sequence[str]], None]

    def origin(self, now: datetime) -> Origin:
        """Give the origin of an edit that the person at this computer makes now."""
        return Origin(who=self.settings().tutor, device=self.device, side="app", since=now, until=now)
