"""Intend and apply: a journal row, then the request, then what the answer said (ARCHITECTURE.md, "One session").

A row is written just before its request leaves, and a `sent` row never changes. 412 or an unknown answer marks the
object to be looked at in the transaction that closes the row, so that the next plan sees what is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import (
    AlreadyExists,
    AnswerLost,
    ChangedMeanwhile,
    ConnectorError,
    ObjectGone,
    ObjectRefused,
    ServerFault,
)
from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields
from connectors.vocabulary.sessions import StudentRecord
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.journal import Answer, Intent, Sent
from sync_agent.engine.sync.plan import PlannedWrite
from sync_agent.engine.sync.pull_platform import NOT_THERE, platform_link_value, record_of
from sync_agent.engine.sync.settle import settle_platform
from sync_agent.engine.sync.spell import link_value, marker_for, own_fields
from sync_agent.engine.values import CalendarRow, FieldGroup, Link, LinkState, MeetingRow, Session, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

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
"""So many writes are looked up at once; each is still written down just before it is sent."""


@dataclass(slots=True)
class Tally:
    """What was written in a pass.

    Attributes:
        to_read_back: intents whose object must be read back, by calendar.
        refused: (calendar, session, sentence) of writes that the other side will not take.
        again: sessions that must be planned again at once.
        failed: the error after which a calendar's account was left alone.
    """

    created: int = 0
    updated: int = 0
    deleted: int = 0
    to_read_back: list[Intent] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    again: set[str] = field(default_factory=set)
    failed: ConnectorError | None = None

    @property
    def total(self) -> int:
        """All writes that were carried out."""
        return self.created + self.updated + self.deleted

    def add(self, other: Tally) -> None:
        """Count another calendar's in."""
        self.created += other.created
        self.updated += other.updated
        self.deleted += other.deleted
        self.to_read_back += other.to_read_back
        self.refused += other.refused
        self.again |= other.again

    def count(self, verb: Verb) -> None:
        """Count one write."""
        match verb:
            case Verb.CREATE:
                self.created += 1
            case Verb.UPDATE:
                self.updated += 1
            case Verb.DELETE:
                self.deleted += 1


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A write that stands in the journal and is about to be sent."""

    intent: Intent
    session: Session
    meeting: MeetingRow | None
    fields: OwnFields
    original: CalendarObject | None
    draft: EventDraft | None
    version: int | None


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
        writes: list[tuple[str, PlannedWrite]],
        may_send: Callable[[], bool] = lambda: True,
    ) -> Tally:
        """Carry out the writes to one calendar, in order. An account that fails is left alone for the rest.

        Args:
            calendar: where to.
            remote: the way there.
            writes: session and wish.
            may_send: asked before each request: whether this device may still write there, and nobody wants an end.
        """
        tally, answers = Tally(), list[Answer]()
        for start in range(0, len(writes), PREPARED_AT_ONCE):
            part = writes[start : start + PREPARED_AT_ONCE]
            known = self._known(part)
            for session_id, write in part:
                if not may_send():
                    self._note(answers)
                    return tally
                prepared = self._prepare(calendar, session_id, write, known, remote, answers)
                if prepared is None:
                    continue
                try:
                    etag = self._send(remote, prepared)
                except ConnectorError as error:
                    self._failed(calendar, prepared, error, tally)
                    if tally.failed is not None:
                        self._note(answers)
                        return tally
                    continue
                answers.append(Answer(prepared.intent.id, etag, self._clock.now()))
                self._applied(calendar, prepared, tally)
        self._note(answers)
        return tally

    def _applied(self, calendar: CalendarRow, prepared: _Prepared, tally: Tally) -> None:
        intent = prepared.intent
        tally.count(intent.verb)
        if intent.verb is Verb.DELETE:
            self._deleted(prepared)
        else:
            tally.to_read_back.append(intent)
        log.info("intent.applied", verb=intent.verb.value, calendar=calendar.id, session=intent.session)

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
        writes: list[tuple[str, PlannedWrite]],
        may_send: Callable[[], bool] = lambda: True,
    ) -> Tally:
        """Carry out the writes to the platform; its answer carries the object, so each settles at once."""
        tally = Tally()
        known = self._known(writes)
        for session_id, write in writes:
            if not may_send():
                return tally
            prepared = self._prepare(calendar, session_id, write, known, None, [])
            if prepared is None:
                continue
            record = record_of(prepared.session, prepared.version or 0, prepared.meeting)
            try:
                self._introduce(platform, prepared)
                stored = self._put(platform, prepared, record)
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

    def _put(self, platform: Platform, prepared: _Prepared, record: SessionRecord) -> SessionRecord | None:
        """Store a session on the platform. None: its id is taken, and by nothing that this device may see."""
        try:
            return platform.put(record, if_version=prepared.version, key=prepared.intent.id, at=self._clock.now())
        except AlreadyExists:
            if platform.fetch([record.id]):
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

    def _known(self, writes: Sequence[tuple[str, PlannedWrite]]) -> _Known:
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
                blocked=store.journal.blocked_links(connection),
            )

    def _prepare(
        self,
        calendar: CalendarRow,
        session_id: str,
        write: PlannedWrite,
        known: _Known,
        remote: Calendar | None,
        answers: list[Answer],
    ) -> _Prepared | None:
        """Write the intention down, in one transaction with the answers that came before it.

        Between the look-up and now only a person can have changed something, and a person changes sessions. None: it is
        no longer wanted as planned; a session that changed is planned again.
        """
        store = self._store
        row, session = known.links.get(write.link), known.sessions.get(session_id)
        if row is None or session is None or row.link.state in (LinkState.HELD, LinkState.CLOSED):
            return None
        obj = known.objects.get(row.link.obj) if row.link.obj is not None else None
        if row.link.id in known.blocked or (obj is None) is not (write.verb is Verb.CREATE):
            return None
        with store.write() as connection:
            if store.sessions.version_of(connection, session_id) != session.version:
                return None
            meeting = known.meetings.get(session_id)
            prepared = self._compose(connection, calendar, session, meeting, row.link, obj, write, row.template, remote)
            store.journal.answered_many(connection, answers)
            store.journal.send(connection, prepared.intent)
        answers.clear()
        log.debug("intent.sent", intent=prepared.intent.id, verb=write.verb.value)
        return prepared

    def _compose(
        self,
        connection: Connection,
        calendar: CalendarRow,
        session: Session,
        meeting: MeetingRow | None,
        link: Link,
        obj: MirrorRow | None,
        write: PlannedWrite,
        template: str | None,
        remote: Calendar | None,
    ) -> _Prepared:
        join_url = meeting.join_url if meeting else ""
        version = 1 if obj is None else int(obj.fields.get("version", 1)) + 1
        marker = marker_for(session, naming=self._naming, calendar=calendar.id, uid=link.uid, version=version)
        fields = own_fields(session, join_url=join_url, groups=write.groups, marker=marker)
        draft = None
        if write.verb is Verb.CREATE and not calendar.is_platform:
            draft = EventDraft(link.uid, fields, template)
        href = obj.href if obj else remote.where_created(draft) if remote and draft else session.id
        key = obj.key if obj else link.uid
        intent = Intent(
            id=uuid7(self._clock.now()),
            obj_key=f"{calendar.id}/{key}",
            account=calendar.account,
            calendar=calendar.id,
            session=session.id,
            link=link.id,
            verb=write.verb,
            href=href,
            fields={group: _sent(session, meeting, calendar, group, obj) for group in write.groups},
            if_match=obj.etag if obj else None,
            before=obj.body if obj else None,
            cause=f"session:{session.id}:{session.version}",
            state="sent",
            sent_at=self._clock.now(),
        )
        original = None if obj is None else CalendarObject(obj.href, obj.key, obj.etag, (), obj.body)
        known_version = int(obj.etag) if obj and obj.etag and calendar.is_platform else None
        return _Prepared(intent, session, meeting, fields, original, draft, known_version)

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

    def _deleted(self, prepared: _Prepared) -> None:
        """A deletion needs no reading back: the link ends, and what was there is kept for undo."""
        intent, now = prepared.intent, self._clock.now()
        with self._store.write() as connection:
            self._store.journal.close(connection, intent.id, "settled")
            if intent.calendar is not None and prepared.original is not None:
                self._store.mirror.mark_gone(connection, intent.calendar, [prepared.original.key], at=now)
            if intent.link is not None:
                self._store.links.set(
                    connection,
                    intent.link,
                    state=LinkState.CLOSED,
                    closed_why="session cancelled",
                    template=intent.before,
                )

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
                    store.journal.answered_many(connection, [Answer(intent.id, None, self._clock.now())])
                    store.journal.close(connection, intent.id, "unknown")
                    tally.again.add(intent.session)
                case _:
                    store.journal.close(connection, intent.id, "given_up")
                    self._refused(calendar, intent, error, tally)
        log.warning("intent.failed", code=error.code, calendar=calendar.id, session=intent.session)

    def _refused(self, calendar: CalendarRow, intent: Intent, error: ConnectorError, tally: Tally) -> None:
        if isinstance(error, ObjectRefused):
            tally.refused.append((calendar.id, intent.session, error.sentence))
        else:
            tally.failed = error


def _sent(
    session: Session, meeting: MeetingRow | None, calendar: CalendarRow, group: FieldGroup, obj: MirrorRow | None
) -> Sent:
    url = meeting.join_url if meeting else ""
    if group is FieldGroup.LINK:
        provider = meeting.provider if meeting else ""
        hub = platform_link_value(provider, url) if calendar.is_platform else link_value(url)
    else:
        hub = value_of(session, group)
    groups = obj.fields.get("groups", {}) if obj else {}
    return Sent(hub=hub, words=groups.get(group.value, [""])[0])
