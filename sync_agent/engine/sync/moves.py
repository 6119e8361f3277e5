"""Arrivals are matched before an absence is believed.

An event that vanished from one calendar and lies in another of the same account was moved, not deleted: its link moves
along. Into a calendar that is not for sessions: the link is held, and the tutor is asked once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.attach import Found, attach
from sync_agent.engine.values import CalendarRow, Link, LinkState, QuestionKind, Role, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


@dataclass(slots=True)
class Moved:
    """What was found elsewhere: links that follow or are held now, and questions that were asked."""

    links: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)


def look_if_unread(store: Store, connection: Connection, row: MirrorRow) -> None:
    """Let an object be looked at that was read while it was nobody's, so without what it says."""
    if "event" not in row.fields:
        store.mirror.mark_refetch(connection, row.calendar, [row.key])


def open_beside(row: LinkRow, all_of_it: Sequence[LinkRow], calendar: str) -> LinkRow | None:
    """Give the other open link that a session has in a calendar."""
    return next(
        (
            one
            for one in all_of_it
            if one.link.calendar == calendar and one.link.state is not LinkState.CLOSED and one.link.id != row.link.id
        ),
        None,
    )


def follow_moves(
    store: Store,
    connection: Connection,
    sessions: Mapping[str, Session],
    links: Mapping[str, Sequence[LinkRow]],
    rows: Mapping[str, MirrorRow],
    calendars: Mapping[str, CalendarRow],
    *,
    everyone: Mapping[str, Sequence[LinkRow]],
    complete: frozenset[str],
    naming: Naming,
    now: datetime,
) -> Moved:
    """Let links follow events that were moved to another place of their account, or made anew by a later store of ours.

    Only in accounts of which all calendars were read (`complete`) an absence says anything. Where a session has another
    link already (among `everyone`, those of other devices, too), none can follow (`strays`).
    """
    moved = Moved()
    for session_id, found in links.items():
        for row in found:
            link = row.link
            obj = rows.get(link.obj) if link.obj is not None else None
            calendar = calendars[link.calendar]
            if link.state is not LinkState.LIVE or obj is None or calendar.is_platform:
                continue
            if calendar.account not in complete or (obj.gone_at is None and obj.shape != "cancelled"):
                continue
            if obj.gone_at is None:
                if _follow_later_store(store, connection, link, naming):
                    moved.links.add(link.id)
                continue
            arrived = store.mirror.same_elsewhere(connection, calendar.account, link.uid, session_id)
            if arrived is None or (arrived.uid != link.uid and arrived.shape != "single"):
                continue  # an earlier event that was called off, or made something else, is no place to go to
            target = calendars[arrived.calendar]
            if open_beside(row, everyone[session_id], target.id) is not None:
                continue
            moved.links.add(link.id)
            store.journal.let_echoes_follow(connection, f"{calendar.id}/{obj.key}", f"{arrived.calendar}/{arrived.key}")
            if target.id == calendar.id or target.role is Role.SESSIONS:
                store.links.set(connection, link.id, calendar=target.id, obj=arrived.id, uid=arrived.uid)
                look_if_unread(store, connection, arrived)
                if arrived.uid != link.uid:
                    _begin_with(store, connection, replace(link, calendar=target.id, uid=arrived.uid), arrived)
                continue
            store.links.set(connection, link.id, state=LinkState.HELD)
            # This very arrival: moved back and away again is another incident.
            cause = f"moved_away:{link.id}:{link.incarnation}:{arrived.id}:{obj.gone_at.isoformat()}"
            facts = {
                "title": sessions[session_id].title,
                "calendar": calendar.name,
                "to": target.name,
                "to_calendar": target.id,
                "obj": arrived.id,
            }
            question = Question(uuid7(now), cause, QuestionKind.MOVED_AWAY.value, (link.id,), facts, now)
            if store.questions.ask(connection, question):
                moved.asked.append(question.id)
    return moved


def _follow_later_store(store: Store, connection: Connection, link: Link, naming: Naming) -> bool:
    """Let a link of which the event was called off have the one that a later store of ours made instead.

    There the calling off was taken back already, or something spoke against it: this store is an old one, put back.
    """
    made = store.mirror.unlinked_marked(connection, [link.session]).get((link.calendar, link.session))
    incarnation = (
        naming.later(link.session, link.calendar, link.incarnation).get(made.uid) if made is not None else None
    )
    if made is None or incarnation is None:
        return False
    # Wanting it, it is given it as after a lost store (`attach.claim`): only what a person changed there is an edit.
    store.links.drop_bases(connection, link.id)
    store.links.set(connection, link.id, state=LinkState.WANT, obj=None, uid=made.uid, incarnation=incarnation)
    return True


def _begin_with(store: Store, connection: Connection, link: Link, arrived: MirrorRow) -> None:
    """Know of an earlier event of a session what its marker tells; what was agreed with the one that went is no base.

    It came back from the trash, and says what was true when it went there.
    """
    store.links.drop_bases(connection, link.id)
    if "event" in arrived.fields:
        found = Found(link, arrived.id, arrived.uid, arrived.etag, arrived.shape, arrived.fields)
        attach(store, connection, [found])
