"""Mutants of intend and apply: conditions, lost answers, rows that stand in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.vocabulary.errors import AnswerLost, ChangedMeanwhile, ObjectGone, ServerFault
from sync_agent.engine.store.journal import JournalStore
from sync_agent.engine.sync.apply import Applier
from sync_agent.engine.values import Base, FieldGroup, Verb
from tests.simulation.mutants.mutant import mutant, replaced
from tests.simulation.world.calendars import ModelCalendar


@mutant(1, "no If-Match", "`If-Match` on every update and delete: nothing is written over what was not read")
def no_if_match() -> Iterator[None]:
    with replaced(ModelCalendar, _condition=lambda self, original: None):
        yield


@mutant(5, "base moved though the write failed", "a link's base moves only by its own settle or adoption")
def base_moved_though_the_write_failed() -> Iterator[None]:
    failed = Applier._failed

    def moving(self: Applier, calendar: Any, prepared: Any, error: Any, tally: Any) -> None:
        failed(self, calendar, prepared, error, tally)
        intent = prepared.intent
        if intent.verb is Verb.UPDATE and intent.link is not None:
            with self._store.write() as connection:
                for group, sent in intent.fields.items():
                    if group is not FieldGroup.LINK:
                        base = Base(hub=sent.hub, side=sent.words)
                        self._store.links.set_base(connection, intent.link, group, base)

    with replaced(Applier, _failed=moving):
        yield


@mutant(8, "412 without refetch", "412 marks the object `refetch` in the transaction that closes the row")
def refused_without_refetch() -> Iterator[None]:
    failed = Applier._failed

    def forgetful(self: Applier, calendar: Any, prepared: Any, error: Any, tally: Any) -> None:
        if not isinstance(error, ChangedMeanwhile | ObjectGone):
            failed(self, calendar, prepared, error, tally)
            return
        with self._store.write() as connection:
            self._store.journal.close(connection, prepared.intent.id, "given_up")
        tally.again.add(prepared.intent.session)

    with replaced(Applier, _failed=forgetful):
        yield


@mutant(12, "sent row coalesced", "a `sent` row never changes and blocks its object")
def sent_row_coalesced() -> Iterator[None]:
    send = JournalStore.send_many

    def coalescing(self: JournalStore, connection: Any, rows: Any) -> None:
        wanted = {row.obj_key for row in rows}
        older = [row.id for row in self.unsettled(connection) if row.obj_key in wanted]
        self.close_many(connection, older, "given_up")
        send(self, connection, rows)

    with replaced(JournalStore, send_many=coalescing, blocked_links=lambda self, connection: set()):
        yield


@mutant(13, "lost answer is failure, no look", "a row whose answer is lost is looked up before anything else")
def lost_answer_is_failure() -> Iterator[None]:
    failed = Applier._failed

    def sure(self: Applier, calendar: Any, prepared: Any, error: Any, tally: Any) -> None:
        failed(self, calendar, prepared, error, tally)
        if isinstance(error, AnswerLost | ServerFault):
            with self._store.write() as connection:
                self._store.journal.close(connection, prepared.intent.id, "given_up")

    with replaced(Applier, _failed=sure):
        yield
