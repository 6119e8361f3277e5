"""Reading iCalendar: dates, ends, recurrences, guests; and never anything but its own error."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.ical.errors import Unreadable
from connectors.ical.feed import FeedDamaged, decoded, take_apart
from connectors.ical.lines import unescaped
from connectors.ical.marker import MARKER_PROPERTY, marker_text, read_marker
from connectors.ical.scan import Reading, read, read_object
from connectors.vocabulary.events import Event, EventStatus, Marker
from connectors.vocabulary.times import MomentKind
from tests.connectors.test_ical_write import A_PHONES_EVENT

HOUR = timedelta(hours=1)


def the_event(*lines: str, before: str = "") -> Event:
    """Read one event with these lines."""
    (event,) = read_object(one_event(*lines, before=before))
    return event


def one_event(*lines: str, before: str = "") -> str:
    """Write a calendar with one event."""
    body = "\r\n".join(["UID:u", *lines])
    return f"BEGIN:VCALENDAR\r\n{before}BEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


def test_a_text_is_read_letter_by_letter_whatever_way_is_quicker() -> None:
    """Section 3.3.11, and any other letter behind a backslash stands for itself."""
    texts = ["".join(letters) for size in range(6) for letters in product("\\nN,a", repeat=size)]
    by_letter = [re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text) for text in texts]

    assert [unescaped(text) for text in texts] == by_letter


@pytest.mark.parametrize(
    ("lines", "kind", "duration"),
    [
        pytest.param(["DTSTART;VALUE=DATE:20261201"], "date", timedelta(days=1), id="a date without end is a day"),
        pytest.param(["DTSTART:20261201"], "date", timedelta(days=1), id="eight digits are a date"),
        pytest.param(["DTSTART;VALUE=DATE:20261201T000000"], "date", timedelta(days=1), id="marked as a date"),
        pytest.param(["DTSTART:20261201T100000Z"], "utc", timedelta(0), id="a time without end has no length"),
        pytest.param(["DTSTART:20261201T100000", "DURATION:PT90M"], "floating", 1.5 * HOUR, id="floating"),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261201T100000", "DTEND:20261201T100000Z"], "zoned", HOUR, id="two zones"
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"], "date", timedelta(days=3), id="three days"
        ),
        pytest.param(["DTSTART;VALUE=DATE:20261201", "DURATION:P2D"], "date", timedelta(days=2), id="days by duration"),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261024T120000", "DURATION:P1D"], "zoned", 25 * HOUR, id="a nominal day"
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261024T120000", "DURATION:PT24H"], "zoned", 24 * HOUR, id="24 exact hours"
        ),
        pytest.param(
            ["DTSTART;TZID=Europe/Berlin:20261025T010000", "DTEND;TZID=Europe/Berlin:20261025T040000"],
            "zoned",
            4 * HOUR,
            id="over a clock change",
        ),
        pytest.param(
            ["DTSTART:20261201T100000Z", "DTEND:20261201T090000Z"], "utc", timedelta(0), id="ends before it starts"
        ),
        pytest.param(["DTSTART:20261231T235960Z"], "utc", timedelta(0), id="a leap second"),
    ],
)
def test_start_and_length(lines: list[str], kind: str, duration: timedelta) -> None:
    event = the_event(*lines)

    assert event.start.kind.value == kind
    assert event.duration == duration


def test_everything_that_matters_is_read() -> None:
    event = the_event(
        "DTSTART;TZID=Europe/Berlin:20261201T100000",
        "DTEND;TZID=Europe/Berlin:20261201T110000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
        "EXDATE;TZID=Europe/Berlin:20261208T100000,20261215T100000",
        "RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20261217T100000/PT2H,20261218T100000/20261218T103000",
        "SUMMARY:A\\, b\\nc",
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "SEQUENCE:12",
        "CONFERENCE;VALUE=URI;FEATURE=VIDEO:https://example.org/1",
        "CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+49-1",
    )

    assert event.summary == "A, b\nc"
    assert (event.status, event.opaque, event.counts_as_busy) == (EventStatus.TENTATIVE, False, False)
    assert (event.rrule, event.sequence) == (("FREQ=WEEKLY;COUNT=4",), 12)
    assert [moment.local.day for moment in event.exdates] == [8, 15]
    assert [moment.local.day for moment in event.rdates] == [17, 18]
    assert event.rdate_durations == (2 * HOUR, 0.5 * HOUR)
    assert event.conference == "https://example.org/1"


def test_an_instance_and_all_that_follow() -> None:
    event = the_event("DTSTART:20261201T100000Z", "RECURRENCE-ID;RANGE=THISANDFUTURE:20261201T090000Z")

    assert event.this_and_future
    assert event.recurrence_id is not None
    assert event.recurrence_id.kind is MomentKind.UTC


@pytest.mark.parametrize(
    ("owners", "declined"),
    [
        pytest.param({"mailto:anna@example.org"}, True, id="the owner declined"),
        pytest.param({"mailto:ben@example.org"}, False, id="another guest did"),
        pytest.param(set(), False, id="nobody knows who the owner is"),
    ],
)
def test_declined_is_what_the_owner_said(owners: set[str], declined: bool) -> None:
    text = A_PHONES_EVENT.replace(
        "COLOR:", 'ATTENDEE;CN="Anna: tutor";PARTSTAT=DECLINED:mailto:Anna@example.org\r\nCOLOR:'
    )

    assert read_object(text, frozenset(owners))[0].declined is declined


def test_an_alarms_words_are_not_the_events() -> None:
    event = read_object(A_PHONES_EVENT)[0]

    assert event.summary == "Algebra, zweite Stunde"
    assert event.description == ""


def test_tasks_alone_are_no_events() -> None:
    assert read_object("BEGIN:VCALENDAR\r\nBEGIN:VTODO\r\nUID:t\r\nEND:VTODO\r\nEND:VCALENDAR\r\n") == ()


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["SUMMARY:x"], "it has no start"),
        (["DTSTART:20261399T100000Z"], "it has a date that does not exist"),
        (["DTSTART:tomorrow"], "it has a date that is no date"),
        (["DTEND:20261201T100000Z"], "it has no start"),
        (["DTSTART:20261201T100000Z", "RECURRENCE-ID:yesterday"], "it has a date that is no date"),
    ],
)
def test_bad_input_what_cannot_be_read_says_why(lines: list[str], reason: str) -> None:
    with pytest.raises(Unreadable) as refused:
        the_event(*lines)

    assert refused.value.reason == reason


def test_bad_input_what_cannot_be_read_says_which_event_it_is() -> None:
    """A tutor looks for it by its title and its date."""
    with pytest.raises(Unreadable) as refused:
        the_event("SUMMARY:Chess\\, beginners", "DTSTART;TZID=Mars/Phobos:20261399T100000", "RRULE:FREQ=WEEKLY")

    told = refused.value
    assert (told.title, told.starts, told.repeats) == ("Chess, beginners", "20261399T100000 Mars/Phobos", True)


@pytest.mark.parametrize(
    ("lines", "code", "reason"),
    [
        pytest.param(
            ["DTSTART;TZID=Mars/Phobos:20261201T100000", "DTEND;TZID=Mars/Phobos:20261201T110000"],
            "zone_unknown",
            "its time zone “Mars/Phobos” is not known",
            id="a zone that nobody knows: read at home",
        ),
        pytest.param(
            ["DTSTART:20261201T100000Z", "DURATION:an hour"],
            "end_unreadable",
            "it has a duration that is no duration",
            id="a duration that is none: a moment",
        ),
        pytest.param(
            ["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:soon"],
            "end_unreadable",
            "it has a date that is no date",
            id="an end that is none: one day",
        ),
        pytest.param(
            ["DTSTART:20261201T100000Z", "DTEND:20261201T110000Z", "RRULE:FREQ=DAILY", "EXDATE:20261202T100000Z,x"],
            "date_unreadable",
            "it has a date that is no date",
            id="one of several dates",
        ),
    ],
)
def test_bad_input_what_is_not_understood_is_a_doubt_beside_the_event(lines: list[str], code: str, reason: str) -> None:
    reading = read(one_event("SUMMARY:Chess", *lines))

    [event] = reading.events
    assert event.start.local.date() == date(2026, 12, 1)
    assert [(doubt.code, doubt.title, doubt.reason) for doubt in reading.doubts] == [(code, "Chess", reason)]
    assert reading.doubts[0].starts.startswith("20261201")


def test_an_unknown_zone_is_the_calendars_own_before_it_is_home() -> None:
    """X-WR-TIMEZONE says where the calendar is at home (sheet caldav-protocol, "VTIMEZONE wins")."""
    lines = ["DTSTART;TZID=Mars/Phobos:20261201T100000"]

    at_home = the_event(*lines)
    in_tokyo = the_event(*lines, before="X-WR-TIMEZONE:Asia/Tokyo\r\n")

    assert (at_home.start.kind, at_home.start.tzid) == (MomentKind.FLOATING, "Mars/Phobos")
    assert (in_tokyo.start.zone, in_tokyo.start.tzid) == ("Asia/Tokyo", "Mars/Phobos")


def test_one_broken_event_hides_none_of_its_neighbours() -> None:
    """A series with an instance that cannot be read, and one whose end is missing."""
    good = "BEGIN:VEVENT\nUID:u\nSUMMARY:Chess\nDTSTART:20261201T100000Z\nRRULE:FREQ=DAILY\nEND:VEVENT\n"
    bad = "BEGIN:VEVENT\nUID:u\nSUMMARY:Moved\nDTSTART:20261302T100000Z\nRECURRENCE-ID:20261202T100000Z\nEND:VEVENT\n"
    cut = "BEGIN:VEVENT\nUID:u\nSUMMARY:Cut\nDTSTART:20261203T120000Z\nRECURRENCE-ID:20261203T100000Z\n"
    last = good.replace("RRULE:FREQ=DAILY", "RECURRENCE-ID:20261204T100000Z").replace("Chess", "Last")

    reading = read(f"BEGIN:VCALENDAR\n{bad}{good}{cut}{last}END:VCALENDAR\n")

    assert [event.summary for event in reading.events] == ["Chess", "Last"]
    assert [(doubt.title, doubt.reason) for doubt in reading.doubts] == [
        ("Moved", "it has a date that does not exist"),
        ("Cut", "it breaks off in the middle"),
    ]


def test_an_alarm_that_lost_its_end_takes_no_other_event_along() -> None:
    text = A_PHONES_EVENT.replace("END:VALARM\r\n", "", 1)

    assert read(text).events == read(A_PHONES_EVENT).events
    assert not read(text).doubts


@pytest.mark.parametrize(
    ("lines", "opaque"),
    [
        ([], True),
        (["TRANSP:OPAQUE"], True),
        (["TRANSP:TRANSPARENT"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:FREE"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE"], False),
        (["X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"], True),
        (["X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], True),
        (["X-MICROSOFT-CDO-BUSYSTATUS:OOF"], True),
        (["X-MICROSOFT-MSNCALENDAR-BUSYSTATUS:free"], False),
        (["TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"], False),
        (["TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:BUSY"], False),
    ],
    ids=str,
)
def test_whether_an_event_takes_time_in_both_spellings(lines: list[str], opaque: bool) -> None:
    """RFC 5545, section 3.8.2.7, and MS-OXCICAL, section 2.1.3.1.1.20.31; OPAQUE is also what is written unasked."""
    assert the_event("DTSTART:20261201T100000Z", "DURATION:PT1H", *lines).opaque is opaque


def test_exchanges_whole_day_is_a_day_wherever_its_midnight_was() -> None:
    event = the_event(
        "DTSTART;TZID=America/New_York:20261201T000000",
        "DTEND;TZID=America/New_York:20261203T000000",
        "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE",
    )

    assert (event.start.is_date, event.duration) == (True, timedelta(days=2))


def test_a_message_may_speak_of_an_event_without_its_time() -> None:
    """RFC 5545, section 3.6.1: DTSTART is required only where no METHOD is."""
    text = one_event("ATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.org", "SUMMARY:Chess", before="METHOD:REPLY\r\n")

    assert read(text) == Reading(())


def test_an_event_without_a_title_and_without_a_time_is_nothing() -> None:
    assert read(one_event("ATTENDEE:mailto:ben@example.org")) == Reading(())


def test_an_object_without_a_calendar_around_it_is_read() -> None:
    """Some servers hand out what somebody put there; feeds stay refused, because nobody sees whether they are whole."""
    bare = "BEGIN:VEVENT\nUID:u\nDTSTART:20261201T100000Z\nEND:VEVENT\n"

    assert [event.uid for event in read(bare).events] == ["u"]
    with pytest.raises(Unreadable):
        read(bare.removesuffix("END:VEVENT\n"))


def test_a_colon_without_quotes_belongs_to_the_zone() -> None:
    """Outlook's "tzone://Microsoft/Custom"; no date holds a colon."""
    [event] = read(one_event("DTSTART;TZID=tzone://Microsoft/Custom:20261201T100000")).events

    assert (event.start.local, event.start.tzid) == (datetime(2026, 12, 1, 10), "tzone://Microsoft/Custom")


