"""Intend and apply: a journal row, then the request, then what the answer said (ARCHITECTURE.md, "One session").

A row is written just before its request leaves, and a `sent` row never changes. 412 or an unknown answer marks the
object to be looked at in the transaction that closes the row, so that the next plan sees what is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import (
    ABOUT_ONE_OBJECT,
    AlreadyExists,
    AnswerLost,
    ChangedMeanwhile,
    ConnectorError,
    LeaseLost,
    ObjectGone,
    ObjectRefused,
    ServerFault,
    Throttled,
)
from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields
from connectors.vocabulary.sessions import StudentRecord
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.store.journal import Answer, Intent
from sync_agent.engine.sync.blocking import block_fields
from sync_agent.engine.sync.giving_up import given_up
from sync_agent.engine.sync.marking import marker_of
from sync_agent.engine.sync.pace import ONE_BY_ONE, Pace
from sync_agent.engine.sync.plan import PlannedWrite
from sync_agent.engine.sync.pull import LOOK_BATCH
from sync_agent.engine.sync.pull_platform import NOT_THERE, record_of
from sync_agent.engine.sync.resending import send
from sync_agent.engine.sync.sending import link_of_ours, sent_of
from sync_agent.engine.sync.settle import WAS_THERE, settle_platform
from sync_agent.engine.sync.side_by_side import side_by_side
from sync_agent.engine.sync.spell import own_fields, written_with
from sync_agent.engine.sync.tally import Tally
from sync_agent.engine.values import CalendarRow, LinkState, MeetingRow, Role, Session, Verb

if TYPE_CHECKING:
    from connectors.vocabulary.protocols import Calendar, Platform
    from connectors.vocabulary.sessions import SessionRecord
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.pull_platform import PlatformPuller

log = structlog.get_logger()

PREPARED_AT_ONCE = 50
"""So many writes are looked up at once; each is still written down shortly before it is sent."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A write that stands in the journal and is about to be sent."""

    intent: Intent
    write: PlannedWrite
    session: Session
    meeting: MeetingRow | None
    fields: OwnFields
    original: CalendarObject | None
    draft: EventDraft | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one request: the ETag of its answer, or why there is none."""

    etag: str | None
    error: ConnectorError | None
    at: datetime
    took: timedelta


@dataclass(frozen=True, slots=True)
class _Known:
    """What some writes are made of, looked up at once. Passes come one by one: only sessions can change meanwhile."""

    sessions: Mapping[str, Session]
    links: Mapping[str, LinkRow]
    objects: Mapping[str, MirrorRow]
    meetings: Mapping[str, MeetingRow]
    blocked: set[str]


class Applier:
    """Carries planned writes out, one object at a time."""

    def __init__(self, store: Store, clock: Clock, naming: Naming) -> None:
        self._store, self._clock, self._naming = store, clock, naming

    def apply_to_calendar(
        self,
        calendar: CalendarRow,
        remote: Calendar,
        writes: Sequence[tuple[str, PlannedWrite]],
        may_send: Callable[[], bool] = lambda: True,
        pace: Pace = ONE_BY_ONE,
        *,
        told: Callable[[int], None] = lambda _: None,
        read_back: Callable[[Sequence[Intent]], object] = lambda _: None,
    ) -> Tally:
        """Carry out the writes to one calendar, in order. An account that fails is left alone for the rest.

        Args:
            calendar: where to.
            remote: the way there.
            writes: session and wish, one an object.
            may_send: asked before each request, from any thread: whether this device may still write there, and nobody
                wants an end.
            pace: how many may be on the way at once; the tally says what was learned of it.
            told: called with how many more are through.
            read_back: called in between with as many rows as are read back in one go, so that of thousands few are open
                at any time; what is left of them in the end stands in the tally.
        """
        tally, answers = Tally(pace=pace), list[Answer]()
        # Once: each object is written once, and among thousands that were sent looking again takes long.
        blocked = self._blocked()

        def goes_on() -> bool:
            return tally.failed is None and may_send()

        for start in range(0, len(writes), PREPARED_AT_ONCE):
            if not goes_on():
                break
            part = writes[start : start + PREPARED_AT_ONCE]
            known, todo = self._known(part, blocked), deque(part)
            while todo and goes_on():
                batch = [todo.popleft() for _ in range(min(tally.pace.together, len(todo)))]
                prepared = self._prepare(calendar, batch, known, remote, answers)
                outcomes = self._send_all(remote, prepared, tally.pace, may_send)
                once_more = self._take_in(calendar, prepared, outcomes, answers, tally)
                todo.extendleft(reversed(once_more))
                told(len(batch) - len(once_more))
            if len(tally.to_read_back) > LOOK_BATCH and goes_on():
                self._note(answers)
                self._read_back_some(tally, read_back)
        self._note(answers)
        log.info("calendar.written", calendar=calendar.id, writes=tally.total, at_once=tally.pace.side_by_side)
        return tally

    def _read_back_some(self, tally: Tally, read_back: Callable[[Sequence[Intent]], object]) -> None:
        """Read back what fills a batch. Where that fails the rows stand, and are settled in a later pass."""
        try:
            read_back(tally.to_read_back[:LOOK_BATCH])
        except ConnectorError as error:
            tally.failed = error
        else:
            del tally.to_read_back[:LOOK_BATCH]

    def _send_all(
        self, remote: Calendar, prepared: Sequence[_Prepared], pace: Pace, may_send: Callable[[], bool]
    ) -> list[_Outcome | None]:
        """Send writes that stand in the journal, side by side if the pace says so.

        Returns:
            What came of each; None: it never left, because it may not, or because of what came of another.
        """
        outcomes: list[_Outcome | None] = [None] * len(prepared)
        stopped: list[bool] = []

        def send(number: int) -> None:
            if stopped or not may_send():
                stopped.append(True)
                return
            outcome = outcomes[number] = self._outcome(remote, prepared[number])
            if outcome is None or not isinstance(outcome.error, (*ABOUT_ONE_OBJECT, type(None))):
                stopped.append(True)

        side_by_side([partial(send, number) for number in range(len(prepared))], pace.side_by_side)
        return outcomes

    def _outcome(self, remote: Calendar, prepared: _Prepared) -> _Outcome | None:
        """Send one write; asks nothing of the store, so that any thread may do it. None: it may not leave any more."""
        began = self._clock.elapsed()
        etag, error = None, None
        try:
            etag = self._send(remote, prepared)
        except LeaseLost:
            return None  # the right ended while it was looked at what lies there
        except ConnectorError as raised:
            error = raised
        return _Outcome(etag, error, self._clock.now(), self._clock.elapsed() - began)

    def _take_in(
        self,
        calendar: CalendarRow,
        prepared: Sequence[_Prepared],
        outcomes: Sequence[_Outcome | None],
        answers: list[Answer],
        tally: Tally,
    ) -> list[tuple[str, PlannedWrite]]:
        """Take in what came of some writes, in the order in which they were written down.

        Returns:
            What is to leave once more: it never did, or was refused only because of what was beside it.
        """
        had_company = tally.pace.side_by_side > 1 and sum(outcome is not None for outcome in outcomes) > 1
        once_more: list[_Prepared] = []
        deleted: list[Intent] = []
        for one, outcome in zip(prepared, outcomes, strict=True):
            if outcome is None:
                once_more.append(one)
            elif outcome.error is None:
                answers.append(Answer(one.intent.id, outcome.etag, outcome.at))
                tally.count(one.intent.verb)
                (deleted if one.intent.verb is Verb.DELETE else tally.to_read_back).append(one.intent)
            elif had_company and isinstance(outcome.error, Throttled | ServerFault):
                tally.pace = tally.pace.refused(outcome.at)
                self._refused_in_company(calendar, one, outcome.error, tally, once_more)
            else:
                self._failed(calendar, one, outcome.error, tally)
        for outcome in filter(None, outcomes):
            tally.pace = tally.pace.measured(outcome.took)
        if had_company:
            tally.pace = tally.pace.borne()
        if once_more or deleted:
            self._close(once_more, deleted)
        return [(one.intent.session, one.write) for one in once_more]

    def _note(self, answers: list[Answer]) -> None:
        """Note the answers that came since the last row was written."""
        if answers:
            with self._store.write() as connection:
                self._store.journal.answered_many(connection, answers)
            answers.clear()

    def apply_to_platform(
        self,
        calendar: CalendarRow,
        platform: Platform,
        puller: PlatformPuller,
        writes: Sequence[tuple[str, PlannedWrite]],
        may_send: Callable[[], bool] = lambda: True,
        *,
        told: Callable[[int], None] = lambda _: None,
    ) -> Tally:
        """Carry out the writes to the platform; its answer carries the object, so each settles at once."""
        tally = Tally()
        known = self._known(writes, self._blocked())
        for session_id, write in writes:
            if not may_send():
                return tally
            told(1)
            found = self._prepare(calendar, [(session_id, write)], known, None, [])
            if not found:
                continue
            (prepared,) = found
            try:
                self._introduce(platform, prepared)
                stored = self._put(platform, prepared.intent)
            except ConnectorError as error:
                self._failed(calendar, prepared, error, tally)
                if tally.failed is not None:
                    return tally
                continue
            if stored is None:
                self._let_go(prepared)
                continue
            with self._store.write() as connection:
                now = self._clock.now()
                puller.absorb(connection, calendar, [stored], now=now)
                settle_platform(self._store, connection, prepared.intent, stored)
            tally.count(prepared.intent.verb)
            log.info("intent.applied", verb=write.verb.value, calendar=calendar.id, session=session_id)
        return tally

    def _put(self, platform: Platform, intent: Intent) -> SessionRecord | None:
        """Store a session on the platform. None: its id is taken, and by nothing that this device may see."""
        try:
            return send(platform, intent)
        except AlreadyExists:
            if platform.fetch([intent.session]):
                raise
            return None

    def _let_go(self, prepared: _Prepared) -> None:
        """Keep a session here that was given to somebody else there."""
        with self._store.write() as connection:
            self._store.journal.close(connection, prepared.intent.id, "given_up")
            if prepared.intent.link is not None:
                self._store.links.set(connection, prepared.intent.link, state=LinkState.CLOSED, closed_why=NOT_THERE)

    def _introduce(self, platform: Platform, prepared: _Prepared) -> None:
        """Tell the platform of students who were entered here, before it is told of their session."""
        store = self._store
        with store.read() as connection:
            students = {one.id: one for one in store.sessions.students(connection)}
        for student_id in prepared.session.students:
            student = students.get(student_id)
            if student is None or student.on_platform:
                continue
            told = StudentRecord(student.id, student.name, student.zone, student.email)
            platform.put_student(told, key=f"{prepared.intent.id}:{student.id}")
            with store.write() as connection:
                store.sessions.put_student(connection, replace(student, on_platform=True))

    def _blocked(self) -> set[str]:
        """Give the links whose object has an unsettled write from before."""
        with self._store.read() as connection:
            return self._store.journal.blocked_links(connection)

    def _known(self, writes: Sequence[tuple[str, PlannedWrite]], blocked: set[str]) -> _Known:
        """Look up at once what some writes are made of."""
        store = self._store
        with store.read() as connection:
            links = store.links.by_ids(connection, [write.link for _, write in writes])
            sessions = store.sessions.many(connection, [session for session, _ in writes])
            objects = [row.link.obj for row in links.values() if row.link.obj is not None]
            return _Known(
                sessions=sessions,
                links=links,
                objects=store.mirror.by_ids(connection, objects),
                meetings=store.meetings.of_sessions(connection, sessions),
                blocked=blocked,
            )

    def _prepare(
        self,
        calendar: CalendarRow,
        writes: Sequence[tuple[str, PlannedWrite]],
        known: _Known,
        remote: Calendar | None,
        answers: list[Answer],
    ) -> list[_Prepared]:
        """Write intentions down, in one transaction with the answers that came before them.

        Between the look-up and now only a person can have changed something, and a person changes sessions. What is no
        longer wanted as planned is left out; a session that changed is planned again.
        """
        store = self._store
        wanted = [(session, write) for session, write in writes if self._still_fits(session, write, known)]
        with store.write() as connection:
            versions = store.sessions.versions_of(connection, [session for session, _ in wanted])
            prepared = [
                self._compose(calendar, known, session, write, remote)
                for session, write in wanted
                if versions.get(session) == known.sessions[session].version
            ]
            store.journal.answered_many(connection, answers)
            store.journal.send_many(connection, [one.intent for one in prepared])
        answers.clear()
        return prepared

    def _still_fits(self, session_id: str, write: PlannedWrite, known: _Known) -> bool:
        """Whether a write can be what it was planned as."""
        row = known.links.get(write.link)
        if row is None or session_id not in known.sessions or row.link.state in (LinkState.HELD, LinkState.CLOSED):
            return False
        has_object = row.link.obj is not None and row.link.obj in known.objects
        return row.link.id not in known.blocked and has_object is (write.verb is not Verb.CREATE)

    def _compose(
        self, calendar: CalendarRow, known: _Known, session_id: str, write: PlannedWrite, remote: Calendar | None
    ) -> _Prepared:
        session, meeting, row = known.sessions[session_id], known.meetings.get(session_id), known.links[write.link]
        link, template = row.link, row.template
        obj = known.objects.get(link.obj) if link.obj is not None else None
        join_url = meeting.join_url if meeting else ""
        is_block = calendar.role is Role.BLOCK
        marker = marker_of(session, row, calendar, obj, groups=write.groups, naming=self._naming)
        if obj is not None and write.verb is Verb.UPDATE and not write.groups:
            fields = given_up(event_from_json(obj.fields["event"]), link_of_ours(row, meeting))
        elif is_block:
            fields = block_fields(session, groups=write.groups, marker=marker)
        else:
            fields = own_fields(session, join_url=join_url, groups=write.groups, marker=marker)
        draft = None
        if write.verb is Verb.CREATE and not calendar.is_platform:
            # What an event said before its calendar only blocked is nobody's business there.
            draft = EventDraft(link.uid, fields, None if is_block else template)
        href = obj.href if obj else remote.where_created(draft) if remote and draft else session.id
        key, version = (obj.key, obj.etag) if obj else (link.uid, None)
        intent = Intent(
            id=uuid7(self._clock.now()),
            obj_key=f"{calendar.id}/{key}",
            account=calendar.account,
            calendar=calendar.id,
            session=session.id,
            link=link.id,
            verb=write.verb,
            href=href,
            fields={group: sent_of(session, meeting, calendar, group, obj) for group in written_with(write.groups)},
            if_match=version,
            before=obj.body if obj else None,
            cause=f"session:{session.id}:{session.version}",
            state="sent",
            sent_at=self._clock.now(),
            record=record_of(session, int(version or 0), meeting, self._naming.keys) if calendar.is_platform else None,
        )
        original = None if obj is None else CalendarObject(obj.href, obj.key, obj.etag, (), obj.body)
        return _Prepared(intent, write, session, meeting, fields, original, draft)

    def _send(self, remote: Calendar, prepared: _Prepared) -> str | None:
        """Send one write. Gives the ETag of the answer."""
        match prepared.intent.verb:
            case Verb.CREATE:
                assert prepared.draft is not None  # noqa: S101  (narrowing: `_compose` made it)
                return remote.create(prepared.draft).etag
            case Verb.UPDATE:
                assert prepared.original is not None  # noqa: S101
                return remote.update(prepared.original, prepared.fields).etag
            case Verb.DELETE:
                assert prepared.original is not None  # noqa: S101
                remote.delete(prepared.original)
                return None

    def _close(self, unsent: Sequence[_Prepared], deleted: Sequence[Intent]) -> None:
        """Close rows that never left or that were surely not carried out, and those of deletions.

        A deletion needs no reading back: the link ends, and what was there is kept for undo.
        """
        store, now = self._store, self._clock.now()
        with store.write() as connection:
            store.journal.close_many(connection, [one.intent.id for one in unsent], "given_up")
            store.journal.close_many(connection, [intent.id for intent in deleted], "settled")
            for intent in deleted:
                if intent.calendar is not None:
                    store.mirror.mark_gone(connection, intent.calendar, [intent.key], at=now)
                if intent.link is not None:
                    why = "session cancelled"
                    store.links.set(
                        connection, intent.link, state=LinkState.CLOSED, closed_why=why, template=intent.before
                    )

    def _refused_in_company(
        self,
        calendar: CalendarRow,
        prepared: _Prepared,
        error: ConnectorError,
        tally: Tally,
        once_more: list[_Prepared],
    ) -> None:
        """Perhaps it was refused only because others were beside it (423, 429, 500, 503): it gets another chance."""
        if error.wait_s is not None:
            # A server that names a pause means what it says.
            self._failed(calendar, prepared, error, tally)
        elif isinstance(error, Throttled):
            once_more.append(prepared)
        else:
            # Carried out or not: only a look can tell, and this very pass looks.
            with self._store.write() as connection:
                self._store.journal.close(connection, prepared.intent.id, "unknown")
            tally.again.add(prepared.intent.session)

    def _failed(self, calendar: CalendarRow, prepared: _Prepared, error: ConnectorError, tally: Tally) -> None:
        """Close the row as the error says, in one transaction with what must be looked at."""
        intent, store = prepared.intent, self._store
        with store.write() as connection:
            match error:
                case AnswerLost() | ServerFault():
                    # Carried out or not: only a look can tell. The row goes on blocking its object.
                    store.journal.close(connection, intent.id, "unknown")
                    tally.failed = error
                case ChangedMeanwhile() | ObjectGone():
                    store.journal.close(connection, intent.id, "given_up")
                    if prepared.original is not None:
                        store.mirror.mark_refetch(connection, calendar.id, [prepared.original.key])
                    elif intent.link is not None:
                        store.mirror.mark_refetch(connection, calendar.id, [intent.href])
                    tally.again.add(intent.session)
                case AlreadyExists():
                    # An earlier try arrived after all, or a tombstone holds the name: the look decides.
                    store.journal.answered_many(connection, [Answer(intent.id, WAS_THERE, self._clock.now())])
                    store.journal.close(connection, intent.id, "unknown")
                    tally.again.add(intent.session)
                case _:
                    # Refused, and given up; a copy of it that is still on its way may be carried out later.
                    store.journal.remember_echo(connection, intent, intent.values, self._clock.now())
                    store.journal.close(connection, intent.id, "given_up")
                    self._refused(calendar, intent, error, tally)
        log.warning("intent.failed", code=error.code, calendar=calendar.id, session=intent.session)

    def _refused(self, calendar: CalendarRow, intent: Intent, error: ConnectorError, tally: Tally) -> None:
        if isinstance(error, ObjectRefused):
            tally.refused.append((calendar.id, intent.session, error.sentence))
        else:
            tally.failed = error
