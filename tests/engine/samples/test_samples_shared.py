"""143 calendars of other programs' bug reports, beside recurring-ical-events: ten years from each file's first date.

Where the oracle cannot read a file, it is given one object of it at a time, without the lines that it stumbles over, so
that the rest is compared all the same. Where the two part, `EXPLAINED` says which section of which RFC decides.
"""

from __future__ import annotations

import csv
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events

from connectors.ical.feed import decoded
from sync_agent.engine.busy.expand import Window
from tests.engine.samples.reading import HOME, ReadFile, read_file

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "vendors" / "specs" / "ics"
FILES = sorted(str(file.relative_to(SAMPLES)) for file in SAMPLES.rglob("*.ics"))
TEN_YEARS = timedelta(days=3653)
GIVES_UP = (ValueError, AttributeError, KeyError, TypeError)
Spans = set[tuple[datetime, datetime]]

_NAMED_ZONE = (
    "RFC 5545, 3.2.19: a TZID in words of Windows means a zone; the oracle takes what it does not know as floating"
)
EXPLAINED = {
    "allenporter-ical/rrule-exdate-mismatch.ics": "RFC 5545, 3.6.1: a whole day that ends on itself means one day; "
    "the oracle sees none",
    "ical4j/blankTzid.ics": "RFC 5545, 3.6.5: an empty TZID whose definition has none either and says UTC; the "
    "oracle refuses it",
    "ical4j/incoming.ics": "RFC 5546, 2.1.5: of several messages about one event the higher SEQUENCE counts, then the "
    "later DTSTAMP; the oracle takes the first of the two",
    "ical4j/japan_west.ics": "RFC 5545, 3.3.4: a date has no zone, so a whole day is the day at home, not that of "
    "X-WR-TIMEZONE",
    "ical4j/lotr.ics": "RFC 5545, 3.8.5.3: DTSTART is the first instance, also of a rule whose UNTIL lies before it",
    "node-ical/Office-2012-owa.ics": _NAMED_ZONE,
    "node-ical/daily-count-exdate-recurrence-id.ics": "RFC 5545, 3.8.2.2: an instance must end after it starts; the "
    "oracle swaps the two",
    "node-ical/music-school-weekly-until.ics": _NAMED_ZONE,
    "node-ical/vfreebusy-zimbra.ics": "RFC 5545, 3.6.4: the busy periods of VFREEBUSY; the oracle knows VEVENT only",
    "node-ical/windows-quoted-tz-rrule.ics": _NAMED_ZONE,
}
DOUBTED = {
    "allenporter-ical/invalid-invalid.ics": "one word, no calendar",
    "allenporter-ical/office_365_invalid_timezone.ics": "“Customized Time Zone” is defined nowhere",
    "collective-icalendar/issue_722_missing_VTIMEZONE_custom.ics": "“CUSTOM_tzid” is defined nowhere",
    "collective-icalendar/issue_722_missing_timezones.ics": "two events without DTSTART, but with other dates",
    "collective-icalendar/rfc_7529.ics": "rules of the Chinese, Ethiopic and Hebrew calendars",
    "collective-icalendar/small_bad_calendar.ics": "no END:VCALENDAR",
    "ical4j/invalid-13-MoonPhase.ics": "breaks off in the middle of a date",
    "node-ical/bad_custom_ms_tz.ics": "“tzone://Microsoft/Custom” is defined nowhere, and a duration is none",
}


@dataclass(frozen=True)
class Compared:
    """One file as both see it.

    Attributes:
        ours: what blocks.
        theirs: likewise, of the oracle; without the objects that it cannot read.
        doubts: how many things were not understood.
        took_s: CPU for reading and expanding.
    """

    ours: Spans
    theirs: Spans
    doubts: int
    took_s: float


@cache
def compared(file: str) -> Compared:
    """Read a file as the agent does, and its objects as the oracle does."""
    text = decoded((SAMPLES / file).read_bytes())
    began = time.process_time()
    read = read_file(text)
    first = read.first()
    window = window_from(first) if first is not None else None
    ours = {(busy.lo, busy.hi) for busy in read.busy(window)} if window else set()
    took_s = time.process_time() - began
    theirs = oracle(text, read, window) if window else set()
    return Compared(ours, theirs, len(read.doubts) + bool(read.refused), took_s)