def test_a_zone_without_a_name_has_the_definition_without_one() -> None:
    """Exchange wrote both; without the definition such a time is floating, and no doubt."""
    lines = ["DTSTART;TZID=:20261201T100000"]
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0900\r\n"
        "TZOFFSETTO:+0900\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )

    assert the_event(*lines, before=zone).start.zone == "Asia/Tokyo"
    assert the_event(*lines).start.kind is MomentKind.FLOATING
    assert not read(one_event(*lines)).doubts


def test_a_quote_that_was_never_closed() -> None:
    """Seen from Exchange: the closing quote stands behind the value."""
    event = the_event('DTSTART;TZID="W. Europe Standard Time:20260609T090000"')

    assert (event.start.zone, event.start.local) == ("Europe/Berlin", datetime(2026, 6, 9, 9))


names = st.sampled_from(
    [
        "BEGIN",
        "END",
        "UID",
        "DTSTART",
        "DTEND",
        "DURATION",
        "RRULE",
        "RDATE",
        "EXDATE",
        "RECURRENCE-ID",
        "SUMMARY",
        "ATTENDEE",
        "TZID",
        "TZOFFSETTO",
        "TZOFFSETFROM",
        "SEQUENCE",
        "STATUS",
        "FREEBUSY",
        "X-WR-TIMEZONE",
        "METHOD",
        "VERSION",
    ]
)
values = st.sampled_from(
    [
        "VCALENDAR",
        "VEVENT",
        "VTIMEZONE",
        "STANDARD",
        "DAYLIGHT",
        "VALARM",
        "VFREEBUSY",
        "20261201",
        "20261201T100000",
        "20261201T100000Z",
        "99991231T235959Z",
        "00010101T000000",
        "16010101T000000",
        "P1D",
        "-PT1H",
        "P99999999W",
        "PT1H",
        "+0100",
        "-9999",
        "Europe/Berlin",
        "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "FREQ=WEEKLY;UNTIL=x",
        "CANCEL",
        "20261201T100000Z/PT1H",
        "2.0",
    ]
) | st.text(max_size=20)
params = st.sampled_from(
    ["", ";TZID=Europe/Berlin", ";TZID=Own", ";VALUE=DATE", ";VALUE=PERIOD", ';TZID="a:b', ";;", ";X"]
)
lines = st.builds("{}{}:{}".format, names, params, values) | st.text(max_size=30)
calendars = st.lists(lines, max_size=25).map(
    lambda rows: (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID=Own:20261201T100000\n"
        + "\n".join(rows)
        + "\nEND:VEVENT\nEND:VCALENDAR"
    )
)


