"""Numbers of the feed: given under a lock per tenant that is held until the commit.

A bare sequence gives 5 to one writer and 6 to another; when 6 commits first, a reader who then stands at 6 never sees
5. Here the head's row is locked from the giving of a number to its commit, so numbers become visible in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import insert, update

from cloud_api.tables import feed, feed_heads

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the feed.

    Attributes:
        kind: "session" or "student".
        audience: the tutor whom it concerns; None: everybody who knows the subject.
    """

    kind: str
    subject_id: str
    version: int
    audience: str | None


def append(connection: Connection, tenant: str, changes: Sequence[Change], now: datetime) -> None:
    """Number the changes of this transaction. Call it last: the lock that it takes lasts until the commit."""
    if not changes:
        return
    last = connection.execute(
        update(feed_heads)
        .where(feed_heads.c.tenant == tenant)
        .values(last_seq=feed_heads.c.last_seq + len(changes))
        .returning(feed_heads.c.last_seq)
    ).scalar_one()
    first = last - len(changes) + 1
    connection.execute(
        insert(feed),
        [
            {
                "tenant": tenant,
                "seq": first + position,
                "kind": change.kind,
                "subject_id": change.subject_id,
                "version": change.version,
                "audience": change.audience,
                "at": now,
            }
            for position, change in enumerate(changes)
        ],
    )


def open_feed(connection: Connection, tenant: str, epoch: str) -> None:
    """Begin the feed of a new tenant."""
    connection.execute(insert(feed_heads).values(tenant=tenant, epoch=epoch, last_seq=0))


def begin_epoch(connection: Connection, epoch: str) -> int:
    """Let every device read everything again (after a backup was restored). Gives the number of tenants."""
    return connection.execute(update(feed_heads).values(epoch=epoch)).rowcount
