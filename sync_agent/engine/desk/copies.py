"""The answer to “a copy?”: what is one no longer takes the tutor's time. It is not touched itself."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.conflicts.watch import event_key
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity

if TYPE_CHECKING:
    from sync_agent.engine.desk.answering import Answer


def copies(one: Answer) -> list[Activity]:
    """Yes: none of them takes time from now on, and undo takes that back. No: each is an appointment of its own."""
    if one.said == "no":
        return []
    bookings, told = one.store.bookings, list[Activity]()
    freed: list[tuple[datetime, datetime]] = []
    for copy in one.question.facts["copies"]:
        key = event_key(copy["event"])
        bookings.mark_free(one.connection, *key, at=one.now)
        freed += [(row.lo, row.hi) for row in bookings.busy_at(one.connection, *key)]
        entry = Activity(
            id=uuid7(one.now),
            at=one.now,
            kind="conflict.marked_free",
            cause=one.cause,
            actor=one.context.settings().tutor,
            device=one.context.device,
            session=copy["session"],
            before=copy["conflict"],
            after=copy["event"],
            facts={"title": copy["title"], "other": copy["title"]},
        )
        one.store.activity.add(one.connection, entry)
        told.append(entry)
    one.context.watch(one.unit, [entry.session or "" for entry in told], freed, one.now)
    return told
