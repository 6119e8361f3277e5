"""What parts of the engine cost by themselves, on the profile of a run: CPU in seconds, as JSON.

    python -m tests.benchmarks.peers.inside conflicts PROFILE EVENTS
    python -m tests.benchmarks.peers.inside plan PROFILE
    python -m tests.benchmarks.peers.inside series - COUNT

*conflicts*: a foreign event (a series of 61) comes in that collides with one session: from the object as read to the
committed conflict, among so many events; where the profile has fewer, others are put beside them. The
single event lies where nothing else does; the series ends where the corpus still does, so that other events collide
with its session, too. *plan*: all sessions
of the profile have a link; one in a hundred is edited. *series*: the corpus' series over 430 days, with the number of
those in which recurring-ical-events sees other times.
"""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from connectors.ical.scan import read_object
from connectors.vocabulary.events import CalendarObject
from sync_agent.engine.busy.expand import expand
from sync_agent.engine.conflicts.watch import Watch
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.sync.planning import Planner
from sync_agent.engine.sync.pull import Puller
from sync_agent.engine.sync.reach import Reach
from sync_agent.laptop.office import Office
from tests.benchmarks.corpus import corpus
from tests.benchmarks.peers.desk import ids_by_title, opened

_TIMES, _BEFORE_WARM = 30, 5
_WEEKS = 61
_AHEAD, _FAR_AHEAD = 300, 800
_BERLIN = "Europe/Berlin"
Span = tuple[datetime, datetime]
_EVENT = """BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
DTSTAMP:20260101T120000Z\r\nDTSTART:{start:%Y%m%dT%H%M%SZ}\r\nDTEND:{end:%Y%m%dT%H%M%SZ}\r\n{rule}\
SUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"""


def _cpu_s(act: Callable[[], object]) -> float:
    before = time.process_time()
    act()
    return time.process_time() - before


