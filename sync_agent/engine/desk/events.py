"""Answers about single events and whole calendars: odd shapes, moves, returns, first writes, a calendar made anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.sync.guarding import stamp_of
from sync_agent.engine.sync.letting_go import let_go, moved_on
from sync_agent.engine.sync.moves import open_beside
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.sync.replaced import go_on
from sync_agent.engine.sync.strays import is_one_too_many
from sync_agent.engine.values import FieldGroup, LinkState, Role

if TYPE_CHECKING:
    from sync_agent.engine.desk.answering import Answer
    from sync_agent.engine.store.activity import Activity


def shape(one: Answer) -> list[Activity]:
    """Yes: put the event back as the session says. No: let it be what it became; it is no longer ours."""
    for row in one.held():
        if one.said == "yes":
            # What it became is removed, never patched; then the session lacks an event and gets one.
            one.store.links.set(one.connection, row.link.id, state=LinkState.CLOSING)
        else:
            let_go(one.store, one.connection, row.link)
    return []


def moved_away(one: Answer) -> list[Activity]:
    """Yes: the event stays where it was moved to, and follows its session there. No: it is made anew here."""
    for row in one.held():
        if one.said == "yes":
            to, obj = str(one.question.facts["to_calendar"]), str(one.question.facts["obj"])
            moved_on(one.store, one.connection, row.link, to=to, obj=obj, now=one.now)
        else:
            renew(one.store, one.connection, row.link, one.context.naming(one.connection))
    return []


def restored(one: Answer) -> list[Activity]:
    """Yes: the session takes place again, with this event. No: the event is an appointment like any other.

    Where the session has another there that was to be removed with it, that one stands again, and this one goes.
    """
    session, obj = str(one.question.facts["session"]), str(one.question.facts["obj"])
    row = one.store.links.get(one.connection, one.question.targets[0])
    if row is None:
        return []
    if one.said == "no":
        let_go(one.store, one.connection, replace(row.link, obj=obj))
        return []
    others = one.store.links.of_sessions(one.connection, [session]).get(session, [])
    beside = open_beside(row, others, row.link.calendar)
    if beside is None:
        one.store.links.set(one.connection, row.link.id, state=LinkState.LIVE, closed_why="", obj=obj)
    elif beside.link.obj is not None and obj in (found := one.store.mirror.by_ids(one.connection, [obj])):
        is_one_too_many(one.store, one.connection, row.link.id, obj=obj, fields=found[obj].fields)
    return one.put_back(session, FieldGroup.STATUS, SessionStatus.PLANNED.value)


def replaced(one: Answer) -> list[Activity]:
    """Fill: its events are made anew. Stop: it takes no sessions any more. Cancel: the deletions count."""
    store, connection, now = one.store, one.connection, one.now
    calendar = one.accounts.calendar(connection, one.question.targets[0])
    go_on(store, connection, calendar)
    links = store.links.of_calendar(connection, calendar.id)
    sessions = store.sessions.many(connection, [link.session for link in links])
    store.sessions.unsettle(connection, sessions)
    store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
    if one.said == "stop":
        return [one.accounts.change_role(one.unit, calendar, Role.BUSY, now)]
    if one.said == "cancel":
        rows = store.mirror.by_ids(connection, [link.obj for link in links if link.obj is not None])
        one.note(changes={link.id: stamp_of(link, rows.get(link.obj or "")) for link in links})
        return []
    naming = one.context.naming(connection)
    for link in links:
        if sessions[link.session].is_over(now):
            store.links.set(connection, link.id, state=LinkState.CLOSED, closed_why="deleted in the past")
        else:
            renew(store, connection, link, naming)
    return []


def first_write(one: Answer) -> list[Activity]:
    """Yes: sessions are written to the calendar from now on. No: not yet."""
    if one.said == "yes":
        for calendar in one.question.targets:
            one.store.accounts.update_calendar(one.connection, calendar, confirmed=True)
        one.store.sessions.unsettle_window(one.connection, one.now - WINDOW_BACK, one.now + WINDOW_AHEAD)
    return []
