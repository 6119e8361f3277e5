"""What another device told of events whose session nobody knows here yet.

A session and its events are told one after the other, and heard likewise. What was heard of a session too early is
noted by its id, and asked for again once the session is known: nothing is planned in that calendar before. A laptop
that let it pass would make an event for a session that has one already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store

_FACT = "links unheard"


def note(store: Store, connection: Connection, key: str, sessions: Iterable[str], *, heard: Iterable[str] = ()) -> None:
    """Note of which sessions a calendar's links were told too early, and of which they were taken now."""
    before = _all(store, connection)
    waiting = (before.get(key, set()) | {*sessions}) - {*heard}
    if waiting != before.get(key, set()):
        after = {one: sorted(ids) for one, ids in {**before, key: waiting}.items() if ids}
        store.facts.put(connection, _FACT, json.dumps(after, sort_keys=True))


def due(store: Store, connection: Connection) -> dict[str, set[str]]:
    """Give by the key of a calendar those sessions whose links wait for them, and that are known here by now."""
    waiting = _all(store, connection)
    everyone = {session for sessions in waiting.values() for session in sessions}
    known = store.sessions.versions_of(connection, everyone).keys() if everyone else ()
    found = {key: sessions.intersection(known) for key, sessions in waiting.items()}
    return {key: sessions for key, sessions in found.items() if sessions}


def _all(store: Store, connection: Connection) -> dict[str, set[str]]:
    text = store.facts.get(connection, _FACT)
    return {key: set(ids) for key, ids in json.loads(text or "{}").items()}
