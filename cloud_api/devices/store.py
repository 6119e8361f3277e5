"""Rows of one-time codes and devices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from cloud_api.tables import device_codes, devices

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
