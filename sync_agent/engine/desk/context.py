"""What every desk needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.conflicts.watch import Watch, Watched
from sync_agent.engine.naming import Naming

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import EngineSettings


@dataclass(slots=True)
class Unit:
    """One unit of work of a desk, with the double bookings that it opened and closed."""

    connection: Connection
    watched: Watched


@dataclass(frozen=True, slots=True)
class DeskContext:
    """Store, clock, settings, and whom to tell.

    Attributes:
        installation: goes into UIDs and markers while no platform names them.
        device: this computer, for origins.
        notify: called with an event's name and ids, after the unit of work.
    """

    store: Store
    clock: Clock
    settings: Callable[[], EngineSettings]
    installation: str
    device: str
    notify: Callable[[str, Sequence[str]], None]

    def origin(self, now: datetime) -> Origin:
        """Give the origin of an edit that the person at this computer makes now."""
        return Origin(who=self.settings().tutor, device=self.device, side="app", since=now, until=now)

    def naming(self, connection: Connection) -> Naming:
        """Say how things are named for the accounts that are connected now."""
        accounts = self.store.accounts
        return Naming.of(accounts.all(connection), accounts.calendars(connection), self.installation)

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a unit of work; after its commit, tell which double bookings it opened and closed."""
        watched = Watched()
        with self.store.write() as connection:
            yield Unit(connection, watched)
        if watched.opened:
            self.notify("conflict.opened", watched.opened)
        if watched.closed:
            self.notify("conflict.closed", watched.closed)
        if watched.asked:
            self.notify("question.asked", watched.asked)

    def watch(
        self, unit: Unit, sessions: Iterable[str], intervals: Sequence[tuple[datetime, datetime]], now: datetime
    ) -> None:
        """Look anew whether these sessions, and those that touch these intervals, are double booked."""
        settings = self.settings()
        watch = Watch(self.store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)
        found = watch.check(unit.connection, sessions, intervals, now)
        unit.watched.opened += found.opened
        unit.watched.closed += found.closed
        unit.watched.asked += found.asked
