"""Leases as they go over the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cloud_api.shapes import MOST, Id, LeaseKey, Stamp


class StartIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A start of the program on the device that asks."""

    counter: Annotated[
        float,
        Meta(
            ge=1,
            le=MOST,
            multiple_of=1,
            description="One more with each start; kept in the device's store.",
            examples=[17],
        ),
    ]
    boot: Annotated[Id, Meta(description="Made at this start, kept nowhere: two copies of a store differ in it.")]


class LeasesIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The calendars that a device would write to. Asking again renews."""

    keys: Annotated[list[LeaseKey], Meta(max_length=200)]
    ttl_s: Annotated[
        float,
        Meta(
            ge=30,
            le=21_600,
            multiple_of=1,
            description="For how long from now; at most 15 minutes are given while the tutor has another device.",
            examples=[120],
        ),
    ]
    start: StartIn


class StartOut(msgspec.Struct, frozen=True):
    """What is known of the starts of this device."""

    highest: Annotated[int, Meta(description="The highest counter that it told so far.", examples=[17])]
    is_current: Annotated[
        bool,
        Meta(
            description="false: its store is older than what was seen of it (restored from a backup), or a copy of it "
            "started since. It gets no lease before it starts anew with a counter above `highest`."
        ),
    ]


class LeaseHolder(msgspec.Struct, frozen=True):
    """A device."""

    id: Id
    name: Annotated[str, Meta(description="For people.", examples=["Anna's laptop"])]


class LeaseOut(msgspec.Struct, frozen=True):
    """Who may write to a calendar."""

    key: LeaseKey
    holder: LeaseHolder | None
    epoch: Annotated[int, Meta(description="Rises with each change of holder, and never falls.", examples=[3])]
    version: Annotated[int, Meta(description="Rises with each change, renewals too; also the ETag.", examples=[41])]
    expires_at: Annotated[Stamp, Meta(description="By this platform's clock.")]
    is_mine: Annotated[bool, Meta(description="The device that asks may write under it, by this start, until it ends.")]
    links_version: Annotated[int, Meta(description="Rises with each write of link states.", examples=[12])]


class LeasesOut(msgspec.Struct, frozen=True):
    """All leases that were asked for, whoever holds them."""

    now: Annotated[Stamp, Meta(description="This platform's clock.")]
    start: StartOut
    leases: list[LeaseOut]


SCHEMAS: tuple[type, ...] = (LeasesIn, LeasesOut, LeaseOut)
