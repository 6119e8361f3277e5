"""What came in and was not yet looked at for double bookings.

Written in the transaction that brings an event or moves a session, and dropped in the one that stores what the look
found. So a crash between the two forgets nothing, and until then nobody calls that time checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import new_rows
from sync_agent.engine.store.sessions import LONGEST, SPAN_COLUMNS, span_of_row
from sync_agent.engine.store.tables import session as sessions
from sync_agent.engine.store.tables import unchecked

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.values import SessionSpan

MANY_INTERVALS = 200
"""Above this, one interval from the first to the last stands for all of them."""

FARTHEST = timedelta(hours=12)
"""No travel buffer is longer."""

Span = tuple[datetime, datetime]

_NEW = new_rows(unchecked)


@dataclass(frozen=True, slots=True)
class Unchecked:
    """One thing to look at: whatever touches an interval, and a session if one is named ("" if none is)."""

    id: int
    lo: datetime
    hi: datetime
    session: str


class UncheckedStore:
    """The work that the look for double bookings has, of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        # Asked with every pass, so made once.
        mine = select(unchecked.c.id, unchecked.c.lo, unchecked.c.hi, unchecked.c.session).where(
            unchecked.c.owner == owner
        )
        self._all, self._one = Asked(mine.order_by(unchecked.c.id)), Asked(mine.limit(1))
        is_mine = unchecked.c.owner == owner
        self._last = Asked(select(func.max(unchecked.c.id)).where(is_mine))
        self._sessions = Asked(select(unchecked.c.session).where(is_mine, unchecked.c.session != "").distinct())
        self._done = Asked(delete(unchecked).where(is_mine, unchecked.c.id <= bindparam("b_last")))
        self._near = Asked(
            select(unchecked.c.lo, unchecked.c.hi, *SPAN_COLUMNS)
            .join_from(
                unchecked,
                sessions,
                (sessions.c.owner == unchecked.c.owner)
                & (sessions.c.starts_at > unchecked.c.since)
                & (sessions.c.starts_at < unchecked.c.until),
            )
            .where(unchecked.c.owner == owner)
        )

    def note(self, connection: Connection, intervals: Sequence[Span], *, session: str = "") -> None:
        """Note that something changed in these intervals, because of that session if one is named."""
        spans = list(dict.fromkeys(intervals))
        if len(spans) > MANY_INTERVALS:
            spans = [(min(lo for lo, _ in spans), max(hi for _, hi in spans))]
        row = {"owner": self._owner, "session": session}
        rows = [
            {**row, "lo": lo, "hi": hi, "since": lo - LONGEST - FARTHEST, "until": hi + FARTHEST} for lo, hi in spans
        ]
        _NEW.run(connection, rows)

    def all(self, connection: Connection) -> list[Unchecked]:
        """Give everything that waits."""
        return [Unchecked(*row) for row in self._all.rows(connection, {})]

    def is_there_any(self, connection: Connection) -> bool:
        """Whether anything waits."""
        return bool(self._one.rows(connection, {}))

    def sessions_near(self, connection: Connection, buffer: timedelta) -> list[SessionSpan]:
        """Give the live sessions that touch anything that waits, or come as near as the travel buffer: each once."""
        found: dict[str, SessionSpan] = {}
        for lo, hi, *row in self._near.rows(connection, {}):
            span = span_of_row(row)
            if span.is_live and span.lo < hi + buffer and span.hi > lo - buffer:
                found[span.id] = span
        return list(found.values())

    def last(self, connection: Connection) -> int | None:
        """Name the last thing that waits, None if nothing does."""
        found: int | None = self._last.rows(connection, {})[0][0]
        return found

    def sessions(self, connection: Connection) -> list[str]:
        """Give the sessions that are named by what waits."""
        return [row[0] for row in self._sessions.rows(connection, {})]

    def drop(self, connection: Connection, last: int) -> None:
        """Forget what was looked at: everything up to the one that was the last."""
        self._done.do(connection, {"b_last": last})
