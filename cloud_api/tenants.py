"""Tenants and what an installation keeps about itself."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite

from cloud_api.feed.numbers import open_feed
from cloud_api.ids import uuid7
from cloud_api.tables import settings, tenants

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

DEFAULT_TENANT = "main"
_CURSOR_KEY = "cursor_key"


def ensured_tenant(connection: Connection, name: str, now: datetime) -> str:
    """Give the id of the tenant of that name; makes it, with its feed, if there is none."""
    found = tenant_named(connection, name)
    if found is not None:
        return found
    tenant = uuid7(now)
    connection.execute(insert(tenants).values(id=tenant, name=name, created_at=now))
    open_feed(connection, tenant, uuid7(now))
    return tenant


def tenant_named(connection: Connection, name: str) -> str | None:
    """Give the id of the tenant of that name, if there is one."""
    return connection.execute(select(tenants.c.id).where(tenants.c.name == name)).scalar_one_or_none()


def prepared(connection: Connection, now: datetime) -> bytes:
    """See to it that the first tenant is there, and give the key that signs cursors."""
    ensured_tenant(connection, DEFAULT_TENANT, now)
    return ensured_cursor_key(connection)


def ensured_cursor_key(connection: Connection) -> bytes:
    """Give the key that signs cursors; made once per installation, so that cursors outlive a restart."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(
        dialect.insert(settings).values(name=_CURSOR_KEY, value=secrets.token_hex(32)).on_conflict_do_nothing()
    )
    return bytes.fromhex(
        connection.execute(select(settings.c.value).where(settings.c.name == _CURSOR_KEY)).scalar_one()
    )
