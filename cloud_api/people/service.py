"""What happens to people: made, replaced, changed. No HTTP in here."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from sqlalchemy.exc import IntegrityError

from cloud_api.feed.numbers import Change
from cloud_api.people import store
from cloud_api.people.schemas import GuardianIn, GuardianOut, PersonOut
from cloud_api.people.store import StoredPerson
from cloud_api.problems import Fault, Invalid, NotFound
from cloud_api.sessions.store import tie_students
from cloud_api.writes import Outcome, id_taken, version_required
from cloud_api.zones import zone_named

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cloud_api.auth.identity import Caller
    from cloud_api.people.schemas import PersonIn, PersonPatch
    from cloud_api.writes import Unit


class Role(StrEnum):
    """What a person is here."""

    TUTOR = "tutor"
    STUDENT = "student"
    GUARDIAN = "guardian"


def shown(person: StoredPerson) -> PersonOut | GuardianOut:
    """Give a person as they go over the wire."""
    common: dict[str, Any] = {
        "id": person.id,
        "version": person.version,
        "name": person.name,
        "email": person.email,
        "zone": person.zone,
        "is_active": person.is_active,
        "created_at": person.created_at.isoformat(),
        "updated_at": person.updated_at.isoformat(),
    }
    if person.role == Role.GUARDIAN:
        return GuardianOut(**common, student_ids=list(person.student_ids))
    return PersonOut(**common)


def visible(
    connection: Connection, caller: Caller, role: Role, person_id: str, *, for_change: bool = False
) -> StoredPerson:
    """Find a person whom this caller may see.

    Raises:
        NotFound: none of that id and role, or another tenant's, or (for a device) one whom its tutor does not teach.
    """
    found = store.one(connection, caller.tenant, role, person_id, seen_by=caller.tutor_id, for_change=for_change)
    if found is None:
        raise NotFound(f"{role}.unknown", f"There is no {role} with this id.")
    return found


def create(unit: Unit, role: Role, person_id: str, wish: PersonIn) -> Outcome:
    """Make a person under an id that the maker chose.

    Raises:
        PreconditionFailed, Clash: the id is taken.
        Invalid: it cannot be so.
    """
    person = _wished(_blank(unit, role, person_id), wish)
    _require_valid(unit, person)
    try:
        store.insert_one(unit.connection, unit.tenant, person)
    except IntegrityError as cause:
        raise id_taken(unit.terms) from cause
    if role is Role.STUDENT and unit.caller.tutor_id is not None:
        # Made on a tutor's own device: the tutor teaches them, before the first session.
        tie_students(unit.connection, unit.tenant, unit.caller.tutor_id, [person.id])
    _told(unit, person)
    return Outcome(shown(person), person.version, location=f"/api/{role}s/{person_id}")


def put(unit: Unit, role: Role, person_id: str, wish: PersonIn) -> Outcome:
    """Make a person (If-None-Match: *), or replace the version that was read (If-Match).

    Raises:
        PreconditionRequired, PreconditionFailed: which of both is meant was not said, or does not hold.
        NotFound: nobody there to replace.
    """
    if unit.terms.must_be_new:
        return create(unit, role, person_id, wish)
    if unit.terms.if_match is None:
        raise version_required()
    before = visible(unit.connection, unit.caller, role, person_id, for_change=True)
    unit.terms.check(before.version, required=True)
    return _changed(unit, before, _wished(before, wish))


def patch(unit: Unit, role: Role, person_id: str, wish: PersonPatch) -> Outcome:
    """Change some fields of the version that was read.

    Raises:
        PreconditionRequired, PreconditionFailed, NotFound, Invalid: nothing was changed.
    """
    before = visible(unit.connection, unit.caller, role, person_id, for_change=True)
    unit.terms.check(before.version, required=True)
    named = {name: getattr(wish, name) for name in wish.__struct_fields__ if getattr(wish, name) is not UNSET}
    if "student_ids" in named:
        named["student_ids"] = tuple(sorted(set(named["student_ids"])))
    return _changed(unit, before, replace(before, **named))


def deactivate(unit: Unit, role: Role, person_id: str) -> Outcome:
    """Let a person leave; sessions keep them. Who left already stays so.

    Raises:
        NotFound, PreconditionFailed: nothing was changed.
    """
    before = visible(unit.connection, unit.caller, role, person_id, for_change=True)
    unit.terms.check(before.version, required=False)
    return _changed(unit, before, replace(before, is_active=False))


def _changed(unit: Unit, before: StoredPerson, after: StoredPerson) -> Outcome:
    if after == before:
        return Outcome(shown(before), before.version)
    _require_valid(unit, after)
    after = replace(after, version=before.version + 1, updated_at=unit.now)
    store.replace_one(unit.connection, unit.tenant, after)
    _told(unit, after)
    return Outcome(shown(after), after.version)


def _told(unit: Unit, person: StoredPerson) -> None:
    if person.role == Role.STUDENT:
        unit.changes.append(Change("student", person.id, person.version, None))


def _require_valid(unit: Unit, person: StoredPerson) -> None:
    faults = []
    if zone_named(person.zone) is None:
        faults.append(Fault(f"There is no time zone called “{person.zone}”.", pointer="/zone"))
    known = store.are_there(unit.connection, unit.tenant, Role.STUDENT, person.student_ids)
    faults += [
        Fault(f"There is no student with the id {student_id}.", pointer="/student_ids")
        for student_id in person.student_ids
        if student_id not in known
    ]
    if faults:
        raise Invalid(f"{person.role}.invalid", " ".join(fault.detail for fault in faults), errors=faults)


def _wished(base: StoredPerson, wish: PersonIn) -> StoredPerson:
    students = tuple(sorted(set(wish.student_ids))) if isinstance(wish, GuardianIn) else ()
    return replace(
        base, name=wish.name, zone=wish.zone, email=wish.email, is_active=wish.is_active, student_ids=students
    )


def _blank(unit: Unit, role: Role, person_id: str) -> StoredPerson:
    return StoredPerson(
        id=person_id,
        role=role,
        version=1,
        name="",
        email="",
        zone="",
        is_active=True,
        created_at=unit.now,
        updated_at=unit.now,
    )