@given(st.text() | st.lists(lines, max_size=25).map("\r\n".join) | calendars)
@example(
    "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:00010101T000000\nTZOFFSETTO:+0100\n"
    "END:STANDARD\nEND:VTIMEZONE\nBEGIN:VEVENT\nUID:u\nDTSTART;TZID=Own:00010101T000000\nEND:VEVENT\nEND:VCALENDAR"
)
def test_bad_input_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with suppress(Unreadable):
        read_object(text)
    with suppress(FeedDamaged):
        for one in take_apart(text).objects:
            with suppress(Unreadable):
                read_object(one.text)


@given(st.binary(max_size=300))
def test_bad_input_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(FeedDamaged):
        take_apart(decoded(body))


tokens = st.text(max_size=40)
markers = st.builds(
    Marker,
    tokens,
    tokens,
    tokens,
    tokens,
    st.integers(0, 10**15),
    st.dictionaries(st.sampled_from(["when", "where", "title", "notes"]), tokens).map(
        lambda hashes: tuple(hashes.items())
    ),
)


@given(markers)
def test_a_marker_reads_back_in_its_own_object_and_in_no_other(marker: Marker) -> None:
    """A copy made by "duplicate" carries its original's marker: it is not ours."""
    text = marker_text(marker)

    assert read_marker(text, marker.uid) == marker
    assert read_marker(text, f"{marker.uid}-copy") is None
    assert not set(text) & set(';,\\:"\r\n ')


