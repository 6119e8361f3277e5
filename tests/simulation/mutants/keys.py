"""Mutants of names and keys: what a second try is called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sync_agent.engine.meetings.ensure import Meetings
from sync_agent.engine.sync import apply, resending
from sync_agent.engine.sync.finish import Finisher
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.values import LinkState, Verb
from tests.simulation.mutants.mutant import mutant, replaced


@mutant(9, "key made anew on retry", "a creation's key is the same for every try: who arrives late meets it")
def key_made_anew_on_retry() -> Iterator[None]:
    missing = Finisher._missing

    def anew(self: Finisher, connection: Any, calendar: Any, intent: Any) -> None:
        missing(self, connection, calendar, intent)
        row = self._store.links.get(connection, intent.link) if intent.link is not None else None
        if intent.verb is Verb.CREATE and intent.answered_at is None and row is not None:
            renew(self._store, connection, row.link, self._naming)

    with replaced(Finisher, _missing=anew):
        yield


@mutant(10, "update key from content", "an update's key is its journal row: one from its content replays an old answer")
def update_key_from_content() -> Iterator[None]:
    send = resending.send

    def under_its_content(platform: Any, intent: Any) -> Any:
        content = repr(replace(intent.record, version=0, origins={}))
        return send(platform, replace(intent, id=hashlib.sha256(content.encode()).hexdigest()))

    with replaced(apply, send=under_its_content), replaced(resending, send=under_its_content):
        yield


@mutant(11, "409 on a tombstone is success", "409 on our own name is a success only if the object is alive and ours")
def taken_name_is_success() -> Iterator[None]:
    def is_there(self: Finisher, connection: Any, intent: Any, now: Any) -> None:
        self._store.journal.close(connection, intent.id, "settled")
        if intent.link is not None:
            self._store.links.set(connection, intent.link, state=LinkState.LIVE)

    with replaced(Finisher, _not_to_be_seen=is_there):
        yield


class _Blind:
    """A meeting provider that is never searched."""

    def __init__(self, provider: Any) -> None:
        self._provider = provider

    def __getattr__(self, name: str) -> Any:
        return getattr(self._provider, name)

    def find(self, marker: str) -> list[Any]:
        return []


@mutant(28, "Zoom retry without search", "Zoom knows no key: search, create, search again; one meeting, one link")
def retry_without_search() -> Iterator[None]:
    look_up, create = Meetings._look_up, Meetings._create

    def blind_look(self: Meetings, account: Any, provider: Any, tally: Any) -> None:
        look_up(self, account, _Blind(provider), tally)

    def blind_create(self: Meetings, account: Any, provider: Any, session: Any, row: Any, tally: Any) -> None:
        create(self, account, _Blind(provider), session, row, tally)

    with replaced(Meetings, _look_up=blind_look, _create=blind_create):
        yield
