"""Pull: what a side says goes into the mirror, in the same transaction as the cursor (ARCHITECTURE.md, "One session").

The cursor moves with the mirror, always, and waits for nothing. Absence is a hint: what a server no longer lists is
marked to be looked at, and believed only after a direct look found nothing while the calendar itself was there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.events import Doubt, DoubtCode
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.doubts import doubt_rows
from sync_agent.engine.store.mirror import KnownEtags, MirrorRow
from sync_agent.engine.sync.adopting import carry_out, give_up_gone
from sync_agent.engine.sync.attach import Found, attach
from sync_agent.engine.sync.conditions import ETAGS, MISSING, REPEATED, etag_quirk
from sync_agent.engine.sync.intervals import Allowance, busy_rows, source_of, window_at
from sync_agent.engine.sync.letting_go import give_up_again
from sync_agent.engine.sync.orphans import give_back, take_back
from sync_agent.engine.sync.replaced import suspect_replaced
from sync_agent.engine.sync.seeing import Look, seen
from sync_agent.engine.sync.series import SeriesEnder
from sync_agent.engine.sync.spell import shape_of
from sync_agent.engine.sync.strays import sorted_out
from sync_agent.engine.values import CalendarRow, Link, LinkState, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.changes import Broken, Cursor, Page
    from connectors.vocabulary.events import CalendarObject
    from connectors.vocabulary.protocols import Calendar, CalendarReader
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.lanes import Halt

LOOK_BATCH = 200


@dataclass(slots=True)
class Pulled:
    """What one reading brought.

    Attributes:
        broken: objects that could not be read.
        hints: objects that must be looked at before anything is believed of them.
        is_whole: everything that is there was listed.
    """

    objects: int = 0
    removed: int = 0
    broken: list[Broken] = field(default_factory=list)
    hints: int = 0
    is_whole: bool = False

    def add(self, other: Pulled) -> None:
        """Count another reading in."""
        self.objects += other.objects
        self.removed += other.removed
        self.broken += other.broken
        self.hints += other.hints
        self.is_whole |= other.is_whole


class Puller:
    """Reads calendars into the mirror."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        home_zone: str,
        naming: Naming,
        is_mine: Callable[[CalendarRow], bool] = lambda _: True,
        may_send: Callable[[CalendarRow], bool] = lambda _: True,
        *,
        told: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Prepare.

        Args:
            store: of the mirror.
            clock: says what time it is.
            home_zone: of times without a zone.
            naming: of UIDs and markers.
            is_mine: whether this device looks after a calendar.
            may_send: whether a write there that leaves now ends before that right does.
            told: called with how many more objects were read.
        """
        self._told, self._is_mine, self._may_send = told, is_mine, may_send
        self._ender = SeriesEnder(store, clock, home_zone)
        self._store, self._clock, self._zone, self._naming = store, clock, home_zone, naming

    def pull(self, calendar: CalendarRow, reader: CalendarReader, cursor: Cursor | None, halt: Halt) -> Pulled:
        """Read what changed in one calendar since the cursor.

        Raises:
            ConnectorError: as `CalendarReader.changes` says; pages that came before are kept.
            Halted: likewise.
        """
        store = self._store
        known = KnownEtags(store.read, calendar.id)
        total, since, allowance = Pulled(), self._clock.now(), Allowance()
        for page in reader.changes(cursor, known):
            if page.unchanged and page.cursor in (None, cursor):
                continue
            total.add(self._store_page(calendar, page, since=since, allowance=allowance))
            self._told(len(page.objects))
            halt.check()
        return total

    def look(self, calendar: CalendarRow, reader: Calendar) -> Pulled:
        """Look directly at every object that must be looked at: hints of absence, and what changed under a write.

        Raises:
            ConnectorError: nothing is believed then.
        """
        with self._store.read() as connection:
            rows = self._store.mirror.to_refetch(connection, calendar.id)
        total, allowance = Pulled(), Allowance()
        for start in range(0, len(rows), LOOK_BATCH):
            total.add(self.look_at(calendar, reader, rows[start : start + LOOK_BATCH], allowance))
        if calendar.role is Role.SESSIONS and self._may_send(calendar):
            total.add(self._carry_on(calendar, reader))
        return total

    def _carry_on(self, calendar: CalendarRow, reader: Calendar) -> Pulled:
        """End the series of a calendar that were adopted, as far as can be now; what was written is read back."""
        pulled = Pulled()
        for found, key in self._ender.carry_on(calendar, reader):
            with self._store.write() as connection:
                now = self._clock.now()
                if found is None:
                    self.believe_gone(connection, calendar, [key], now=now)
                else:
                    self.absorb(connection, calendar, [found], now=now)
        return pulled

    def believe_hints(self, calendar: CalendarRow) -> None:
        """Take absent objects as gone where no direct look is possible: a feed is the whole truth of itself."""
        now = self._clock.now()
        with self._store.write() as connection:
            keys = [row.key for row in self._store.mirror.to_refetch(connection, calendar.id)]
            self.believe_gone(connection, calendar, keys, now=now)

    def look_at(
        self, calendar: CalendarRow, reader: Calendar, rows: Sequence[MirrorRow], allowance: Allowance | None = None
    ) -> Pulled:
        """Look directly at these objects."""
        fetched = reader.fetch([row.href for row in rows])
        now = self._clock.now()
        pulled = Pulled(objects=len(fetched.objects), removed=len(fetched.missing), broken=list(fetched.broken))
        with self._store.write() as connection:
            self.absorb(connection, calendar, fetched.objects, now=now, allowance=allowance)
            self.believe_gone(connection, calendar, fetched.missing, now=now)
            missing = set(fetched.missing)
            give_up_gone(self._store, connection, calendar, [row.uid for row in rows if row.key in missing])
            self._doubt(connection, calendar, fetched.broken, now)
        return pulled

    def believe_gone(
        self, connection: Connection, calendar: CalendarRow, keys: Iterable[str], *, now: datetime
    ) -> None:
        """Take some objects as gone: their busy time ends, their sessions are planned again."""
        keys = list(keys)
        if not keys:
            return
        rows = self._store.mirror.by_keys(connection, calendar.id, keys)
        uids = [row.uid for row in rows.values()]
        changed = self._store.bookings.busy_of(connection, calendar.id, uids)
        self._store.bookings.replace_busy(connection, calendar.id, uids, [])
        self._store.bookings.drop_series(connection, calendar.id, uids)
        self._store.doubts.replace(connection, calendar.id, keys, [])
        self._store.unchecked.note(connection, changed)
        self._store.mirror.mark_gone(connection, calendar.id, keys, at=now)
        linked = self._store.links.sessions_of_objects(connection, [row.id for row in rows.values()])
        closed = self._store.links.sessions_closed(connection, calendar.id, uids)
        self._store.sessions.unsettle(connection, {*linked.values(), *closed})

    def _store_page(self, calendar: CalendarRow, page: Page, *, since: datetime, allowance: Allowance) -> Pulled:
        now = self._clock.now()
        pulled = Pulled(objects=len(page.objects), broken=list(page.broken))
        with self._store.write() as connection:
            self.absorb(connection, calendar, page.objects, now=now, allowance=allowance)
            absent = set(page.removed)
            # What could not be read may be in no mirror row: if it is there after all, the look doubts it again.
            self._store.doubts.replace(connection, calendar.id, page.removed, [])
            self._doubt(connection, calendar, page.broken, now)
            if page.listed is not None:
                self._store.doubts.keep_only(connection, calendar.id, page.listed)
                absent |= self._store.mirror.living_keys(connection, calendar.id) - page.listed
                pulled.is_whole = True
            self._store.mirror.mark_refetch(connection, calendar.id, absent)
            pulled.hints = len(absent)
            if page.anew and page.listed is not None:
                suspect_replaced(self._store, connection, calendar, page.listed, since=since)
            if page.cursor is not None:
                self._store.accounts.store_cursor(connection, calendar.id, page.cursor)
        return pulled

    def _doubt(self, connection: Connection, calendar: CalendarRow, broken: Sequence[Broken], now: datetime) -> None:
        """Note what could not be read. What was known of it before stays in force."""
        rows = [
            row
            for one in broken
            for row in doubt_rows(
                one.key,
                [Doubt(DoubtCode.UNREADABLE, one.title, one.starts, one.because, one.repeats)],
                now=now,
            )
        ]
        self._store.doubts.replace(connection, calendar.id, [one.key for one in broken], rows)

    def absorb(
        self,
        connection: Connection,
        calendar: CalendarRow,
        objects: Sequence[CalendarObject],
        *,
        now: datetime,
        allowance: Allowance | None = None,
        settling: Set[str] = frozenset(),
        asked: datetime | None = None,
    ) -> Mapping[str, Mapping[str, Any]]:
        """Store objects as they are now seen.

        Args:
            connection: the unit of work.
            calendar: where they lie.
            objects: each once.
            now: when they were seen.
            allowance: what expanding them may cost.
            settling: as `attach` says.
            asked: when they were asked for by themselves, if they were.

        Returns:
            The columns of each as it is stored now, by its key.
        """
        if not objects:
            return {}
        store = self._store
        take_back(store, connection, calendar, objects, naming=self._naming, home_zone=self._zone, now=now)
        is_mine = self._is_mine(calendar)
        endings = carry_out(store, connection, calendar, objects, home_zone=self._zone, is_mine=is_mine, now=now)
        if is_mine:
            give_up_again(store, connection, calendar, objects)
        context = self._context(connection, calendar, objects, Look(calendar.read_at, now, asked))
        unnamed = [item for item in objects if item.uid not in context.own_uids]
        give_back(store, connection, calendar, unnamed, naming=self._naming, now=now)
        fresh: list[Mapping[str, Any]] = []
        known: list[Mapping[str, Any]] = []
        for item in objects:
            row = self._row(item, context)
            (known if item.key in context.rows else fresh).append(row)
        store.mirror.insert(connection, fresh)
        store.mirror.update(connection, known)
        changed, flagged = self._store_busy(
            connection, calendar, objects, context, allowance or Allowance(), endings=endings
        )
        self._store_doubts(connection, calendar, objects, flagged, now)
        store.unchecked.note(connection, changed)
        stored = {row["href_norm"]: row for row in (*fresh, *known)}
        self._note_etags(connection, context, [row for row in stored.values() if row["fields"]])
        self._tie(connection, objects, stored, context, settling)
        linked = store.links.sessions_of_objects(connection, [row["id"] for row in stored.values()])
        store.sessions.unsettle(connection, {*linked.values(), *_unlinked(stored.values(), linked, context)})
        left = context.own_uids - context.links.keys()
        if left:
            # What was removed with its session may be there again.
            store.sessions.unsettle(connection, store.links.sessions_closed(connection, calendar.id, left))
        return stored

    def _tie(
        self,
        connection: Connection,
        objects: Sequence[CalendarObject],
        stored: Mapping[str, Mapping[str, Any]],
        context: _Context,
        settling: Set[str],
    ) -> None:
        """Tie events of ours to the links that wait for them, and to those that gave them up."""
        store, calendar = self._store, context.calendar
        waiting = [
            Found(link, row["id"], item.uid, item.etag, row["shape"], row["fields"])
            for item, row in ((item, stored[item.key]) for item in objects)
            if (link := context.links.get(item.uid)) is not None and link.obj is None and link.state is LinkState.WANT
        ]
        late, strays = sorted_out(store, connection, calendar, self._too_late(connection, objects, stored, context))
        ids = {one.link.id for one in strays}
        attach(store, connection, [*waiting, *late, *strays], settling=settling, strays=ids)
        store.sessions.unsettle(connection, {one.link.session for one in strays})
        self._close_late(connection, calendar, late)

    def _close_late(self, connection: Connection, calendar: CalendarRow, late: Sequence[Found]) -> None:
        """Let events go that were made while their calendar took sessions; what was typed there is heard before."""
        if calendar.role is not Role.SESSIONS:
            for one in late:
                self._store.links.set(connection, one.link.id, state=LinkState.CLOSING)

    def _store_doubts(
        self,
        connection: Connection,
        calendar: CalendarRow,
        objects: Sequence[CalendarObject],
        flagged: Mapping[str, Sequence[str]],
        now: datetime,
    ) -> None:
        """Store what was not understood of some objects, and by key why an expansion could not be complete."""
        doubts = [
            row
            for item in objects
            if item.doubts or item.key in flagged
            for row in doubt_rows(item.key, [*item.doubts, *_doubts_of(item, flagged.get(item.key, ()))], now=now)
        ]
        self._store.doubts.replace(connection, calendar.id, [item.key for item in objects], doubts)

    def _too_late(
        self,
        connection: Connection,
        objects: Sequence[CalendarObject],
        stored: Mapping[str, Mapping[str, Any]],
        context: _Context,
    ) -> list[Found]:
        """Give events of ours that arrived after everybody had given them up, with the links that had wanted them.

        The plan then says what is to become of them: the session may have been cancelled meanwhile.
        """
        own = [item for item in objects if item.uid in context.own_uids and item.uid not in context.links]
        if not own:
            return []
        links = self._store.links.given_up(connection, context.calendar.id, [item.uid for item in own])
        return [
            Found(
                link, stored[item.key]["id"], item.uid, item.etag, stored[item.key]["shape"], stored[item.key]["fields"]
            )
            for item in own
            if (link := links.get(item.uid)) is not None
        ]

    def _note_etags(self, connection: Connection, context: _Context, ours: Sequence[Mapping[str, Any]]) -> None:
        """Remember of a server whose ETags do not tell one version from another."""
        found = {etag_quirk(context.rows.get(row["href_norm"]), row["etag"], row["fields"]) for row in ours}
        # The graver one counts.
        quirk = next((one for one in (REPEATED, MISSING) if one in found), None)
        if quirk is not None:
            self._store.accounts.note_quirk(connection, context.calendar.account, ETAGS, quirk)

    def _context(
        self, connection: Connection, calendar: CalendarRow, objects: Sequence[CalendarObject], look: Look
    ) -> _Context:
        mirror = self._store.mirror
        marks = {item.events[0].marker.session for item in objects if item.events and item.events[0].marker}
        uids = [item.uid for item in objects if item.uid]
        own_uids, let_go = mirror.own_uids(connection, uids)
        return _Context(
            calendar=calendar,
            look=look,
            rows=mirror.by_keys(connection, calendar.id, [item.key for item in objects]),
            links=self._store.links.by_uids(connection, calendar.id, uids),
            own_uids=own_uids,
            let_go=let_go,
            own_sessions=mirror.known_sessions(connection, marks),
        )

    def _row(self, item: CalendarObject, context: _Context) -> dict[str, Any]:
        before = context.rows.get(item.key)
        is_ours = context.is_own_copy(item)
        marker = item.events[0].marker if item.events else None
        return {
            "id": before.id if before else uuid7(context.look.at),
            "calendar": context.calendar.id,
            "href_norm": item.key,
            "href_raw": item.href,
            "uid": item.uid,
            "etag": item.etag,
            # A foreign object is never written, so its text is nobody's business and nobody's space.
            "body": item.body if is_ours else "",
            "fields": seen(item, before, context.links.get(item.uid), context.look) if is_ours else {},
            "marks_session": marker.session if marker and item.uid not in context.let_go else "",
            "shape": shape_of(item.events) if is_ours else "single",
            "refetch": False,
            "gone_at": None,
        }

    def _store_busy(
        self,
        connection: Connection,
        calendar: CalendarRow,
        objects: Sequence[CalendarObject],
        context: _Context,
        allowance: Allowance,
        *,
        endings: Mapping[str, datetime],
    ) -> tuple[list[tuple[datetime, datetime]], dict[str, tuple[str, ...]]]:
        """Store the busy intervals of foreign objects. Our own copies are never busy, wherever they show.

        A series whose dates are sessions from an instant on (`endings`) takes no time after it, and is looked at until
        it has ended.

        Gives the intervals of time that changed, and by key why an object could not be understood in full.
        """
        bookings = self._store.bookings
        window = window_at(context.look.at)
        uids = [item.uid for item in objects if item.uid]
        uids += {before.uid for before in context.rows.values()}.difference(uids, [""])  # now another's, or nobody's
        changed = bookings.busy_of(connection, calendar.id, uids)
        rows: list[Mapping[str, Any]] = []
        series: list[Mapping[str, Any]] = []
        singles: list[str] = []
        flagged: dict[str, tuple[str, ...]] = {}
        for item in objects:
            is_series = any(event.is_recurring for event in item.events)
            if not is_series or context.is_own_copy(item):
                singles.append(item.uid)
            if context.is_own_copy(item) or not item.events:
                continue
            busy = busy_rows(item.uid, item.events, window=window, home_zone=self._zone, allowance=allowance)
            ends = endings.get(item.uid)
            rows += busy.rows if ends is None else [row for row in busy.rows if row["lo"] < ends]
            if busy.flagged:
                flagged[item.key] = busy.flagged
            if is_series:
                series.append(
                    {
                        "calendar": calendar.id,
                        "uid": item.uid,
                        "text_hash": hashlib.sha256(item.body.encode()).hexdigest(),
                        "events": source_of(item.events),
                        "expanded_to": window[1],
                    }
                )
        bookings.replace_busy(connection, calendar.id, uids, rows)
        if context.rows:
            kept = {row["uid"] for row in series}
            bookings.drop_series(connection, calendar.id, [uid for uid in (*singles, *uids) if uid not in kept])
        bookings.store_series(connection, series)
        ending = [item.key for item in objects if item.uid in endings]
        self._store.mirror.mark_refetch(connection, calendar.id, ending)
        return changed + [(row["lo"], row["hi"]) for row in rows if row["opaque"]], flagged


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known of a page's objects, looked up at once."""

    calendar: CalendarRow
    look: Look
    rows: Mapping[str, MirrorRow]
    links: Mapping[str, Link]
    own_uids: set[str]
    let_go: set[str]
    own_sessions: set[str]

    def is_own_copy(self, item: CalendarObject) -> bool:
        """Whether an object is an event of ours, in its own place or seen through another account or feed."""
        if item.uid in self.let_go:
            return False
        if item.uid in self.own_uids:
            return True
        marker = item.events[0].marker if item.events else None
        return marker is not None and marker.session in self.own_sessions


def _unlinked(stored: Iterable[Mapping[str, Any]], linked: Container[str], context: _Context) -> set[str]:
    """Give the sessions of events that no link holds, in a calendar for sessions: a store that is lost made them."""
    if context.calendar.role is not Role.SESSIONS:
        return set()
    return context.own_sessions & {row["marks_session"] for row in stored if row["id"] not in linked}


def _doubts_of(item: CalendarObject, flagged: Sequence[str]) -> list[Doubt]:
    """Say of which event an expansion could not be complete: the master, which comes first."""
    master = item.events[0]
    zone = master.start.tzid or master.start.zone or ""
    starts = f"{master.start.local:%Y%m%d}" if master.start.is_date else f"{master.start.local:%Y%m%dT%H%M%S} {zone}"
    return [Doubt(code, master.summary.strip(), starts.strip(), "", repeats=True) for code in flagged]
