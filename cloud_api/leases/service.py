"""Leases: given, renewed, given back. No HTTP in here.

A lease ends by itself and is never taken from a device in the middle of a write. What was given to a tutor's only
device for hours ends sooner when another is paired (it hears so with its next renewal, and has a quarter of an hour for
it) or when it is locked out (it hears so with whatever it asks next): somebody waits for it then. A laptop that can
reach its calendar but not the platform all that time may write beside its successor; its writes are conditional, and
what it makes bears the names that its successor gives, so nothing is doubled.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from cloud_api.devices import store as devices
from cloud_api.devices.service import device_of
from cloud_api.leases import store
from cloud_api.leases.schemas import LeaseHolder, LeaseOut, LeasesOut, StartOut
from cloud_api.leases.spans import LONGEST, SHARED
from cloud_api.problems import NotFound
from cloud_api.writes import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from cloud_api.auth.identity import Caller
    from cloud_api.leases.schemas import LeasesIn, StartIn
    from cloud_api.parts import Parts
    from cloud_api.writes import Unit

log = structlog.get_logger(__name__)


def lease(parts: Parts, caller: Caller, wish: LeasesIn) -> LeasesOut:
    """Give a device as many of the leases as it can have, and tell who holds the others.

    Raises:
        Forbidden: the caller is no device.
        Unauthorized: it was locked out a moment ago.
    """
    now = parts.clock()
    with parts.database.writing() as connection:
        device = device_of(connection, caller, for_change=True)
        start = _start_seen(connection, device, wish.start, now)
        if start.is_current:
            lasts = min(timedelta(seconds=wish.ttl_s), LONGEST if devices.is_only_one(connection, device) else SHARED)
            store.take(connection, device, wish.keys, now=now, until=now + lasts)
        found = store.some(connection, device.tenant, device.tutor_id, wish.keys)
    if not start.is_current:
        log.warning("lease.start_not_current", code="lease.start_not_current", device=device.id)
    writer = device.id if start.is_current else ""
    return LeasesOut(now.isoformat(), start, [_shown(row, writer, now) for row in found])


def release(unit: Unit, key: str) -> Outcome:
    """Give back the very lease that the device knows (If-Match).

    Raises:
        NotFound: there is none of this tutor.
        PreconditionFailed: it was renewed since, or is another's.
        PreconditionRequired: which one was not said.
    """
    device = device_of(unit.connection, unit.caller)
    found = visible(unit.connection, device, key, for_change=True)
    unit.terms.check(found.version, required=True)
    if found.holder == device.id:
        store.give_back(unit.connection, device.tenant, device.tutor_id, key, unit.now)
        found = visible(unit.connection, device, key)
    return Outcome(_shown(found, device.id, unit.now), found.version)


def visible(connection: Connection, device: devices.DeviceRow, key: str, *, for_change: bool = False) -> store.LeaseRow:
    """Find a lease of the device's tutor.

    Raises:
        NotFound: none of that key, or another tutor's.
    """
    found = store.one(connection, device.tenant, device.tutor_id, key, for_change=for_change)
    if found is None:
        raise NotFound("lease.unknown", "No device of this tutor ever asked for this calendar.")
    return found


def _start_seen(connection: Connection, device: devices.DeviceRow, start: StartIn, now: datetime) -> StartOut:
    """Say whether this is the newest start of the device, and remember it if it is."""
    counter = int(start.counter)
    is_current = start.boot == device.boot or counter > device.start_counter
    highest = max(device.start_counter, counter) if is_current else device.start_counter
    boot = start.boot if is_current else device.boot
    devices.note_start(connection, device, counter=highest, boot=boot, now=now)
    return StartOut(highest, is_current)


def _shown(row: store.LeaseRow, writer: str, now: datetime) -> LeaseOut:
    return LeaseOut(
        key=row.key,
        holder=None if row.holder is None else LeaseHolder(row.holder, row.holder_name),
        epoch=row.epoch,
        version=row.version,
        expires_at=row.expires_at.isoformat(),
        is_mine=row.is_held_by(writer, now),
        links_version=row.links_version,
    )
