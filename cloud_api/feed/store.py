"""Rows of the feed, read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from cloud_api.tables import feed, feed_heads

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Head:
    """Where a tenant's feed stands."""

    epoch: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class Line:
    """One change that was numbered."""

    seq: int
    kind: str
    subject_id: str


def head(connection: Connection, tenant: str) -> Head:
    """Say where the feed stands."""
    row = connection.execute(
        select(feed_heads.c.epoch, feed_heads.c.last_seq).where(feed_heads.c.tenant == tenant)
    ).one()
    return Head(row.epoch, row.last_seq)


def lines_after(
    connection: Connection, tenant: str, *, after: int, until: int, audience: str | None, limit: int
) -> list[Line]:
    """List changes after one number until another (included), for a tutor, or (None) for whoever may see all."""
    query = select(feed.c.seq, feed.c.kind, feed.c.subject_id).where(
        feed.c.tenant == tenant, feed.c.seq > after, feed.c.seq <= until
    )
    if audience is not None:
        query = query.where(or_(feed.c.audience.is_(None), feed.c.audience == audience))
    return [Line(*row) for row in connection.execute(query.order_by(feed.c.seq).limit(limit))]
