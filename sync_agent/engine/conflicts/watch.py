"""Watching for double bookings: what changed is asked about itself only, and the list is kept true.

Executor: reads intervals, lets `detect` and `reconcile` decide, stores what they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.copies import Lookalike, ask_whether_copies, close_settled, looks_alike
from sync_agent.engine.conflicts.detect import detect, reach
from sync_agent.engine.conflicts.reconcile import CloseReason, Kept, OpenPair, reconcile
from sync_agent.engine.conflicts.values import Occupied, OccupiedKind, Overlap, occupied_by_span
from sync_agent.engine.conflicts.words import overlap_when, overlap_words
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.bookings import BusyRow, ConflictRow
from sync_agent.engine.store.unchecked import MANY_INTERVALS
from sync_agent.engine.values import Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store
    from sync_agent.engine.values import SessionSpan

_LOOKBACK = timedelta(days=3)
FOR_EVER = timedelta(days=10_000)
"""For a sweep: the computer may have been off for months."""


@dataclass(slots=True)
class Watched:
    """What a look brought: ids of conflicts; and of questions that were asked."""

    opened: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lookalikes: list[Lookalike] = field(default_factory=list)


class Watch:
    """Keeps the list of double bookings true."""

    def __init__(self, store: Store, *, home_zone: str, travel_buffer: timedelta) -> None:
        self._store, self._zone, self._buffer = store, home_zone, travel_buffer

    def check(
        self,
        connection: Connection,
        sessions: Iterable[str],
        changed: Sequence[tuple[datetime, datetime]],
        now: datetime,
        *,
        lookback: timedelta = _LOOKBACK,
    ) -> Watched:
        """Ask about some sessions, and about those that touch the intervals that changed."""
        asked = self._store.sessions.spans_of(connection, sessions) + self._touched(connection, changed)
        return self._check_all(connection, asked, now, lookback)

    def work_off(self, now: datetime, *, sweep: bool) -> Watched:
        """Ask about all that came in and waits, whoever brought it: also a process that died since.

        Args:
            now: aware.
            sweep: also close what is over since long ago: the computer may have been off for months.
        """
        if not sweep:
            with self._store.read() as connection:
                if not (self._store.unchecked.is_there_any(connection) or self.over(connection, now)):
                    return Watched()
        with self._store.write() as connection:
            asked: list[SessionSpan] = []
            last = self._store.unchecked.last(connection)
            if last is not None:
                asked += self._store.sessions.spans_of(connection, self._store.unchecked.sessions(connection))
                asked += self._store.unchecked.sessions_near(connection, self._buffer)
            watched = self._check_all(connection, asked, now, FOR_EVER if sweep else _LOOKBACK)
            if last is not None:
                self._store.unchecked.drop(connection, last)
        return watched

    def _check_all(
        self, connection: Connection, asked: Iterable[SessionSpan], now: datetime, lookback: timedelta
    ) -> Watched:
        watched = Watched()
        self._close_over(connection, now, watched, lookback=lookback)
        for _, span in sorted({one.id: one for one in asked}.items()):
            self._check_one(connection, occupied_by_span(span), now, watched)
        watched.asked = ask_whether_copies(self._store, connection, watched.lookalikes, zone=self._zone, now=now)
        if watched.closed:
            close_settled(self._store, connection)
        return watched

    def occupied(self, connection: Connection, lo: datetime, hi: datetime) -> list[Occupied]:
        """Give all that takes the tutor's time between two instants."""
        sessions = [one for one in self._store.sessions.spans(connection, lo, hi) if one.is_live]
        events = self._store.bookings.touching(connection, lo, hi)
        return [occupied_by_span(one) for one in sessions] + [self.as_occupied(one) for one in events]

    def around(self, connection: Connection, lo: datetime, hi: datetime) -> list[Occupied]:
        """Give all that lies between two instants, also what takes no time, with the reason."""
        sessions = self._store.sessions.spans(connection, lo, hi)
        events = self._store.bookings.touching(connection, lo, hi, opaque=False)
        return [occupied_by_span(one) for one in sessions] + [self.as_occupied(one) for one in events]

    def as_occupied(self, row: BusyRow) -> Occupied:
        """Give a stored interval as what the decisions take."""
        return Occupied(
            kind=OccupiedKind.EVENT,
            id=f"{row.calendar}:{row.uid}:{row.recurrence_id}",
            title=row.summary,
            lo=row.lo,
            hi=row.hi,
            zone=self._zone,
            calendar=row.calendar,
            calendar_name=row.calendar_name,
            recurring=row.recurring,
            blocks=row.blocks,
            all_day=row.all_day,
            why_free=row.why_free,
        )

    def _touched(self, connection: Connection, changed: Sequence[tuple[datetime, datetime]]) -> list[SessionSpan]:
        if len(changed) > MANY_INTERVALS:
            changed = [(min(lo for lo, _ in changed), max(hi for _, hi in changed))]
        return [
            one
            for lo, hi in dict.fromkeys(changed)
            for one in self._store.sessions.spans(connection, lo - self._buffer, hi + self._buffer)
            if one.is_live
        ]

    def over(self, connection: Connection, now: datetime, *, lookback: timedelta = _LOOKBACK) -> list[str]:
        """Give the open double bookings whose time has passed, of sessions that started not longer ago than that."""
        rows = self._store.bookings.conflicts_begun(connection, now - lookback, now + self._buffer)
        return [row.id for row in rows if datetime.fromisoformat(row.facts["hi"]) <= now]

    def _close_over(
        self, connection: Connection, now: datetime, watched: Watched, *, lookback: timedelta = _LOOKBACK
    ) -> None:
        """Close what lies behind us: nobody can settle it any more, and the tray must not go on asking."""
        for conflict_id in self.over(connection, now, lookback=lookback):
            over = CloseReason.OVER.value
            self._store.bookings.set_conflict(connection, conflict_id, closed=now, closed_why=over)
            watched.closed.append(conflict_id)

    def _check_one(self, connection: Connection, mine: Occupied, now: datetime, watched: Watched) -> None:
        bookings, key = self._store.bookings, mine.key
        pairs = bookings.conflicts_of(connection, key)
        lo, hi = reach(mine, travel_buffer=self._buffer)
        others = [one for one in self.occupied(connection, lo, hi) if one.key != key]
        overlaps = [found for found in detect(mine, others, travel_buffer=self._buffer) if found.hi > now]
        if not overlaps and not pairs:
            return
        # The last word about a pair counts.
        said = {(row.a, row.b): row.kept_times or "" for row in bookings.kept_of(connection, key)} if overlaps else {}
        kept = [Kept(overlap.pair, said[overlap.pair]) for overlap in overlaps if overlap.pair in said]
        sides = {one.key: one for one in (*self._other_sides(connection, pairs, others, key), *others, mine)}
        told = reconcile(
            [OpenPair(row.id, (row.a, row.b), str(row.facts.get("times", ""))) for row in pairs],
            overlaps,
            sides=sides,
            kept=kept,
            missing=self._missing(connection, pairs, sides),
        )
        for overlap in told.to_open:
            row = ConflictRow(
                id=uuid7(now), a=overlap.a.key, b=overlap.b.key, kind=overlap.reason.value, facts=facts_of(overlap),
                opened=now, closed=None, closed_why="", kept_times=None, reason="",
            )  # fmt: skip
            bookings.open_conflict(connection, row)
            watched.opened.append(row.id)
            if looks_alike(overlap):
                watched.lookalikes.append(Lookalike(row.id, overlap.a, overlap.b))
        for closing in told.to_close:
            bookings.set_conflict(connection, closing.conflict.id, closed=now, closed_why=closing.why.value)
            watched.closed.append(closing.conflict.id)
        for pair, overlap in told.still_open:
            if pair.times != overlap.times:
                bookings.set_conflict(connection, pair.id, facts=facts_of(overlap))

    def _other_sides(
        self, connection: Connection, pairs: Sequence[ConflictRow], others: Sequence[Occupied], key: str
    ) -> list[Occupied]:
        """Give the other sides of open pairs that are not there: they may have moved, been cancelled or set free."""
        known = {key, *(one.key for one in others)}
        names = {side for row in pairs for side in (row.a, row.b)} - known
        sessions = [name.removeprefix("session:") for name in names if name.startswith("session:")]
        found = self._store.sessions.spans_of(connection, sessions)
        events = [
            row
            for name in names
            if name.startswith("event:")
            for row in self._store.bookings.busy_at(connection, *event_key(name))
        ]
        return [occupied_by_span(one) for one in found] + [self.as_occupied(row) for row in events]

    def _missing(
        self, connection: Connection, pairs: Sequence[ConflictRow], sides: Mapping[str, Occupied]
    ) -> dict[str, CloseReason]:
        """Say what became of events that are not where they were: their series was moved, or nobody looks any more."""
        lost = {key for row in pairs for key in (row.a, row.b) if key.startswith("event:") and key not in sides}
        if not lost:
            return {}
        read = {one.id for one in self._store.accounts.calendars(connection) if one.role is not Role.IGNORE}
        found: dict[str, CloseReason] = {}
        for key in lost:
            calendar, uid, _ = event_key(key)
            if calendar not in read:
                found[key] = CloseReason.LEFT_OUT
            elif self._store.bookings.busy_of(connection, calendar, [uid]):
                found[key] = CloseReason.MOVED
        return found


def event_key(key: str) -> tuple[str, str, str]:
    """Take "event:CALENDAR:UID:RECURRENCE-ID" apart; only the UID may hold colons."""
    _, calendar, rest = key.split(":", 2)
    uid, _, recurrence_id = rest.rpartition(":")
    return calendar, uid, recurrence_id


def facts_of(overlap: Overlap) -> dict[str, object]:
    """Give what is stored of an overlap: enough to show it when one of its sides is gone."""
    return {
        "times": overlap.times,
        "lo": overlap.lo.isoformat(),
        "hi": overlap.hi.isoformat(),
        "minutes": overlap.minutes,
        "when": overlap_when(overlap),
        "why": overlap_words(overlap),
        "sides": [_side(overlap.a), _side(overlap.b)],
    }


def _side(one: Occupied) -> dict[str, object]:
    return {
        "key": one.key,
        "title": one.title,
        "lo": one.lo.isoformat(),
        "hi": one.hi.isoformat(),
        "zone": one.zone,
        "calendar": one.calendar,
        "calendar_name": one.calendar_name,
        "recurring": one.recurring,
    }
