"""Rows of leases. Who gets one is decided in one statement, so that of two who ask at once one gets it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cloud_api.tables import calendar_leases as leases
from cloud_api.tables import devices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select

    from cloud_api.devices.store import DeviceRow


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """A lease with the name of its holder.

    Attributes:
        holder: a device's id; None once it was given back.
    """

    key: str
    holder: str | None
    holder_name: str
    epoch: int
    version: int
    expires_at: datetime
    links_version: int

    def is_held_by(self, device_id: str, now: datetime) -> bool:
        """Whether this device may write now."""
        return self.holder == device_id and self.expires_at > now


def take(connection: Connection, device: DeviceRow, keys: Sequence[str], *, now: datetime, until: datetime) -> None:
    """Give a device as many of these leases as are new, free, ended or its own; the others stay as they are."""
    if not keys:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    wish = dialect.insert(leases)
    stays = leases.c.holder == wish.excluded.holder
    statement = wish.on_conflict_do_update(
        index_elements=["tenant", "tutor_id", "key"],
        set_={
            "holder": wish.excluded.holder,
            # Whoever held it last goes on in the same epoch: nobody else wrote in between. NULL was given back.
            "epoch": case((stays, leases.c.epoch), else_=leases.c.epoch + 1),
            "version": leases.c.version + 1,
            # Never earlier than it was told before: the answer to this renewal may be lost.
            "expires_at": case(
                (and_(stays, leases.c.expires_at > wish.excluded.expires_at), leases.c.expires_at),
                else_=wish.excluded.expires_at,
            ),
        },
        where=or_(leases.c.holder.is_(None), stays, leases.c.expires_at <= now),
    )
    row = {"tenant": device.tenant, "tutor_id": device.tutor_id, "holder": device.id, "epoch": 1, "version": 1}
    # In one order, so that two who ask for the same ones never wait for each other in a circle.
    connection.execute(statement, [row | {"key": key, "expires_at": until} for key in sorted(set(keys))])


def some(connection: Connection, tenant: str, tutor_id: str, keys: Sequence[str]) -> list[LeaseRow]:
    """Find leases of a tutor, by key."""
    query = _query().where(_is_of(tenant, tutor_id), leases.c.key.in_(sorted(set(keys)))).order_by(leases.c.key)
    return list(map(_read, connection.execute(query)))


def one(connection: Connection, tenant: str, tutor_id: str, key: str, *, for_change: bool = False) -> LeaseRow | None:
    """Find a lease; with `for_change` nobody else changes it until this transaction ends."""
    query = _query().where(_is_of(tenant, tutor_id), leases.c.key == key)
    if for_change:
        query = query.with_for_update(of=leases)
    row = connection.execute(query).first()
    return None if row is None else _read(row)


def held_in(connection: Connection, tenant: str, now: datetime) -> dict[str, list[LeaseRow]]:
    """List every lease of a tenant that somebody holds, by device."""
    found: dict[str, list[LeaseRow]] = {}
    query = _query().where(leases.c.tenant == tenant, leases.c.holder.is_not(None), leases.c.expires_at > now)
    for row in map(_read, connection.execute(query.order_by(leases.c.key))):
        found.setdefault(row.holder or "", []).append(row)
    return found


def give_back(connection: Connection, tenant: str, tutor_id: str, key: str, now: datetime) -> None:
    """Let nobody hold a lease. Its epoch stays, and rises with the next holder."""
    connection.execute(
        update(leases)
        .where(_is_of(tenant, tutor_id), leases.c.key == key)
        .values(holder=None, version=leases.c.version + 1, expires_at=now)
    )


def end_by(connection: Connection, tenant: str, until: datetime, *, tutor_id: str = "", holder: str = "") -> None:
    """Let the leases of a tutor, or of one device, end at an instant, unless they end before."""
    whose = leases.c.tutor_id == tutor_id if tutor_id else leases.c.holder == holder
    connection.execute(
        update(leases)
        .where(leases.c.tenant == tenant, whose, leases.c.holder.is_not(None), leases.c.expires_at > until)
        .values(expires_at=until, version=leases.c.version + 1)
    )


def set_links_version(connection: Connection, tenant: str, tutor_id: str, key: str, version: int) -> None:
    """Note that links were written."""
    connection.execute(
        update(leases).where(_is_of(tenant, tutor_id), leases.c.key == key).values(links_version=version)
    )


def _query() -> Select[Any]:
    return select(
        leases.c.key,
        leases.c.holder,
        devices.c.name,
        leases.c.epoch,
        leases.c.version,
        leases.c.expires_at,
        leases.c.links_version,
    ).outerjoin(devices, and_(devices.c.tenant == leases.c.tenant, devices.c.id == leases.c.holder))


def _is_of(tenant: str, tutor_id: str) -> ColumnElement[bool]:
    return and_(leases.c.tenant == tenant, leases.c.tutor_id == tutor_id)


def _read(row: Row[*tuple[Any, ...]]) -> LeaseRow:
    key, holder, name, *counters = row
    return LeaseRow(key, holder, name or "", *counters)