def window_from(first: datetime) -> Window:
    """Ten years; two days before, for the zones east of Greenwich."""
    begins = first.replace(tzinfo=UTC) - timedelta(days=2)
    return begins, begins + TEN_YEARS


def oracle(text: str, read: ReadFile, window: Window) -> Spans:
    """What blocks, as the oracle sees it; an object that it cannot read at all gives nothing."""
    with suppress(*GIVES_UP):
        return set(of_one(text, window))
    found: Spans = set()
    for one in read.texts:
        mended = "\n".join(row for row in without_moments(one).split("\n") if ":" in row)  # section 3.1
        for left_out in ("RRULE", "RDATE", "DURATION", ""):
            with suppress(*GIVES_UP):
                found |= set(of_one(mended, window))
                break
            mended = "\n".join(row for row in mended.split("\n") if not left_out or not row.startswith(left_out))
    return found


def without_moments(text: str) -> str:
    """Leave out events without DTSTART, and UIDs that stand there twice (section 3.6.1): the oracle stops at both."""
    head, *events = text.removesuffix("END:VCALENDAR\n").split("BEGIN:VEVENT\n")
    kept = [event for event in events if "DTSTART" in event]
    once = ["\n".join(dict.fromkeys(event.split("\n"))) + "\n" for event in kept]
    return "BEGIN:VEVENT\n".join([head, *once]) + "END:VCALENDAR\n"


def of_one(text: str, window: Window) -> Iterator[tuple[datetime, datetime]]:
    icalendar.use_zoneinfo()  # forgets the zones that other files defined
    if "BEGIN:VCALENDAR" not in text.upper():
        text = f"BEGIN:VCALENDAR\n{text}\nEND:VCALENDAR\n"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        calendars = icalendar.Calendar.from_ical(text, multiple=True)
        lo, hi = window[0] - timedelta(days=3), window[1] + timedelta(days=3)
        events = [event for one in calendars for event in recurring_ical_events.of(one).between(lo, hi)]
    for event in events:
        lo, hi = instant(event.start), instant(event.end)
        blocks = event.get("STATUS") != "CANCELLED" and event.get("TRANSP") != "TRANSPARENT"
        if blocks and lo < hi and lo < window[1] and hi > window[0]:
            yield lo, hi


def instant(value: date | datetime) -> datetime:
    """Read dates and floating times at home."""
    whole = value if isinstance(value, datetime) else datetime.combine(value, datetime.min.time())
    return (whole if whole.tzinfo else whole.replace(tzinfo=ZoneInfo(HOME))).astimezone(UTC)


@pytest.mark.parametrize("file", FILES)
def test_samples_of_others_agree_with_recurring_ical_events(file: str) -> None:
    """No crash, no second of CPU, and the same ten years but where the RFC decides against the oracle."""
    found = compared(file)

    assert (found.ours != found.theirs) == (file in EXPLAINED), (
        sorted(found.ours - found.theirs)[:3],
        sorted(found.theirs - found.ours)[:3],
    )
    assert (found.doubts > 0) == (file in DOUBTED)
    assert found.took_s < 20


def test_samples_of_others_are_nearly_all_understood() -> None:
    """At least 125 without a doubt, at least 80 with an interval, at most 10 that differ: the bar of the house."""
    everything = {file: compared(file) for file in FILES}

    assert len(everything) == 143
    assert sum(not one.doubts for one in everything.values()) >= 125
    assert sum(bool(one.ours) for one in everything.values()) >= 80
    assert sum(one.ours != one.theirs for one in everything.values()) <= 10
    assert all(re.match(r"RFC \d{4}, \d\.\d", why) for why in EXPLAINED.values())


def test_samples_without_an_interval_are_counted_apart() -> None:
    """Parser cases, tasks, and calendars whose every event is a moment, shown as free, or not to be read."""
    with (SAMPLES / "index.csv").open(encoding="utf-8", newline="") as index:
        events = {row["file"]: int(row["vevents"]) for row in csv.DictReader(index)}
    silent = [file for file in FILES if not compared(file).ours]

    moments = [file for file in silent if takes_no_time(read_file(decoded((SAMPLES / file).read_bytes())))]

    assert moments == silent
    assert sum(not events[file] for file in silent) == 30


def takes_no_time(read: ReadFile) -> bool:
    """Whether nothing that was read lasts and blocks."""
    return not any(event.duration and event.counts_as_busy for events in read.objects for event in events)
