"""Link states as they go over the wire. There is no field for anything of a foreign event."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

import msgspec
from msgspec import Meta

from cloud_api.shapes import MOST, NO_NUL, Id

LinkStanding = Literal["want", "live", "held", "closing", "closed"]
LinkGroup = Literal["when", "where", "title", "notes", "status", "subject", "students", "chargeable", "link"]
# What msgspec holds the keys of a mapping to, it leaves out of the description.
_NAMED = {"propertyNames": {"enum": list(get_args(LinkGroup))}}
_Words = Annotated[str, Meta(max_length=200_000, pattern=NO_NUL, examples=["Algebra, Mia"])]


class LinkBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the device and the calendar said about one group of fields when they last agreed."""

    hub: _Words | None
    side: _Words | None


class LinkState(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A session's event in a calendar, as far as it is our own."""

    session: Id
    incarnation: Annotated[
        float,
        Meta(
            ge=0,
            le=MOST,
            multiple_of=1,
            description="How often the event was made anew.",
            examples=[0],
        ),
    ]
    uid: Annotated[str, Meta(max_length=1024, pattern=NO_NUL, examples=["0b5d1f0e-5a0c-5d0e-8a43-7a3c6b1f2a10"])]
    href: Annotated[
        str,
        Meta(
            max_length=2048,
            pattern=NO_NUL,
            description="Within the calendar, never the calendar's own address.",
            examples=["0b5d1f0e-5a0c-5d0e-8a43-7a3c6b1f2a10.ics"],
        ),
    ]
    etag: Annotated[str, Meta(max_length=1024, pattern=NO_NUL, examples=['"63f1"'])] | None
    state: LinkStanding
    bases: Annotated[dict[LinkGroup, LinkBase], Meta(description="By group of fields.", extra_json_schema=_NAMED)]
    sent: Annotated[
        dict[LinkGroup, _Words | None],
        Meta(description="Of writes whose answer is not known yet: what was sent.", extra_json_schema=_NAMED),
    ]
    closed_why: Annotated[
        str,
        Meta(
            max_length=40,
            pattern=NO_NUL,
            description="Why it is closed, in the device's own word: no other device makes anew what a person let go.",
            examples=["let go"],
        ),
    ] = ""


class LinksIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Some links of a calendar; each replaces what was known of its session there."""

    epoch: Annotated[
        float,
        Meta(
            ge=1,
            le=MOST,
            multiple_of=1,
            description="Of the lease under which this was done.",
            examples=[3],
        ),
    ]
    links: Annotated[list[LinkState], Meta(max_length=200)]


class LinksWritten(msgspec.Struct, frozen=True):
    """What was stored."""

    version: Annotated[int, Meta(description="Rises with each write of link states; also the ETag.", examples=[13])]
    stored: Annotated[int, Meta(description="How many links.", examples=[2])]


class LinkList(msgspec.Struct, frozen=True):
    """A page of the links of a calendar, those that changed last at the end."""

    version: Annotated[int, Meta(description="Ask with `since` for what changes after it.", examples=[13])]
    data: list[LinkState]
    next_cursor: Annotated[str | None, Meta(description="Send it as `cursor` for the next page; null on the last.")]


SCHEMAS: tuple[type, ...] = (LinksIn, LinksWritten, LinkList)
