"""Rows of one-time codes and devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, insert, select, update

from cloud_api.tables import api_clients, device_codes, devices, tokens, users

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A one-time code, by its hash."""

    code_hash: str
    tenant: str
    tutor_id: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """A paired device.

    Attributes:
        start_counter, boot: of its newest start; 0 and "" before it told of one.
    """

    tenant: str
    id: str
    tutor_id: str
    client_id: str
    name: str
    start_counter: int
    boot: str


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device as an operator looks at it.

    Attributes:
        seen_at: when it last asked for leases or signed in; None: not since it was paired.
        is_active: whether it is let in.
    """

    id: str
    name: str
    tutor_id: str
    tutor_name: str
    client_id: str
    paired_at: datetime
    seen_at: datetime | None
    is_active: bool


_DEVICE_COLUMNS = tuple(devices.c[name] for name in DeviceRow.__dataclass_fields__)


def device_of_client(connection: Connection, client_id: str, *, for_change: bool = False) -> DeviceRow | None:
    """Find the device of a client that is let in.

    With `for_change` it stays let in until this transaction ends, and nobody else changes it.
    """
    query = (
        select(*_DEVICE_COLUMNS)
        .join(api_clients, api_clients.c.client_id == devices.c.client_id)
        .where(devices.c.client_id == client_id, api_clients.c.is_active)
    )
    if for_change:
        query = query.with_for_update()
    row = connection.execute(query).first()
    return None if row is None else DeviceRow(*row)


def is_only_one(connection: Connection, device: DeviceRow) -> bool:
    """Whether no other device of the same tutor is let in."""
    others = (
        select(devices.c.id)
        .join(api_clients, api_clients.c.client_id == devices.c.client_id)
        .where(
            devices.c.tenant == device.tenant,
            devices.c.tutor_id == device.tutor_id,
            devices.c.id != device.id,
            api_clients.c.is_active,
        )
        .limit(1)
    )
    return connection.execute(others).first() is None


def note_start(connection: Connection, device: DeviceRow, *, counter: int, boot: str, now: datetime) -> None:
    """Remember the newest start of a device, and that it was heard of."""
    connection.execute(
        update(devices)
        .where(devices.c.tenant == device.tenant, devices.c.id == device.id)
        .values(start_counter=counter, boot=boot, seen_at=now)
    )


def seen_devices(connection: Connection, tenant: str) -> list[SeenDevice]:
    """List the devices of a tenant, those that were paired last first."""
    signed_in = (
        select(tokens.c.client_id, func.max(tokens.c.issued_at).label("at"))
        .where(tokens.c.tenant == tenant)
        .group_by(tokens.c.client_id)
        .subquery()
    )
    rows = connection.execute(
        select(devices, users.c.name.label("tutor_name"), api_clients.c.is_active, signed_in.c.at)
        .join(api_clients, api_clients.c.client_id == devices.c.client_id)
        .join(users, and_(users.c.tenant == devices.c.tenant, users.c.id == devices.c.tutor_id))
        .outerjoin(signed_in, signed_in.c.client_id == devices.c.client_id)
        .where(devices.c.tenant == tenant)
        .order_by(devices.c.paired_at.desc(), devices.c.id.desc())
    )
    return [
        SeenDevice(
            id=row.id,
            name=row.name,
            tutor_id=row.tutor_id,
            tutor_name=row.tutor_name,
            client_id=row.client_id,
            paired_at=row.paired_at,
            seen_at=max((at for at in (row.seen_at, row.at) if at is not None), default=None),
            is_active=row.is_active,
        )
        for row in rows
    ]


def client_of_device(connection: Connection, tenant: str, device_id: str) -> str | None:
    """Give the client_id of a device, let in or not."""
    return connection.execute(
        select(devices.c.client_id).where(devices.c.tenant == tenant, devices.c.id == device_id)
    ).scalar_one_or_none()


def insert_code(connection: Connection, code: CodeRow) -> None:
    """Store a new code."""
    connection.execute(
        insert(device_codes).values(**{name: getattr(code, name) for name in CodeRow.__dataclass_fields__})
    )


def drop_ended_codes(connection: Connection, before: datetime) -> None:
    """Forget codes that ended long ago."""
    connection.execute(delete(device_codes).where(device_codes.c.expires_at < before))


def code_row(connection: Connection, code_hash: str) -> CodeRow | None:
    """Find a code."""
    row = connection.execute(
        select(*(device_codes.c[name] for name in CodeRow.__dataclass_fields__)).where(
            device_codes.c.code_hash == code_hash
        )
    ).first()
    return CodeRow(*row) if row is not None else None


def use_code(connection: Connection, code_hash: str, now: datetime) -> bool:
    """Use a code up; False if somebody did so before."""
    done = connection.execute(
        update(device_codes)
        .where(device_codes.c.code_hash == code_hash, device_codes.c.used_at.is_(None))
        .values(used_at=now)
    )
    return done.rowcount == 1


def insert_device(
    connection: Connection, *, tenant: str, device_id: str, tutor_id: str, client_id: str, name: str, now: datetime
) -> None:
    """Store a device that was just paired."""
    connection.execute(
        insert(devices).values(
            tenant=tenant, id=device_id, tutor_id=tutor_id, client_id=client_id, name=name, paired_at=now
        )
    )
