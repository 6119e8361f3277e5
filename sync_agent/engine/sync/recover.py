"""Beginning afresh with a store that is older than the world: put back from a backup, or a copy used elsewhere.

What it says was planned, sent and agreed may all have happened long ago, or never. So every side is read in full again,
the markers in our events tell what was untouched since we wrote it, and nothing is deleted on the word of this store.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.facts import OLD_AT_HOST
from sync_agent.engine.sync.book import MEETING_PROVIDERS
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store

RESTORED = "restored"
"""Why a link was closed whose event this store wanted to remove: the event stays until somebody decides."""


def recover(store: Store, connection: Connection, *, device: str, now: datetime) -> None:
    """Drop what an old store cannot know, all in the caller's transaction."""
    for row in store.journal.unsettled(connection):
        # Should it still arrive, it is our echo and nobody's edit.
        store.journal.remember_echo(connection, row, row.values, now)
        store.journal.close(connection, row.id, "given_up")
    store.accounts.drop_cursors(connection)
    store.leases.forget(connection)
    for account in store.accounts.all(connection):
        if account.provider in MEETING_PROVIDERS:
            store.facts.put(connection, OLD_AT_HOST + account.id, now.isoformat())
    let_go = store.links.let_go_of_doomed(connection, RESTORED)
    store.sessions.unsettle(connection, let_go)
    store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
    store.activity.add(
        connection,
        Activity(
            id=uuid7(now), at=now, kind="store.restored", cause=f"restored:{uuid7(now)}", actor="TutorSync",
            device=device, facts={"left_alone": len(let_go)},
        ),
    )  # fmt: skip