class _Conflicts:
    """One after the other, each with a session of its own."""

    def __init__(self, office: Office, count: int) -> None:
        self._office, settings = office, office.engine_settings()
        # A second run on the same profile, with more events, finds other days.
        self._now = office.clock.now().replace(second=0, microsecond=0) + timedelta(days=min(count // 2000, 100))
        with office.store.read() as connection:
            self._calendar = next(c for c in office.store.accounts.calendars(connection) if c.name == "work")
            naming = office.engine.context.naming(connection)
        self._puller = Puller(office.store, office.clock, settings.home_zone, naming)
        self._watch = Watch(office.store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)
        self._number = 0

    def fill(self, count: int) -> None:
        """Put short events beside those that are there, until there are so many."""
        with self._office.store.write() as connection:
            there = self._office.store.accounts.object_counts(connection).get(self._calendar.id, 0)
            first = self._office.clock.now().replace(minute=1, second=0, microsecond=0)
            rows = [
                {
                    "uid": f"beside-{number}", "recurrence_id": "", "lo": lo, "hi": lo + timedelta(minutes=5),
                    "opaque": True, "summary": "Beside", "recurring": False, "all_day": False,
                    "why_free": "",
                }
                for number in range(max(0, count - there))
                for lo in [first + timedelta(minutes=5 * number)]
            ]  # fmt: skip
            self._office.store.bookings.replace_busy(connection, self._calendar.id, [], rows)

    def one(self, *, weeks: int) -> float:
        """Give the CPU of one new conflict: of a single event, or of a series of so many weeks."""
        self._number += 1
        # No two sessions at once, and none at another instance of the series.
        start = self._now + timedelta(days=_FAR_AHEAD if weeks == 1 else _AHEAD, hours=2 * self._number)
        when = start.replace(tzinfo=None)
        uid = f"new-{start:%Y%m%dT%H%M%S}"
        edit = SessionEdit(title=f"Maths {uid}", start=when, duration=timedelta(hours=1), zone="UTC")
        self._office.engine.sessions.add(edit)
        rule = f"RRULE:FREQ=WEEKLY;COUNT={weeks}\r\n" if weeks > 1 else ""
        begins = when - timedelta(weeks=weeks - 1)
        text = _EVENT.format(uid=uid, start=begins, end=begins + timedelta(hours=1), rule=rule)
        item = CalendarObject(f"/{uid}.ics", f"/{uid}.ics", "1", read_object(text), text)
        opened: list[str] = []

        def come_in() -> None:
            now = self._office.clock.now()
            with self._office.store.write() as connection:
                self._puller.absorb(connection, self._calendar, [item], now=now)
            opened.extend(self._watch.work_off(now, sweep=False).opened)

        took = _cpu_s(come_in)
        if not opened:
            raise SystemExit(f"no conflict was found for {uid}")
        return took


def conflicts(folder: Path, count: int) -> dict[str, float]:
    """Measure new conflicts among so many events."""
    office = opened(folder)
    here = _Conflicts(office, count)
    here.fill(count)
    found = {}
    for name, weeks in (("one", 1), ("series", _WEEKS)):
        found[name] = median([here.one(weeks=weeks) for _ in range(_BEFORE_WARM + _TIMES)][_BEFORE_WARM:])
    office.close()
    return found


def plan(folder: Path) -> dict[str, float]:
    """Measure planning of all links: nothing changed, and one session in a hundred edited."""
    office = opened(folder)
    store, now = office.store, office.clock.now()

    def planned() -> int:
        """As a pass does it, in a transaction that is thrown away."""
        with store.read() as connection:
            if not store.sessions.has_unsettled(connection):
                return 0
        with store.engine.connect() as connection:
            accounts = frozenset(account.id for account in store.accounts.all(connection))
            naming = office.engine.context.naming(connection)
            reach = Reach(naming, accounts, accounts)
            outcome = Planner(store, reach).plan_all(connection, store.sessions.unsettled(connection), now)
            connection.rollback()
        return len(outcome.writes)

    with store.write() as connection:
        store.sessions.settle(connection, _unsettled(office))
    nothing = median([_cpu_s(planned) for _ in range(_BEFORE_WARM + _TIMES)][_BEFORE_WARM:])
    ids = list(ids_by_title(office).values())
    for number, session in enumerate(ids[:: max(1, min(100, len(ids)))]):
        office.engine.sessions.change(session, SessionEdit(title=f"Planned anew {number}"))
    writes = planned()
    changed = median([_cpu_s(planned) for _ in range(_BEFORE_WARM + _TIMES)][_BEFORE_WARM:])
    office.close()
    return {"nothing": nothing, "changed": changed, "links": len(ids), "writes": writes}


def _unsettled(office: Office) -> list[tuple[str, int]]:
    with office.store.read() as connection:
        ids = office.store.sessions.unsettled(connection)
        return [(one.id, one.version) for one in office.store.sessions.many(connection, ids).values()]


def series(count: int) -> dict[str, float]:
    """Measure expanding so many series, and compare with recurring-ical-events.

    What an object gives is dropped before the next one, as the engine does that stores it: to keep it all would measure
    how the collector goes through the heap. Whether both give the same is asked in a second round.
    """
    first = datetime(2026, 1, 5, 8)
    window = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=430))
    texts = [one.text for number, one in enumerate(corpus(count * 5, first_day=first)) if number % 5 == 0]
    events = [read_object(text) for text in texts]
    expand(events[0], window=window, home_zone=_BERLIN)
    took = _cpu_s(lambda: deque((expand(one, window=window, home_zone=_BERLIN) for one in events), maxlen=0))
    theirs: list[list[Span]] = []
    took_them = _cpu_s(lambda: theirs.extend(_by_the_other(text, window) for text in texts))
    found = [expand(one, window=window, home_zone=_BERLIN) for one in events]
    ours = [sorted((b.lo, b.hi) for b in one.intervals if b.opaque) for one in found]
    differing = sum(mine != other for mine, other in zip(ours, theirs, strict=True))
    return {"ours": took, "recurring-ical-events": took_them, "differing": differing, "intervals": sum(map(len, ours))}


def _by_the_other(text: str, window: Span) -> list[Span]:
    lo, hi = window
    events = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(
        lo - timedelta(days=3), hi + timedelta(days=3)
    )
    spans = [(_instant(event.start), _instant(event.end)) for event in events if event.get("TRANSP") != "TRANSPARENT"]
    return sorted(span for span in spans if span[0] < hi and span[1] > lo)


def _instant(value: date | datetime) -> datetime:
    whole = value if isinstance(value, datetime) else datetime.combine(value, clock_time())
    return (whole if whole.tzinfo else whole.replace(tzinfo=ZoneInfo(_BERLIN))).astimezone(UTC)


def main(words: list[str]) -> None:
    """Measure one of the three."""
    match words:
        case ["conflicts", folder, count]:
            found = conflicts(Path(folder), int(count))
        case ["plan", folder]:
            found = plan(Path(folder))
        case ["series", _, count]:
            found = series(int(count))
        case _:
            raise SystemExit(__doc__)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])
