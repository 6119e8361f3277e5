"""143 real and synthetic files of many producers: never a crash, and what icalendar reads, we read.

icalendar is the oracle for start, end, zone (by instant) and recurrence. Where we differ, the table says why.
"""

from __future__ import annotations

import time
import warnings
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import icalendar
import pytest

from connectors.ical.errors import Unreadable
from connectors.ical.feed import FeedDamaged, decoded, take_apart
from connectors.ical.scan import read_object
from connectors.vocabulary.times import Moment, MomentKind

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "vendors" / "specs" / "ics"
FILES = sorted(str(file.relative_to(SAMPLES)) for file in SAMPLES.rglob("*.ics"))

_SAME_DAY = "RFC 5545, 3.6.1: DTEND of a date is after its DTSTART; the same day is meant as one whole day"
_NO_START = "RFC 5545, 3.6.1: an event without DTSTART has no place in a calendar"
_DATE_SHAPE = "RFC 5545, 3.3.4 and 3.2.19: eight digits are a date, and a date has no zone"
_TWICE = "RFC 5545, 3.6.1: DTSTART stands at most once; the oracle gives a list, we take the first"
_NAMED_ZONE = (
    "the oracle takes a zone name that it does not know for floating; sheet ics-feeds, 'Zones seen in the wild'"
)
EXPLAINED: dict[str, dict[str, str]] = {
    "allenporter-ical/calendar_labs_same_day_dtend.ics": {"end": _SAME_DAY},
    "allenporter-ical/rrule-exdate-mismatch.ics": {"end": _SAME_DAY},
    "collective-icalendar/america_new_york_forward_reference.ics": {"missing": _TWICE},
    "collective-icalendar/broken_ical.ics": {"missing": "RFC 5545, 3.1: an empty parameter; the oracle drops it"},
    "collective-icalendar/example.ics": {"end": _SAME_DAY},
    "collective-icalendar/issue_722_missing_timezones.ics": {"missing": _NO_START},
    "collective-icalendar/pacific_fiji.ics": {"missing": _TWICE},
    "collective-icalendar/rfc_6868.ics": {"missing": _NO_START},
    "collective-icalendar/rfc_7986_conferences.ics": {"missing": _NO_START},
    "collective-icalendar/rfc_7986_image.ics": {"missing": _NO_START},
    "ical4j/incoming.ics": {"missing": "RFC 5546 messages, several of one id: the newest counts; some have no DTSTART"},
    "ical4j/japan_west.ics": {"start": _DATE_SHAPE},
    "node-ical/Office-2012-owa.ics": {"start": _NAMED_ZONE},
    "node-ical/bad_custom_ms_tz.ics": {"missing": "RFC 5545, 3.3.6: weeks do not go with days"},
    "node-ical/daily-count-exdate-recurrence-id.ics": {
        "end": "RFC 5545, 3.8.2.2: DTEND before DTSTART; no length then"
    },
    "node-ical/ms_timezones.ics": {"missing": "RFC 5545, 3.2: the quote in TZID is never closed, so there is no date"},
    "node-ical/music-school-weekly-until.ics": {"start": _NAMED_ZONE},
    "node-ical/recurrence-sequence.ics": {"missing": "RFC 5546, 2.1.5: of two versions the higher SEQUENCE counts"},
    "node-ical/sabredav-school-holidays.ics": {"start": _DATE_SHAPE},
    "node-ical/test_with_int_tzid.ics": {
        "start": "RFC 5545, 3.8.3.1: a TZID is any text, ' 1' too; its rules are Paris'"
    },
    "node-ical/windows-quoted-tz-rrule.ics": {"start": _NAMED_ZONE},
}


