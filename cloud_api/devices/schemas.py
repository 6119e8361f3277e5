"""Pairing as it goes over the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cloud_api.shapes import NO_NUL, Id, Zone


class PairingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A one-time code, typed by the tutor."""

    code: Annotated[str, Meta(min_length=1, max_length=40, pattern=NO_NUL, examples=["K7Q2M-9XWRP"])]
    name: Annotated[
        str, Meta(min_length=1, max_length=100, pattern=NO_NUL, description="For people.", examples=["Anna's laptop"])
    ] = "A device"


class DeviceOut(msgspec.Struct, frozen=True):
    """A paired device, with its key: shown this once."""

    device_id: Id
    client_id: Annotated[str, Meta(examples=["agent-0192f0c1-7a3b-7cc1-9d55-3f1f0e9a2b41"])]
    client_secret: Annotated[str, Meta(examples=["tsa_4yKbn0XqV2mZp8RtL1cDs7WfGh3JuAeN0Ab1Cd"])]
    tenant: Id
    tutor_id: Id
    tutor_name: Annotated[str, Meta(examples=["Anna Bergström"])]
    zone: Zone
    permissions: Annotated[list[str], Meta(examples=[["sessions:read", "sessions:write"]])]


SCHEMAS: tuple[type, ...] = (PairingIn, DeviceOut)
