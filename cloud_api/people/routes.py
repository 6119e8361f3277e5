"""`/api/tutors`, `/api/students`, `/api/guardians`: three resources of one shape."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.scopes import Scope
from cloud_api.ids import uuid7
from cloud_api.openapi import described
from cloud_api.pages import place_in, place_of, with_link
from cloud_api.parameters import CursorText, Limit, PathId, known_id
from cloud_api.parts import parts_of
from cloud_api.people import schemas, service, store
from cloud_api.people.service import Role
from cloud_api.wire import JSON_TYPE, encoded, one_response
from cloud_api.writes import write, write_bare

if TYPE_CHECKING:
    from cloud_api.parts import Parts
    from cloud_api.writes import Outcome, Unit


@dataclass(frozen=True, slots=True)
class _Resource:
    """What differs between the three."""

    role: Role
    read: Scope
    change: Scope
    shape_in: type[schemas.PersonIn]
    shape_new: type[schemas.PersonNew | schemas.GuardianNew]
    shape_patch: type[schemas.PersonPatch]
    shape_out: type[schemas.PersonOut]
    shape_list: type[schemas.PersonList | schemas.GuardianList]

    @property
    def path(self) -> str:
        return f"/api/{self.role}s"

    @property
    def links(self) -> dict[str, str]:
        return dict.fromkeys((f"read_{self.role}", f"patch_{self.role}", f"deactivate_{self.role}"), "person_id")


_PERSON = (schemas.PersonIn, schemas.PersonNew, schemas.PersonPatch, schemas.PersonOut, schemas.PersonList)
_GUARDIAN = (
    schemas.GuardianIn,
    schemas.GuardianNew,
    schemas.GuardianPatch,
    schemas.GuardianOut,
    schemas.GuardianList,
)
_RESOURCES = (
    _Resource(Role.TUTOR, Scope.TUTORS_READ, Scope.TUTORS_WRITE, *_PERSON),
    _Resource(Role.STUDENT, Scope.STUDENTS_READ, Scope.STUDENTS_WRITE, *_PERSON),
    _Resource(Role.GUARDIAN, Scope.GUARDIANS_READ, Scope.GUARDIANS_WRITE, *_GUARDIAN),
)


def people_router() -> APIRouter:
    """Give the routes of all three."""
    router = APIRouter()
    for kind in _RESOURCES:
        _add_reading(router, kind)
        _add_making(router, kind)
        _add_changing(router, kind)
    return router


def _add_reading(router: APIRouter, kind: _Resource) -> None:
    tags: list[str | Enum] = [f"{kind.role}s"]
    role = kind.role
    reader = Depends(needs(kind.read))

    @router.get(
        kind.path,
        tags=tags,
        name=f"list_{role}s",
        **described(f"List {role}s", {200: kind.shape_list}, scope=kind.read),
    )
    async def list_people(
        request: Request, caller: Caller = reader, limit: Limit = 50, cursor: CursorText = None
    ) -> Response:
        """By id, a page at a time."""
        parts = parts_of(request)
        after = place_in(parts.cursors, role, cursor, {})
        found = await run_in_threadpool(_page, parts, caller, role, after, limit)
        following = None
        if len(found) > limit:
            found = found[:limit]
            following = place_of(parts.cursors, role, [found[-1].id], {})
        body = {"data": [service.shown(person) for person in found], "next_cursor": following}
        return with_link(Response(encoded(body), media_type=JSON_TYPE), request, following)

    @router.get(
        f"{kind.path}/{{person_id}}",
        tags=tags,
        name=f"read_{role}",
        **described(
            f"Read a {role}",
            {200: kind.shape_out, 304: None},
            problems=(404,),
            headers=("if_none_match",),
            scope=kind.read,
        ),
    )
    async def read_person(person_id: PathId, request: Request, caller: Caller = reader) -> Response:
        """One of them, with ETag."""
        found = await run_in_threadpool(_one, parts_of(request), caller, role, known_id(person_id, role))
        return one_response(request, service.shown(found), found.version)


def _add_making(router: APIRouter, kind: _Resource) -> None:
    tags: list[str | Enum] = [f"{kind.role}s"]
    role = kind.role
    writer = Depends(needs(kind.change))
    read_in, read_new = msgspec.json.Decoder(kind.shape_in), msgspec.json.Decoder(kind.shape_new)

    @router.post(
        kind.path,
        tags=tags,
        name=f"create_{role}",
        **described(
            f"Add a {role}",
            {201: kind.shape_out},
            problems=(409,),
            body=kind.shape_new,
            headers=("key",),
            scope=kind.change,
            links=kind.links,
        ),
    )
    async def create_person(request: Request, caller: Caller = writer) -> Response:
        """A new one; with an id of your own, better `PUT` it: that can be repeated."""

        def make(unit: Unit, wish: schemas.PersonNew | schemas.GuardianNew) -> Outcome:
            return service.create(unit, role, wish.id or uuid7(unit.now), wish)

        return await write(request, caller, read_new, make)

    @router.put(
        f"{kind.path}/{{person_id}}",
        tags=tags,
        name=f"put_{role}",
        **described(
            f"Add or replace a {role}",
            {200: kind.shape_out, 201: kind.shape_out},
            problems=(404, 409, 412, 428),
            body=kind.shape_in,
            headers=("if_match", "must_be_new", "key"),
            scope=kind.change,
            links=kind.links,
        ),
    )
    async def put_person(person_id: PathId, request: Request, caller: Caller = writer) -> Response:
        """`If-None-Match: *` makes one under this id; `If-Match` replaces the version that was read."""
        known = known_id(person_id, role)
        return await write(request, caller, read_in, lambda unit, wish: service.put(unit, role, known, wish))


def _add_changing(router: APIRouter, kind: _Resource) -> None:
    tags: list[str | Enum] = [f"{kind.role}s"]
    role = kind.role
    writer = Depends(needs(kind.change))
    read_patch = msgspec.json.Decoder(kind.shape_patch)

    @router.patch(
        f"{kind.path}/{{person_id}}",
        tags=tags,
        name=f"patch_{role}",
        **described(
            f"Change a {role}",
            {200: kind.shape_out},
            problems=(404, 409, 412, 428),
            body=kind.shape_patch,
            headers=("if_match_required", "key"),
            scope=kind.change,
        ),
    )
    async def patch_person(person_id: PathId, request: Request, caller: Caller = writer) -> Response:
        """Some fields of the version that was read (`If-Match`)."""
        known = known_id(person_id, role)
        return await write(request, caller, read_patch, lambda unit, wish: service.patch(unit, role, known, wish))

    @router.post(
        f"{kind.path}/{{person_id}}/deactivate",
        tags=tags,
        name=f"deactivate_{role}",
        **described(
            f"Let a {role} leave",
            {200: kind.shape_out},
            problems=(404, 409, 412),
            headers=("if_match", "key"),
            scope=kind.change,
        ),
    )
    async def deactivate_person(person_id: PathId, request: Request, caller: Caller = writer) -> Response:
        """Nobody is deleted: sessions keep their people. `PATCH` with `is_active` brings them back."""
        known = known_id(person_id, role)
        return await write_bare(request, caller, lambda unit: service.deactivate(unit, role, known))


def _page(parts: Parts, caller: Caller, role: Role, after: list[Any] | None, limit: int) -> list[store.StoredPerson]:
    with parts.database.reading() as connection:
        place = "" if after is None else str(after[0])
        return store.page(connection, caller.tenant, role, seen_by=caller.tutor_id, after=place, limit=limit + 1)


def _one(parts: Parts, caller: Caller, role: Role, person_id: str) -> store.StoredPerson:
    with parts.database.reading() as connection:
        return service.visible(connection, caller, role, person_id)
