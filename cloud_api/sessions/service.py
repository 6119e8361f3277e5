"""What happens to sessions: made, replaced, changed, cancelled, listed. No HTTP in here."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

from msgspec import UNSET, Raw
from sqlalchemy.exc import IntegrityError

from cloud_api.feed.numbers import Change
from cloud_api.people import store as people
from cloud_api.problems import Fault, Invalid, NotFound
from cloud_api.sessions import origins, store
from cloud_api.sessions.schemas import FieldGroup, Meeting, Origin, Origins, SessionOut
from cloud_api.sessions.store import StoredSession
from cloud_api.writes import Outcome, id_taken, version_required
from cloud_api.zones import instants, zone_named

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cloud_api.auth.identity import Caller
    from cloud_api.sessions.schemas import SessionIn, SessionPatch
    from cloud_api.writes import Unit


def shown(session: StoredSession) -> SessionOut:
    """Give a session as it goes over the wire; the instants are derived anew, so that new tzdata shows at once."""
    start_wall, zone = datetime.fromisoformat(session.start_wall), zone_named(session.zone)
    if zone is None:
        starts_at, ends_at = session.starts_at, session.ends_at
    else:
        starts_at, ends_at = (
            moment.astimezone(zone) for moment in instants(start_wall, zone, session.duration_minutes)
        )
    return SessionOut(
        id=session.id,
        version=session.version,
        tutor_id=session.tutor_id,
        student_ids=list(session.student_ids),
        title=session.title,
        subject=session.subject,
        start_wall=session.start_wall,
        zone=session.zone,
        duration_minutes=session.duration_minutes,
        start=starts_at.isoformat(),
        end=ends_at.isoformat(),
        online=session.online,
        place=session.place,
        status=session.status,  # type: ignore[arg-type]  # the database holds the same list of words
        notes=session.notes,
        chargeable=session.chargeable,
        chargeable_reason=session.chargeable_reason,
        series_id=session.series_id,
        meeting=Meeting(session.meeting_provider, session.join_url) if session.join_url else None,
        # Stored in the words of the wire: decoding and encoding it again would cost more than all the rest.
        origins=cast("Origins", Raw(session.origins.encode())),
        created_at=session.created_at.isoformat(),
        updated_at=session.updated_at.isoformat(),
    )


def visible(connection: Connection, caller: Caller, session_id: str, *, for_change: bool = False) -> StoredSession:
    """Find a session that this caller may see.

    Raises:
        NotFound: none of that id, or another tenant's, or (for a device) another tutor's.
    """
    found = store.one(connection, caller.tenant, session_id, for_change=for_change)
    if found is None or (caller.tutor_id is not None and found.tutor_id != caller.tutor_id):
        raise NotFound("session.unknown", "There is no session with this id.")
    return found


def create(unit: Unit, session_id: str, wish: SessionIn) -> Outcome:
    """Make a session under an id that its maker chose.

    Raises:
        PreconditionFailed, Clash: the id is taken.
        Invalid: it cannot be so.
    """
    blank = _blank(session_id, unit.now)
    session = _require_valid(unit, _wished(blank, wish), wish.origins.known)
    stamped = _stamp(unit)
    given = wish.origins.known if unit.caller.is_device else {}
    made_by = origins.merged({}, origins.GROUPS, given=given, stamped=stamped, now=unit.now)
    made = replace(session, origins=origins.written(made_by))
    try:
        store.insert_one(unit.connection, unit.tenant, made)
    except IntegrityError as cause:
        raise id_taken(unit.terms) from cause
    _told(unit, made, before=None)
    return Outcome(shown(made), made.version, location=f"/api/sessions/{session_id}")


def put(unit: Unit, session_id: str, wish: SessionIn) -> Outcome:
    """Make a session (If-None-Match: *), or replace the version that was read (If-Match).

    Raises:
        PreconditionRequired, PreconditionFailed: which of both is meant was not said, or does not hold.
        NotFound: nothing there to replace.
    """
    if unit.terms.must_be_new:
        if store.one(unit.connection, unit.tenant, session_id) is not None:
            raise id_taken(unit.terms)
        return create(unit, session_id, wish)
    if unit.terms.if_match is None:
        raise version_required()
    before = visible(unit.connection, unit.caller, session_id, for_change=True)
    unit.terms.check(before.version, required=True)
    return _changed(unit, before, _wished(before, wish), wish.origins.known)


def patch(unit: Unit, session_id: str, wish: SessionPatch) -> Outcome:
    """Change some fields of the version that was read.

    Raises:
        PreconditionRequired, PreconditionFailed, NotFound, Invalid: nothing was changed.
    """
    before = visible(unit.connection, unit.caller, session_id, for_change=True)
    unit.terms.check(before.version, required=True)
    named = {
        name: getattr(wish, name)
        for name in wish.__struct_fields__
        if name not in {"origins", "meeting"} and getattr(wish, name) is not UNSET
    }
    if "student_ids" in named:
        named["student_ids"] = tuple(named["student_ids"])
    if "start_wall" in named:
        named["start_wall"] = _full_wall(named["start_wall"])
    if "duration_minutes" in named:
        named["duration_minutes"] = int(named["duration_minutes"])
    if wish.meeting is not UNSET:
        named |= _meeting_fields(wish.meeting)
    return _changed(unit, before, replace(before, **named), wish.origins.known)


def cancel(unit: Unit, session_id: str) -> Outcome:
    """Cancel a session; one that is cancelled already stays as it is.

    Raises:
        NotFound, PreconditionFailed: nothing was changed.
    """
    before = visible(unit.connection, unit.caller, session_id, for_change=True)
    unit.terms.check(before.version, required=False)
    return _changed(unit, before, replace(before, status="cancelled"), {})


def _changed(unit: Unit, before: StoredSession, after: StoredSession, given: dict[FieldGroup, Origin]) -> Outcome:
    """Store a changed session; what changes nothing makes no new version and tells nobody."""
    after = replace(after, starts_at=before.starts_at, ends_at=before.ends_at)
    if after == before:
        return Outcome(shown(before), before.version)
    after = _require_valid(unit, after, given)
    merged = origins.merged(
        origins.read(before.origins),
        origins.changed_groups(before, after),
        given=given if unit.caller.is_device else {},
        stamped=_stamp(unit),
        now=unit.now,
    )
    after = replace(after, version=before.version + 1, origins=origins.written(merged), updated_at=unit.now)
    store.replace_one(unit.connection, unit.tenant, after)
    _told(unit, after, before=before)
    return Outcome(shown(after), after.version)


def _told(unit: Unit, session: StoredSession, *, before: StoredSession | None) -> None:
    """Tell the feed, and remember whom the tutor teaches. A tutor who lost the session hears of it, too."""
    store.tie_students(unit.connection, unit.tenant, session.tutor_id, session.student_ids)
    audiences = {session.tutor_id} | ({before.tutor_id} if before is not None else set())
    unit.changes.extend(Change("session", session.id, session.version, audience) for audience in sorted(audiences))


def _require_valid(unit: Unit, session: StoredSession, given: dict[FieldGroup, Origin]) -> StoredSession:
    """Give the session with its instants, or say everything that is wrong with it at once."""
    faults = origins.faults_in(given)
    zone = zone_named(session.zone)
    if zone is None:
        faults.append(Fault(f"There is no time zone called “{session.zone}”.", pointer="/zone"))
    try:
        start_wall = datetime.fromisoformat(session.start_wall)
    except ValueError:
        start_wall = None
        faults.append(Fault("There is no such day in the calendar.", pointer="/start_wall"))
    faults += _people_faults(unit, session)
    if session.join_url and (words := link_fault(session.join_url)):
        faults.append(Fault(words, pointer="/meeting/join_url"))
    if faults or zone is None or start_wall is None:
        raise Invalid("session.invalid", " ".join(fault.detail for fault in faults), errors=faults)
    starts_at, ends_at = instants(start_wall, zone, session.duration_minutes)
    return replace(session, starts_at=starts_at, ends_at=ends_at)


def _people_faults(unit: Unit, session: StoredSession) -> list[Fault]:
    faults = []
    if unit.caller.tutor_id is not None and session.tutor_id != unit.caller.tutor_id:
        faults.append(Fault("This device belongs to another tutor.", pointer="/tutor_id"))
    elif not people.are_there(unit.connection, unit.tenant, "tutor", [session.tutor_id]):
        faults.append(Fault("There is no tutor with this id.", pointer="/tutor_id"))
    if len(set(session.student_ids)) != len(session.student_ids):
        faults.append(Fault("A student takes part once.", pointer="/student_ids"))
    known = people.are_there(unit.connection, unit.tenant, "student", session.student_ids, seen_by=unit.caller.tutor_id)
    faults += [
        Fault("There is no student with this id.", pointer=f"/student_ids/{position}")
        for position, student_id in enumerate(session.student_ids)
        if student_id not in known
    ]
    return faults


def link_fault(url: str) -> str:
    """Say what is wrong with a meeting's link, if anything. A host's (Zoom: path /s/…, or a `zak`) is never kept."""
    try:
        parts = urlsplit(url)
        host, is_keyed = parts.hostname or "", "zak" in parse_qs(parts.query)
    except ValueError:  # brackets that hold no IPv6 address, letters that turn into slashes, …
        return "This is no address of a meeting."
    if is_keyed or (host.endswith("zoom.us") and parts.path.startswith("/s/")):
        return "This is the host's link; send the one for students."
    return ""


def _stamp(unit: Unit) -> dict[str, str]:
    device = f"device:{unit.caller.client_id}" if unit.caller.is_device else "platform"
    return origins.stamp(unit.caller.name, device, unit.now)


def _wished(base: StoredSession, wish: SessionIn) -> StoredSession:
    return replace(
        base,
        tutor_id=wish.tutor_id,
        student_ids=tuple(wish.student_ids),
        title=wish.title,
        subject=wish.subject,
        start_wall=_full_wall(wish.start_wall),
        zone=wish.zone,
        duration_minutes=int(wish.duration_minutes),
        online=wish.online,
        place=wish.place,
        status=wish.status,
        notes=wish.notes,
        chargeable=wish.chargeable,
        chargeable_reason=wish.chargeable_reason,
        series_id=wish.series_id,
        **_meeting_fields(wish.meeting),
    )


def _meeting_fields(meeting: Meeting | None) -> dict[str, Any]:
    if meeting is None:
        return {"meeting_provider": "", "join_url": ""}
    return {"meeting_provider": meeting.provider, "join_url": meeting.join_url}


def _full_wall(text: str) -> str:
    """Give a wall time with its seconds, so that one hour has one spelling."""
    return text if text.count(":") > 1 else f"{text}:00"


def _blank(session_id: str, now: datetime) -> StoredSession:
    return StoredSession(
        id=session_id,
        version=1,
        tutor_id="",
        student_ids=(),
        title="",
        subject="",
        start_wall="",
        zone="",
        duration_minutes=0,
        starts_at=now,
        ends_at=now,
        online=True,
        place="",
        status="planned",
        notes="",
        chargeable=True,
        chargeable_reason="",
        series_id=None,
        meeting_provider="",
        join_url="",
        origins="{}",
        created_at=now,
        updated_at=now,
    )
