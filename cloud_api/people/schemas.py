"""People as they go over the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cloud_api.shapes import Email, Id, PersonName, Stamp, Zone

StudentIds = Annotated[list[Id], Meta(max_length=100, description="Whose guardian this is.")]


class PersonIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tutor or student, as made or replaced."""

    name: PersonName
    zone: Zone
    email: Email = ""
    is_active: bool = True


class PersonNew(PersonIn, frozen=True, forbid_unknown_fields=True):
    """A tutor or student to be made; the id may be given by whoever makes it."""

    id: Id | None = None


class PersonPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some fields of a tutor or student; what is left out stays."""

    name: PersonName | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    email: Email | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class PersonOut(msgspec.Struct, frozen=True):
    """A tutor or student as they are now. Who left is not deleted but not active: sessions keep their people."""

    id: Id
    version: Annotated[int, Meta(ge=1, description="Rises by one with each change; also the ETag.", examples=[1])]
    name: PersonName
    email: Email
    zone: Zone
    is_active: bool
    created_at: Stamp
    updated_at: Stamp


class PersonList(msgspec.Struct, frozen=True):
    """A page of tutors or students, by id."""

    data: list[PersonOut]
    next_cursor: str | None


class GuardianIn(PersonIn, frozen=True, forbid_unknown_fields=True):
    """A guardian, as made or replaced."""

    student_ids: StudentIds = []


class GuardianNew(GuardianIn, frozen=True, forbid_unknown_fields=True):
    """A guardian to be made; the id may be given by whoever makes it."""

    id: Id | None = None


class GuardianPatch(PersonPatch, frozen=True, forbid_unknown_fields=True):
    """Some fields of a guardian; what is left out stays."""

    student_ids: StudentIds | UnsetType = UNSET


class GuardianOut(PersonOut, frozen=True):
    """A guardian as they are now."""

    student_ids: list[Id]


class GuardianList(msgspec.Struct, frozen=True):
    """A page of guardians, by id."""

    data: list[GuardianOut]
    next_cursor: str | None


SCHEMAS: tuple[type, ...] = (
    PersonIn,
    PersonNew,
    PersonPatch,
    PersonOut,
    PersonList,
    GuardianIn,
    GuardianNew,
    GuardianPatch,
    GuardianOut,
    GuardianList,
)
