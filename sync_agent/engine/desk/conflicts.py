"""Settling a double booking: five free slots, a preview of what will be written where, and the choice carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.copies import close_settled
from sync_agent.engine.conflicts.detect import detect, reach
from sync_agent.engine.conflicts.reasons import not_checked, not_understood
from sync_agent.engine.conflicts.suggest import HORIZON, suggest
from sync_agent.engine.conflicts.values import Suggestion, occupied_by_session
from sync_agent.engine.conflicts.watch import FOR_EVER, Watch, event_key
from sync_agent.engine.conflicts.words import closed_words, overlap_words
from sync_agent.engine.desk.coverage import CoverageDesk
from sync_agent.engine.desk.sessions import SessionDesk, SessionEdit
from sync_agent.engine.errors import ChoiceWrong, ConflictClosed, ConflictUnknown, SessionUnknown
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.bookings import ConflictRow
from sync_agent.engine.values import LinkState, Session
from sync_agent.engine.words import when_words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.conflicts.seal import Seal
    from sync_agent.engine.desk.context import DeskContext


class Action(StrEnum):
    """The four ways out of a double booking."""

    MOVE = "move"
    KEEP_BOTH = "keep_both"
    CANCEL = "cancel"
    MARK_FREE = "mark_free"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the tutor chose.

    Attributes:
        session: which one to move or cancel; None: the conflict's first side.
        start: naive wall time in the session's zone, for MOVE.
        reason: for KEEP_BOTH.
    """

    action: Action
    session: str | None = None
    start: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that will be written somewhere.

    Attributes:
        where: a calendar's name, the platform, or a meeting service.
        told: who gets to know of it.
    """

    where: str
    what: str
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a choice does, or did.

    Attributes:
        remains: for a move to an hour of one's own choice: what that hour would collide, or collides, with; a
            sentence each.
    """

    conflict: ConflictRow
    effects: tuple[Effect, ...]
    activity: tuple[Activity, ...]
    applied: bool
    remains: tuple[str, ...] = ()


