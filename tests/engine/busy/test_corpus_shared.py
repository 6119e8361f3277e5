"""The yardstick's corpus, read as calendars are read and expanded, beside recurring-ical-events."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import icalendar
import recurring_ical_events

from connectors.ical.errors import Unreadable
from connectors.ical.feed import FeedDamaged, decoded, take_apart
from connectors.ical.scan import read_object
from sync_agent.engine.busy.expand import Window, expand
from tests.engine.busy.test_oracle import instant

CORPUS = Path(__file__).resolve().parents[4] / "shared" / "bench" / "sync" / "corpus.py"
HOME = "Europe/Berlin"
WINDOW = (datetime(2026, 10, 25, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC) + timedelta(days=430))
NUMBERS = (*range(0, 2000, 5), *range(100))  # every fifth is a series


def corpus() -> ModuleType:
    """Load the yardstick's generator."""
    spec = spec_from_file_location("yardstick_corpus", CORPUS)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def oracle(text: str, window: Window = WINDOW) -> list[tuple[datetime, datetime]]:
    """Blocking occurrences, by start and end in UTC, as the oracle sees them."""
    found = recurring_ical_events.of(icalendar.Calendar.from_ical(text)).between(
        window[0] - timedelta(days=3), window[1] + timedelta(days=3)
    )
    spans = [
        (instant(event.start), instant(event.end))
        for event in found
        if event.get("STATUS") != "CANCELLED" and event.get("TRANSP") != "TRANSPARENT"
    ]
    return sorted((lo, hi) for lo, hi in spans if lo < window[1] and hi > window[0] and lo < hi)


def test_the_corpus_gives_the_same_busy_times_as_the_oracle() -> None:
    """Series, exceptions, overrides, whole days, floating times, six zones with definitions of their own."""
    differing = {}
    compared = 0
    make_object = corpus().make_object
    for number in NUMBERS:
        _, whole = make_object(number, 7)
        events = read_object(whole)
        ours = sorted((b.lo, b.hi) for b in expand(events, window=WINDOW, home_zone=HOME).intervals if b.opaque)
        theirs = oracle(whole)
        compared += len(ours)
        if ours != theirs:
            differing[events[0].uid] = (set(ours) ^ set(theirs), whole)

    assert compared > 10_000
    assert differing == {}


SAMPLES = CORPUS.parents[2] / "vendors" / "specs" / "ics"
EXPLAINED = {
    "rrule-exdate-mismatch.ics": "a whole day that ends on itself is meant as one day; the oracle sees none",
    "japan_west.ics": "whole days are the days at home, not those of the calendar's X-WR-TIMEZONE",
    "lotr.ics": "UNTIL before DTSTART: DTSTART is the first instance all the same (RFC 5545, section 3.8.2.4)",
    "Office-2012-owa.ics": "“(GMT+10:00) Canberra, …” is a zone, which the oracle's parser does not know",
    "exchange-custom-tz.ics": "“(UTC+07:00) Bangkok, …” likewise",
    "windows-quoted-tz-rrule.ics": "“(UTC-05:00) Eastern Time (US and Canada)” likewise",
    "music-school-weekly-until.ics": "“(GMT +01:00)” likewise",
    "daily-count-exdate-recurrence-id.ics": "an instance that ends before it starts is kept as a moment without length",
}


def test_objects_of_the_wild_are_understood_as_the_oracle_does_or_better() -> None:
    """A hundred and more files out of the bug reports of other programs; those it cannot read are left out."""
    differing: set[str] = set()
    compared = 0
    for path in sorted(SAMPLES.glob("*/*.ics")):
        for text in objects_of(path):
            events = read_object(text)
            begins = min(event.start.local for event in events).replace(tzinfo=UTC) - timedelta(days=2)
            window = (begins, begins + timedelta(days=800))
            theirs = oracle_or_none(text, window)
            ours = sorted((b.lo, b.hi) for b in expand(events, window=window, home_zone=HOME).intervals if b.opaque)
            compared += theirs is not None
            if theirs is not None and ours != theirs:
                differing.add(path.name)

    assert compared > 250
    assert differing <= set(EXPLAINED)


def objects_of(path: Path) -> list[str]:
    """The texts of one file that hold events which we can read."""
    readable = []
    try:
        feed = take_apart(decoded(path.read_bytes()))
    except FeedDamaged:
        return []
    for item in feed.objects:
        try:
            if read_object(item.text):
                readable.append(item.text)
        except Unreadable:
            continue
    return readable


def oracle_or_none(text: str, window: Window) -> list[tuple[datetime, datetime]] | None:
    """What the oracle says; None where it raises or warns, which it does in many ways."""
    try:
        return oracle(text, window)
    except Exception:
        return None
