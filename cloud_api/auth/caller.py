"""Letting callers in: the one dependency that every route but the public ones has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from cloud_api.auth import store
from cloud_api.auth.identity import Caller, ClientKind
from cloud_api.auth.refused import REALM, invalid_token
from cloud_api.ids import SecretKind, is_well_formed, stored_hash
from cloud_api.parts import parts_of
from cloud_api.problems import Forbidden, Unauthorized

if TYPE_CHECKING:
    from cloud_api.auth.scopes import Scope
    from cloud_api.parts import Parts


def needs(scope: Scope | None) -> Callable[[Request], Awaitable[Caller]]:
    """Give the dependency that lets callers with this scope in (None: any valid token)."""

    async def caller(request: Request) -> Caller:
        known = await _caller_of(parts_of(request), _bearer_token(request))
        if scope is not None and scope not in known.scopes:
            raise Forbidden(
                "auth.scope_missing",
                f"This client may not do that: it needs the permission {scope}.",
                headers={"WWW-Authenticate": f'{REALM}, error="insufficient_scope", scope="{scope}"'},
            )
        return known

    return caller


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        # No error code when nothing was sent (RFC 6750, section 3.1).
        raise Unauthorized(
            "auth.token_missing",
            "Send an access token: Authorization: Bearer tsk_….",
            headers={"WWW-Authenticate": REALM},
        )
    return token.strip()


async def _caller_of(parts: Parts, token: str) -> Caller:
    if not is_well_formed(token, SecretKind.ACCESS):
        raise invalid_token()
    token_hash, now = stored_hash(token), parts.clock()
    if (cached := parts.callers.get(token_hash, now)) is not None:
        return cached
    found = await run_in_threadpool(_look_up, parts, token_hash)
    if found is None or found.expires_at <= now:
        raise invalid_token()
    known = Caller(
        client_id=found.client.client_id,
        name=found.client.name,
        tenant=found.client.tenant,
        kind=ClientKind(found.client.kind),
        tutor_id=found.client.tutor_id,
        scopes=found.scopes,
        family=found.family,
    )
    parts.callers.put(token_hash, known, now, found.expires_at)
    return known


def _look_up(parts: Parts, token_hash: str) -> store.TokenRow | None:
    with parts.database.reading() as connection:
        return store.live_token(connection, token_hash, kind="access")
