"""Calendars that were made to stop whoever reads them, and what reading each costs the agent.

By hand: `python -m tests.engine.samples.hostile [--megabytes 19] [NAME …]`. Each is read in a process of its own, as
the agent reads a feed: fetched, taken apart, understood, expanded, stored, looked at for double bookings. The promise:
never more than 20 s or 1 GiB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select

from connectors.ical.limits import MOST_EVENTS
from connectors.registry import Credentials
from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.store import tables
from tests.engine.world import World

MOST_S, MOST_MEGABYTES = 20, 1024
_HOURS, _SIXTY = (",".join(map(str, range(most))) for most in (24, 60))
_EVERY_SECOND = f"BYMINUTE={_SIXTY};BYSECOND={_SIXTY}"
_SUMMER = "RRULE:FREQ=YEARLY;BYMONTH={};BYDAY=SU"


def event(uid: object, *lines: str) -> str:
    """One VEVENT."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", *lines, "END:VEVENT", ""])


def zone(number: int) -> str:
    """A VTIMEZONE that no place follows, and that no other number has."""
    minutes, more = number % 60, number // 60 % 60
    return "\n".join(
        [
            "BEGIN:VTIMEZONE", f"TZID:Z{number}",
            "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0100", f"TZOFFSETTO:+01{minutes:02}{more:02}",
            "END:STANDARD",
            "BEGIN:DAYLIGHT", "DTSTART:19700601T000000", "TZOFFSETFROM:+0100", f"TZOFFSETTO:+02{minutes:02}",
            _SUMMER.format(number % 12 + 1), "END:DAYLIGHT", "END:VTIMEZONE", "",
        ]
    )  # fmt: skip


def filled(size: int, make: Callable[[int], str], *, head: str = "") -> str:
    """As many events as fit into so many bytes, and are not refused for their number."""
    parts, length = [head], len(head)
    number = 0
    while length < size - 200 and number < MOST_EVENTS - 1:
        parts.append(make(number))
        length += len(parts[-1])
        number += 1
    return "".join(parts)


def moment(number: int) -> str:
    """A time that no other number has, for some hundred thousand of them."""
    days, seconds = divmod(number, 86_400)
    return f"2026{days % 9 + 1:02}01T{seconds // 3600:02}{seconds // 60 % 60:02}{seconds % 60:02}Z"


HOUR, DAILY = "DURATION:PT1H", "RRULE:FREQ=DAILY"
AT_TEN = "DTSTART:20261201T100000Z"
NEVER = "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1"


def _series(rule: str, start: str = "20261001T100000Z") -> Callable[[int], str]:
    return lambda number: event(number, f"DTSTART:{start}", HOUR, f"RRULE:{rule}")


def _letters(size: int, before: str) -> str:
    return event("u", AT_TEN, HOUR, DAILY, before + "x" * (size - 200))