class ConflictDesk:
    """Double bookings and what to do about them."""

    def __init__(self, context: DeskContext, sessions: SessionDesk, coverage: CoverageDesk) -> None:
        self._context, self._sessions, self._coverage = context, sessions, coverage

    def suggestions(self, conflict_id: str, session_id: str | None = None, *, count: int = 5) -> tuple[Suggestion, ...]:
        """Give free slots for one of the sessions of a double booking, the best first.

        Raises:
            ConflictUnknown, ChoiceWrong.
        """
        context, now, settings = self._context, self._context.clock.now(), self._context.settings()
        with context.store.read() as connection:
            row = self._row(connection, conflict_id)
            session = self._session_of(connection, row, session_id)
            watch = Watch(context.store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)
            lo = min(now, session.when.starts_at) - timedelta(days=1)
            occupied = watch.occupied(connection, lo, max(now, session.when.ends_at) + HORIZON + timedelta(days=8))
            history = [
                one.when
                for student in session.students
                for one in context.store.sessions.history(connection, student, session.when.starts_at)
            ]
            found = suggest(
                session,
                occupied=occupied,
                working_hours=settings.working_hours,
                now=now,
                history=history,
                travel_buffer=settings.travel_buffer,
                count=count,
            )
            seals = self._coverage.seals(connection, now, [(one.when.starts_at, one.when.ends_at) for one in found])
        return tuple(_sealed(one, seal) for one, seal in zip(found, seals, strict=True))

    def recheck(self) -> None:
        """Look at every session to come anew: a rule changed by which things collide (the time for the way)."""
        now = self._context.clock.now()
        with self._context.unit() as unit:
            self._context.watch(unit, [], [(now - timedelta(days=1), now + FOR_EVER)], now)
        self._context.notify("state.changed", [])

    def resolve(self, conflict_id: str, choice: Choice, *, dry_run: bool = False) -> Resolved:
        """Settle a double booking, or say what that would do.

        Raises:
            ConflictUnknown, ConflictClosed, ChoiceWrong, SessionTimesWrong.
        """
        context, now = self._context, self._context.clock.now()
        with context.store.read() as connection:
            row = self._row(connection, conflict_id)
            if row.closed is not None:
                raise ConflictClosed(why=closed_words(row.closed_why))
            session = self._session_of(connection, row, choice.session)
            effects = self._effects(connection, row, session, choice)
            remains = self._remains(connection, session, choice, now)
        if dry_run:
            return Resolved(row, effects, (), applied=False, remains=remains)
        entries = self._carry_out(row, session, choice, now)
        with context.store.read() as connection:
            after = context.store.bookings.conflict(connection, conflict_id) or row
        context.notify("state.changed", [])
        return Resolved(after, effects, entries, applied=True, remains=remains)

    def _carry_out(self, row: ConflictRow, session: Session, choice: Choice, now: datetime) -> tuple[Activity, ...]:
        cause = f"resolve:{row.id}:{uuid7(now)}"
        match choice.action:
            case Action.MOVE:
                return self._sessions.change(session.id, SessionEdit(start=choice.start), cause=cause).activity
            case Action.CANCEL:
                return self._sessions.cancel(session.id, cause=cause).activity
            case Action.KEEP_BOTH:
                entry = self._entry(row, session, "conflict.kept", cause, now, after=choice.reason.strip())
                with self._context.unit() as unit:
                    self._context.store.bookings.set_conflict(
                        unit.connection, row.id, closed=now, closed_why="kept", kept_times=row.facts.get("times", ""),
                        reason=choice.reason.strip(),
                    )  # fmt: skip
                    self._context.store.activity.add(unit.connection, entry)
                    unit.watched.closed.append(row.id)
                    close_settled(self._context.store, unit.connection)
            case Action.MARK_FREE:
                calendar, uid, recurrence_id = event_key(row.b)
                entry = self._entry(row, session, "conflict.marked_free", cause, now, after=row.b)
                with self._context.unit() as unit:
                    self._context.store.bookings.mark_free(unit.connection, calendar, uid, recurrence_id, at=now)
                    self._context.store.activity.add(unit.connection, entry)
                    # Whatever else it stood in the way of is settled with it.
                    freed = self._context.store.bookings.busy_at(unit.connection, calendar, uid, recurrence_id)
                    self._context.watch(unit, [session.id], [(one.lo, one.hi) for one in freed], now)
        return (entry,)

    def _effects(
        self, connection: Connection, row: ConflictRow, session: Session, choice: Choice
    ) -> tuple[Effect, ...]:
        match choice.action:
            case Action.MOVE:
                if choice.start is None:
                    raise ChoiceWrong(reason="To move a session, say when to.")
                after, _ = self._sessions.changed(session, SessionEdit(start=choice.start), self._context.clock.now())
                what = f"moves “{session.title}” from {when_words(session.when)} to {when_words(after.when)}"
                return self._everywhere(connection, session, what, "moves the meeting; its link stays the same")
            case Action.CANCEL:
                return self._everywhere(
                    connection,
                    session,
                    f"removes “{session.title}” ({when_words(session.when)})",
                    "removes the meeting",
                )
            case Action.KEEP_BOTH:
                if not choice.reason.strip():
                    raise ChoiceWrong(reason="To keep both, give the reason in a few words.")
                return (Effect("this computer", "both stay as they are; it will not be asked again for these times"),)
            case Action.MARK_FREE:
                if not row.b.startswith("event:"):
                    raise ChoiceWrong(reason="Only an appointment of a calendar can be marked as free, not a session.")
                title = row.facts["sides"][1]["title"]
                return (Effect("this computer", f"“{title}” no longer counts as busy; it is not changed itself"),)

    def _remains(self, connection: Connection, session: Session, choice: Choice, now: datetime) -> tuple[str, ...]:
        """Say what stands in the way of the hour that a session is moved to; its old hour is not in its own way."""
        if choice.action is not Action.MOVE or choice.start is None:
            return ()
        settings = self._context.settings()
        moved, _ = self._sessions.changed(session, SessionEdit(start=choice.start), now)
        mine, buffer = occupied_by_session(moved), settings.travel_buffer
        watch = Watch(self._context.store, home_zone=settings.home_zone, travel_buffer=buffer)
        others = watch.occupied(connection, *reach(mine, travel_buffer=buffer))
        return tuple(overlap_words(one) for one in detect(mine, others, travel_buffer=buffer) if one.hi > now)

    def _everywhere(self, connection: Connection, session: Session, what: str, meeting: str) -> tuple[Effect, ...]:
        """Say what a change of a session writes where, and who is told."""
        store = self._context.store
        calendars = {one.id: one for one in store.accounts.calendars(connection)}
        students = {one.id: one.name for one in store.sessions.students(connection)}
        told = tuple(students[one] for one in session.students if one in students)
        effects = [
            Effect(calendars[row.link.calendar].name, what, told if calendars[row.link.calendar].is_platform else ())
            for row in store.links.of_sessions(connection, [session.id]).get(session.id, [])
            if row.link.state in (LinkState.LIVE, LinkState.WANT)
        ]
        row = store.meetings.of_sessions(connection, [session.id]).get(session.id)
        if row is not None and row.remote_id:
            effects.append(Effect(row.provider.capitalize(), meeting))
        return tuple(effects) or (Effect("this computer", what),)

    def _row(self, connection: Connection, conflict_id: str) -> ConflictRow:
        row = self._context.store.bookings.conflict(connection, conflict_id)
        if row is None:
            raise ConflictUnknown(id=conflict_id)
        return row

    def _session_of(self, connection: Connection, row: ConflictRow, session_id: str | None) -> Session:
        mine = [side.removeprefix("session:") for side in (row.a, row.b) if side.startswith("session:")]
        wanted = session_id or mine[0]
        if wanted not in mine:
            raise ChoiceWrong(reason="That session is not part of this double booking.")
        session = self._context.store.sessions.get(connection, wanted)
        if session is None:
            raise SessionUnknown(id=wanted)
        return session

    def _entry(
        self, row: ConflictRow, session: Session, kind: str, cause: str, now: datetime, *, after: str
    ) -> Activity:
        return Activity(
            id=uuid7(now),
            at=now,
            kind=kind,
            cause=cause,
            actor=self._context.settings().tutor,
            device=self._context.device,
            session=session.id,
            before=row.id,
            after=after,
            facts={"title": session.title, "other": row.facts["sides"][1]["title"]},
        )


def _sealed(slot: Suggestion, seal: Seal) -> Suggestion:
    """Say with a slot what was not looked at, or not understood, at that very time."""
    doubtful = [one for one in seal.calendars if one.but_for]
    facts = [not_checked(one) for one in seal.stale]
    facts += [not_understood(one.name, len(one.but_for)) for one in doubtful]
    but_for = [words for one in doubtful for words in one.but_for]
    return replace(slot, reasons=(*slot.reasons, *facts), not_checked=seal.stale, but_for=tuple(but_for))