def ours(text: str) -> dict[tuple[str, str, str], list[Event]]:
    """All events that we read, by id, title and instance."""
    found: dict[tuple[str, str, str], list[Event]] = defaultdict(list)
    for one in take_apart(text).objects:
        try:
            events = read_object(one.text)
        except Unreadable:
            continue
        for event in events:
            uid = "" if event.uid.endswith("@no-uid") else event.uid
            instance = str(event.recurrence_id.local) if event.recurrence_id else ""
            found[uid, event.summary, instance].append(event)
    return found


def spelled(value: object) -> tuple[str, datetime]:
    """The oracle's value, with zones by their instant."""
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            return "absolute", value.astimezone(UTC).replace(tzinfo=None)
        return "floating", value
    return "date", datetime(value.year, value.month, value.day)  # type: ignore[attr-defined]


def spelled_ours(moment: Moment) -> tuple[str, datetime]:
    if moment.kind in {MomentKind.UTC, MomentKind.ZONED}:
        return "absolute", moment.instant("UTC").replace(tzinfo=None)
    return moment.kind.value, moment.local


def rule(value: icalendar.vRecur) -> list[tuple[str, str]]:
    return sorted((name, str(value[name])) for name in value)


def listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def differences(theirs: icalendar.Event, found: dict[tuple[str, str, str], list[Event]]) -> set[str]:
    """What the two read differently of one event."""
    uid, instance = str(theirs.get("UID", "")).strip(), ""
    if (recurrence_id := theirs.get("RECURRENCE-ID")) is not None:
        local = recurrence_id.dt
        is_time = isinstance(local, datetime)
        instance = str(local.replace(tzinfo=None) if is_time else datetime(local.year, local.month, local.day))
    candidates = found.get((uid, str(theirs.get("SUMMARY", "")), instance), [])
    start = theirs.get("DTSTART")
    if not candidates or start is None or isinstance(start, list):
        return {"missing"}
    same = [event for event in candidates if spelled_ours(event.start) == spelled(start.dt)]
    if not same:
        return {"start"}
    event = same[0]
    kinds: set[str] = set()
    if spelled_ours(event.end) != spelled(theirs.end):
        kinds.add("end")
    if [rule(icalendar.vRecur.from_ical(text)) for text in event.rrule] != [
        rule(one) for one in listed(theirs.get("RRULE"))
    ]:
        kinds.add("rrule")
    exdates = [spelled(date.dt) for one in listed(theirs.get("EXDATE")) for date in one.dts]  # type: ignore[attr-defined]
    if sorted(map(spelled_ours, event.exdates)) != sorted(exdates):
        kinds.add("exdate")
    return kinds


def test_the_samples_are_there() -> None:
    assert len(FILES) > 140


@pytest.mark.parametrize("file", FILES)
def test_what_icalendar_reads_we_read(file: str) -> None:
    body = (SAMPLES / file).read_bytes()
    begun = time.monotonic()
    try:
        found = ours(decoded(body))
    except FeedDamaged:
        found = {}
    took_s = time.monotonic() - begun

    icalendar.use_zoneinfo()  # forgets the zones that other files defined
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            calendars = icalendar.Calendar.from_ical(body, multiple=True)
            events = [event for calendar in calendars for event in calendar.walk("VEVENT")]
            kinds = set().union(*(differences(event, found) for event in events if is_in_a_calendar(calendars)))
    except (ValueError, AttributeError, KeyError):
        return  # the oracle gives up; that we did not crash is what is left to see

    assert took_s < 1
    assert kinds == set(EXPLAINED.get(file, {})), file


def is_in_a_calendar(calendars: list[icalendar.Component]) -> bool:
    """Some samples are bare components: RFC 5545, 3.4 asks for a VCALENDAR around them, and so do we."""
    return all(calendar.name == "VCALENDAR" for calendar in calendars)


@pytest.mark.parametrize("file", FILES)
def test_half_a_file_is_refused_or_read_but_never_a_crash(file: str) -> None:
    body = (SAMPLES / file).read_bytes()
    for part in (body[: len(body) // 2], body[len(body) // 3 :]):
        try:
            ours(decoded(part))
        except FeedDamaged:
            continue
