"""Mutants of pull: the cursor, the mirror, and the platform's feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC
from typing import Any

from connectors.vocabulary.times import MomentKind, WallSpan, zone_named
from sync_agent.engine.session_fields import when_value
from sync_agent.engine.sync import pull, spell
from sync_agent.engine.sync.intervals import Allowance
from sync_agent.engine.sync.pull import Pulled, Puller
from tests.simulation.mutants.mutant import mutant, replaced
from tests.simulation.world.platform import PlatformServer


@mutant(6, "cursor before mirror", "changes go to the mirror in the same transaction as the cursor")
def cursor_before_mirror() -> Iterator[None]:
    def hasty(self: Puller, calendar: Any, reader: Any, cursor: Any, halt: Any) -> Pulled:
        known = pull.KnownEtags(self._store.read, calendar.id)
        total, since, allowance = Pulled(), self._clock.now(), Allowance()
        pages = [page for page in reader.changes(cursor, known) if not page.unchanged]
        for page in pages:
            if page.cursor is not None:
                with self._store.write() as connection:
                    self._store.accounts.store_cursor(connection, calendar.id, page.cursor)
        for page in pages:
            total.add(self._store_page(calendar, page, since=since, allowance=allowance))
        return total

    with replaced(Puller, pull=hasty):
        yield


@mutant(7, "cursor waits for a question", "the cursor moves with the mirror, always, and waits for nothing")
def cursor_waits_for_a_question() -> Iterator[None]:
    store_page = Puller._store_page

    def waiting(self: Puller, calendar: Any, page: Any, **rest: Any) -> Pulled:
        with self._store.read() as connection:
            is_asked = bool(self._store.questions.open(connection))
        return store_page(self, calendar, replace(page, cursor=None) if is_asked else page, **rest)

    with replaced(Puller, _store_page=waiting):
        yield


@mutant(27, "feed by bare sequence", "numbers are given at commit: a sequence alone shows 6 before 5 and loses 5")
def feed_by_bare_sequence() -> Iterator[None]:
    store = PlatformServer._store

    def out_of_order(self: PlatformServer, record: Any, *, by: str) -> Any:
        stored = store(self, record, by=by)
        if len(self.feed) > 1:
            # Its number was drawn before the other's, and it was committed after it.
            self.feed.insert(-1, self.feed.pop())
        return stored

    with replaced(PlatformServer, _store=out_of_order):
        yield


@mutant(29, "all-day to midnight UTC", "what a phone made all-day is held and asked about, never read as midnight UTC")
def all_day_to_midnight() -> Iterator[None]:
    shape_of, when_read = spell.shape_of, spell._when_read

    def single(events: Any) -> str:
        shape = shape_of(events)
        return "single" if shape == "all_day" else shape

    def midnight(event: Any, session: Any) -> str:
        if event.start.kind is not MomentKind.DATE:
            return when_read(event, session)
        zone = zone_named(session.when.zone)
        local = event.start.local.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        return when_value(WallSpan(local, session.when.zone, session.when.duration))

    with replaced(pull, shape_of=single), replaced(spell, shape_of=single, _when_read=midnight):
        yield
