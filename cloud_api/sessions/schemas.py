"""Sessions as they go over the wire."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import UNSET, Meta, UnsetType

from cloud_api.shapes import END, NO_NUL, Id, Stamp, Zone

Status = Literal["planned", "completed", "cancelled", "no_show"]
FieldGroup = Literal["when", "where", "title", "notes", "status", "subject", "students", "chargeable"]

Title = Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL, examples=["Algebra, Mia"])]
Subject = Annotated[str, Meta(max_length=100, pattern=NO_NUL, examples=["Algebra"])]
Place = Annotated[str, Meta(max_length=500, pattern=NO_NUL, examples=["Library, room 2"])]
Notes = Annotated[str, Meta(max_length=20_000, pattern=NO_NUL, examples=["Bring the old exam."])]
Reason = Annotated[str, Meta(max_length=300, pattern=NO_NUL, examples=["cancelled less than 24 hours before"])]
SeriesId = Annotated[str, Meta(min_length=1, max_length=64, pattern=NO_NUL, examples=["algebra-thursdays"])]
Minutes = Annotated[
    int, Meta(ge=1, le=1439, description="A session ends after it starts, and within a day.", examples=[60])
]
# In JSON Schema 60.0 is an integer, too; msgspec takes it only where it may read a float.
MinutesIn = Annotated[
    float,
    Meta(
        ge=1,
        le=1439,
        multiple_of=1,
        description="A session ends after it starts, and within a day.",
        examples=[60],
        extra_json_schema={"type": "integer"},
    ),
]
WallTime = Annotated[
    str,
    Meta(
        pattern=r"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$",
        max_length=19,
        description="The hour on the wall, without offset; its zone stands in `zone`.",
        examples=["2026-11-26T15:00:00"],
    ),
]
Students = Annotated[list[Id], Meta(max_length=100, description="Several for a group session; order is kept.")]
_InstantText = Annotated[str, Meta(max_length=40, examples=["2026-11-24T09:30:00+00:00"])]


class Meeting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an online session takes place. The link is the one for students, never the host's."""

    provider: Annotated[str, Meta(pattern=rf"^[a-z][a-z0-9_]{{0,49}}{END}", examples=["zoom"])]
    join_url: Annotated[
        str,
        Meta(
            pattern=rf"^https?://[^\x00-\x20]{{1,2040}}{END}",
            max_length=2048,
            examples=["https://zoom.us/j/93911112222"],
        ),
    ]


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The human edit that made a value: who, on which device, on which side, and between which two looks."""

    who: Annotated[str, Meta(max_length=200, pattern=NO_NUL, examples=["anna"])]
    device: Annotated[str, Meta(max_length=200, pattern=NO_NUL, examples=["laptop:anna"])]
    side: Annotated[str, Meta(max_length=200, pattern=NO_NUL, examples=["calendar:work"])]
    since: _InstantText
    until: _InstantText


class Origins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By field group, as far as it is known."""

    when: Origin | UnsetType = UNSET
    where: Origin | UnsetType = UNSET
    title: Origin | UnsetType = UNSET
    notes: Origin | UnsetType = UNSET
    status: Origin | UnsetType = UNSET
    subject: Origin | UnsetType = UNSET
    students: Origin | UnsetType = UNSET
    chargeable: Origin | UnsetType = UNSET

    @property
    def known(self) -> dict[FieldGroup, Origin]:
        """Those that are given."""
        return {group: origin for group in get_args(FieldGroup) if isinstance(origin := getattr(self, group), Origin)}


class SessionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole session, as it is made or replaced. What is left out takes its default."""

    tutor_id: Id
    title: Title
    start_wall: WallTime
    zone: Zone
    duration_minutes: MinutesIn
    student_ids: Students = []
    subject: Subject = ""
    online: bool = True
    place: Place = ""
    status: Status = "planned"
    notes: Notes = ""
    chargeable: bool = True
    chargeable_reason: Reason = ""
    series_id: SeriesId | None = None
    meeting: Meeting | None = None
    origins: Annotated[Origins, Meta(description="From a tutor's device; anybody else's edit is stamped here.")] = (
        Origins()
    )


class SessionNew(SessionIn, frozen=True, forbid_unknown_fields=True):
    """A session to be made; its id may be given by whoever makes it."""

    id: Id | None = None


class SessionPatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some fields of a session (RFC 7396: what is left out stays)."""

    tutor_id: Id | UnsetType = UNSET
    title: Title | UnsetType = UNSET
    start_wall: WallTime | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    duration_minutes: MinutesIn | UnsetType = UNSET
    student_ids: Students | UnsetType = UNSET
    subject: Subject | UnsetType = UNSET
    online: bool | UnsetType = UNSET
    place: Place | UnsetType = UNSET
    status: Status | UnsetType = UNSET
    notes: Notes | UnsetType = UNSET
    chargeable: bool | UnsetType = UNSET
    chargeable_reason: Reason | UnsetType = UNSET
    series_id: SeriesId | UnsetType | None = UNSET
    meeting: Meeting | UnsetType | None = UNSET
    origins: Origins = Origins()


class SessionOut(msgspec.Struct, frozen=True):
    """A session as it is now."""

    id: Id
    version: Annotated[int, Meta(ge=1, description="Rises by one with each change; also the ETag.", examples=[3])]
    tutor_id: Id
    student_ids: list[Id]
    title: Title
    subject: Subject
    start_wall: WallTime
    zone: Zone
    duration_minutes: Minutes
    start: Stamp
    end: Stamp
    online: bool
    place: Place
    status: Status
    notes: Notes
    chargeable: bool
    chargeable_reason: Reason
    series_id: SeriesId | None
    meeting: Meeting | None
    origins: Origins
    created_at: Stamp
    updated_at: Stamp


class SessionList(msgspec.Struct, frozen=True):
    """A page of sessions, by start."""

    data: list[SessionOut]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for the next page; null on the last.")]


SCHEMAS: tuple[type, ...] = (SessionIn, SessionNew, SessionPatch, SessionOut, SessionList)
