"""Intend and apply: a journal row, then the request, then what the answer said (ENGINE: "the pass", steps 3 and 4).

A row is written just before its request leaves, and a `sent` row never changes. 412 or an unknown answer marks the
object to be looked at in the transaction that closes the row, so that the next plan sees what is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.journal import Intent, Sent
from sync_agent.engine.sync.plan import PlannedWrite
from sync_agent.engine.sync.pull_platform import platform_link_value, record_of
from sync_agent.engine.sync.settle import settle_platform
from sync_agent.engine.sync.spell import link_value, marker_for, own_fields
from sync_agent.engine.values import CalendarRow, FieldGroup, Link, LinkState, MeetingRow, Session, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.protocols import Calendar, Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.pull_platform import PlatformPuller

log = structlog.get_logger()


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


class Applier:
    """Carries planned writes out, one object at a time."""

    def __init__(self, store: Store, clock: Clock, tenant: str) -> None:
        self._store, self._clock, self._tenant = store, clock, tenant

    def apply_to_calendar(
        self, calendar: CalendarRow, remote: Calendar, writes: list[tuple[str, PlannedWrite]]
    ) -> Tally:
        """Carry out the writes to one calendar, in order. An account that fails is left alone for the rest."""
        tally = Tally()
        for session_id, write in writes:
            prepared = self._prepare(calendar, session_id, write, remote)
            if prepared is None:
                continue
            try:
                etag = self._send(remote, prepared)
            except ConnectorError as error:
                self._failed(calendar, prepared, error, tally)
                if tally.failed is not None:
                    return tally
                continue
            self._answered(prepared.intent, etag)
            tally.count(prepared.intent.verb)
            if prepared.intent.verb is Verb.DELETE:
                self._deleted(prepared)
            else:
                tally.to_read_back.append(prepared.intent)
            log.info("intent.applied", verb=write.verb.value, calendar=calendar.id, session=session_id)
        return tally

    def apply_to_platform(
        self, calendar: CalendarRow, platform: Platform, puller: PlatformPuller, writes: list[tuple[str, PlannedWrite]]
    ) -> Tally:
        """Carry out the writes to the platform; its answer carries the object, so each settles at once."""
        tally = Tally()
        for session_id, write in writes:
            prepared = self._prepare(calendar, session_id, write, None)
            if prepared is None:
                continue
            record = record_of(prepared.session, prepared.version or 0, prepared.meeting)
            try:
                stored = platform.put(record, if_version=prepared.version, key=prepared.intent.id, at=self._clock.now())
            except ConnectorError as error:
                self._failed(calendar, prepared, error, tally)
                if tally.failed is not None:
                    return tally
                continue
            with self._store.write() as connection:
                now = self._clock.now()
                puller.absorb(connection, calendar, [stored], now=now)
                settle_platform(self._store, connection, prepared.intent, stored)
            tally.count(prepared.intent.verb)
            log.info("intent.applied", verb=write.verb.value, calendar=calendar.id, session=session_id)
        return tally

    def _prepare(
        self, calendar: CalendarRow, session_id: str, write: PlannedWrite, remote: Calendar | None
    ) -> _Prepared | None:
        """Write the intention down with what is true now. None: it is no longer wanted as planned."""
        store, now = self._store, self._clock.now()
        with store.write() as connection:
            row = store.links.get(connection, write.link)
            session = store.sessions.get(connection, session_id)
            if row is None or session is None or row.link.state in (LinkState.HELD, LinkState.CLOSED):
                return None
            if row.link.id in store.journal.blocked_links(connection):
                return None
            obj = store.mirror.by_ids(connection, [row.link.obj]).get(row.link.obj) if row.link.obj else None
            if (obj is None) is not (write.verb is Verb.CREATE):
                return None
            meeting = store.meetings.of_sessions(connection, [session_id]).get(session_id)
            prepared = self._compose(connection, calendar, session, meeting, row.link, obj, write, row.template, remote)
            store.journal.send(connection, prepared.intent)
        log.debug("intent.sent", intent=prepared.intent.id, verb=write.verb.value, at=now)
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
        marker = marker_for(session, tenant=self._tenant, calendar=calendar.id, uid=link.uid, version=version)
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

    def _answered(self, intent: Intent, etag: str | None) -> None:
        with self._store.write() as connection:
            self._store.journal.answered(connection, intent.id, etag=etag, at=self._clock.now())

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
