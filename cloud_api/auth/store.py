"""Rows of clients, keys and tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, delete, insert, or_, select, update

from cloud_api.tables import api_clients, client_keys, tokens

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Row


@dataclass(frozen=True, slots=True)
class ClientRow:
    """A client that may sign in."""

    client_id: str
    name: str
    tenant: str
    kind: str
    tutor_id: str | None
    permissions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An access or refresh token, of a client that is active.

    Attributes:
        is_used: a refresh token that was traded already.
    """

    client: ClientRow
    family: str
    scopes: frozenset[str]
    expires_at: datetime
    is_used: bool


_CLIENT_COLUMNS = (
    api_clients.c.client_id,
    api_clients.c.client_name,
    api_clients.c.tenant,
    api_clients.c.kind,
    api_clients.c.tutor_id,
    api_clients.c.permissions,
)


def client_with_key(connection: Connection, key_hash: str, now: datetime) -> ClientRow | None:
    """Find the active client that this key belongs to."""
    row = connection.execute(
        select(*_CLIENT_COLUMNS)
        .join(client_keys, client_keys.c.client_id == api_clients.c.client_id)
        .where(
            client_keys.c.key_hash == key_hash,
            client_keys.c.revoked_at.is_(None),
            or_(client_keys.c.expires_at.is_(None), client_keys.c.expires_at > now),
            api_clients.c.is_active,
        )
    ).first()
    return _client(row) if row is not None else None


def insert_client(
    connection: Connection, client: ClientRow, *, row_id: str, key_hash: str, email: str, now: datetime
) -> None:
    """Store a new client with its first key."""
    connection.execute(
        insert(api_clients).values(
            id=row_id,
            client_id=client.client_id,
            client_name=client.name,
            client_email=email,
            api_key_hash=key_hash,
            permissions=list(client.permissions),
            created_at=now,
            updated_at=now,
            tenant=client.tenant,
            kind=client.kind,
            tutor_id=client.tutor_id,
        )
    )
    connection.execute(
        insert(client_keys).values(key_hash=key_hash, client_id=client.client_id, created_at=now, expires_at=None)
    )


def deactivate_client(connection: Connection, client_id: str, now: datetime) -> bool:
    """Let a client in no more and end all its tokens; False if there is none of that id."""
    found = connection.execute(
        update(api_clients).where(api_clients.c.client_id == client_id).values(is_active=False, updated_at=now)
    )
    connection.execute(
        update(tokens).where(tokens.c.client_id == client_id, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    )
    return found.rowcount > 0


def insert_tokens(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Store new tokens (their hashes)."""
    connection.execute(insert(tokens), list(rows))


def live_token(connection: Connection, token_hash: str, *, kind: str) -> TokenRow | None:
    """Find a token that was not revoked and whose client is active. Whether it ended is for the caller to say."""
    row = connection.execute(
        select(*_CLIENT_COLUMNS, tokens.c.family, tokens.c.scopes, tokens.c.expires_at, tokens.c.used_at)
        .join(api_clients, api_clients.c.client_id == tokens.c.client_id)
        .where(
            tokens.c.token_hash == token_hash,
            tokens.c.kind == kind,
            tokens.c.revoked_at.is_(None),
            api_clients.c.is_active,
        )
    ).first()
    if row is None:
        return None
    # What was taken from a client since is taken from its tokens, too.
    scopes = frozenset(row.scopes) & frozenset(row.permissions)
    return TokenRow(_client(row), row.family, scopes, row.expires_at, row.used_at is not None)


def mark_used(connection: Connection, token_hash: str, now: datetime) -> bool:
    """Use a refresh token up; False if somebody did so before."""
    done = connection.execute(
        update(tokens).where(tokens.c.token_hash == token_hash, tokens.c.used_at.is_(None)).values(used_at=now)
    )
    return done.rowcount == 1


def revoke_family(connection: Connection, family: str, now: datetime) -> None:
    """End all tokens that came from one sign-in."""
    connection.execute(
        update(tokens).where(tokens.c.family == family, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    )


def family_of(connection: Connection, token_hash: str, client_id: str) -> str | None:
    """Find the sign-in of a token of this client, whatever its state."""
    return connection.execute(
        select(tokens.c.family).where(tokens.c.token_hash == token_hash, tokens.c.client_id == client_id)
    ).scalar_one_or_none()


def drop_ended_tokens(connection: Connection, client_id: str, before: datetime) -> None:
    """Forget tokens of a client that ended long ago."""
    connection.execute(delete(tokens).where(and_(tokens.c.client_id == client_id, tokens.c.expires_at < before)))


def _client(row: Row[*tuple[Any, ...]]) -> ClientRow:
    return ClientRow(
        row.client_id, row.client_name, row.tenant, row.kind, row.tutor_id, tuple(str(p) for p in row.permissions)
    )
