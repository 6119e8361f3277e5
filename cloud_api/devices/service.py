"""Devices: paired by a one-time code, recognised when they call, locked out. No HTTP in here."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from cloud_api.auth.refused import invalid_token
from cloud_api.auth.scopes import AGENT_SCOPES
from cloud_api.auth.service import new_client
from cloud_api.auth.store import deactivate_client
from cloud_api.devices import store
from cloud_api.devices.schemas import DeviceOut
from cloud_api.ids import new_device_code, normalised_code, stored_hash, uuid7
from cloud_api.leases import store as leases
from cloud_api.leases.spans import LAST_WRITE, SHARED
from cloud_api.people import store as people
from cloud_api.problems import Clash, Fault, Forbidden, Gone, Invalid

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from cloud_api.auth.identity import Caller
    from cloud_api.parts import Parts

log = structlog.get_logger(__name__)

CODE_LASTS = timedelta(minutes=15)
_ENDED_KEPT_FOR = timedelta(days=7)


def make_code(connection: Connection, tenant: str, tutor_id: str, now: datetime) -> str:
    """Make a code for a tutor's next device.

    Raises:
        Invalid: no such tutor.
    """
    if not people.are_there(connection, tenant, "tutor", [tutor_id]):
        detail = f"There is no tutor with the id {tutor_id}."
        raise Invalid("device.tutor_unknown", detail, errors=[Fault(detail, parameter="tutor")])
    code = new_device_code()
    store.drop_ended_codes(connection, now - _ENDED_KEPT_FOR)
    store.insert_code(connection, store.CodeRow(stored_hash(code), tenant, tutor_id, now, now + CODE_LASTS))
    return code


def device_of(connection: Connection, caller: Caller, *, for_change: bool = False) -> store.DeviceRow:
    """Give the device that is calling; with `for_change` it cannot be locked out before this transaction ends.

    Raises:
        Forbidden: another kind of client.
        Unauthorized: it was locked out a moment ago.
    """
    if not caller.is_device:
        raise Forbidden("device.only", "Only a tutor's paired device may do that.")
    found = store.device_of_client(connection, caller.client_id, for_change=for_change)
    if found is None:
        raise invalid_token()
    return found


def listed(connection: Connection, tenant: str) -> list[store.SeenDevice]:
    """List the devices of a tenant as an operator looks at them, those that were paired last first."""
    return store.seen_devices(connection, tenant)


def revoke(connection: Connection, tenant: str, device_id: str, now: datetime) -> bool:
    """Let a device in no more; its leases end as soon as its last write has. False if there is none of that id."""
    client_id = store.client_of_device(connection, tenant, device_id)
    if client_id is None:
        return False
    leases.end_by(connection, tenant, now + LAST_WRITE, holder=device_id)
    return deactivate_client(connection, client_id, now)


def pair(parts: Parts, typed: str, name: str) -> DeviceOut:
    """Trade a code for a device's own client.

    Raises:
        Forbidden: no such code.
        Clash: it was used.
        Gone: it is too old.
    """
    now, code_hash = parts.clock(), stored_hash(normalised_code(typed))
    with parts.database.writing() as connection:
        code = store.code_row(connection, code_hash)
        if code is None:
            raise Forbidden("device.code_unknown", "This code is not known. Check it for a typing mistake.")
        if code.used_at is not None or (code.expires_at > now and not store.use_code(connection, code_hash, now)):
            raise Clash("device.code_used", "This code was used already. Each works once: ask for a new one.")
        if code.expires_at <= now:
            raise Gone("device.code_expired", "This code is too old. Ask for a new one.")
        tutor = people.one(connection, code.tenant, "tutor", code.tutor_id, seen_by=None)
        if tutor is None or not tutor.is_active:
            raise Forbidden("device.tutor_left", "This tutor is no longer active here.")
        client = new_client(
            connection,
            name=tutor.name[:100],
            tenant=code.tenant,
            kind="agent",
            permissions=AGENT_SCOPES,
            now=now,
            tutor_id=tutor.id,
            email=tutor.email,
        )
        # A tutor's other laptop was given hours, because nobody waited for it.
        leases.end_by(connection, code.tenant, now + SHARED, tutor_id=tutor.id)
        device_id = uuid7(now)
        store.insert_device(
            connection,
            tenant=code.tenant,
            device_id=device_id,
            tutor_id=tutor.id,
            client_id=client.client_id,
            name=name,
            now=now,
        )
    log.info("device.paired", device=device_id, client=client.client_id, tutor=code.tutor_id)
    return DeviceOut(
        device_id=device_id,
        client_id=client.client_id,
        client_secret=client.api_key,
        tenant=code.tenant,
        tutor_id=tutor.id,
        tutor_name=tutor.name,
        zone=tutor.zone,
        permissions=list(client.permissions),
    )
