"""Asking the platform for the right to write, taking over what another device left, and telling what was done.

Executor. What is granted is `rights`'s to say. A new holder takes the bases that the former one left and reads the
calendar before its first plan; what it is about to write it tells first, so that whoever goes on after a crash knows an
echo from an edit (ARCHITECTURE.md, "Several laptops").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import structlog

from connectors.vocabulary.errors import FeatureMissing, LeaseLost, ProfileCopied
from connectors.vocabulary.leases import BaseRecord, LinkRecord, Start
from sync_agent.engine.ids import is_event_uid, uuid7
from sync_agent.engine.naming import host_key
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.leases import Taken
from sync_agent.engine.store.links import TOLD, BaseRow, LinkRow
from sync_agent.engine.sync import unheard
from sync_agent.engine.sync.attach import attach, found_of
from sync_agent.engine.sync.plan import PlannedWrite
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.sync.rights import TTL, Rights
from sync_agent.engine.sync.told import agreed_with, announced_with, digest, is_later_here
from sync_agent.engine.values import (
    GIVEN_UP,
    NEVER_AGAIN,
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    Role,
    Verb,
)

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Connection

    from connectors.vocabulary.leases import Lease
    from connectors.vocabulary.protocols import Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store

log = structlog.get_logger()

WRITTEN_ROLES = frozenset({Role.SESSIONS, Role.BLOCK})
ELSEWHERE = "closed by another device"
_TOLD = NEVER_AGAIN | {GIVEN_UP}
_TOLD_AT_ONCE = 200


class StoreIsOld(Exception):
    """The platform saw a later start of this device: this store was put back or copied.

    Attributes:
        highest: the counter of that start.
    """

    def __init__(self, highest: int) -> None:
        self.highest = highest
        super().__init__(f"the platform saw start {highest} of this device")


def not_ours(
    calendars: Iterable[CalendarRow],
    keys: Mapping[str, str],
    taken: Mapping[str, Taken],
    read: Mapping[str, datetime],
    rights: Rights,
    elapsed: timedelta,
    *,
    followed: frozenset[str] = frozenset(),
    behind: Collection[str] = (),
) -> frozenset[str]:
    """Say for which calendars this device may not plan: another one looks after them, or it has not taken over yet.

    Pure.

    Args:
        calendars: all.
        keys: calendar to key.
        taken: by key, what this store took over.
        read: calendars read in this pass, as of when.
        rights: what the platform granted.
        elapsed: now, on the clock of elapsed time.
        followed: calendars that are not for sessions and hold an event of one all the same.
        behind: keys of those of which more was told than was taken over.
    """
    if not rights.is_needed:
        return frozenset()
    found = set[str]()
    for calendar in calendars:
        if calendar.role not in WRITTEN_ROLES and calendar.id not in followed:
            continue
        key = keys[calendar.id]
        lease, mine = rights.lease(key), taken.get(key)
        read_at = read.get(calendar.id) or calendar.read_at
        is_ready = (
            rights.is_mine(key, elapsed)
            and lease is not None
            and mine is not None
            and mine.epoch == lease.epoch
            and read_at is not None
            and read_at >= mine.at
            and key not in behind
        )
        if not is_ready:
            found.add(calendar.id)
    return frozenset(found)


class LeaseKeeper:
    """Keeps leases with one platform."""

    def __init__(self, store: Store, clock: Clock, rights: Rights, naming: Naming, start: Start) -> None:
        self._store, self._clock, self._rights = store, clock, rights
        self._naming, self._start = naming, start

    def ask(self, platform: Platform, calendars: Sequence[CalendarRow], hosts: Sequence[str], *, name: str) -> None:
        """Take and renew what is due, and take over what became ours.

        Args:
            platform: that holds the leases.
            calendars: all; only those that are written need a lease.
            hosts: keys of the host accounts at which meetings are made.
            name: what the platform is called.

        Raises:
            StoreIsOld: nothing was granted to this store.
            ProfileCopied: likewise, and it was not old when it was asked before.
            ConnectorError: what was granted before holds until it ends.
        """
        with self._store.read() as connection:
            followed = self._store.links.followed(connection)
            late = unheard.due(self._store, connection)
        written = {
            self._naming.keys[one.id]: one for one in calendars if one.role in WRITTEN_ROLES or one.id in followed
        }
        for key in sorted(late.keys() & written.keys()):
            self._hear_late(platform, written[key], late[key])
        keys = self._rights.to_ask([*written, *hosts], self._clock.elapsed())
        if not keys:
            return
        before = {key: self._rights.lease(key) for key in keys}
        asked_at = self._clock.elapsed()
        try:
            told = platform.lease(keys, TTL, self._start)
        except FeatureMissing:
            # A platform from before there were leases: then nobody else asks for one, either.
            self._rights.is_needed = False
            return
        if not told.start.is_current:
            self._rights.lose_all()
            if self._rights.accepted == self._start.boot:
                # It was the newest, and did not start again: somebody else did, in its name. To begin afresh would
                # only make the other one old, and so on in turns.
                raise ProfileCopied(name)
            raise StoreIsOld(told.start.highest)
        self._rights.accepted = self._start.boot
        self._rights.note(told, keys, asked_at=asked_at)
        with self._store.read() as connection:
            taken = self._store.leases.taken(connection)
        for key in keys:
            lease, calendar = told.of(key), written.get(key)
            if lease is None:
                continue
            if calendar is None:
                self._leave_host(key, lease)
            elif lease.is_mine and (key not in taken or taken[key].epoch != lease.epoch):
                self._take_over(platform, calendar, lease)
            elif not lease.is_mine and _has_news(before[key], lease):
                self._read_along(platform, calendar)

    def _take_over(self, platform: Platform, calendar: CalendarRow, lease: Lease) -> None:
        known = platform.links(lease.key)
        with self._store.write() as connection:
            now = self._clock.now()
            self._drop_rows(connection, calendar, known.links, now)
            self._apply(connection, calendar, known.links, now)
            self._store.leases.take(connection, lease.key, Taken(lease.epoch, now))
        log.info("lease.taken", calendar=calendar.id, epoch=lease.epoch, links=len(known.links))

    def _read_along(self, platform: Platform, calendar: CalendarRow) -> None:
        """Know which events are ours in a calendar that another device writes to."""
        known = platform.links(self._naming.keys[calendar.id])
        with self._store.write() as connection:
            now = self._clock.now()
            self._drop_rows(connection, calendar, known.links, now)
            self._apply(connection, calendar, known.links, now)

    def _leave_host(self, key: str, lease: Lease) -> None:
        """Give up meetings that were under way at a host where another device goes on: it looks for them by marker."""
        if lease.is_mine:
            return
        journal = self._store.journal
        with self._store.write() as connection:
            accounts = [one.id for one in self._store.accounts.all(connection) if host_key(one) == key]
            for row in journal.unsettled(connection, accounts):
                journal.close(connection, row.id, "given_up")

    def _hear_late(self, platform: Platform, calendar: CalendarRow, sessions: Collection[str]) -> None:
        """Take what was told of sessions that nobody knew here then: nobody else has written to that calendar since."""
        known = platform.links(self._naming.keys[calendar.id])
        late = [one for one in known.links if one.session in sessions]
        with self._store.write() as connection:
            self._apply(connection, calendar, late, self._clock.now())

    def _drop_rows(
        self, connection: Connection, calendar: CalendarRow, records: Sequence[LinkRecord], now: datetime
    ) -> None:
        """Give up what we had under way ourselves before somebody else took over.

        But for creations that nobody went on with: what became of them is looked up before the event is made again.
        """
        journal, told = self._store.journal, {one.session: one for one in records}
        for row in journal.unsettled(connection):
            record = told.get(row.session)
            is_open = record is None or (record.state, record.uid) == (LinkState.WANT.value, row.key)
            if row.calendar == calendar.id and not (row.verb is Verb.CREATE and is_open):
                journal.remember_echo(connection, row, row.values, now)
                journal.close(connection, row.id, "given_up")

    def _apply(
        self, connection: Connection, calendar: CalendarRow, records: Sequence[LinkRecord], now: datetime
    ) -> None:
        """Take the links of a calendar as its holder left them."""
        store = self._store
        sessions = store.sessions.many(connection, [one.session for one in records])
        missed = {one.session for one in records} - sessions.keys()
        unheard.note(store, connection, self._naming.keys[calendar.id], missed, heard=sessions)
        links = store.links.of_sessions(connection, sessions, closed=True)
        keys = {one.session: _key_at(calendar, one.href) for one in records if one.href}
        mirror = store.mirror.by_keys(connection, calendar.id, keys.values())
        by_uid = store.mirror.by_uids(connection, calendar.id, [one.uid for one in records])
        told = store.links.told(connection, [row.link.id for rows in links.values() for row in rows])
        still = self._said_on_the_platform(connection, links)
        bases: list[BaseRow] = []
        seen: dict[str, MirrorRow] = {}
        for record in records:
            if record.session not in sessions:
                continue
            mine = [row for row in links.get(record.session, []) if row.link.calendar == calendar.id]
            obj = mirror.get(keys.get(record.session, "")) or by_uid.get(record.uid)
            if is_later_here(record, [row.link for row in mine], is_there=obj is not None and obj.gone_at is None):
                continue
            link = self._link(connection, calendar, record, mine, now)
            if link is None:
                continue
            self._tie(connection, calendar, link, record, obj, keys.get(record.session), now)
            own = next((row for row in mine if row.link.id == link), None)
            store.links.drop_bases(connection, link)
            agreed = agreed_with(record, own, told.get(link, ""), still=still.get(record.session, {}))
            if record.state == LinkState.WANT.value and not (own is not None and own.bases):
                # Of an event that was agreed on here, that device knew less when it told this.
                agreed |= announced_with(record, agreed)
                seen |= {link: obj} if obj is not None and "event" in obj.fields else {}
            bases += [BaseRow(link, group, base, etag=record.etag, settled_by=TOLD) for group, base in agreed.items()]
        store.links.set_bases(connection, bases)
        rows = store.links.by_ids(connection, seen)
        attach(store, connection, [found_of(rows[link].link, obj) for link, obj in seen.items()])
        store.sessions.unsettle(connection, sessions)

    def _said_on_the_platform(
        self, connection: Connection, links: Mapping[str, Sequence[LinkRow]]
    ) -> dict[str, dict[FieldGroup, str]]:
        """Give what the platform says of some sessions, as last heard, where that is what was agreed with it."""
        rows = [row for found in links.values() for row in found if row.link.uid == row.link.session]
        objects = self._store.mirror.by_ids(connection, [row.link.obj for row in rows if row.link.obj is not None])
        said: dict[str, dict[FieldGroup, str]] = {}
        for row in rows:
            obj = objects.get(row.link.obj or "")
            words = {} if obj is None else obj.fields.get("groups", {})
            said[row.link.session] = {
                group: base.hub
                for group, base in row.bases.items()
                if base.hub is not None and base.side == words.get(group.value, [None])[0]
            }
        return said

    def _link(
        self,
        connection: Connection,
        calendar: CalendarRow,
        record: LinkRecord,
        mine: Sequence[LinkRow],
        now: datetime,
    ) -> str | None:
        """Bring our link of a session to the state that the record has. Gives it while it is open.

        What was asked about there is held here too, until it was read and is asked about here, or is no question more.
        """
        store = self._store
        open_ = next((row.link for row in mine if row.link.state is not LinkState.CLOSED), None)
        told = digest(record)
        if record.state == LinkState.CLOSED.value:
            why = record.closed_why if record.closed_why in _TOLD else ELSEWHERE
            if open_ is not None:
                store.links.set(
                    connection, open_.id, state=LinkState.CLOSED, closed_why=why, uid=record.uid,
                    incarnation=max(record.incarnation, open_.incarnation), told=told,
                )  # fmt: skip
            elif not any(row.link.incarnation >= record.incarnation for row in mine):
                closed = Link(uuid7(now), record.session, calendar.id, record.incarnation, record.uid, LinkState.CLOSED)
                store.links.insert(connection, closed)
                if record.closed_why:
                    store.links.set(connection, closed.id, closed_why=record.closed_why)
            return None
        if open_ is None:
            open_ = Link(uuid7(now), record.session, calendar.id, record.incarnation, record.uid, LinkState.WANT)
            store.links.insert(connection, open_)
        state = LinkState(record.state)
        if open_.state is LinkState.CLOSING and open_.uid == record.uid and not is_event_uid(open_.uid):
            # It was adopted, and that was taken back here since: nobody was told yet, and nobody else could know.
            state = LinkState.CLOSING
        store.links.set(
            connection, open_.id, state=state, uid=record.uid, incarnation=record.incarnation, obj=None, told=told
        )
        return open_.id

    def _tie(
        self,
        connection: Connection,
        calendar: CalendarRow,
        link: str,
        record: LinkRecord,
        obj: MirrorRow | None,
        key: str | None,
        now: datetime,
    ) -> None:
        """Tie a link to its object; one that we never saw is looked at before anything is believed of it."""
        store = self._store
        if obj is None and record.state != LinkState.WANT.value and key is not None:
            row: dict[str, Any] = {
                "id": uuid7(now), "calendar": calendar.id, "href_norm": key, "href_raw": key, "uid": record.uid,
                "etag": None, "body": "", "fields": {}, "marks_session": record.session, "shape": "single",
                "refetch": True, "gone_at": None,
            }  # fmt: skip
            store.mirror.insert(connection, [row])
            store.links.set(connection, link, obj=row["id"])
        elif obj is not None:
            self._leave_to_others(connection, obj.id, record.session)
            if record.state == LinkState.WANT.value:
                store.links.set(connection, link, obj=obj.id, state=LinkState.LIVE)
            else:
                store.links.set(connection, link, obj=obj.id)
            if "event" not in obj.fields:
                store.mirror.mark_refetch(connection, calendar.id, [obj.key])
        name = obj.key if obj is not None else key or record.uid
        store.journal.remember_echoes(
            connection,
            f"{calendar.id}/{name}",
            {FieldGroup(group): value for group, value in record.sent.items() if value is not None},
            now,
        )

    def _leave_to_others(self, connection: Connection, obj: str, session: str) -> None:
        """Let another session of ours have an event of its own: this one was adopted elsewhere, too, and told first."""
        store = self._store
        holder = store.links.sessions_of_objects(connection, [obj]).get(obj, session)
        if holder == session:
            return
        for row in store.links.of_sessions(connection, [holder])[holder]:
            if row.link.obj == obj:
                renew(store, connection, row.link, self._naming)
                # Nobody who was invited there is invited to a second event.
                store.links.set(connection, row.link.id, template=None)

    # --- telling -----------------------------------------------------------------------------------------------------

    def announce(self, platform: Platform, calendar: CalendarRow, writes: Sequence[tuple[str, PlannedWrite]]) -> bool:
        """Tell what is about to be written to a calendar. Gives whether it may be.

        Raises:
            ConnectorError: the platform did not hear of it, so nothing may be sent.
        """
        return self._tell(platform, calendar, [session for session, _ in writes], {one.link: one for _, one in writes})

    def report(self, platform: Platform, calendar: CalendarRow, sessions: Collection[str]) -> None:
        """Tell what became of the links of some sessions.

        Raises:
            ConnectorError: it is told with a later pass.
        """
        self._tell(platform, calendar, sessions, {})

    def _tell(
        self,
        platform: Platform,
        calendar: CalendarRow,
        sessions: Collection[str],
        planned: Mapping[str, PlannedWrite],
    ) -> bool:
        key = self._naming.keys[calendar.id]
        lease = self._rights.lease(key)
        if lease is None:
            return not self._rights.is_needed
        with self._store.read() as connection:
            found = self._records(connection, calendar, sessions, planned)
        news = {link: record for link, (record, told) in found.items() if digest(record) != told}
        links = list(news)
        try:
            for start in range(0, len(links), _TOLD_AT_ONCE):
                part = links[start : start + _TOLD_AT_ONCE]
                platform.put_links(key, lease.epoch, [news[link] for link in part])
                with self._store.write() as connection:
                    for link in part:
                        self._store.links.set(connection, link, told=digest(news[link]))
        except LeaseLost:
            self._rights.lose(key)
            log.info("lease.lost", calendar=calendar.id)
            return False
        return True

    def _records(
        self,
        connection: Connection,
        calendar: CalendarRow,
        sessions: Collection[str],
        planned: Mapping[str, PlannedWrite],
    ) -> dict[str, tuple[LinkRecord, str]]:
        """Put together what the platform keeps of some sessions' links, with the hash of what it was told last."""
        store = self._store
        hubs = store.sessions.many(connection, sessions)
        rows = [
            row
            for found in store.links.of_sessions(connection, hubs, closed=True).values()
            for row in _last_of_each(found, calendar.id)
        ]
        objects = store.mirror.by_ids(connection, [row.link.obj for row in rows if row.link.obj is not None])
        unsettled: dict[str, Intent] = {
            one.link: one for one in store.journal.unsettled(connection) if one.link is not None
        }
        told = store.links.told(connection, [row.link.id for row in rows])
        records: dict[str, tuple[LinkRecord, str]] = {}
        for row in rows:
            link, obj = row.link, objects.get(row.link.obj or "")
            record = LinkRecord(
                session=link.session,
                incarnation=link.incarnation,
                uid=link.uid,
                state=link.state.value,
                href=_place_in(obj.key) if obj is not None else "",
                etag=obj.etag if obj is not None else None,
                bases={group.value: BaseRecord(base.hub, base.side) for group, base in row.bases.items()},
                sent={group.value: value for group, value in unsettled[link.id].values.items()}
                if link.id in unsettled
                else {},
                closed_why=link.closed_why if link.closed_why in _TOLD else "",
            )
            write = planned.get(link.id)
            if write is not None and write.verb is Verb.DELETE:
                record = replace(record, state=LinkState.CLOSING.value)
            elif write is not None:
                hub = hubs[link.session]
                meant = {group.value: value_of(hub, group) for group in write.groups if group is not FieldGroup.LINK}
                record = replace(record, sent={**record.sent, **meant})
            records[link.id] = (record, told.get(link.id, ""))
        return records


def _last_of_each(rows: Sequence[LinkRow], calendar: str) -> list[LinkRow]:
    """Give the open link of a session in a calendar, or the last one that was closed."""
    mine = [row for row in rows if row.link.calendar == calendar]
    open_ = [row for row in mine if row.link.state is not LinkState.CLOSED]
    return open_ or sorted(mine, key=lambda row: row.link.incarnation)[-1:]


def _has_news(before: Lease | None, now: Lease) -> bool:
    return before is None or before.is_mine or before.links_version != now.links_version


def _place_in(key: str) -> str:
    """Give an object's place within its calendar: the last part of its key; the calendar's address is nobody's."""
    return key.rstrip("/").rpartition("/")[2]


def _key_at(calendar: CalendarRow, place: str) -> str:
    """Give the key of a place in our own spelling of the calendar."""
    path = _path_of(calendar.remote_id)
    return f"{path}/{place}" if path else place


def _path_of(remote_id: str) -> str:
    if "/" not in remote_id:
        return ""
    _, _, rest = remote_id.partition("://")
    path = "/" + rest.partition("/")[2] if rest else remote_id
    return path.rstrip("/")
