"""What came in and was not yet looked at for double bookings.

Written in the transaction that brings an event or moves a session, and dropped in the one that stores what the look
found. So a crash between the two forgets nothing, and until then nobody calls that time checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select

from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import unchecked

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

MANY_INTERVALS = 200
"""Above this, one interval from the first to the last stands for all of them."""

Span = tuple[datetime, datetime]


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
        # Asked with every idle pass, so made once.
        self._all = select(unchecked).where(unchecked.c.owner == owner)
        self._one = self._all.limit(1)

    def note(self, connection: Connection, intervals: Sequence[Span], *, session: str = "") -> None:
        """Note that something changed in these intervals, because of that session if one is named."""
        spans = list(dict.fromkeys(intervals))
        if len(spans) > MANY_INTERVALS:
            spans = [(min(lo for lo, _ in spans), max(hi for _, hi in spans))]
        if spans:
            row = {"owner": self._owner, "session": session}
            connection.execute(insert(unchecked), [{**row, "lo": lo, "hi": hi} for lo, hi in spans])

    def all(self, connection: Connection) -> list[Unchecked]:
        """Give everything that waits."""
        return [Unchecked(row.id, row.lo, row.hi, row.session) for row in connection.execute(self._all)]

    def is_there_any(self, connection: Connection) -> bool:
        """Whether anything waits."""
        return connection.execute(self._one).first() is not None

    def drop(self, connection: Connection, done: Iterable[Unchecked]) -> None:
        """Forget what was looked at."""
        for part in in_chunks([one.id for one in done]):
            connection.execute(delete(unchecked).where(unchecked.c.id.in_(part)))
