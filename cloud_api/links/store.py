"""Rows of link states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from cloud_api.tables import link_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it lies in the database.

    Attributes:
        version: of the write that it came with.
        bases, sent: JSON as it goes over the wire.
    """

    session_id: str
    version: int
    incarnation: int
    uid: str
    href: str
    etag: str | None
    state: str
    bases: str
    sent: str
    closed_why: str


_NAMES = tuple(LinkRow.__dataclass_fields__)
_COLUMNS = tuple(link_states.c[name] for name in _NAMES)
_KEY = ("tenant", "tutor_id", "key", "session_id")


def put(connection: Connection, tenant: str, tutor_id: str, key: str, rows: Sequence[LinkRow]) -> None:
    """Store links over what was known of their sessions."""
    if not rows:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    wish = dialect.insert(link_states)
    statement = wish.on_conflict_do_update(
        index_elements=_KEY, set_={name: wish.excluded[name] for name in _NAMES if name not in _KEY}
    )
    place = {"tenant": tenant, "tutor_id": tutor_id, "key": key}
    connection.execute(statement, [place | {name: getattr(row, name) for name in _NAMES} for row in rows])


def page(
    connection: Connection, tenant: str, tutor_id: str, key: str, *, since: int, after: tuple[int, str], limit: int
) -> list[LinkRow]:
    """List the links of a calendar that were written after a version, beginning after a place (version, session)."""
    query = (
        select(*_COLUMNS)
        .where(
            link_states.c.tenant == tenant,
            link_states.c.tutor_id == tutor_id,
            link_states.c.key == key,
            link_states.c.version > since,
            or_(
                link_states.c.version > after[0],
                and_(link_states.c.version == after[0], link_states.c.session_id > after[1]),
            ),
        )
        .order_by(link_states.c.version, link_states.c.session_id)
        .limit(limit)
    )
    return [_read(tuple(row)) for row in connection.execute(query)]


def _read(row: tuple[Any, ...]) -> LinkRow:
    return LinkRow(*row)
