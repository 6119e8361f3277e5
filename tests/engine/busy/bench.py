"""Milliseconds of CPU for 1,000 series over 430 days, beside dateutil.

By hand: `python -m tests.engine.busy.bench`. The goal of the design: 200 ms.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from connectors.vocabulary.events import Event
from sync_agent.engine.busy.expand import expand
from tests.engine.busy.builders import an_event, at

SERIES = 1_000
WINDOW = (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC) + timedelta(days=430))
# The yardstick's corpus, and a tutor with a fuller calendar.
MIXES = {
    "corpus": (
        *["FREQ=WEEKLY"] * 5,
        *["FREQ=WEEKLY;COUNT=20"] * 2,
        "FREQ=WEEKLY;INTERVAL=2",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=DAILY;COUNT=10",
    ),
    "full": (
        *["FREQ=WEEKLY"] * 5,
        "FREQ=WEEKLY;BYDAY=MO,WE,FR",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU",
        "FREQ=WEEKLY;COUNT=80",
        "FREQ=DAILY;COUNT=120",
        "FREQ=MONTHLY;BYDAY=2TU",
        "FREQ=MONTHLY;BYMONTHDAY=15",
        "FREQ=YEARLY",
    ),
}


def series(rules: tuple[str, ...]) -> list[Event]:
    """Build the same thousand each time, begun in the course of 2026."""
    random = Random(48113)
    begun = [
        datetime(2026, 1, 5, 8) + timedelta(days=random.randrange(360), minutes=15 * random.randrange(40))
        for _ in range(SERIES)
    ]
    return [an_event(at(start), rrule=(rules[n % len(rules)],), uid=f"series-{n}") for n, start in enumerate(begun)]


def ours(events: list[Event]) -> int:
    """Expand with the engine."""
    return sum(len(expand([event], window=WINDOW, home_zone="Europe/Berlin").intervals) for event in events)


def naive(events: list[Event]) -> int:
    """Expand with dateutil from DTSTART on, and zoneinfo; the start and end of each only."""
    lo, hi = (end.replace(tzinfo=None) for end in WINDOW)
    found = 0
    for event in events:
        zone = ZoneInfo(event.start.zone or "UTC")
        for local in rrulestr(event.rrule[0], dtstart=event.start.local).between(lo, hi, inc=True):
            start = local.replace(tzinfo=zone).astimezone(UTC)
            found += (start, start + event.duration)[0] is not None
    return found


def main() -> None:
    """Print what it took."""
    for mix, rules in MIXES.items():
        events = series(rules)
        ours(events)
        for name, expands in (("engine", ours), ("dateutil", naive)):
            began = time.process_time()
            found = expands(events)
            took = 1000 * (time.process_time() - began)
            print(f"{mix:7} {name:9} {took:7.1f} ms  {found} occurrences")  # noqa: T201


if __name__ == "__main__":
    main()
