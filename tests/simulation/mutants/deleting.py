"""Mutants of deletion: what absence means, what outlives it, and how much of it passes without a question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import select, update

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.links import LinkStore
from sync_agent.engine.store.tables import link
from sync_agent.engine.sync import endings, planning
from sync_agent.engine.sync.finish import Finisher
from sync_agent.engine.sync.guarding import Guardian
from sync_agent.engine.sync.link_now import LinkNow, opinion_of
from sync_agent.engine.sync.moves import Moved
from sync_agent.engine.sync.pull import Puller
from sync_agent.engine.values import FieldGroup, LinkState
from tests.simulation.mutants.mutant import mutant, replaced
from tests.simulation.world import texts


@mutant(15, "absence is deletion without a look", "absence is a hint: believed only after a direct look found nothing")
def absence_is_deletion() -> Iterator[None]:
    store_page = Puller._store_page

    def believing(self: Puller, calendar: Any, page: Any, **rest: Any) -> Any:
        pulled = store_page(self, calendar, page, **rest)
        if pulled.hints:
            with self._store.write() as connection:
                absent = [row.key for row in self._store.mirror.to_refetch(connection, calendar.id)]
                self.believe_gone(connection, calendar, absent, now=self._clock.now())
        return pulled

    with replaced(Puller, _store_page=believing):
        yield


@mutant(16, "own fresh create may vanish", "what was made since the listing began is exempt: some servers show it late")
def own_fresh_create_may_vanish() -> Iterator[None]:
    def vanished(self: Finisher, connection: Any, intent: Any, now: Any) -> None:
        store = self._store
        store.journal.close(connection, intent.id, "settled")
        row = store.links.get(connection, intent.link)
        known = store.mirror.by_keys(connection, intent.calendar, [intent.href]).get(intent.href)
        made = known.id if known is not None else uuid7(now)
        if known is None:
            gone = {
                "id": made, "calendar": intent.calendar, "href_norm": intent.href, "href_raw": intent.href,
                "uid": row.link.uid, "etag": intent.answer_etag, "body": "", "fields": {},
                "marks_session": intent.session, "shape": "single", "refetch": False, "gone_at": now,
            }  # fmt: skip
            store.mirror.insert(connection, [gone])
        store.links.set(connection, intent.link, obj=made, state=LinkState.LIVE)

    with replaced(Finisher, _not_to_be_seen=vanished):
        yield


@mutant(17, "move between calendars is deletion", "arrivals are matched before an absence is believed")
def move_is_deletion() -> Iterator[None]:
    with replaced(planning, follow_moves=lambda *found, **rest: Moved()):
        yield


@mutant(18, "marker of a copy trusted", "a marker is valid only in the object whose UID it names")
def marker_of_a_copy_trusted() -> Iterator[None]:
    valid = texts._marker_of
    texts.events_of.cache_clear()
    try:
        with replaced(texts, _marker_of=lambda raw: valid({**raw, "uid": (raw["marker"] or raw)["uid"]})):
            yield
    finally:
        texts.events_of.cache_clear()


@mutant(19, "derived field outlives deletion", "only a person's edit of an authored field outlives a deletion")
def derived_field_outlives_deletion() -> Iterator[None]:
    def edited(self: LinkNow) -> dict[FieldGroup, str]:
        said = self.said or {}
        return {
            group: word.value
            for group in (*self.groups, FieldGroup.LINK)
            if (base := self.bases.get(group)) is not None
            and (word := said.get(group)) is not None
            and word.words != base.side
            and (group, word.value) not in self.echoes
        }

    edits_of = endings._edits_of

    def with_derived(now_: LinkNow) -> list[Any]:
        found, derived = edits_of(now_), opinion_of(now_, FieldGroup.LINK)
        return [*found, derived] if derived.base is not None and endings._is_news(derived) else found

    with replaced(LinkNow, edited=property(edited)), replaced(endings, _edits_of=with_derived):
        yield


@mutant(
    24,
    "guard per pass only",
    "the guard counts over 24 hours: one by one is a mass, too",
    among=lambda extras: extras.clears,
)
def guard_per_pass_only() -> Iterator[None]:
    batch = Guardian._batch

    def of_this_pass(self: Guardian, *found: Any) -> Any:
        return replace(batch(self, *found), recent=0)

    with replaced(Guardian, _batch=of_this_pass):
        yield


@mutant(
    26,
    "role clean-up before `closing`",
    "`closing` is committed before the first DELETE: ours are no cancellations",
)
def clean_up_before_closing() -> Iterator[None]:
    close = LinkStore.close_calendar

    def hasty(self: LinkStore, connection: Any, calendar_id: str, *, now: Any) -> None:
        living = select(link.c.id).where(link.c.calendar == calendar_id, link.c.state == "live")
        mine = list(connection.execute(living).scalars())
        close(self, connection, calendar_id, now=now)
        connection.execute(update(link).where(link.c.id.in_(mine)).values(state="live"))

    with replaced(LinkStore, close_calendar=hasty):
        yield
