"""Sharing calendars with the tutor's other laptops, as a pass sees it: may I plan, may I send, who must hear of it.

What is decided stands in `rights` and `leases`. While the platform does not answer, the lease that it gave holds until
it ends, and the marker in what we write tells whoever goes on after us that it was no person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import ConnectorError, LeaseLost, SignInRefused
from sync_agent.engine.ids import is_event_uid
from sync_agent.engine.store.leases import Taken
from sync_agent.engine.sync import unheard
from sync_agent.engine.sync.leases import WRITTEN_ROLES, LeaseKeeper, StoreIsOld, not_ours
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK, PlannedWrite
from sync_agent.engine.values import CalendarRow

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.vocabulary.leases import Start
    from connectors.vocabulary.protocols import Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.rights import Rights

log = structlog.get_logger()


class Sharing:
    """The rights of this device during one pass."""

    def __init__(self, store: Store, clock: Clock, rights: Rights, naming: Naming, start: Start) -> None:
        self._store, self._clock, self._rights, self._naming = store, clock, rights, naming
        self._keeper = LeaseKeeper(store, clock, rights, naming, start)
        rights.is_needed = naming.has_platform

    def ask(
        self, platform: Platform, calendars: Sequence[CalendarRow], hosts: Sequence[str], *, name: str
    ) -> int | None:
        """Take, renew and take over what is due. Gives the later start that the platform saw of an old store.

        Raises:
            ProfileCopied: another computer goes on in this one's name.
            ConnectorError: what was granted before holds until it ends.
        """
        try:
            self._keeper.ask(platform, calendars, hosts, name=name)
        except StoreIsOld as error:
            return error.highest
        return None

    def elsewhere(self, calendars: Sequence[CalendarRow], read: Mapping[str, datetime]) -> frozenset[str]:
        """Give the calendars that this device may not plan for; those that it now may are planned in full."""
        found, taken = frozenset[str](), dict[str, Taken]()
        if self._rights.is_needed:
            with self._store.read() as connection:
                taken = self._store.leases.taken(connection)
                followed = self._store.links.followed(connection)
                behind = unheard.due(self._store, connection)
            keys, elapsed = self._naming.keys, self._clock.elapsed()
            found = not_ours(
                calendars, keys, taken, read, self._rights, elapsed, followed=followed, behind=behind.keys()
            )
        elsewhere = {self._naming.keys[one.id] for one in calendars if one.id in found}
        self._note_planned(elsewhere, taken, is_freed=bool(self._rights.were_elsewhere - found))
        self._rights.were_elsewhere = found
        return found

    def _note_planned(self, elsewhere: Collection[str], taken: Mapping[str, Taken], *, is_freed: bool) -> None:
        """Let every session be planned where this device may plan again: it may have been edited meanwhile.

        Kept in the store, because the program may have been ended in between.
        """
        lost = {key for key, one in taken.items() if one.is_planned and key in elsewhere}
        due = {key for key, one in taken.items() if not one.is_planned and key not in elsewhere}
        if not (lost or due or is_freed):
            return
        now, store = self._clock.now(), self._store
        with store.write() as connection:
            store.leases.set_planned(connection, lost, is_planned=False)
            store.leases.set_planned(connection, due, is_planned=True)
            if due or is_freed:
                store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
                store.sessions.unsettle(connection, store.sessions.settled_beside(connection))  # whenever they are

    def written(self, calendars: Iterable[CalendarRow], elsewhere: Collection[str]) -> list[CalendarRow]:
        """Give the calendars that this device writes to."""
        with self._store.read() as connection:
            followed = self._store.links.followed(connection)
        return [
            one for one in calendars if (one.role in WRITTEN_ROLES or one.id in followed) and one.id not in elsewhere
        ]

    def announce(
        self, platform: Platform | None, calendar: CalendarRow, writes: Sequence[tuple[str, PlannedWrite]]
    ) -> bool:
        """Tell the platform, if it answers, what is about to be written. Gives whether this device still may."""
        if platform is not None and self._rights.is_needed:
            try:
                return self._keeper.announce(platform, calendar, writes) and self.may_send(calendar)
            except SignInRefused:
                self.locked_out()
            except ConnectorError as error:
                log.info("lease.not_told", code=error.code, calendar=calendar.id)
        return self.may_send(calendar)

    def tell(self, platform: Platform, calendars: Iterable[CalendarRow], sessions: Collection[str]) -> bool:
        """Leave at the platform what another device needs to go on in our place. Gives whether it heard all of it."""
        if not self._rights.is_needed:
            return True
        try:
            for calendar in calendars:
                self._keeper.report(platform, calendar, sessions)
        except SignInRefused:
            self.locked_out()
            return False
        except ConnectorError as error:
            log.info("lease.not_told", code=error.code)
            return False
        return True

    def tell_adopted(self, platform: Platform, sessions: Collection[str]) -> frozenset[str]:
        """Tell which events by hand became these sessions, before the platform hears of the sessions themselves.

        Whoever looks after such a calendar next would make an event for a session that seems to have none there.

        Returns:
            Sessions of which the platform did not hear that, and must not hear anything yet.
        """
        if not self._rights.is_needed or not sessions:
            return frozenset()
        with self._store.read() as connection:
            calendars = [one for one in self._store.accounts.calendars(connection) if not one.is_platform]
            links = self._store.links.of_sessions(connection, sessions).values()
        adopted = [row.link for found in links for row in found if not is_event_uid(row.link.uid)]
        try:
            for calendar in calendars:
                mine = [link.session for link in adopted if link.calendar == calendar.id]
                if mine:
                    self._keeper.report(platform, calendar, mine)
        except SignInRefused:
            self.locked_out()
        except ConnectorError as error:
            log.info("lease.not_told", code=error.code)
            return frozenset(link.session for link in adopted)
        return frozenset()

    def locked_out(self) -> None:
        """Know that the platform lets this device in no more: what it granted, it has given to another by now."""
        self._rights.lose_all()
        log.warning("lease.locked_out", code=SignInRefused.code)

    def is_mine(self, calendar: CalendarRow) -> bool:
        """Whether this device looks after a calendar."""
        return self._rights.is_mine(self._naming.keys[calendar.id], self._clock.elapsed())

    def may_send(self, calendar: CalendarRow) -> bool:
        """Whether a write that leaves now ends before the right does."""
        return self._rights.may_send(self._naming.keys[calendar.id], self._clock.elapsed())

    def require(self, calendar: CalendarRow) -> None:
        """Let a write leave now, after whatever was looked at for it: the laptop may have slept meanwhile.

        Raises:
            LeaseLost: it may not be sent any more.
        """
        if not self.may_send(calendar):
            raise LeaseLost(calendar.name)
