"""Adopting an event that the tutor made by hand: a session is made of it, and the event follows that session.

A person wishes it (`desk/adopting.py`) while the calendar may be out of reach. The wish is a question that was answered
already; it is carried out in the transaction that stores what the event says at that moment, so that hub and event
agree from the beginning. The event keeps its UID and its attendees; what is written there is ours and the marker.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import is_event_uid, uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.bookings import LONG_AGO
from sync_agent.engine.sync.orphans import session_in
from sync_agent.engine.sync.series import ENDED, Stage, facts_of, sessions_of, why_not_series
from sync_agent.engine.sync.spell import join_url_in, shape_of
from sync_agent.engine.values import CalendarRow, FieldGroup, Link, LinkState, MeetingRow, Role, Session
from sync_agent.engine.words import shape_words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.events import CalendarObject, Event
    from sync_agent.engine.store.questions import Question
    from sync_agent.engine.store.store import Store

ADOPTED = "session.adopted"
ADOPTED_ALREADY = "it is one already"
DONE = "done"
"""Why a wish is closed that was carried out; otherwise it says in words why it was not."""


def why_not(events: Sequence[Event], *, is_mine: bool, now: datetime, home_zone: str) -> str:
    """Say in half a sentence why an event or a series cannot become sessions, "" if it can. Pure.

    Args:
        events: of the object as it is now.
        is_mine: whether this device looks after its calendar.
        now: this instant; of a series only what lies ahead is adopted.
        home_zone: of times without a zone.
    """
    if not events:
        return _GONE
    if not is_mine:
        return "another of your computers looks after this calendar; adopt it there"
    if is_event_uid(events[0].uid):
        return "it was made by a TutorSync already"
    if events[0].is_recurring:
        return why_not_series(events, now, home_zone)
    shape = shape_of(tuple(events))
    if shape == "cancelled":
        return "it was called off or declined"
    return "" if shape == "single" else f"it is {shape_words(shape)}"


def why_not_in(calendar: CalendarRow) -> str:
    """Say in half a sentence why nothing can be adopted from a calendar, "" if it can be. Pure."""
    if calendar.access != "write":
        return f"“{calendar.name}” can be read only"
    return "" if calendar.role is Role.SESSIONS else f"“{calendar.name}” is not for sessions; move it to one that is"


def carry_out(
    store: Store,
    connection: Connection,
    calendar: CalendarRow,
    objects: Sequence[CalendarObject],
    *,
    home_zone: str,
    is_mine: bool,
    now: datetime,
) -> dict[str, datetime]:
    """Make sessions of those objects that a person wished to be adopted; what cannot be is closed with the reason.

    Called before the objects are stored: a single event is ours from then on.

    Returns:
        UID to the instant from which a series no longer takes time, because its dates are sessions.
    """
    if calendar.role is not Role.SESSIONS:
        return {}
    wishes = {one.facts["uid"]: one for one in store.questions.wished(connection, calendar.id)}
    endings: dict[str, datetime] = {}
    for item in objects if wishes else ():
        wish = wishes.pop(item.uid, None)
        if wish is None:
            continue
        if wish.facts.get("stage") is None:
            because = why_not(item.events, is_mine=is_mine, now=now, home_zone=home_zone)
            if not because and store.links.by_uids(connection, calendar.id, [item.uid]):
                because = ADOPTED_ALREADY  # on another laptop, which told of it since this was wished
            if because:
                store.questions.close(connection, wish.id, because)
                continue
            wish = _adopt(store, connection, calendar, item, wish, home_zone=home_zone, now=now)
        if wish.facts.get("stage") == Stage.ENDING:
            endings[item.uid] = datetime.fromisoformat(wish.facts["cut"])
    return endings


def give_up_gone(store: Store, connection: Connection, calendar: CalendarRow, uids: Sequence[str]) -> None:
    """Close the wishes for events that a look did not find."""
    if calendar.role is not Role.SESSIONS or not uids:
        return
    for wish in store.questions.wished(connection, calendar.id):
        if wish.facts["uid"] in uids and wish.facts.get("stage") is None:
            store.questions.close(connection, wish.id, _GONE)


def give_up_wishes(store: Store, connection: Connection, calendar: CalendarRow) -> None:
    """Close the wishes for events of a calendar that takes no sessions any more, with the reason."""
    for wish in store.questions.wished(connection, calendar.id):
        if wish.facts.get("stage") is None and (because := why_not_in(calendar)):
            store.questions.close(connection, wish.id, because)


def _adopt(
    store: Store,
    connection: Connection,
    calendar: CalendarRow,
    item: CalendarObject,
    wish: Question,
    *,
    home_zone: str,
    now: datetime,
) -> Question:
    """Make the sessions. Gives the wish as it stands then."""
    event, is_series = item.events[0], item.events[0].is_recurring
    if is_series:
        found = sessions_of(item.events, now, home_zone, side=calendar.id)
    else:
        found = [session_in(event, uuid7(now), home_zone=home_zone, now=now, side=calendar.id)]
    _free(store, connection, event.uid, now if is_series else LONG_AGO)
    join_url = join_url_in(event)
    for session in found:
        store.sessions.insert(connection, session)
        if join_url:
            # The tutor's own link: it stays, and no other is made.
            room = MeetingRow(session.id, "room", "", "live", join_url=join_url)
            store.meetings.insert(connection, uuid7(now), room)
        store.unchecked.note(connection, [(session.when.starts_at, session.when.ends_at)], session=session.id)
        store.activity.add(connection, _entry(ADOPTED, session, calendar, wish, now))
    facts = {**wish.facts, "sessions": [session.id for session in found]}
    if is_series:
        facts |= facts_of(item, found, now)
        ended = _entry(ENDED, found[-1], calendar, wish, now)
        told = {**ended.facts, "wish": wish.id, "count": len(found)}
        store.activity.add(connection, replace(ended, session=None, facts=told))
    else:
        link = Link(uuid7(now), found[0].id, calendar.id, 0, event.uid, LinkState.WANT)
        store.links.insert(connection, link)
        store.questions.close(connection, wish.id, DONE)
    store.questions.set_facts(connection, wish.id, facts)
    return replace(wish, facts=facts)


def _free(store: Store, connection: Connection, uid: str, since: datetime) -> None:
    """Let what is adopted take no time from an instant on.

    Seen through another account or feed it is the same event, and not in the way of itself.
    """
    for one in store.accounts.calendars(connection):
        freed = store.bookings.free_since(connection, one.id, uid, since)
        store.unchecked.note(connection, freed)


def _entry(kind: str, session: Session, calendar: CalendarRow, wish: Question, now: datetime) -> Activity:
    by = wish.facts["answered_by"]
    return Activity(
        id=uuid7(now),
        at=now,
        kind=kind,
        cause=f"answer:{wish.id}",
        actor=by["who"],
        device=by["device"],
        session=session.id,
        field_group=FieldGroup.WHEN.value,
        after=value_of(session, FieldGroup.WHEN),
        facts={"title": session.title, "calendar": calendar.name},
    )


_GONE = "it is no longer there"