@given(st.text(max_size=80))
def test_what_is_no_marker_is_none(value: str) -> None:
    assert read_marker(value, "uid") is None


def test_a_marker_is_found_in_its_event() -> None:
    marker = Marker("tenant", "session", "calendar", "u", 4, (("when", "ab"),))

    event = the_event("DTSTART:20261201T100000Z", f"{MARKER_PROPERTY}:{marker_text(marker)}")

    assert event.marker == marker
    assert event.start.local == datetime(2026, 12, 1, 10)


HOSTILE_ZONE = (
    "BEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETTO:+0100\n{}\nEND:STANDARD\n"
)
AN_OWN_EVENT = "BEGIN:VEVENT\nUID:u\nDTSTART;TZID=Own:20261201T100000\n{}\nEND:VEVENT\n"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            HOSTILE_ZONE.format("RRULE:FREQ=SECONDLY") + "END:VTIMEZONE\n" + AN_OWN_EVENT.format(""), id="by the second"
        ),
        pytest.param(
            HOSTILE_ZONE.format("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")
            + "END:VTIMEZONE\n"
            + AN_OWN_EVENT.format(""),
            id="never",
        ),
        pytest.param(AN_OWN_EVENT.format("DTSTAMP:1\n" * 500_000), id="half a million stamps"),
        pytest.param(AN_OWN_EVENT.format(f"DTSTART;{'x' * 3_000_000}:1"), id="a parameter of three megabytes"),
        pytest.param(AN_OWN_EVENT.format('ATTENDEE;CN="' + '"a"' * 1_000_000), id="a million quotes"),
        pytest.param(AN_OWN_EVENT.format("DESCRIPTION:x" + "\n y" * 1_000_000), id="a million folds"),
        pytest.param(AN_OWN_EVENT.format("BEGIN:X\n" * 300_000), id="nested without end"),
        pytest.param(
            "".join(HOSTILE_ZONE.format("").replace("Own", f"Z{n}") + "END:VTIMEZONE\n" for n in range(20_000)),
            id="20,000 zones",
        ),
        pytest.param(AN_OWN_EVENT.format("") * 50_000, id="one event 50,000 times"),
        pytest.param("\n" * 5_000_000, id="blank lines"),
    ],
)
def test_bad_input_a_hostile_file_is_done_with_in_seconds(text: str) -> None:
    """Whoever can publish a feed cannot stop the agent."""
    begun = time.process_time()
    with suppress(FeedDamaged):
        for one in take_apart(f"BEGIN:VCALENDAR\n{text}END:VCALENDAR\n").objects:
            with suppress(Unreadable):
                read_object(one.text)

    assert time.process_time() - begun < 5
