"""What time itself asks for: series expanded further, old before-images and echoes dropped."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.sync.intervals import busy_rows
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.pull import EXPAND_MARGIN

if TYPE_CHECKING:
    from sync_agent.engine.store.store import Store


def maintain(store: Store, now: datetime, home_zone: str) -> int:
    """Expand the series whose window ran out, a batch at a time, and forget what is over. Gives how many series."""
    until = now + WINDOW_AHEAD + EXPAND_MARGIN
    count = 0
    while True:
        with store.write() as connection:
            store.journal.forget_old(connection, now)
            rows = store.bookings.series_to_expand(connection, now + WINDOW_AHEAD)
            for row in rows:
                events = tuple(event_from_json(raw) for raw in row["events"])
                busy = busy_rows(
                    row["uid"],
                    events,
                    window=(now - WINDOW_BACK, until),
                    home_zone=home_zone,
                    text_hash=row["text_hash"],
                )
                store.bookings.replace_busy(connection, row["calendar"], [row["uid"]], busy.rows)
                store.bookings.store_series(connection, [{**row, "expanded_to": until}])
                further = [
                    (one["lo"], one["hi"]) for one in busy.rows if one["opaque"] and one["hi"] > row["expanded_to"]
                ]
                store.unchecked.note(connection, further)
        count += len(rows)
        if not rows:
            return count
