"""Giving a session back a value that it had, as an edit of the person at this computer: it travels like any other."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of, with_value
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import FieldGroup

if TYPE_CHECKING:
    from sync_agent.engine.desk.context import DeskContext, Unit


def put_back(
    context: DeskContext, unit: Unit, session_id: str, group: FieldGroup, value: str, *, now: datetime, cause: str
) -> list[Activity]:
    """Set one group of a session in the caller's unit of work. Gives what is told of it, if anything."""
    store = context.store
    session = store.sessions.get(unit.connection, session_id)
    if session is None or value_of(session, group) == value:
        return []
    origins = {**session.origins, group: context.origin(now)}
    after = replace(with_value(session, group, value), version=session.version + 1, origins=origins)
    if after.is_live:
        after = replace(after, ended_reason="")
    store.sessions.update(unit.connection, after)
    store.links.forget_retyped(unit.connection, session_id, {group: value})
    intervals = [(one.when.starts_at, one.when.ends_at) for one in (session, after)]
    context.watch(unit, [after.id], intervals, now)
    entry = Activity(
        id=uuid7(now),
        at=now,
        kind="session.cancelled" if group is FieldGroup.STATUS and not after.is_live else "session.changed",
        cause=cause,
        actor=context.settings().tutor,
        device=context.device,
        session=after.id,
        field_group=group.value,
        before=value_of(session, group),
        after=value,
        facts={"title": session.title},
    )
    store.activity.add(unit.connection, entry)
    return [entry]
