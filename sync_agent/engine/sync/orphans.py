"""Events of ours whose session nobody knows any more: the store was lost, restored or copied.

Without a platform the calendar is then the only one who remembers, so the session is taken back from its event. With
one the platform remembers, and what it does not know is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.vocabulary.events import Event
from connectors.vocabulary.sessions import Origin, SessionStatus
from connectors.vocabulary.times import MomentKind, WallSpan, zone_named
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.spell import join_url_in, shape_of, without_block
from sync_agent.engine.values import PLATFORM_GROUPS, CalendarRow, FieldGroup, MeetingRow, Role, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import CalendarObject
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.store import Store


def session_in(event: Event, session_id: str, *, home_zone: str, now: datetime, side: str) -> Session:
    """Read a session out of an event. Pure. What an event does not say (students, subject) is not known then."""
    start = event.start
    if start.kind is MomentKind.ZONED and start.zone is not None:
        local, zone = start.local, start.zone
    else:
        local, zone = start.instant(home_zone).astimezone(zone_named(home_zone)).replace(tzinfo=None), home_zone
    join_url = join_url_in(event)
    place = "" if event.location.strip() == join_url else event.location.strip()
    origin = Origin(who="", device=f"calendar:{side}", side=side, since=now, until=now)
    return Session(
        id=session_id,
        when=WallSpan(local, zone, event.duration),
        title=event.summary.strip(),
        place=place,
        online=bool(join_url) or not place,
        notes=without_block(event.description).strip(),
        origins=dict.fromkeys(PLATFORM_GROUPS, origin),
    )


def take_back(
    store: Store,
    connection: Connection,
    calendar: CalendarRow,
    objects: Sequence[CalendarObject],
    *,
    naming: Naming,
    home_zone: str,
    now: datetime,
) -> None:
    """Take back the sessions of events that bear our marker and that this store does not know.

    Only in a calendar for sessions, and only single, timed events: what a phone made of them otherwise is no session.
    """
    if calendar.role is not Role.SESSIONS or naming.has_platform:
        return
    marked = [
        (item.events[0], marker)
        for item in objects
        if item.events and (marker := item.events[0].marker) is not None and naming.is_ours(marker.tenant)
    ]
    known = store.mirror.known_sessions(connection, {marker.session for _, marker in marked})
    for event, marker in marked:
        if marker.session in known or shape_of((event,)) != "single":
            continue
        known.add(marker.session)
        session = session_in(event, marker.session, home_zone=home_zone, now=now, side=calendar.id)
        store.sessions.insert(connection, session)
        join_url = join_url_in(event)
        if join_url:
            found = MeetingRow(session.id, "room", "", "live", join_url=join_url)
            store.meetings.insert(connection, uuid7(now), found)
        _tell(store, connection, calendar, session, now)


def give_back(
    store: Store,
    connection: Connection,
    calendar: CalendarRow,
    unnamed: Sequence[CalendarObject],
    *,
    naming: Naming,
    now: datetime,
) -> None:
    """Let sessions take place again of which an event tells that this store never made, but would make next.

    Only a later store of ours can have given it that name: there the session had been taken up again after it was
    cancelled, and then an older one was put back.

    Args:
        store: of the sessions.
        connection: the unit of work.
        calendar: where they lie.
        unnamed: events whose UID no link ever had.
        naming: how events are called.
        now: this instant.
    """
    if calendar.role is not Role.SESSIONS or naming.has_platform:
        return
    marked = {
        marker.session: item
        for item in unnamed
        if item.events and (marker := item.events[0].marker) is not None and naming.is_ours(marker.tenant)
    }
    if not marked:
        return
    ended = [
        one for one in store.sessions.many(connection, marked).values() if not one.is_live and not one.is_over(now)
    ]
    last = store.links.last_incarnations(connection, [one.id for one in ended])
    for session in ended:
        if marked[session.id].uid not in naming.later(session.id, calendar.id, last.get((session.id, calendar.id), -1)):
            continue
        origin = Origin(who="", device=f"calendar:{calendar.id}", side=calendar.id, since=now, until=now)
        again = replace(
            session,
            status=SessionStatus.PLANNED,
            version=session.version + 1,
            ended_reason="",
            origins={**session.origins, FieldGroup.STATUS: origin},
        )
        store.sessions.update(connection, again)
        store.sessions.unsettle(connection, [session.id])
        store.unchecked.note(connection, [(again.when.starts_at, again.when.ends_at)], session=session.id)
        _tell(store, connection, calendar, again, now)


def _tell(store: Store, connection: Connection, calendar: CalendarRow, session: Session, now: datetime) -> None:
    store.activity.add(
        connection,
        Activity(
            id=uuid7(now), at=now, kind="session.recovered", cause=f"recovered:{session.id}", actor=calendar.name,
            session=session.id, calendar=calendar.id, field_group=FieldGroup.WHEN.value,
            after=value_of(session, FieldGroup.WHEN), facts={"title": session.title},
        ),
    )  # fmt: skip
