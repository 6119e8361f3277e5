"""Mutants of settle: what becomes a base of what was read back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sync_agent.engine.store.journal import Intent, JournalStore
from sync_agent.engine.sync import finish
from sync_agent.engine.sync.settle import ReadBack
from sync_agent.engine.values import Base, FieldGroup, Session
from tests.simulation.mutants.mutant import mutant, replaced


@mutant(2, "single base", "a base is a pair: what a server rewrites is never a change and never travels")
def single_base() -> Iterator[None]:
    bases_after = finish.bases_after

    def as_read_back(intent: Intent, found: ReadBack) -> dict[FieldGroup, Base]:
        moved = bases_after(intent, found)
        read = {group: value for group, (_, value) in found.said.items() if group is not FieldGroup.LINK}
        return {
            group: replace(base, hub=read[group]) if group in read and base.side is not None else base
            for group, base in moved.items()
        }

    with replaced(finish, bases_after=as_read_back):
        yield


@mutant(3, "read-back settles all fields", "settle moves the bases of only those fields that its row wrote")
def read_back_settles_all_fields() -> Iterator[None]:
    bases_after, was_retyped = finish.bases_after, finish._was_retyped

    def all_of_them(intent: Intent, found: ReadBack) -> dict[FieldGroup, Base]:
        read = {
            group: Base(hub=value, side=words)
            for group, (words, value) in found.said.items()
            if group is not FieldGroup.LINK
        }
        return {**read, **bases_after(intent, found)}

    def of_what_was_sent(session: Session, group: FieldGroup, intent: Intent) -> bool:
        return group in intent.fields and was_retyped(session, group, intent)

    with replaced(finish, bases_after=all_of_them, _was_retyped=of_what_was_sent):
        yield


@mutant(
    4, "settle without ETag check", "what bears another ETag than our answer is a foreign edit that came in between"
)
def settle_without_etag_check() -> Iterator[None]:
    def whatever_it_is(intent: Intent, found: ReadBack) -> dict[FieldGroup, Base]:
        return {
            group: Base(hub=sent.hub, side=found.said[group][0])
            for group, sent in intent.fields.items()
            if group in found.said
        }

    with replaced(finish, bases_after=whatever_it_is):
        yield


@mutant(
    14, "late echo is a foreign edit", "what we sent is remembered for 24 hours: however late it arrives, it is no edit"
)
def late_echo_is_a_foreign_edit() -> Iterator[None]:
    with replaced(JournalStore, echoes=lambda self, connection, obj_keys, now: {}):
        yield
