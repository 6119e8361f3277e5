"""Writing iCalendar: what is written reads back, and a patch changes nothing that is not ours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.ical.errors import Unreadable
from connectors.ical.lines import folded, logical_lines, split_line, unfolded
from connectors.ical.scan import read_object
from connectors.ical.write import new_object, patched
from connectors.vocabulary.events import EventDraft, Marker, OwnFields
from connectors.vocabulary.times import WallSpan

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Casablanca", "Australia/Lord_Howe", "UTC",
         "America/Sao_Paulo", "Europe/Dublin", "Asia/Kathmandu", "Pacific/Apia"]  # fmt: skip

A_PHONES_EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a phone//EN\r\nX-WR-CALNAME:Work\r\n"
    "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\n"
    "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
    "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
    "BEGIN:VEVENT\r\nUID:uid-1\r\nDTSTAMP:20261101T080000Z\r\n"
    "DTSTART;TZID=W. Europe Standard Time;X-MS-OLK=1:20261201T150000\r\n"
    "DTEND;TZID=W. Europe Standard Time:20261201T160000\r\n"
    "SUMMARY;LANGUAGE=de:Algebra\\, zweite\r\n  Stunde\r\nSEQUENCE:3\r\n"
    "ATTENDEE;CN=\"Yıldız; Ömer: Schüler\";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=TR\r\n UE:mailto:o@e.org\r\n"
    "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Room: 5\":geo:48.1,11.5\r\nCOLOR:turquoise\r\n"
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nSUMMARY:not ours\r\nDESCRIPTION:not ours either\r\nTRIGGER:-PT15M\r\n"
    "X-MOZ-LASTACK:20261101T080000Z\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    "BEGIN:VTODO\r\nUID:t\r\nSUMMARY:not ours\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)  # fmt: skip


def berlin(hour: int, *, hours: int) -> WallSpan:
    return WallSpan(datetime(2026, 12, 1, hour), "Europe/Berlin", timedelta(hours=hours))


def content_lines(text: str, *, without: set[str]) -> list[str]:
    """The content lines as they stand, folds included, but those of the first event with these names."""
    lines = logical_lines(text)
    begin = next(i for i, line in enumerate(lines) if line.upper().startswith("BEGIN:VEVENT"))
    kept, depth = lines[: begin + 1], 0
    for position, line in enumerate(lines[begin + 1 :], begin + 1):
        name = split_line(unfolded(line).rstrip("\n"))[0]
        depth += (name == "BEGIN") - (name == "END")
        if depth < 0:
            return kept + lines[position:]
        if depth or name not in without:
            kept.append(line)
    return kept


texts = st.text(max_size=300).map(lambda text: text.replace("\r\n", "\n").replace("\r", "\n"))
titles = texts.filter(bool)
tokens = st.text("abcdefABCDEF0123456789-:/;, =&%äß", min_size=1, max_size=40)
walls = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 30)).map(
    lambda local: local.replace(microsecond=0, fold=0)
)
spans = st.builds(
    WallSpan, walls, st.sampled_from(ZONES), st.integers(1, 24 * 60 - 1).map(lambda minutes: timedelta(minutes=minutes))
)


def readable(text: str) -> str:
    """What iCalendar can carry of a text: no control characters but line ends and tabs (RFC 5545, section 3.1)."""
    return "".join(letter for letter in text if letter in "\n\t" or (letter >= " " and letter != "\x7f"))


@given(when=spans, title=titles, place=texts, notes=texts, uid=tokens.filter(str.strip))
@example(
    WallSpan(datetime(2026, 10, 25, 1, 30), "Europe/Berlin", timedelta(hours=2)), "ends in the second 2:30", "", "", "u"
)
@example(WallSpan(datetime(2026, 3, 29, 2, 30), "Europe/Berlin", timedelta(hours=1)), "starts in the gap", "", "", "u")
def test_what_is_written_reads_back(when: WallSpan, title: str, place: str, notes: str, uid: str) -> None:
    """Any title in any script, any zone, any hour of the year, also the one that comes twice."""
    marker = Marker("tenant", "session", "calendar", uid.strip(), 7, (("when", "ab"), ("title", "cd")))
    fields = OwnFields(when=when, summary=title, location=place, description=notes, marker=marker)

    (event,) = read_object(new_object(EventDraft(uid, fields), now=NOW))

    assert event.uid == uid.strip()
    assert (event.start.local, event.start.zone) == (when.start, when.zone)
    assert (event.start.instant("UTC"), event.duration) == (when.starts_at, when.duration)
    assert (event.summary, event.location, event.description) == (readable(title), readable(place), readable(notes))
    assert event.marker == marker


@given(
    when=st.none() | spans,
    title=st.none() | titles,
    place=st.none() | texts,
    link=st.sampled_from([None, "", "https://e.org/1"]),
)
def test_a_patch_changes_the_given_fields_and_no_other_line(
    when: WallSpan | None, title: str | None, place: str | None, link: str | None
) -> None:
    """Alarms, colours, guests, unknown components, folds: byte for byte what the phone wrote."""
    fields = OwnFields(when=when, summary=title, location=place, url=link, conference=link)
    names = {"DTSTAMP", "LAST-MODIFIED", "SEQUENCE"}
    names |= {"DTSTART", "DTEND", "DURATION"} if when else set()
    names |= {name for name, value in {"SUMMARY": title, "LOCATION": place}.items() if value is not None}
    names |= {"URL", "CONFERENCE"} if link is not None else set()

    after = patched(A_PHONES_EVENT, fields, now=NOW)

    without_zones = re.sub(r"BEGIN:VTIMEZONE\r\nTZID:(?!W\.).*?END:VTIMEZONE\r\n", "", after, flags=re.DOTALL)
    assert content_lines(without_zones, without=names) == content_lines(A_PHONES_EVENT, without=names)
    event = read_object(after)[0]
    if when is not None:
        assert (event.start.instant("UTC"), event.duration) == (when.starts_at, when.duration)
    if title is not None:
        assert event.summary == readable(title)
    assert event.url == (link or "")


@given(when=spans, title=titles, place=texts)
def test_a_patch_that_says_what_is_there_changes_nothing(when: WallSpan, title: str, place: str) -> None:
    """Otherwise two engines would write to each other for ever."""
    fields = OwnFields(when=when, summary=title, location=place)
    once = patched(A_PHONES_EVENT, fields, now=NOW)

    assert patched(once, fields, now=NOW + timedelta(hours=1)) == once


def test_a_zone_spelled_in_the_servers_way_stays_so() -> None:
    """Moved within its zone, an event keeps Outlook's name for it and needs no second definition."""
    when = WallSpan(datetime(2026, 12, 2, 9), "Europe/Berlin", timedelta(hours=1))

    after = patched(A_PHONES_EVENT, OwnFields(when=when), now=NOW)

    assert "DTSTART;TZID=W. Europe Standard Time:20261202T090000\r\n" in after
    assert after.count("BEGIN:VTIMEZONE") == 1


