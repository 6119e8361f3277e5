"""Carrying out what meetings need: look, create, look again, publish one.

No conferencing vendor is trusted to know our keys, so a creation is written down first, and after a lost answer the
vendor's list is searched for our marker before anything is made again. What was made twice is swept away; only one link
is ever published.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

import structlog

from connectors.vocabulary.errors import AnswerLost, ConnectorError, ObjectGone, ServerFault
from sync_agent.engine.ids import meeting_marker, uuid7
from sync_agent.engine.meetings.decide import MeetingStep, decide, draft_of, next_sweep, topic_of
from sync_agent.engine.session_fields import when_value
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.facts import OLD_AT_HOST
from sync_agent.engine.store.journal import Intent, Sent
from sync_agent.engine.values import FieldGroup, MeetingRow, Session, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.meetings import Meeting
    from connectors.vocabulary.protocols import MeetingProvider
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.lanes import Halt
    from sync_agent.engine.values import Account

log = structlog.get_logger()

SWEPT_AHEAD = timedelta(days=7)
"""So far ahead it is looked whether a meeting is still at its vendor: one request or two each."""

_Answer = TypeVar("_Answer")


@dataclass(slots=True)
class MeetingTally:
    """What was done for meetings in a pass; `changed` are sessions whose link changed, `is_whole` without a halt."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    changed: set[str] = field(default_factory=set)
    failed: ConnectorError | None = None
    is_whole: bool = True


