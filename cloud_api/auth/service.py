"""Sign-in of clients: tokens given, renewed, ended. No HTTP in here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

import structlog

from cloud_api.auth import store
from cloud_api.auth.schemas import TokenAnswer
from cloud_api.auth.scopes import Scope, scopes_in
from cloud_api.ids import SecretKind, is_well_formed, new_secret, stored_hash, uuid7

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from cloud_api.parts import Parts

log = structlog.get_logger(__name__)

ACCESS_LASTS = timedelta(hours=1)
REFRESH_LASTS = timedelta(days=30)
_ENDED_KEPT_FOR = timedelta(days=7)

OAuthCode = Literal["invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type", "invalid_scope"]


class Refused(Exception):
    """The token endpoint says no (RFC 6749, section 5.2)."""

    def __init__(self, error: OAuthCode, description: str) -> None:
        self.error: OAuthCode = error
        self.description = description
        super().__init__(description)


@dataclass(frozen=True, slots=True)
class NewClient:
    """A client as it was just made; its key is shown this once."""

    client_id: str
    api_key: str
    permissions: tuple[str, ...]


def signed_in(parts: Parts, client_id: str, api_key: str) -> store.ClientRow:
    """Give the client that shows this key. The client_id is empty if only the key was sent.

    Raises:
        Refused: invalid_client; which of both was wrong is not said.
    """
    refusal = Refused("invalid_client", "The client is unknown, was switched off, or its key is wrong.")
    if not is_well_formed(api_key, SecretKind.API_KEY):
        raise refusal
    with parts.database.reading() as connection:
        client = store.client_with_key(connection, stored_hash(api_key), parts.clock())
    if client is None or client_id not in {"", client.client_id}:
        raise refusal
    return client


def give_token(parts: Parts, client: store.ClientRow, scope: str) -> TokenAnswer:
    """Give an access token, with fewer scopes if asked for fewer.

    Raises:
        Refused: invalid_scope, for one that the client does not have.
    """
    wanted = scopes_in(scope) or frozenset(client.permissions)
    if not wanted <= frozenset(client.permissions):
        missing = " ".join(sorted(wanted - frozenset(client.permissions)))
        raise Refused("invalid_scope", f"This client does not have: {_printable(missing)}.")
    now = parts.clock()
    with parts.database.writing() as connection:
        store.drop_ended_tokens(connection, client.client_id, now - _ENDED_KEPT_FOR)
        return _issue(connection, client, wanted, uuid7(now), now)


def renew(parts: Parts, client: store.ClientRow, refresh_token: str) -> TokenAnswer:
    """Trade a refresh token for a new pair. The second use of one ends the whole sign-in (RFC 9700, section 4.14.2).

    Raises:
        Refused: invalid_grant.
    """
    refusal = Refused("invalid_grant", "This refresh token is not valid, or not any more. Sign in with the key.")
    if not is_well_formed(refresh_token, SecretKind.REFRESH):
        raise refusal
    now, token_hash = parts.clock(), stored_hash(refresh_token)
    with parts.database.writing() as connection:
        found = store.live_token(connection, token_hash, kind="refresh")
        if found is None or found.client.client_id != client.client_id or found.expires_at <= now:
            raise refusal
        if not found.is_used and store.mark_used(connection, token_hash, now):
            return _issue(connection, client, found.scopes, found.family, now)
        store.revoke_family(connection, found.family, now)
    # Only after the commit: a raise inside would take the revocation back.
    parts.callers.forget(family=found.family)
    log.warning("auth.refresh_reused", code="auth.refresh_reused", client=client.client_id)
    raise refusal


def end_sign_in(parts: Parts, family: str) -> None:
    """End an access token together with its refresh token."""
    with parts.database.writing() as connection:
        store.revoke_family(connection, family, parts.clock())
    parts.callers.forget(family=family)


def end_token(parts: Parts, client: store.ClientRow, token: str) -> None:
    """End a token that a client names; one that is unknown is ended already (RFC 7009, section 2.2)."""
    with parts.database.reading() as connection:
        family = store.family_of(connection, stored_hash(token), client.client_id)
    if family is not None:
        end_sign_in(parts, family)


def new_client(
    connection: Connection,
    *,
    name: str,
    tenant: str,
    kind: str,
    permissions: Sequence[Scope],
    now: datetime,
    tutor_id: str | None = None,
    email: str = "",
) -> NewClient:
    """Make a client with its first key."""
    row_id, key = uuid7(now), new_secret(SecretKind.API_KEY)
    client = store.ClientRow(
        client_id=f"{kind}-{row_id}",
        name=name,
        tenant=tenant,
        kind=kind,
        tutor_id=tutor_id,
        permissions=tuple(str(scope) for scope in permissions),
    )
    store.insert_client(connection, client, row_id=row_id, key_hash=stored_hash(key), email=email, now=now)
    return NewClient(client.client_id, key, client.permissions)


def _issue(
    connection: Connection, client: store.ClientRow, scopes: frozenset[str], family: str, now: datetime
) -> TokenAnswer:
    access, refresh = new_secret(SecretKind.ACCESS), new_secret(SecretKind.REFRESH)
    common: dict[str, Any] = {
        "family": family,
        "client_id": client.client_id,
        "tenant": client.tenant,
        "scopes": sorted(scopes),
        "issued_at": now,
    }
    store.insert_tokens(
        connection,
        [
            common | {"token_hash": stored_hash(access), "kind": "access", "expires_at": now + ACCESS_LASTS},
            common | {"token_hash": stored_hash(refresh), "kind": "refresh", "expires_at": now + REFRESH_LASTS},
        ],
    )
    return TokenAnswer(
        access_token=access,
        token_type="Bearer",  # noqa: S106 - the name of a kind, no secret
        expires_in=int(ACCESS_LASTS.total_seconds()),
        refresh_token=refresh,
        scope=" ".join(sorted(scopes)),
    )


def _printable(text: str) -> str:
    """Give what an error_description may hold (RFC 6749, section 5.2)."""
    return "".join(letter for letter in text if " " <= letter <= "~" and letter not in '"\\')[:200]