def test_a_zone_that_is_not_there_is_defined() -> None:
    when = WallSpan(datetime(2026, 12, 2, 9), "Asia/Kolkata", timedelta(hours=1))

    after = patched(A_PHONES_EVENT, OwnFields(when=when), now=NOW)

    assert "BEGIN:VTIMEZONE\r\nTZID:Asia/Kolkata\r\n" in after
    assert "DTSTART;TZID=Asia/Kolkata:20261202T090000\r\n" in after


def test_a_definition_that_lies_about_its_name_is_not_used() -> None:
    """Somebody's "Asia/Kolkata" lies four hours off: ours gets a name of its own."""
    lying = A_PHONES_EVENT.replace("W. Europe Standard Time", "Asia/Kolkata")
    when = WallSpan(datetime(2026, 12, 2, 9), "Asia/Kolkata", timedelta(hours=1))

    after = patched(lying, OwnFields(when=when), now=NOW)

    assert read_object(lying)[0].start.zone == "Europe/Berlin"
    assert "DTSTART;TZID=/tutorsync.org/Asia/Kolkata:20261202T090000\r\n" in after
    assert read_object(after)[0].start.zone == "Asia/Kolkata"


@pytest.mark.parametrize(
    ("fields", "sequence"),
    [
        pytest.param(OwnFields(summary="Other"), 3, id="another title: no"),
        pytest.param(OwnFields(when=berlin(15, hours=1)), 3, id="the same time: no"),
        pytest.param(OwnFields(when=berlin(16, hours=1)), 4, id="later: yes"),
        pytest.param(OwnFields(when=berlin(15, hours=2)), 4, id="longer: yes"),
    ],
)
def test_sequence_rises_when_the_time_changes(fields: OwnFields, sequence: int) -> None:
    """RFC 5545, section 3.8.7.4: guests' programs take it for a change that they must confirm."""
    after = patched(A_PHONES_EVENT, fields, now=NOW)

    assert read_object(after)[0].sequence == sequence
    assert ("LAST-MODIFIED:20261124T100000Z" in after) == (after != A_PHONES_EVENT)


def test_only_the_master_of_a_series_is_patched() -> None:
    override = (
        "BEGIN:VEVENT\r\nUID:uid-1\r\nRECURRENCE-ID:20261208T140000Z\r\n"
        "DTSTART:20261208T150000Z\r\nSUMMARY:Other\r\nEND:VEVENT\r\n"
    )
    text = A_PHONES_EVENT.replace("BEGIN:VEVENT", override + "BEGIN:VEVENT")
    text = text.replace("SEQUENCE", "RRULE:FREQ=WEEKLY\r\nSEQUENCE")

    master, instance = read_object(patched(text, OwnFields(summary="New"), now=NOW))

    assert (master.summary, instance.summary) == ("New", "Other")


def test_line_ends_stay_as_they_were() -> None:
    unix = A_PHONES_EVENT.replace("\r\n", "\n")

    after = patched(unix, OwnFields(summary="New " * 40, location="Room"), now=NOW)

    assert "\r" not in after
    assert read_object(after)[0].location == "Room"


@given(st.text(max_size=400).filter(lambda text: not re.search(r"[\r\n]", text)))
def test_folding_keeps_every_line_within_75_octets_and_unfolds_to_the_same(line: str) -> None:
    rows = folded(line).split("\r\n")

    assert all(len(row.encode()) <= 75 for row in rows)
    assert unfolded(folded("X" + line)) == f"X{line}\n"


@given(st.text("ab \t\r\n\x0b\x0c\x1c\u2028", max_size=200))
def test_content_lines_joined_give_the_text(text: str) -> None:
    assert "".join(logical_lines(text)) == text


@pytest.mark.parametrize("text", ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"])
def test_what_holds_no_event_cannot_be_patched(text: str) -> None:
    with pytest.raises(Unreadable):
        patched(text, OwnFields(summary="x"), now=NOW)