class Meetings:
    """Ensures meetings at one host account."""

    def __init__(self, store: Store, clock: Clock, *, tenant: str, ahead: timedelta) -> None:
        self._store, self._clock, self._tenant, self._ahead = store, clock, tenant, ahead

    def due(self, changed: Iterable[str], *, sweep: bool) -> list[str]:
        """Give the sessions whose meeting may need something.

        Args:
            changed: sessions that changed since the last look.
            sweep: look at every meeting that stands.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            lacking = self._store.meetings.lacking(connection, now, now + self._ahead)
            standing = self._store.meetings.standing(connection, now) if sweep else []
        return list(dict.fromkeys([*lacking, *changed, *standing]))

    def ensure_all(
        self,
        account: Account,
        provider: MeetingProvider,
        sessions: Iterable[str],
        halt: Halt,
        *,
        sweep: bool = False,
        taken_over: bool = False,
    ) -> MeetingTally:
        """Give each session the meeting it is to have. Stops at the first failure of the account, and when halted.

        A sweep also looks whether what we made is still at the vendor, and removes what was made twice.

        Args:
            account: of the host.
            provider: the way there.
            sessions: to look at.
            halt: looked at before each session.
            sweep: look at every meeting that stands.
            taken_over: another device made meetings here before: what it made is searched before more is made.
        """
        tally = MeetingTally()
        try:
            if taken_over:
                self._take_over(account, provider)
            self._look_up(account, provider, tally)
            if sweep:
                self._sweep(account, provider, tally)
            for session_id in self.plan(sessions):
                if halt.is_asked:
                    tally.is_whole = False
                    break
                self._ensure(account, provider, session_id, tally)
            self._sweep_late(account, provider)
        except ConnectorError as error:
            tally.failed = error
        return tally

    def plan(self, sessions: Iterable[str]) -> dict[str, MeetingStep]:
        """Say what `ensure_all` would do; asks nobody."""
        now = self._clock.now()
        with self._store.read() as connection:
            found = self._store.sessions.many(connection, sessions)
            rows = self._store.meetings.of_sessions(connection, found)
        steps = {one.id: decide(one, rows.get(one.id), now=now, ahead=self._ahead) for one in found.values()}
        return {session: step for session, step in steps.items() if step is not MeetingStep.NOTHING}

    def overtaken(self, sessions: Iterable[str], hosts: Collection[str]) -> list[str]:
        """Give those of some sessions whose meeting, made at one of these hosts, has to move or to go."""
        now = self._clock.now()
        with self._store.read() as connection:
            rows = self._store.meetings.of_sessions(connection, sessions)
            mine = {session: row for session, row in rows.items() if row.account in hosts}
            found = self._store.sessions.many(connection, mine)
        steps = {one.id: decide(one, mine[one.id], now=now, ahead=self._ahead) for one in found.values()}
        return [session for session, step in steps.items() if step in (MeetingStep.UPDATE, MeetingStep.DELETE)]

    def _ensure(self, account: Account, provider: MeetingProvider, session_id: str, tally: MeetingTally) -> None:
        with self._store.read() as connection:
            session = self._store.sessions.get(connection, session_id)
            row = self._store.meetings.of_sessions(connection, [session_id]).get(session_id)
        if session is None:
            return
        match decide(session, row, now=self._clock.now(), ahead=self._ahead):
            case MeetingStep.CREATE:
                self._create(account, provider, session, row, tally)
            case MeetingStep.UPDATE if row is not None and row.account == account.id:
                self._update(account, provider, session, row, tally)
            case MeetingStep.DELETE if row is not None and row.account == account.id:
                self._delete(account, provider, session, row, tally)
            case _:
                return

    def _create(
        self, account: Account, provider: MeetingProvider, session: Session, row: MeetingRow | None, tally: MeetingTally
    ) -> None:
        marker = meeting_marker(self._tenant, session.id)
        intent = self._intend(account, session, Verb.CREATE)
        with self._store.write() as connection:
            if row is None:
                wanted = MeetingRow(session.id, account.provider, account.id, "wanted")
                self._store.meetings.insert(connection, uuid7(self._clock.now()), wanted)
            self._store.journal.send(connection, intent)
        found = list(provider.find(marker)) if row is not None or self._was_old(account) else []
        made = found[0] if found else self._sent(intent, lambda: provider.create(draft_of(session, marker)))
        # One that was found may be of an earlier try: its time is not known to be right.
        self._publish(account, session, made, intent, when="" if found else when_value(session.when))
        for double in found[1:]:
            provider.delete(double.remote_id)
        tally.created += 1
        tally.changed.add(session.id)

    def _was_old(self, account: Account) -> bool:
        """Whether this store was ever older than the host's meetings: there may be one that it knows nothing of."""
        with self._store.read() as connection:
            return self._store.facts.get(connection, OLD_AT_HOST + account.id) is not None

    def _update(
        self, account: Account, provider: MeetingProvider, session: Session, row: MeetingRow, tally: MeetingTally
    ) -> None:
        intent = self._intend(account, session, Verb.UPDATE)
        with self._store.write() as connection:
            self._store.journal.send(connection, intent)
        marker = meeting_marker(self._tenant, session.id)
        try:
            made = self._sent(intent, lambda: provider.update(row.remote_id, draft_of(session, marker)))
        except ObjectGone:
            # Somebody removed it at the vendor: the next look makes another, and everybody gets the new link.
            with self._store.write() as connection:
                self._store.meetings.set(connection, session.id, state="gone")
                self._store.sessions.unsettle(connection, [session.id])
            self._ensure(account, provider, session.id, tally)
            return
        self._publish(account, session, made, intent, when=when_value(session.when))
        tally.updated += 1
        if made.join_url != row.join_url:
            tally.changed.add(session.id)

    def _delete(
        self, account: Account, provider: MeetingProvider, session: Session, row: MeetingRow, tally: MeetingTally
    ) -> None:
        intent = self._intend(account, session, Verb.DELETE)
        with self._store.write() as connection:
            self._store.journal.send(connection, intent)
        if row.remote_id:
            self._sent(intent, lambda: provider.delete(row.remote_id))
        with self._store.write() as connection:
            self._store.journal.close(connection, intent.id, "settled")
            self._store.meetings.set(connection, session.id, state="gone")
            self._store.sessions.unsettle(connection, [session.id])
            self._log(connection, "meeting.deleted", account, session)
        tally.deleted += 1
        tally.changed.add(session.id)

    def _take_over(self, account: Account, provider: MeetingProvider) -> None:
        """Know the meetings that another device made at this host: they are moved and removed by us from now on."""
        now = self._clock.now()
        with self._store.read() as connection:
            known = self._store.meetings.made_elsewhere(connection, account.provider, now)
            lacking = self._store.meetings.lacking(connection, now, now + self._ahead)
            begun = self._store.meetings.of_sessions(connection, lacking)
        for session in dict.fromkeys([*known, *lacking]):
            found = list(provider.find(meeting_marker(self._tenant, session)))
            published = known.get(session)
            mine = [one for one in found if published in (None, one.join_url)]
            if not mine:
                continue
            with self._store.write() as connection:
                if published is None and session not in begun:
                    wanted = MeetingRow(session, account.provider, account.id, "wanted")
                    self._store.meetings.insert(connection, uuid7(now), wanted)
                self._store.meetings.set(
                    connection, session, state="live", provider=account.provider, account=account.id,
                    remote_id=mine[0].remote_id, join_url=mine[0].join_url, when_value="",
                )  # fmt: skip
                self._store.sessions.unsettle(connection, [session])

    def _look_up(self, account: Account, provider: MeetingProvider, tally: MeetingTally) -> None:
        """Look what became of writes whose answer never came, before anything is sent again."""
        with self._store.read() as connection:
            rows = self._store.journal.unsettled(connection, [account.id])
            sessions = self._store.sessions.many(connection, [row.session for row in rows])
        for intent in rows:
            session = sessions.get(intent.session)
            found = list(provider.find(meeting_marker(self._tenant, intent.session)))
            if intent.verb is not Verb.UPDATE:
                # A vendor that knows no key may carry it out once more, or at last, long after we gave it up.
                with self._store.write() as connection:
                    after = next_sweep(intent.sent_at, self._clock.now())
                    self._store.meetings.set(connection, intent.session, sweep_after=after)
            if intent.verb is Verb.CREATE and found and session is not None:
                # Made with what the row says; where the session moved on since, the next step moves the meeting, too.
                self._publish(account, session, found[0], intent, when=intent.fields[FieldGroup.WHEN].hub)
                tally.created += 1
                tally.changed.add(session.id)
            else:
                with self._store.write() as connection:
                    self._store.journal.close(connection, intent.id, "given_up")
            if intent.verb is not Verb.CREATE:
                self._miss(account, provider, intent.session, found)
            for double in found[1:]:
                provider.delete(double.remote_id)

    def _miss(self, account: Account, provider: MeetingProvider, session: str, found: Sequence[Meeting]) -> None:
        """Notice that a session's meeting is gone: a deletion of ours was carried out, and nobody heard of it."""
        with self._store.read() as connection:
            row = self._store.meetings.of_sessions(connection, [session]).get(session)
        if row is None or row.state != "live" or row.account != account.id or not row.remote_id:
            return
        if row.remote_id in {one.remote_id for one in found} or self._is_there(provider, row):
            return
        with self._store.write() as connection:
            self._store.meetings.set(connection, session, state="gone")
            self._store.sessions.unsettle(connection, [session])

    def _sweep(self, account: Account, provider: MeetingProvider, tally: MeetingTally) -> None:
        """Look at the meetings of the coming days: one that was removed is made anew, one made twice goes."""
        now = self._clock.now()
        with self._store.read() as connection:
            rows = self._store.meetings.between(connection, account.id, now, now + SWEPT_AHEAD)
        for row in rows:
            found = list(provider.find(meeting_marker(self._tenant, row.session)))
            for double in found:
                if double.remote_id != row.remote_id:
                    provider.delete(double.remote_id)
            if row.remote_id in {one.remote_id for one in found} or self._is_there(provider, row):
                continue
            with self._store.write() as connection:
                self._store.meetings.set(connection, row.session, state="gone")
                self._store.sessions.unsettle(connection, [row.session])
            self._ensure(account, provider, row.session, tally)

    def _sweep_late(self, account: Account, provider: MeetingProvider) -> None:
        """Look at what arrived late, of creations and deletions whose answer never came.

        Of what was made another one is published by now, or none at all: it goes. What was removed is made anew.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            due = self._store.meetings.to_sweep(connection, account.id, now)
            living = self._store.meetings.of_sessions(connection, due)
        for session in due:
            published = living.get(session)
            if published is not None and published.state == "wanted":
                continue  # it is still being made: what is found may become the one
            found = list(provider.find(meeting_marker(self._tenant, session)))
            for one in found:
                if published is None or one.remote_id != published.remote_id:
                    provider.delete(one.remote_id)
                    log.info("meeting.swept", session=session, account=account.id)
            self._miss(account, provider, session, found)
            with self._store.write() as connection:
                name, last_sent = _name_of(session), self._store.journal.last_sent
                sent = [last_sent(connection, name, verb) for verb in (Verb.CREATE, Verb.DELETE)]
                after = [next_sweep(one, now) for one in sent if one is not None]
                self._store.meetings.sweep_again(connection, session, min(filter(None, after), default=None))

    def _is_there(self, provider: MeetingProvider, row: MeetingRow) -> bool:
        try:
            provider.fetch(row.remote_id)
        except ObjectGone:
            return False
        return True

    def _publish(self, account: Account, session: Session, made: Meeting, intent: Intent, *, when: str) -> None:
        """Store the one link that everybody gets; `when` is the time at the vendor, "" if that is not known."""
        with self._store.write() as connection:
            self._store.journal.close(connection, intent.id, "settled")
            self._store.meetings.set(
                connection,
                session.id,
                state="live",
                provider=account.provider,
                account=account.id,
                remote_id=made.remote_id,
                join_url=made.join_url,
                topic=topic_of(session),
                when_value=when,
            )
            self._store.sessions.unsettle(connection, [session.id])
            kind = "meeting.created" if intent.verb is Verb.CREATE else "meeting.moved"
            self._log(connection, kind, account, session)
        log.info("meeting.published", session=session.id, account=account.id)

    def _sent(self, intent: Intent, request: Callable[[], _Answer]) -> _Answer:
        """Send a request whose row stands in the journal; an answer that was lost leaves the row to be looked up."""
        try:
            return request()
        except (AnswerLost, ServerFault):
            with self._store.write() as connection:
                self._store.journal.close(connection, intent.id, "unknown")
            raise
        except ConnectorError:
            with self._store.write() as connection:
                self._store.journal.close(connection, intent.id, "given_up")
            raise

    def _intend(self, account: Account, session: Session, verb: Verb) -> Intent:
        now = self._clock.now()
        return Intent(
            id=uuid7(now),
            obj_key=_name_of(session.id),
            account=account.id,
            calendar=None,
            session=session.id,
            link=None,
            verb=verb,
            href="",
            fields={FieldGroup.WHEN: Sent(when_value(session.when), ""), FieldGroup.TITLE: Sent(session.title, "")},
            if_match=None,
            before=None,
            cause=f"session:{session.id}:{session.version}",
            state="sent",
            sent_at=now,
        )

    def _log(self, connection: Connection, kind: str, account: Account, session: Session) -> None:
        now = self._clock.now()
        self._store.activity.add(
            connection,
            Activity(
                id=uuid7(now),
                at=now,
                kind=kind,
                cause=f"session:{session.id}:{session.version}",
                actor="TutorSync",
                session=session.id,
                facts={"title": session.title, "account": account.name},
            ),
        )


def _name_of(session: str) -> str:
    """Name a session's meeting in the journal."""
    return f"meeting/{session}"
