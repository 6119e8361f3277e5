"""Finish what was begun: read back what was written, and look what became of rows whose answer never came.

Nothing is planned for an object before its row is finished. A look comes before any second try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from connectors.vocabulary.events import CalendarObject
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.links import BaseRow
from sync_agent.engine.store.mirror import mirror_row
from sync_agent.engine.sync.conditions import is_question, may_be_overwritten
from sync_agent.engine.sync.emptied import base_of_emptied, keep_emptiness, was_emptied
from sync_agent.engine.sync.letting_go import given_up
from sync_agent.engine.sync.pull import LOOK_BATCH, Puller
from sync_agent.engine.sync.pull_platform import PlatformPuller, named_here
from sync_agent.engine.sync.renew import SHOWN_AFTER, renew
from sync_agent.engine.sync.resending import answers_to, has_moved_on
from sync_agent.engine.sync.resting import Surroundings
from sync_agent.engine.sync.settle import ReadBack, bases_after, settle_platform
from sync_agent.engine.sync.spell import HEARD, can_be_read, is_rewriting, shape_of, texts_of, values_of, words_of
from sync_agent.engine.values import CALENDAR_GROUPS, Base, CalendarRow, FieldGroup, LinkState, Role, Session, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import Event
    from connectors.vocabulary.protocols import Calendar, Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store

log = structlog.get_logger()

_ALL_GROUPS = frozenset(CALENDAR_GROUPS)

_TOLD_BY = (FieldGroup.WHEN, FieldGroup.TITLE)
"""What tells our event from something else that holds its name."""


@dataclass(slots=True)
class _Batch:
    """What some rows are about, and what is to be stored of them in the end.

    Attributes:
        links: of the sessions, by id, closed ones too; as they stood before.
        agreed: by link what was agreed by its write, among all that is agreed with it now.
        texts: (key, text) of objects that say just what our writes left there.
        may_be_overwritten: a copy of such a write may come and go through long after it was settled.
    """

    links: Mapping[str, LinkRow]
    sessions: Mapping[str, Session]
    own_links: Mapping[str, frozenset[str]]
    agreed: dict[str, dict[FieldGroup, Base]] = field(default_factory=dict)
    bases: list[BaseRow] = field(default_factory=list)
    settled: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    may_be_overwritten: bool = False


class Finisher:
    """Settles journal rows by looking."""

    def __init__(self, store: Store, clock: Clock, puller: Puller, naming: Naming) -> None:
        self._store, self._clock, self._puller, self._naming = store, clock, puller, naming

    def read_back(
        self, calendar: CalendarRow, remote: Calendar, intents: Sequence[Intent], *, is_planned: bool = True
    ) -> int:
        """Look at the objects of some rows of one calendar and settle the rows. Gives how many were looked at.

        Args:
            calendar: where they lie.
            remote: the way there.
            intents: the rows.
            is_planned: this pass planned their sessions, so its end tells the platform what became of them. Those of an
                earlier one are planned once more for that.

        Raises:
            ConnectorError: the rows stay as they are and are looked up in a later pass.
        """
        looked = 0
        for start in range(0, len(intents), LOOK_BATCH):
            part = intents[start : start + LOOK_BATCH]
            asked = self._clock.now()
            fetched = remote.fetch([intent.href for intent in part])
            by_href = {item.href: item for item in fetched.objects} | {item.key: item for item in fetched.objects}
            with self._store.write() as connection:
                now = self._clock.now()
                # Their answers came after the rows were made.
                part = self._store.journal.with_answers(connection, part)
                renamed = self._know_again(connection, part, by_href)
                mine = [item for item in fetched.objects if item.uid in renamed or self._is_ours(item, part)]
                settling = _settled_whole(part, by_href)
                before = self._store.mirror.by_keys(connection, calendar.id, [intent.key for intent in part])
                stored = self._puller.absorb(connection, calendar, mine, now=now, settling=settling, asked=asked)
                batch = self._batch(connection, part)
                batch.may_be_overwritten = self._may_be_overwritten(connection, calendar)
                for intent in part:
                    item = by_href.get(intent.href)
                    if item is None:
                        self._missing(connection, calendar, intent)
                    else:
                        is_marked_anew = _is_marked_anew(intent, before.get(intent.key), item)
                        self._found(connection, calendar, batch, intent, item, is_marked_anew=is_marked_anew)
                self._store_batch(connection, calendar, batch, now)
                if is_planned:
                    self._let_rest(connection, batch, stored.values(), now)
            looked += len(part)
        return looked

    def look_up_platform(
        self, calendar: CalendarRow, platform: Platform, puller: PlatformPuller, intents: Sequence[Intent]
    ) -> None:
        """Look what became of writes to the platform whose answer never came."""
        records = {
            record.id: named_here(record, self._naming.keys)
            for record in platform.fetch([intent.session for intent in intents])
        }
        answers = answers_to(platform, intents, records, self._clock.now())
        with self._store.write() as connection:
            now = self._clock.now()
            puller.absorb(connection, calendar, list(records.values()), now=now)
            for intent in intents:
                record, answer = records.get(intent.session), answers.get(intent.id)
                if answer is not None:
                    settle_platform(self._store, connection, intent, answer)
                elif intent.id in answers:
                    self._store.journal.close(connection, intent.id, "given_up")
                elif record is not None and has_moved_on(intent, record):
                    settle_platform(self._store, connection, intent, record, by_look=True)
                else:
                    # It may still arrive, and is our echo then.
                    self._store.journal.remember_echo(connection, intent, intent.values, now)
                    self._store.journal.close(connection, intent.id, "given_up")
                self._store.sessions.unsettle(connection, [intent.session])

    def _batch(self, connection: Connection, intents: Sequence[Intent]) -> _Batch:
        """Look up at once what some rows are about."""
        store, sessions = self._store, [intent.session for intent in intents]
        links = store.links.of_sessions(connection, sessions, closed=True)
        return _Batch(
            links={row.link.id: row for found in links.values() for row in found},
            sessions=store.sessions.many(connection, sessions),
            own_links=store.meetings.links_ever_of(connection, sessions),
        )

    def _may_be_overwritten(self, connection: Connection, calendar: CalendarRow) -> bool:
        account = self._store.accounts.get(connection, calendar.account)
        return account is not None and calendar.role is not Role.BLOCK and may_be_overwritten(account)

    def _store_batch(self, connection: Connection, calendar: CalendarRow, batch: _Batch, now: datetime) -> None:
        self._store.links.set_bases(connection, batch.bases)
        self._store.journal.remember_texts(connection, calendar.id, batch.texts, now)
        self._store.journal.close_many(connection, batch.settled, "settled")
        self._store.sessions.unsettle(connection, batch.unsettled)

    def _let_rest(
        self, connection: Connection, batch: _Batch, stored: Iterable[Mapping[str, Any]], now: datetime
    ) -> None:
        """Let those sessions rest that are at rest by what was settled: the next plan need not look at them.

        The same look as the plan's, in the transaction that settles. Of whom something is being asked the plan sees to.
        """
        store = self._store
        links: dict[str, list[LinkRow]] = {}
        for link, row in batch.links.items():
            agreed = batch.agreed.get(link)
            mine = links.setdefault(row.link.session, [])
            mine.append(row if agreed is None else replace(row, bases=agreed))
        asked = {target for question in store.questions.open(connection) for target in question.targets}
        candidates = {
            session: links[session]
            for session in dict.fromkeys(batch.links[link].link.session for link in batch.agreed)
            if session in batch.sessions and asked.isdisjoint([session, *(row.link.id for row in links[session])])
        }
        if not candidates:
            return
        rows = {columns["id"]: mirror_row(columns) for columns in stored}
        others = {
            row.link.obj for found in candidates.values() for row in found if row.link.state is not LinkState.CLOSED
        }
        rows |= store.mirror.by_ids(connection, [obj for obj in others if obj is not None and obj not in rows])
        meetings = store.meetings.of_sessions(connection, candidates)
        calendars = {one.id: one for one in store.accounts.calendars(connection)}
        # Whoever looks after the other calendars: where they differ, somebody has something to do.
        around = Surroundings(rows, calendars, store.journal.blocked_links(connection), (), now)
        sessions = [batch.sessions[one] for one in candidates]
        resting = [one for one in sessions if around.is_at_rest(one, candidates[one.id], meetings.get(one.id))]
        store.sessions.settle(connection, [(one.id, one.version) for one in resting])

    def _know_again(
        self, connection: Connection, intents: Sequence[Intent], found: Mapping[str, CalendarObject]
    ) -> set[str]:
        """Take what lies at the name of a creation of ours, and says what we sent, for our event under another UID.

        Some servers give their own, and our marker is not valid there then. Without this it would be made again and
        again.

        Returns:
            The UIDs that events of ours have now.
        """
        renamed = [
            (intent, item)
            for intent in intents
            if intent.verb is Verb.CREATE
            and (item := found.get(intent.href)) is not None
            and item.uid != intent.key
            and can_be_read(item.events)
            and item.events[0].marker is None
        ]
        if not renamed:
            return set()
        batch, known = self._batch(connection, [intent for intent, _ in renamed]), set[str]()
        for intent, item in renamed:
            row, session = batch.links.get(intent.link or ""), batch.sessions.get(intent.session)
            if row is None or row.link.state is not LinkState.WANT or row.link.obj is not None or session is None:
                continue
            values = values_of(item.events[0], session, own_links=batch.own_links.get(session.id, frozenset()))
            if all(is_rewriting(group, intent.fields[group].hub, values[group]) for group in _TOLD_BY):
                self._store.links.set(connection, row.link.id, uid=item.uid)
                known.add(item.uid)
        return known

    def _is_ours(self, item: CalendarObject, intents: Iterable[Intent]) -> bool:
        """Whether an object at one of our places is ours: something else may hold the name."""
        marker = item.events[0].marker if item.events else None
        # Where a server drops our marker, the UID tells: nobody else can have made it.
        return marker is not None or any(
            intent.key == item.uid if intent.verb is Verb.CREATE else intent.href in (item.href, item.key)
            for intent in intents
        )

    def _found(
        self,
        connection: Connection,
        calendar: CalendarRow,
        batch: _Batch,
        intent: Intent,
        item: CalendarObject,
        *,
        is_marked_anew: bool,
    ) -> None:
        store = self._store
        row = batch.links.get(intent.link) if intent.link is not None else None
        if row is None:
            store.journal.close(connection, intent.id, "given_up")
            return
        marker = item.events[0].marker if item.events else None
        # By the marker, or where a server drops such properties by the UID, which nobody else can have made.
        is_ours = item.uid == row.link.uid or (marker is not None and marker.session == intent.session)
        if intent.verb is Verb.CREATE and not is_ours:
            # Something else holds our name: another one.
            store.journal.close(connection, intent.id, "given_up")
            renew(store, connection, row.link, self._naming)
            return
        if intent.verb is Verb.DELETE:
            self._still_there(connection, intent)
            return
        if not intent.fields and marker is None and not is_question(intent):
            # Our marker is out of it: the event is the tutor's own again.
            store.journal.close(connection, intent.id, "settled")
            given_up(store, connection, row.link)
            return
        session = batch.sessions.get(intent.session)
        moved: set[FieldGroup] = set()
        if session is not None:
            said = _said(item.events, session, batch.own_links.get(session.id, frozenset()))
            hashes = dict(marker.hashes) if marker is not None else {}
            agreed_now = dict(row.bases)
            heard = intent
            if not intent.fields.keys() <= said.keys():
                heard = replace(intent, fields={group: sent for group, sent in intent.fields.items() if group in said})
            found = ReadBack(item.etag, said, hashes, is_marked_anew)
            for group, agreed in bases_after(heard, found).items():
                base = self._doubted(connection, calendar, row, session, intent, (group, *said[group]), agreed)
                base = replace(base, hub=None) if _was_retyped(session, group, intent) else base
                batch.bases.append(BaseRow(row.link.id, group, base, etag=item.etag, settled_by=intent.id))
                moved.add(group)
                agreed_now[group] = base
            batch.agreed[row.link.id] = agreed_now
            if batch.may_be_overwritten:
                words = {group: one for group, (one, _) in said.items()}
                self._expect_copy(connection, batch, intent, row, item, words, agreed_now)
        if intent.answered_at is None:
            # What has not arrived yet may still: then it is our echo and nobody's edit.
            late = {group: value for group, value in intent.values.items() if group not in moved}
            beside = _beside(intent, row)
            store.journal.remember_echo(connection, intent, late, self._clock.now(), beside=beside)
        batch.settled.append(intent.id)
        batch.unsettled.append(intent.session)

    def _still_there(self, connection: Connection, intent: Intent) -> None:
        """Give a deletion up: it did not arrive, or somebody wrote the event again. The plan decides."""
        if intent.answered_at is None:
            # It may still arrive, and is nobody's deletion then.
            self._store.journal.remember_echo(connection, intent, {}, self._clock.now())
        self._store.journal.close(connection, intent.id, "given_up")
        self._store.sessions.unsettle(connection, [intent.session])

    def _expect_copy(
        self,
        connection: Connection,
        batch: _Batch,
        intent: Intent,
        row: LinkRow,
        item: CalendarObject,
        words: Mapping[FieldGroup, str],
        agreed: Mapping[FieldGroup, Base],
    ) -> None:
        """Remember what a copy of a write would say that comes long after it was settled: nobody typed that.

        Where somebody typed over it before it was read back, nobody knows its text, only what was sent.
        """
        if all((base := agreed.get(group)) is not None and base.side == words.get(group) for group in CALENDAR_GROUPS):
            batch.texts.append((item.key, item.body))
        elif intent.answered_at is not None:
            now = self._clock.now()
            self._store.journal.remember_echo(connection, intent, intent.values, now, beside=_beside(intent, row))

    def _doubted(
        self,
        connection: Connection,
        calendar: CalendarRow,
        row: LinkRow,
        session: Session,
        intent: Intent,
        said: tuple[FieldGroup, str, str],
        agreed: Base,
    ) -> Base:
        """Give the base that a write leaves, where there is nothing now and nobody can tell why (`emptied`)."""
        group, words, value = said
        if agreed.side is not None or group not in intent.fields:
            return agreed
        written = intent.fields[group].hub
        if not was_emptied(group, written, value) or self._store.links.keeps(connection, calendar.id, group):
            return agreed
        base = base_of_emptied(row.bases.get(group), written, words)
        if base.hub is None:
            now = self._clock.now()
            keep_emptiness(self._store, connection, calendar, row, session, group, value, since=intent.sent_at, now=now)
        return base

    def _missing(self, connection: Connection, calendar: CalendarRow, intent: Intent) -> None:
        store, now = self._store, self._clock.now()
        store.sessions.unsettle(connection, [intent.session])
        match intent.verb:
            case Verb.DELETE:
                store.journal.close(connection, intent.id, "settled")
                self._puller.believe_gone(connection, calendar, [intent.key], now=now)
                if intent.link is not None:
                    store.links.set(
                        connection, intent.link, state=LinkState.CLOSED, closed_why="session cancelled",
                        template=intent.before,
                    )  # fmt: skip
            case Verb.UPDATE:
                if intent.answered_at is None:
                    row = store.links.get(connection, intent.link) if intent.link is not None else None
                    beside = _beside(intent, row) if row is not None else {}
                    store.journal.remember_echo(connection, intent, intent.values, now, beside=beside)
                store.journal.close(connection, intent.id, "given_up")
                store.mirror.mark_refetch(connection, calendar.id, [intent.key])
            case Verb.CREATE if intent.answered_at is not None:
                self._not_to_be_seen(connection, intent, now)
            case Verb.CREATE:
                store.journal.remember_echo(connection, intent, intent.values, now)
                store.journal.close(connection, intent.id, "given_up")

    def _not_to_be_seen(self, connection: Connection, intent: Intent, now: datetime) -> None:
        """The server said that it has our event, and does not show it: some show a new object late.

        After a while it is a tombstone that holds the name, or somebody removed the event: it is made under another.
        """
        if now - intent.sent_at < SHOWN_AFTER:
            self._store.journal.close(connection, intent.id, "unknown")
            return
        self._store.journal.close(connection, intent.id, "given_up")
        row = self._store.links.get(connection, intent.link) if intent.link is not None else None
        if row is not None and row.link.state is LinkState.WANT:
            renew(self._store, connection, row.link, self._naming)


def _settled_whole(intents: Iterable[Intent], found: Mapping[str, CalendarObject]) -> frozenset[str]:
    """Give the links whose creation is there as its answer said: `_found` says of every group what was agreed."""
    return frozenset(
        intent.link
        for intent in intents
        if intent.link is not None
        and intent.verb is Verb.CREATE
        and intent.answer_etag is not None
        and intent.fields.keys() >= _ALL_GROUPS
        and (item := found.get(intent.href)) is not None
        and item.etag == intent.answer_etag
    )


def _said(events: tuple[Event, ...], session: Session, own_links: frozenset[str]) -> dict[FieldGroup, tuple[str, str]]:
    """Give words and value of each group that an object of ours says; of one that no session can be, all but its hours.

    Made a whole day before anybody had read it back, it still says what was typed into it besides.
    """
    if not (is_single := can_be_read(events)) and shape_of(events) not in HEARD:
        return {}
    words = words_of(events[0])
    values = (values_of if is_single else texts_of)(events[0], session, own_links=own_links)
    return {
        group: (words[group], values.get(group, "")) for group in words if group in values or group is FieldGroup.LINK
    }


def _is_marked_anew(intent: Intent, before: MirrorRow | None, item: CalendarObject) -> bool:
    """Whether an object may bear another marker than it did when a row was written from it: each write counts up."""
    marker = item.events[0].marker if item.events else None
    if before is None or before.etag != intent.if_match or marker is None:
        return True
    return marker.version > int(before.fields.get("version", 0))


def _beside(intent: Intent, row: LinkRow) -> dict[FieldGroup, str]:
    """Give what the text of an update said besides what it wrote: while its row stood, nothing was agreed anew."""
    if intent.verb is not Verb.UPDATE:
        return {}
    return {
        group: base.hub
        for group, base in row.bases.items()
        if base.hub is not None and group in _ALL_GROUPS and group not in intent.fields
    }


def _was_retyped(session: Session, group: FieldGroup, intent: Intent) -> bool:
    """Whether somebody typed once more what was on its way: newer than whatever was typed at that side meanwhile."""
    if group is FieldGroup.LINK:
        return False  # derived: nobody types it
    sent, origin = intent.fields[group], session.origins.get(group)
    return origin is not None and origin.since > intent.sent_at and sent.hub == value_of(session, group)
