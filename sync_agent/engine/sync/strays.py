"""Events that somebody moved to where they cannot be followed: taken out there, made anew where they belong.

A block has no say, so nothing follows it. Left alone, its event would go on telling others “Busy” at an hour that the
session may have left long ago. And where the session has an event of its own already, a second one is one too many: it
was moved there, though, and not deleted, so nothing is cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.links import BaseRow
from sync_agent.engine.sync.attach import Found, untouched
from sync_agent.engine.sync.moves import look_if_unread, open_beside
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.values import STRAY, Base, CalendarRow, FieldGroup, Link, LinkState, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


def take_out_strays(
    store: Store,
    connection: Connection,
    links: Mapping[str, Sequence[LinkRow]],
    rows: Mapping[str, MirrorRow],
    calendars: Mapping[str, CalendarRow],
    *,
    mine: Mapping[str, Sequence[LinkRow]],
    complete: frozenset[str],
    naming: Naming,
    now: datetime,
) -> bool:
    """Give what was moved so a link that is about to end, so that it is removed. Gives whether there was any.

    What somebody typed there on the way has the last word, as in every event that is removed so.

    Args:
        store: of the links.
        connection: the unit of work.
        links: by session, closed ones too.
        rows: their objects.
        calendars: all.
        mine: those open ones that this device looks after.
        complete: accounts of which all calendars were read; only there an absence says anything.
        naming: of what is made anew.
        now: this instant.
    """
    found = False
    for session, standing in mine.items():
        for row in standing:
            calendar, obj = calendars[row.link.calendar], rows.get(row.link.obj or "")
            is_gone = row.link.state is LinkState.LIVE and obj is not None and obj.gone_at is not None
            if not is_gone or calendar.is_platform or calendar.account not in complete:
                continue
            arrived = store.mirror.same_elsewhere(connection, calendar.account, row.link.uid, session)
            if arrived is None or any(one.link.obj == arrived.id for one in links[session]):
                continue
            beside = open_beside(row, links[session], arrived.calendar)
            if beside is None and calendar.role is not Role.BLOCK:
                continue  # its link follows it
            found = True
            if beside is None or beside.link.obj is not None:
                _take_out(store, connection, row, arrived, now, is_second=beside is not None)
            if calendar.role is not Role.BLOCK:
                renew(store, connection, row.link, naming)
    return found


def sorted_out(
    store: Store, connection: Connection, calendar: CalendarRow, late: Sequence[Found]
) -> tuple[list[Found], list[Found]]:
    """Say which events that arrived late their links may take after all, and which are one too many by now.

    Neither, where the session has another link there by now that still wants an event: it takes this one (`attach`).
    """
    links = store.links.of_sessions(connection, {one.link.session for one in late}) if late else {}
    by_session = {
        session: row.link for session, found in links.items() for row in found if row.link.calendar == calendar.id
    }
    awaited = store.journal.blocked_links(connection) if by_session else set()
    mine, strays = [one for one in late if one.link.session not in by_session], []
    for one in late:
        beside = by_session.get(one.link.session)
        has_event = beside is not None and (beside.obj is not None or beside.id in awaited)
        if has_event and calendar.role is Role.SESSIONS:
            is_one_too_many(store, connection, one.link.id, obj=one.obj, fields=one.fields)
            strays.append(one)
    return mine, strays


def is_one_too_many(store: Store, connection: Connection, link: str, *, obj: str, fields: Mapping[str, Any]) -> None:
    """Let an event be removed that came back to a closed link, and whose session has another one there by now."""
    store.links.set(connection, link, obj=obj, closed_why=STRAY)
    words = fields.get("groups", {}).get(FieldGroup.LINK.value, [None])[0]
    store.links.set_base(connection, link, FieldGroup.LINK, Base(hub=None, side=words))


def _take_out(
    store: Store, connection: Connection, row: LinkRow, arrived: MirrorRow, now: datetime, *, is_second: bool
) -> None:
    stray = Link(uuid7(now), row.link.session, arrived.calendar, 0, arrived.uid, LinkState.CLOSING, arrived.id)
    # No two of a session are open in one calendar.
    store.links.insert(connection, replace(stray, state=LinkState.CLOSED) if is_second else stray)
    if is_second:
        store.links.set(connection, stray.id, closed_why=STRAY)
    bases = [BaseRow(stray.id, group, base) for group, base in row.bases.items()]
    if arrived.uid != row.link.uid:
        bases = _as_marked(store, connection, stray, arrived)
    store.links.set_bases(connection, bases)
    look_if_unread(store, connection, arrived)


def _as_marked(store: Store, connection: Connection, stray: Link, arrived: MirrorRow) -> list[BaseRow]:
    """Give what the marker tells of an earlier event, back from the trash: with the one that went it agreed on nothing.

    Its link is ours, so that it may be removed.
    """
    words = arrived.fields.get("groups", {}).get(FieldGroup.LINK.value, [None])[0]
    found = Found(stray, arrived.id, arrived.uid, arrived.etag, arrived.shape, arrived.fields)
    own_links = store.meetings.links_ever(connection, stray.session)
    told = [
        base
        for session in store.sessions.many(connection, [stray.session]).values()
        for base in untouched(found, session, own_links)
    ]
    return [*told, BaseRow(stray.id, FieldGroup.LINK, Base(hub=None, side=words))]
