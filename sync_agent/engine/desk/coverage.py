"""How far the tutor's time was looked at: what the store knows of the readings, put together for `seal`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.vocabulary.errors import CalendarGone
from sync_agent.engine.busy.doubts import doubt_words, may_touch
from sync_agent.engine.conflicts.seal import Belief, Reading, Seal, seal
from sync_agent.engine.sync.plan import WINDOW_AHEAD
from sync_agent.engine.values import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.engine import Connection

    from sync_agent.engine.busy.doubts import Doubted
    from sync_agent.engine.desk.context import DeskContext
    from sync_agent.engine.values import Account, CalendarRow, Session


class CoverageDesk:
    """Says when a time was last checked for double bookings, and against what."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context

    def readings(self, connection: Connection) -> list[Reading]:
        """Give what is known of the last reading of each calendar that takes the tutor's time, the platform's too."""
        store = self._context.store
        accounts = {one.id: one for one in store.accounts.all(connection)}
        is_paused = self._context.settings().is_paused
        return [
            _reading(one, accounts[one.account], is_paused=is_paused)
            for one in store.accounts.calendars(connection)
            if one.role is not Role.IGNORE
        ]

    def seal(self, connection: Connection, now: datetime, lo: datetime, hi: datetime) -> Seal:
        """Say how far the time between two instants was checked."""
        return self.seals(connection, now, [(lo, hi)])[0]

    def seals(self, connection: Connection, now: datetime, spans: Sequence[tuple[datetime, datetime]]) -> list[Seal]:
        """Say it of several times, looked up at once."""
        belief, readings = self._belief(), self.readings(connection)
        waiting = self._context.store.unchecked.all(connection)
        doubts = self._context.store.doubts.all(connection)
        return [
            seal(
                [_with_doubts(one, doubts, lo, hi) for one in readings] if doubts else readings,
                now,
                belief,
                until=hi,
                is_pending=any(one.lo < hi and one.hi > lo for one in waiting),
            )
            for lo, hi in spans
        ]

    def of_sessions(self, connection: Connection, sessions: Sequence[Session], now: datetime) -> dict[str, Seal]:
        """Give each session's seal, by id."""
        spans = [(one.when.starts_at, one.when.ends_at) for one in sessions]
        found = self.seals(connection, now, spans)
        return {one.id: found[number] for number, one in enumerate(sessions)}

    def now(self, connection: Connection, now: datetime) -> Seal:
        """Say how far the calendars are looked at, apart from any one time."""
        return seal(self.readings(connection), now, self._belief())

    def _belief(self) -> Belief:
        settings = self._context.settings()
        return Belief(settings.stale_after, settings.poll_every, WINDOW_AHEAD)


def _with_doubts(reading: Reading, doubts: Sequence[Doubted], lo: datetime, hi: datetime) -> Reading:
    """Say what of a calendar was not understood and may lie between two instants."""
    mine = [one for one in doubts if one.calendar == reading.calendar and may_touch(one, lo, hi)]
    return replace(reading, but_for=tuple(doubt_words(one) for one in mine)) if mine else reading


def _reading(calendar: CalendarRow, account: Account, *, is_paused: bool) -> Reading:
    return Reading(
        calendar=calendar.id,
        name=calendar.name,
        read_at=calendar.read_at,
        is_gone=calendar.state == "gone",
        # One calendar that is gone says nothing about the others of its account: they were read.
        is_failing=account.error_code not in ("", CalendarGone.code),
        remedy=account.remedy,
        is_paused=is_paused or account.paused,
    )
