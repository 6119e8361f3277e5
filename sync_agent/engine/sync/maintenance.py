"""What time itself asks for: series expanded further, old before-images and echoes dropped."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from sync_agent.engine.store.bookings import FOR_EVER
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.store.facts import HOME_ZONE, TZDATA
from sync_agent.engine.sync.intervals import Allowance, busy_rows, has_ended, window_at
from sync_agent.engine.sync.plan import WINDOW_AHEAD
from sync_agent.engine.zone_rules import zone_rules_version

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store

log = structlog.get_logger()


def maintain(store: Store, now: datetime, home_zone: str, *, zone_rules: str | None = None) -> int:
    """Expand the series whose window ran out, a batch at a time, and forget what is over.

    Args:
        store: everything that is kept.
        now: aware.
        home_zone: in which whole days and floating times are read.
        zone_rules: version of the tz database; None: the one that this process uses.

    Returns:
        How many series were expanded.
    """
    with store.write() as connection:
        store.journal.forget_old(connection, now)
        _derive_anew(store, connection, home_zone, zone_rules_version() if zone_rules is None else zone_rules)
    count = 0
    allowances: dict[str, Allowance] = defaultdict(Allowance)
    while True:
        with store.write() as connection:
            rows = store.bookings.series_to_expand(connection, now + WINDOW_AHEAD)
            for row in rows:
                _expand_further(store, connection, row, now, home_zone, allowances[row["calendar"]])
        count += len(rows)
        if not rows:
            return count


def _derive_anew(store: Store, connection: Connection, home_zone: str, zone_rules: str) -> None:
    """If the zone rules or the home zone are no longer those that instants were derived with, derive them anew.

    Of series at once, from what is kept of them. What does not repeat is not kept, so it is read once more: cursors and
    ETags are forgotten, and until then what was known stays in force. Sessions are derived by each sweep.
    """
    facts = {TZDATA: zone_rules, HOME_ZONE: home_zone}
    changed = {name: value for name, value in facts.items() if store.facts.get(connection, name) != value}
    if not changed:
        return
    for name, value in changed.items():
        store.facts.put(connection, name, value)
    store.bookings.expand_all_again(connection)
    store.mirror.read_foreign_anew(connection)
    log.info("busy.derived_anew", because=sorted(changed))


def _expand_further(
    store: Store, connection: Connection, row: Mapping[str, Any], now: datetime, home_zone: str, allowance: Allowance
) -> None:
    window = window_at(now)
    events = tuple(event_from_json(raw) for raw in row["events"])
    busy = busy_rows(row["uid"], events, window=window, home_zone=home_zone, allowance=allowance)
    before = store.bookings.busy_of(connection, row["calendar"], [row["uid"]]) if row["expanded_to"] < now else []
    store.bookings.replace_busy(connection, row["calendar"], [row["uid"]], busy.rows)
    ended = has_ended(events, after=window[1], home_zone=home_zone)
    store.bookings.store_series(connection, [{**row, "expanded_to": FOR_EVER if ended else window[1]}])
    further = [(one["lo"], one["hi"]) for one in busy.rows if one["opaque"] and one["hi"] > row["expanded_to"]]
    store.unchecked.note(connection, before + further)
