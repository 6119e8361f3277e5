"""Leases and link states between the platform's JSON and our vocabulary. Pure: values in, values out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.leases import BaseRecord, Lease, Leases, LinkRecord, StartSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_PART_MOST_LINKS = 100
_PART_MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class LinksPage:
    """A part of the links of one calendar.

    Attributes:
        version: of all links of the calendar, when this page was read.
    """

    version: int
    links: tuple[LinkRecord, ...]
    next_cursor: str | None


def leases_in(told: Mapping[str, Any]) -> Leases:
    """Read the answer to a request for leases.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    start = told["start"]
    return Leases(
        now=_instant(told["now"]),
        start=StartSeen(int(start["highest"]), bool(start["is_current"])),
        leases=tuple(map(_lease_in, told["leases"])),
    )


def links_page_in(told: Mapping[str, Any]) -> LinksPage:
    """Read one page of links.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return LinksPage(int(told["version"]), tuple(map(_link_in, told["data"])), told["next_cursor"])


def link_parts(links: Sequence[LinkRecord]) -> Iterator[list[dict[str, Any]]]:
    """Write links as the platform reads them, in parts that it takes at once."""
    part: list[dict[str, Any]] = []
    size_bytes = 0
    for link in links:
        wish = _wish_of(link)
        wish_bytes = len(json.dumps(wish))
        if part and (len(part) == _PART_MOST_LINKS or size_bytes + wish_bytes > _PART_MOST_BYTES):
            yield part
            part, size_bytes = [], 0
        part.append(wish)
        size_bytes += wish_bytes
    if part:
        yield part


def _wish_of(link: LinkRecord) -> dict[str, Any]:
    return {
        "session": link.session,
        "incarnation": link.incarnation,
        "uid": link.uid,
        "state": link.state,
        "href": link.href,
        "etag": link.etag,
        "bases": {group: {"hub": base.hub, "side": base.side} for group, base in link.bases.items()},
        "sent": dict(link.sent),
        "closed_why": link.closed_why,
    }


def _link_in(told: Mapping[str, Any]) -> LinkRecord:
    return LinkRecord(
        session=told["session"],
        incarnation=int(told["incarnation"]),
        uid=told["uid"],
        state=told["state"],
        href=told["href"],
        etag=told["etag"],
        bases={group: BaseRecord(base["hub"], base["side"]) for group, base in told["bases"].items()},
        sent=dict(told["sent"]),
        closed_why=told.get("closed_why", ""),
    )


def _lease_in(told: Mapping[str, Any]) -> Lease:
    holder = told["holder"] or {"id": "", "name": ""}
    return Lease(
        key=told["key"],
        holder=holder["id"],
        holder_name=holder["name"],
        epoch=int(told["epoch"]),
        expires_at=_instant(told["expires_at"]),
        is_mine=bool(told["is_mine"]),
        version=int(told["version"]),
        links_version=int(told["links_version"]),
    )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
