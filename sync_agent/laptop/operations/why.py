"""Why a time, a session or a double booking is as it is (`GET /v1/why?about=`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.times import UnknownZone, WallSpan
from sync_agent.engine.conflicts.values import occupied_by_session
from sync_agent.engine.conflicts.watch import Watch
from sync_agent.engine.conflicts.why import Rules, slot_of, why
from sync_agent.engine.errors import SessionUnknown, ZoneUnknown
from sync_agent.engine.words import between_words
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.conflicts.values import Occupied
    from sync_agent.laptop.office import Office


def explain(office: Office, request: Request) -> Reply:
    """`GET /v1/why?about=`: a time on the wall (with `minutes` and `zone`), or the id of a session or conflict."""
    settings = office.engine_settings()
    with office.store.read() as connection:
        slot = _slot(office, connection, request)
        now = office.clock.now()
        watch = Watch(office.store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)
        around = settings.travel_buffer + timedelta(days=1)
        occupied = watch.occupied(connection, slot.lo - around, slot.hi + around)
        seal = office.engine.coverage.seal(connection, now, slot.lo, slot.hi)
        said = why(
            slot,
            occupied=[one for one in occupied if one.key != slot.key],
            rules=Rules(settings.working_hours, settings.travel_buffer),
            now=now,
            stale=seal.stale,
            # Without a calendar there is nothing that could be unread.
            checked_at=seal.checked_at if seal.calendars else now,
        )
    return Reply(
        {
            "about": request.query["about"],
            "title": slot.title,
            "when": between_words(slot.lo, slot.hi, slot.zone),
            "verdict": said.verdict.value,
            "sentences": list(said.sentences),
            "facts": [{"code": str(fact.code), "facts": dict(fact.facts)} for fact in said.facts],
        }
    )


def _slot(office: Office, connection: Connection, request: Request) -> Occupied:
    about = request.query.get("about", "")
    if not about:
        raise RequestWrong(reason="“about” is needed: a time, or the id of a session or a double booking.")
    try:
        start = datetime.fromisoformat(about)
    except ValueError:
        return _known(office, connection, about)
    minutes, zone = request.query.get("minutes", "60"), request.query.get("zone") or office.home_zone
    if start.tzinfo is not None or not minutes.isdecimal() or not 0 < int(minutes[:5]) < 1440:
        raise RequestWrong(reason="A time is the hour on the wall, and lasts 1 to 1439 minutes.")
    try:
        return slot_of(WallSpan(start, zone, timedelta(minutes=int(minutes))))
    except UnknownZone as cause:
        raise ZoneUnknown(zone=zone) from cause


def _known(office: Office, connection: Connection, about: str) -> Occupied:
    conflict = office.store.bookings.conflict(connection, about)
    session_id = about if conflict is None else conflict.a.removeprefix("session:")
    session = office.store.sessions.get(connection, session_id)
    if session is None:
        raise SessionUnknown(id=about)
    return occupied_by_session(session)
