"""Carrying a plan into the store: load what stands, plan, take edits over, move bases, in one transaction.

Holds no decision about fields; what deletions and shifts of many mean is `guards`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.attach import claim
from sync_agent.engine.sync.blocking import PUT_BACK, PUT_BACK_EVERY
from sync_agent.engine.sync.choosing import Chooser
from sync_agent.engine.sync.guarding import Guardian, Planned, stamp_of
from sync_agent.engine.sync.lateness import Latecomers
from sync_agent.engine.sync.leftovers import hold_leftovers
from sync_agent.engine.sync.letting_go import given_up
from sync_agent.engine.sync.moves import follow_moves
from sync_agent.engine.sync.plan import PlannedWrite, SessionPlan, applied, plan
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.sync.replaced import REPLACED, keep_asking
from sync_agent.engine.sync.resting import Surroundings
from sync_agent.engine.sync.returned import notice_returns
from sync_agent.engine.sync.standing import Standing, obj_key, says_ended
from sync_agent.engine.sync.strays import take_out_strays
from sync_agent.engine.sync.telling import cancelled_entry, lost_entry, put_back_entry, taken_entry
from sync_agent.engine.sync.wanting import want
from sync_agent.engine.values import (
    ABOUT_LINKS,
    GIVEN_UP,
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    Role,
    Session,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.reach import Reach

_ROUNDS = 4
"""A cancellation or a new link asks for one more look at its session; more than this many would be a fault of ours."""


@dataclass(slots=True)
class Outcome:
    """What planning changed and what is left to write.

    Attributes:
        changed: sessions whose hub changed, with the interval of time before and after.
        ready: session to version, where all that is to be written can be written now.
        ended: sessions that were cancelled because somebody deleted their event: nobody is told before the next pass.
    """

    writes: list[tuple[str, PlannedWrite]] = field(default_factory=list)
    changed: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    activity: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    released: bool = False
    ready: dict[str, int] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    planned: int = 0


class Planner:
    """Plans sessions and stores the outcome."""

    def __init__(self, store: Store, reach: Reach, *, check: Callable[[], None] = lambda: None) -> None:
        """Prepare; `check` is called before each session, and ends it all by what it raises: nothing is stored then."""
        self._store, self._reach, self._check = store, reach, check
        self._guardian = Guardian(store)
        self._chooser = Chooser(store)
        self._latecomers = Latecomers(store)
        self._left_alone = reach.elsewhere
        self._beside = set[str]()

    def plan_all(self, connection: Connection, ids: Iterable[str], now: datetime) -> Outcome:
        """Plan some sessions and carry the plans into the store, all in the caller's transaction."""
        outcome, todo, known = Outcome(), list(ids), dict[str, Session]()
        calendars = self._calendars(connection, now, outcome)
        for _ in range(_ROUNDS):
            if not todo:
                break
            again: list[str] = []
            at_rest: list[tuple[str, int]] = []
            plans = self._guarded(connection, todo, calendars, now, outcome, known)
            for one in plans:
                self._check()
                after = self._store_plan(connection, one, calendars, now, outcome)
                if after is not one.session:
                    del known[one.session.id]
                if one.cancel is not None:
                    # Planned anew with the next pass: until then whoever deleted it by mistake takes it back unheard.
                    outcome.ended.add(one.session.id)
                    continue
                is_news = one.new_links or one.renews or one.releases or any(why == GIVEN_UP for _, why in one.closes)
                if is_news or _takes_place_again(one, after):
                    again.append(one.session.id)
                    continue
                outcome.writes += [(one.session.id, write) for write in one.writes]
                if not one.waits:
                    outcome.ready[one.session.id] = after.version
                if not one.writes and not one.holds and not one.waits:
                    at_rest.append((one.session.id, after.version))
            wanted = [(one.session.id, calendar) for one in plans for calendar in one.new_links]
            want(self._store, connection, wanted, calendars, naming=self._reach.naming, now=now)
            self._store.sessions.settle(connection, at_rest, beside=self._beside)
            todo = again
        if outcome.released:
            self._close_answered(connection)
        outcome.planned = len(outcome.writes)
        return outcome

    def restless(self, connection: Connection, ids: Iterable[str], now: datetime) -> list[str]:
        """Give those of some sessions that are not plainly at rest; changes nothing."""
        calendars = {row.id: row for row in self._store.accounts.calendars(connection)}
        sessions = self._store.sessions.many(connection, ids)
        links, rows = self._links_and_rows(connection, sessions)
        meetings = self._store.meetings.of_sessions(connection, sessions)
        blocked = self._store.journal.blocked_links(connection)
        around = Surroundings(rows, calendars, blocked, self._left_alone, now)
        return [one for one in sessions if not around.is_at_rest(sessions[one], links.get(one, ()), meetings.get(one))]

    def _calendars(self, connection: Connection, now: datetime, outcome: Outcome) -> dict[str, CalendarRow]:
        """Give the calendars as they stand, and remember which of them are left alone."""
        found = self._store.accounts.calendars(connection)
        if any(row.state == REPLACED for row in found):
            outcome.asked += keep_asking(self._store, connection, found, now)
            found = self._store.accounts.calendars(connection)
        self._left_alone = self._reach.elsewhere | {row.id for row in found if row.state == REPLACED}
        return {row.id: row for row in found}

    def _guarded(
        self,
        connection: Connection,
        ids: Sequence[str],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
        known: dict[str, Session],
    ) -> list[SessionPlan]:
        """Plan sessions, and what the guard stops once more without the links that it holds: the rest goes on.

        What would be written late, or is for a person to choose, is left out and asked about. What is read of sessions
        is kept in `known`: nobody else changes them meanwhile.
        """
        passed: list[Planned] = []
        todo, waiting = ids, set[str]()
        while todo:
            planned = self._plans(connection, todo, calendars, now, outcome, waiting=waiting, known=known)
            found = self._guardian.look(connection, planned, calendars, now)
            passed += found.passed
            outcome.asked += found.asked
            waiting |= found.waiting
            todo = found.again
        outcome.asked += self._chooser.keep(connection, passed, calendars, now)
        plans, asked = self._latecomers.look(connection, passed, calendars, now, left_alone=self._left_alone)
        outcome.asked += asked
        return plans

    def _plans(
        self,
        connection: Connection,
        ids: Sequence[str],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
        *,
        waiting: Set[str],
        known: dict[str, Session],
    ) -> list[Planned]:
        store = self._store
        known |= store.sessions.many(connection, [one for one in ids if one not in known])
        sessions = {one: known[one] for one in ids if one in known}
        links, rows, here, unsure = self._in_their_places(connection, sessions, calendars, now, outcome)
        meetings = store.meetings.of_sessions(connection, sessions)
        own_links = store.meetings.links_ever_of(connection, sessions)
        blocked = store.journal.blocked_links(connection) | unsure | waiting
        standing = [row for found in links.values() for row in found if self._is_standing(row)]
        keys = [obj_key(row.link, rows) for row in standing]
        echoes = store.journal.echoes(connection, keys, now) if keys else {}
        held_for = self._held_for(connection, standing)
        put_back = self._put_back_today(connection, standing, calendars, now)
        lost_at = self._lost_at(connection, sessions, here, rows)
        around = Surroundings(rows, calendars, blocked, self._left_alone, now)
        plans = []
        for session in sessions.values():
            self._check()
            mine, meeting = links.get(session.id, []), meetings.get(session.id)
            if any(row.link.calendar in self._left_alone and row.link.state is not LinkState.CLOSED for row in mine):
                self._beside.add(session.id)
            missing = around.missing(session, mine)
            if not missing and around.are_as_agreed(session, mine, meeting):
                plans.append(Planned(SessionPlan(session), {}))
                continue
            if not mine:
                made = plan(session, (), join_values={}, missing=missing, now=now)
                plans.append(Planned(made, {}))
                continue
            stand = [row for row in mine if self._is_standing(row)]
            mine_ever = own_links.get(session.id, frozenset())
            lost = lost_at.get(session.id)
            seen = Standing(session, rows, calendars, blocked, echoes, mine_ever, held_for, self._reach, put_back, lost)
            join_values = {row.link.id: around.join_value(row, meeting) for row in stand}
            links_now = [seen.link_now(row) for row in stand]
            asks = self._reach.asks
            made = plan(session, links_now, join_values=join_values, missing=missing, now=now, asks=asks)
            plans.append(Planned(made, {now_.link.id: now_ for now_ in links_now}))
        return plans

    def _in_their_places(
        self,
        connection: Connection,
        sessions: Mapping[str, Session],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
    ) -> tuple[dict[str, list[LinkRow]], dict[str, MirrorRow], dict[str, list[LinkRow]], set[str]]:
        """Let links follow events that were moved, take those that lie about, and leave out those that are too many.

        Returns:
            The links of the sessions and their objects as they stand then; the links as they stood before; links whose
            object must be looked at first.
        """
        store = self._store
        links, rows = self._links_and_rows(connection, sessions)
        naming, left_alone = self._reach.naming, self._left_alone
        if hold_leftovers(store, connection, sessions, links, calendars, naming=naming, left_alone=left_alone, now=now):
            links, rows = self._links_and_rows(connection, sessions)
        here = self._standing_of(links)
        followed = {
            session: [row for row in found if calendars[row.link.calendar].role is not Role.BLOCK]
            for session, found in here.items()
        }
        complete = self._reach.complete
        moved = follow_moves(
            store,
            connection,
            sessions,
            followed,
            rows,
            calendars,
            everyone=links,
            complete=complete,
            naming=naming,
            now=now,
        )
        has_strays = take_out_strays(
            store, connection, links, rows, calendars, mine=here, complete=complete, naming=naming, now=now
        )
        outcome.asked += moved.asked
        outcome.asked += notice_returns(store, connection, sessions.values(), calendars, now)
        if moved.links or has_strays:
            links, rows = self._links_and_rows(connection, sessions)
        claimed, unsure = claim(store, connection, self._standing_of(links))
        if claimed:
            links, rows = self._links_and_rows(connection, sessions)
        return links, rows, here, unsure

    def _standing_of(self, links: Mapping[str, Sequence[LinkRow]]) -> dict[str, list[LinkRow]]:
        return {session: [row for row in found if self._is_standing(row)] for session, found in links.items()}

    def _is_standing(self, row: LinkRow) -> bool:
        return row.link.state is not LinkState.CLOSED and row.link.calendar not in self._left_alone

    def _put_back_today(
        self, connection: Connection, standing: Sequence[LinkRow], calendars: Mapping[str, CalendarRow], now: datetime
    ) -> set[tuple[str, str]]:
        """Give (session, calendar) of the blocks that were put back within a day."""
        blocks = {row.link.calendar for row in standing if calendars[row.link.calendar].role is Role.BLOCK}
        since = now - PUT_BACK_EVERY
        return {
            (session, calendar)
            for calendar in blocks
            for session in self._store.activity.sessions_of(
                connection, calendar, PUT_BACK, FieldGroup.WHEN, since=since
            )
        }

    def _lost_at(
        self,
        connection: Connection,
        sessions: Mapping[str, Session],
        links: Mapping[str, Sequence[LinkRow]],
        rows: Mapping[str, MirrorRow],
    ) -> dict[str, datetime]:
        """Give when an edit last lost of those sessions that take place here and were ended on the platform."""
        ended = [
            session
            for session, found in links.items()
            if sessions[session].is_live and any(says_ended(rows.get(row.link.obj or "")) for row in found)
        ]
        return self._store.activity.last_lost(connection, ended) if ended else {}

    def _held_for(self, connection: Connection, standing: Sequence[LinkRow]) -> dict[str, str]:
        """Give the kind of the open question that holds a link, by link."""
        if not any(row.link.state is LinkState.HELD for row in standing):
            return {}
        return {link: question.kind for question in self._store.questions.open(connection) for link in question.targets}

    def _links_and_rows(
        self, connection: Connection, sessions: Mapping[str, Session]
    ) -> tuple[dict[str, list[LinkRow]], dict[str, MirrorRow]]:
        """Load the links of some sessions, and the objects that they hold."""
        links = self._store.links.of_sessions(connection, sessions, closed=True)
        objects = [
            row.link.obj
            for found in links.values()
            for row in found
            if row.link.obj is not None and row.link.state is not LinkState.CLOSED
        ]
        return links, self._store.mirror.by_ids(connection, objects)

    def _close_answered(self, connection: Connection) -> None:
        """Close the questions that answered themselves: none of the links that they hold is held any more."""
        for question in self._store.questions.open(connection):
            if question.kind not in ABOUT_LINKS:
                continue
            rows = [self._store.links.get(connection, link) for link in question.targets]
            if not any(row is not None and row.link.state is LinkState.HELD for row in rows):
                self._store.questions.close(connection, question.id, "came back")

    def _store_plan(
        self,
        connection: Connection,
        one: SessionPlan,
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
    ) -> Session:
        """Carry one plan into the store. Gives the session as it is then."""
        store, before = self._store, one.session
        after = applied(one)
        if one.cancel is not None:
            after = _cancelled(after, one.cancel.origin)
        entries = [taken_entry(before, taken, calendars, now, run=self._reach.run) for taken in one.taken]
        if one.cancel is not None:
            entries.append(cancelled_entry(before, one.cancel.origin, calendars, now, run=self._reach.run))
        entries += [lost_entry(before, after, version, calendars, now) for version in one.lost]
        for entry in entries:
            store.activity.add(connection, entry)
            outcome.activity.append(entry.id)
        if after != before:
            store.sessions.update(connection, after)
            spans = [(one.when.starts_at, one.when.ends_at) for one in (before, after)]
            store.unchecked.note(connection, spans, session=before.id)
            outcome.changed.setdefault(before.id, []).extend(spans)
        for move in one.bases:
            store.links.set_base(connection, move.link, move.group, move.base, origin=after.origins.get(move.group))
        self._store_links(connection, one, calendars, now, outcome)
        return after

    def _store_links(
        self,
        connection: Connection,
        one: SessionPlan,
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
    ) -> None:
        """Store what becomes of a session's links."""
        store, before = self._store, one.session
        for link, why in one.closes:
            row = store.links.get(connection, link) if why == GIVEN_UP else None
            if row is not None:
                given_up(store, connection, row.link)
            else:
                store.links.set(connection, link, state=LinkState.CLOSED, closed_why=why)
        for link in one.renews:
            row = store.links.get(connection, link)
            if row is not None:
                renew(store, connection, row.link, self._reach.naming)
        for link in one.puts_back:
            row = store.links.get(connection, link)
            if row is not None:
                entry = put_back_entry(before, calendars[row.link.calendar], now)
                store.activity.add(connection, entry)
                outcome.activity.append(entry.id)
        for link in one.releases:
            store.links.set(connection, link, state=LinkState.LIVE)
            outcome.released = True
        for link, shape in one.holds:
            self._hold(connection, before, link, shape, calendars, outcome, now)

    def _hold(
        self,
        connection: Connection,
        session: Session,
        link: str,
        shape: str,
        calendars: Mapping[str, CalendarRow],
        outcome: Outcome,
        now: datetime,
    ) -> None:
        self._store.links.set(connection, link, state=LinkState.HELD)
        row = self._store.links.get(connection, link)
        calendar = calendars[row.link.calendar].name if row else ""
        stamp = self._stamp_of(connection, row.link) if row else ""
        question = Question(
            id=uuid7(now),
            cause_key=f"shape:{link}:{shape}:{stamp}",
            kind="shape",
            targets=(link,),
            facts={"title": session.title, "shape": shape, "calendar": calendar},
            opened=now,
        )
        if self._store.questions.ask(connection, question):
            outcome.asked.append(question.id)

    def _stamp_of(self, connection: Connection, link: Link) -> str:
        rows = self._store.mirror.by_ids(connection, [] if link.obj is None else [link.obj])
        return stamp_of(link, rows.get(link.obj or ""))


def _takes_place_again(one: SessionPlan, after: Session) -> bool:
    """Whether a session that was ended lives: what that means for its sides is planned anew."""
    return after.is_live and not one.session.is_live


def _cancelled(session: Session, origin: Origin) -> Session:
    return replace(
        session,
        status=SessionStatus.CANCELLED,
        version=session.version + 1,
        ended_reason="deleted in a calendar",
        origins={**session.origins, FieldGroup.STATUS: origin},
    )
