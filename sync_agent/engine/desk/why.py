"""Answering "why?": for a slot, a session or a double booking, from what the store holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.busy.recurrence_ids import original_start
from sync_agent.engine.conflicts.values import Fact, MovedAway, Occupied, occupied_by_session
from sync_agent.engine.conflicts.watch import Watch
from sync_agent.engine.conflicts.why import Rules, Said, Why, WhyCode, slot_of, why
from sync_agent.engine.conflicts.why_words import open_words, settled_words, why_text
from sync_agent.engine.errors import WhyUnknown
from sync_agent.engine.values import Role
from sync_agent.engine.words import between_words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.times import WallSpan
    from sync_agent.engine.desk.context import DeskContext
    from sync_agent.engine.desk.coverage import CoverageDesk
    from sync_agent.engine.store.bookings import ConflictRow

_AROUND = timedelta(days=1)
"""How far around a time is looked: a whole day of another zone may begin that much earlier."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An answer.

    Attributes:
        title: of the session, "" for a slot.
        when: for people, in the zone of what was asked about.
    """

    title: str
    when: str
    why: Why

    @property
    def text(self) -> str:
        """The whole answer as one text: the same in window, terminal and API."""
        return why_text(self.why.verdict, self.title, self.when, self.why.sentences)


class WhyDesk:
    """Says why a time is free, taken, or not known to be either."""

    def __init__(self, context: DeskContext, coverage: CoverageDesk) -> None:
        self._context, self._coverage = context, coverage

    def slot(self, when: WallSpan, *, in_person: bool = False, place: str = "") -> Explained:
        """Answer for a time that nobody booked yet."""
        with self._context.store.read() as connection:
            return self._explained(connection, slot_of(when, in_person=in_person, place=place), when.start)

    def known(self, about: str) -> Explained:
        """Answer for a session or a double booking, open or settled, by its id.

        Raises:
            WhyUnknown: it is neither.
        """
        with self._context.store.read() as connection:
            conflict = self._context.store.bookings.conflict(connection, about)
            session_id = about if conflict is None else conflict.a.removeprefix("session:")
            session = self._context.store.sessions.get(connection, session_id)
            if session is None:
                raise WhyUnknown(id=about)
            found = self._explained(connection, occupied_by_session(session), session.when.start)
        if conflict is None:
            return found
        return replace(found, why=found.why.after([_about(conflict, session.when.zone)]))

    def _explained(self, connection: Connection, slot: Occupied, wall: datetime) -> Explained:
        store, now, settings = self._context.store, self._context.clock.now(), self._context.settings()
        watch = Watch(store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)
        around = settings.travel_buffer + _AROUND
        occupied = [
            one
            for one in watch.around(connection, slot.lo - around, slot.hi + around)
            if not slot.id or one.key != slot.key
        ]
        rules = Rules(
            settings.working_hours,
            settings.travel_buffer,
            ignored=[one.name for one in store.accounts.calendars(connection) if one.role is Role.IGNORE],
            kept=self._kept(connection, slot, occupied),
        )
        said = why(
            slot,
            occupied=occupied,
            rules=rules,
            now=now,
            seal=self._coverage.seal(connection, now, slot.lo, slot.hi),
            moved_away=self._moved_away(connection, watch, slot),
            wall=wall,
        )
        return Explained(slot.title, between_words(slot.lo, slot.hi, slot.zone), said)

    def _kept(self, connection: Connection, slot: Occupied, occupied: list[Occupied]) -> dict[tuple[str, str], str]:
        """Give what the tutor said about pairs that stay as they are, as long as neither side moved."""
        if not slot.id:
            return {}
        sides = {one.key: one for one in (*occupied, slot)}
        found: dict[tuple[str, str], str] = {}
        for row in self._context.store.bookings.kept_of(connection, slot.key):
            a, b = sides.get(row.a), sides.get(row.b)
            if a is not None and b is not None and row.kept_times == f"{a.times} {b.times}":
                found[(row.a, row.b)] = row.reason
        return found

    def _moved_away(self, connection: Connection, watch: Watch, slot: Occupied) -> list[MovedAway]:
        """Give the instances that would overlap the slot, had nobody moved them."""
        found = []
        rows = self._context.store.bookings.named_for(connection, slot.lo - 2 * _AROUND, slot.hi + 2 * _AROUND)
        for row in rows:
            was = original_start(row.recurrence_id, self._context.settings().home_zone)
            if was is None or was == row.lo or not row.blocks:
                continue
            would_be_here = was < slot.hi and was + (row.hi - row.lo) > slot.lo
            if would_be_here and not (row.lo < slot.hi and row.hi > slot.lo):
                found.append(MovedAway(watch.as_occupied(row), was))
        return found


def _about(conflict: ConflictRow, zone: str) -> Said:
    """Say how a double booking stands, before all reasons for the time as it is now."""
    other = str(conflict.facts["sides"][1]["title"])
    facts: dict[str, str | int] = {"id": conflict.id, "other": other, "opened": conflict.opened.isoformat()}
    if conflict.closed is None:
        return Fact(WhyCode.CONFLICT_OPEN, facts), open_words(conflict.opened, zone)
    facts |= {"closed": conflict.closed.isoformat(), "why": conflict.closed_why, "reason": conflict.reason}
    said = settled_words(conflict.closed, conflict.closed_why, conflict.reason, zone)
    return Fact(WhyCode.CONFLICT_SETTLED, facts), said
