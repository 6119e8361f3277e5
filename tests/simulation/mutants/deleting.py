"""Mutants of deletion: what absence means, what outlives it, and how much of it passes without a question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import exists, select, update

from connectors.vocabulary.errors import ConnectorError, ObjectGone
from connectors.vocabulary.events import CalendarObject
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.links import LinkStore
from sync_agent.engine.store.store import Store
from sync_agent.engine.store.tables import calendar, link, link_base
from sync_agent.engine.sync import endings, planning
from sync_agent.engine.sync.finish import Finisher
from sync_agent.engine.sync.guarding import Guardian
from sync_agent.engine.sync.link_now import LinkNow, opinion_of
from sync_agent.engine.sync.moves import Moved
from sync_agent.engine.sync.passes import Pass
from sync_agent.engine.sync.pull import Puller
from sync_agent.engine.values import CALENDAR_GROUPS, Account, CalendarRow, FieldGroup, LinkState, Role
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

    def with_derived(now_: LinkNow, groups: Iterable[FieldGroup] = CALENDAR_GROUPS) -> list[Any]:
        found, derived = edits_of(now_, groups), opinion_of(now_, FieldGroup.LINK)
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
    close, run = LinkStore.close_calendar, Pass.run

    def hasty(self: LinkStore, connection: Any, calendar_id: str, *, now: Any) -> None:
        """Leave `closing` to whoever removes the events; among blocks the sound engine does."""
        of_it = select(link.c.id).join(calendar, calendar.c.id == link.c.calendar).where(calendar.c.id == calendar_id)
        living = of_it.where(link.c.state == LinkState.LIVE.value, calendar.c.role.in_(_NO_SESSIONS))
        mine = list(connection.execute(living).scalars())
        close(self, connection, calendar_id, now=now)
        doomed = (link.c.id.in_(mine), link.c.state == LinkState.CLOSING.value)
        connection.execute(update(link).where(*doomed).values(state=LinkState.LIVE.value))

    def cleaning(self: Pass, *asked: Any, **rest: Any) -> Any:
        report = run(self, *asked, **rest)
        with self._store.read() as connection:
            accounts = {one.id: one for one in self._store.accounts.all(connection)}
            calendars = self._store.accounts.calendars(connection)
        for one in calendars:
            if one.role.value in _NO_SESSIONS and self._sharing.may_send(one):
                _remove_first(self, one, accounts[one.account])
        return report

    with replaced(LinkStore, close_calendar=hasty), replaced(Pass, run=cleaning):
        yield


_NO_SESSIONS = (Role.BUSY.value, Role.IGNORE.value)


def _remove_first(of: Pass, place: CalendarRow, account: Account) -> None:
    """Remove the events of a calendar that takes no sessions any more, and only then say that this was meant."""
    store, removed = of._store, []
    for link_id, event in _left_in(store, place):
        try:
            of._book.calendars(account).calendar(place.remote_id).delete(event)
        except ObjectGone:
            pass
        except ConnectorError:
            # What is there by now is looked at first, as after any write.
            with store.write() as connection:
                store.mirror.mark_refetch(connection, place.id, [event.key])
            return
        removed.append(link_id)
    if removed:
        with store.write() as connection:
            for link_id in removed:
                store.links.set(connection, link_id, state=LinkState.CLOSING)


def _left_in(store: Store, place: CalendarRow) -> list[tuple[str, CalendarObject]]:
    """Give the links of a calendar that live since it was for sessions, each with its event."""
    whole = exists().where(link_base.c.link == link.c.id, link_base.c.field_group == FieldGroup.LINK.value)
    living = select(link.c.id, link.c.obj).where(
        link.c.calendar == place.id, link.c.state == LinkState.LIVE.value, link.c.obj.is_not(None), whole
    )
    with store.read() as connection:
        rows = connection.execute(living.order_by(link.c.id)).all()
        objects = store.mirror.by_ids(connection, [obj for _, obj in rows])
    found = [(link_id, objects[obj]) for link_id, obj in rows if obj in objects]
    return [
        (link_id, CalendarObject(one.href, one.key, one.etag, (), one.body))
        for link_id, one in found
        if one.gone_at is None and not one.refetch
    ]
