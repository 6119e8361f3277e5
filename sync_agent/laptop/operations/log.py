"""What was written where and why (`GET /v1/log`): the journal, newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.values import Session
    from sync_agent.laptop.office import Office

_MOST = 1000


def list_writes(office: Office, request: Request) -> Reply:
    """`GET /v1/log?limit=`."""
    limit = request.query.get("limit", "200")
    if not limit.isdecimal():
        raise RequestWrong(reason="“limit” is a number.")
    store, zone = office.store, office.home_zone
    with store.read() as connection:
        rows = store.journal.recent(connection, limit=min(int(limit[:5]), _MOST))
        sessions = store.sessions.many(connection, {row.session for row in rows})
        places = {one.id: one.name for one in store.accounts.calendars(connection)}
        places |= {one.id: one.name for one in store.accounts.all(connection)}
    return Reply({"log": [_write(row, places, sessions, zone) for row in rows]})


def _write(row: Intent, places: Mapping[str, str], sessions: Mapping[str, Session], zone: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "at": instant(row.sent_at, zone),
        "answered_at": instant(row.answered_at, zone),
        "where": places.get(row.calendar or row.account, ""),
        "calendar": row.calendar,
        "account": row.account,
        "session": row.session,
        "title": sessions[row.session].title if row.session in sessions else "",
        "verb": row.verb.value,
        "fields": sorted(group.value for group in row.fields),
        "state": row.state,
        "cause": row.cause,
    }