def _dates(size: int, name: str) -> str:
    return event("u", AT_TEN, HOUR, DAILY, f"{name}:" + ",".join(map(moment, range(size // 17 - 20))))


CASES: dict[str, Callable[[int], str]] = {
    "events without a date": lambda size: filled(size, lambda n: event(n, "DTSTART:20261201T10")),
    "thirty thousand events": lambda size: filled(size, lambda n: event(n, AT_TEN, HOUR, "X:" + "x" * 560)),
    "one id again and again": lambda size: filled(size, lambda n: event("u", AT_TEN, f"RECURRENCE-ID:{moment(n)}")),
    "letters of four bytes": lambda size: filled(size // 4, lambda n: event(n, AT_TEN, HOUR, "X:" + "😀" * 800)),
    "a million exceptions": lambda size: _dates(size, "EXDATE"),
    "a million dates": lambda size: _dates(size, "RDATE"),
    "zones of its own": lambda size: filled(
        size,
        lambda n: event(n, f"DTSTART;TZID=Z{n % 600}:{1950 + n // 600 % 140}1201T100000", HOUR, "X:" + "x" * 300),
        head="".join(map(zone, range(600))),
    ),
    "rules that never match": lambda size: filled(size, _series(NEVER, "20000101T100000Z")),
    "every minute": lambda size: filled(size, _series("FREQ=MINUTELY")),
    "every day": lambda size: filled(size, _series("FREQ=DAILY")),
    "positions of an hour": lambda size: filled(
        size,
        _series(f"FREQ=HOURLY;INTERVAL=7;COUNT=99999999;{_EVERY_SECOND};BYSETPOS=1", "16010101T100000Z"),
    ),
    "positions of a year": lambda size: filled(
        size, _series(f"FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYHOUR={_HOURS};{_EVERY_SECOND};BYSETPOS=-1")
    ),
    "a hundred thousand rules": lambda size: event(
        "u", AT_TEN, HOUR, *[f"RRULE:{NEVER}"] * (size // 45 - 9)
    ),
    "this and future, again and again": lambda size: event("u", "DTSTART:20261001T000000Z", HOUR, "RRULE:FREQ=MINUTELY")
    + filled(
        min(size, 500_000), lambda n: event("u", AT_TEN, HOUR, f"RECURRENCE-ID;RANGE=THISANDFUTURE:{moment(n * 60)}")
    ),
    "a title of megabytes": lambda size: _letters(size, "SUMMARY:"),
    "an id of megabytes": lambda size: _letters(size, "UID:").replace("UID:u\n", ""),
    "a rule of megabytes": lambda size: _letters(size, "RRULE:FREQ=DAILY;X="),
    "a zone of megabytes": lambda size: _letters(size, "DTSTART;TZID=").replace(AT_TEN + "\n", ""),
    "free and busy": lambda size: "BEGIN:VFREEBUSY\nFREEBUSY:"
    + ",".join(f"{moment(n)}/PT1M" for n in range(size // 22))
    + "\nEND:VFREEBUSY\n",
}  # fmt: skip


def calendar(name: str, size: int) -> str:
    """One of them, of about so many bytes; and before it an event as any other."""
    choir = event("choir", "SUMMARY:Choir", "DTSTART:20261126T190000Z", HOUR)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{choir}{CASES[name](size)}END:VCALENDAR\n"


def credentials(file: Path) -> Credentials:
    """What opens a feed that lies in a file."""
    return Credentials("", {"file": str(file)})


def read(file: Path) -> dict[str, object]:
    """Read a file as the agent reads a feed. Gives CPU seconds, peak memory and what came of it."""
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.add()
        began = time.process_time()
        try:
            world.connect("ics", credentials(file))
            report = world.run()
            failed = sum(not account.ok for account in report.accounts.values())
            came = f"{report.objects} objects, {len(report.broken)} broken, {failed} failed"
        except ConnectorError as refused:
            came = str(refused)
        took_s = time.process_time() - began
        with world.store.read() as connection:
            busy = connection.execute(select(func.count()).select_from(tables.busy)).scalar()
            doubts = len(world.store.doubts.all(connection))
        choir = "Choir" in world.busy()
        world.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    told = {"took_s": round(took_s, 1), "peak_megabytes": peak, "busy": busy, "doubts": doubts, "choir": choir}
    return told | {"came": came}


def measured(name: str, megabytes: float) -> dict[str, Any]:
    """Read one of them in a process of its own; gives what `read` gives."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "calendar.ics"
        file.write_text(calendar(name, int(megabytes * 1024 * 1024)), encoding="utf-8")
        command = [sys.executable, "-m", "tests.engine.samples.hostile", "--read", str(file)]
        ran = subprocess.run(command, capture_output=True, check=True, timeout=600)
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told


def main() -> None:
    """Measure those that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=19)
    parser.add_argument("--read", type=Path, help="read this file in this process, and print what it cost as JSON")
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    if given.read:
        print(json.dumps(read(given.read)))  # noqa: T201
        return
    held = True
    for name in given.names or CASES:
        told = measured(name, given.megabytes)
        holds = told["took_s"] <= MOST_S and told["peak_megabytes"] <= MOST_MEGABYTES
        held = held and holds
        print(  # noqa: T201
            f"{'ok   ' if holds else 'WRONG'} {name:36} {told['took_s']:5} s {told['peak_megabytes']:5} MB "
            f"{told['busy']:7} intervals {told['doubts']:6} doubts  {told['came']}",
            flush=True,
        )
    sys.exit(not held)


if __name__ == "__main__":
    main()
