"""What every calendar connector does, whoever the vendor: subclass `ReadingContract`, or `WritingContract`.

A subclass gives one fixture, `world`: the vendor's side, as another person with another program would touch it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from connectors.ical.lines import split_line, unfolded
from connectors.ical.scan import read_object
from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import AlreadyExists, CalendarGone, ChangedMeanwhile, ObjectGone
from connectors.vocabulary.events import CalendarObject, DoubtCode, EventDraft, Marker, OwnFields
from connectors.vocabulary.times import MomentKind, WallSpan

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Broken, Page
    from connectors.vocabulary.protocols import Calendar, CalendarReader

AN_HOUR = timedelta(hours=1)
FOREIGN_LINES = (
    "X-APPLE-TRAVEL-ADVISORY-BEHAVIOR:AUTOMATIC",
    "COLOR:turquoise",
    "CATEGORIES:lesson,maths",
    "ATTENDEE;CN=Ömer Yıldız;PARTSTAT=ACCEPTED:mailto:oemer@example.org",
    "ORGANIZER;CN=Anna:mailto:anna@example.org",
)
ALARM = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Soon\r\nEND:VALARM\r\n"


class World(Protocol):
    """The vendor's side."""

    calendar: Calendar

    def reader(self) -> CalendarReader:
        """The connector under test."""
        ...

    def put(self, name: str, text: str) -> None:
        """Store an object as another program would."""
        ...

    def remove(self, name: str) -> None:
        """Remove it likewise."""
        ...

    def text_of(self, name: str) -> str | None:
        """What is stored there now."""
        ...

    def drop_calendar(self) -> None:
        """Remove the whole calendar."""
        ...


def an_event(
    uid: str, *, start: str = "20261201T150000", zone: str = "Europe/Berlin", summary: str = "Algebra", more: str = ""
) -> str:
    """A whole VCALENDAR with one event of an hour, as a phone would write it."""
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a phone//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20261101T080000Z\r\nDTSTART;TZID={zone}:{start}\r\nDURATION:PT1H\r\n"
        f"SUMMARY:{summary}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def a_series(uid: str) -> str:
    """A weekly series whose second occurrence was moved."""
    moved = (
        f"END:VEVENT\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n"
        "RECURRENCE-ID;TZID=Europe/Berlin:20261208T150000\r\n"
        "DTSTART;TZID=Europe/Berlin:20261209T170000\r\nDTEND;TZID=Europe/Berlin:20261209T180000\r\nSUMMARY:Moved\r\n"
    )
    return an_event(uid, more="RRULE:FREQ=WEEKLY;COUNT=5\r\n" + moved)


def a_draft(uid: str = "0190f1f0-0000-7000-8000-000000000001", **fields: object) -> EventDraft:
    """A session's event as the engine hands it over."""
    marker = Marker("tenant", "session", "calendar", uid, 1, (("title", "ab12"), ("when", "cd34")))
    complete = OwnFields(
        when=WallSpan(datetime(2026, 12, 1, 15), "Europe/Berlin", AN_HOUR),
        summary="Algebra, Ömer; 2nd try",
        location="Room 5\\B",
        description="Bring:\n– compass\n– 3 pencils",
        url="https://example.org/j/1?a=1,2;b=3",
        conference="https://example.org/j/1",
        marker=marker,
    )
    return EventDraft(uid, replace(complete, **fields))


def everything(reader: CalendarReader, since: Cursor | None = None, known: dict[str, str | None] | None = None) -> Seen:
    """Read all pages of one answer."""
    return Seen(list(reader.changes(since, known or {})))


class Seen:
    """One answer to `changes`, its pages put together."""

    def __init__(self, pages: list[Page]) -> None:
        self.pages = pages
        self.objects = [one for page in pages for one in page.objects]
        self.broken: list[Broken] = [one for page in pages for one in page.broken]
        self.removed = {key for page in pages for key in page.removed}
        self.listed = next((page.listed for page in pages if page.listed is not None), None)
        self.cursor = pages[-1].cursor
        self.unchanged = any(page.unchanged for page in pages)

    @property
    def known(self) -> dict[str, str | None]:
        return {one.key: one.etag for one in self.objects}

    @property
    def uids(self) -> set[str]:
        return {one.uid for one in self.objects}

    def key_of(self, uid: str) -> str:
        return next(one.key for one in self.objects if one.uid == uid)


class ReadingContract:
    """The reading half; see `CalendarReader`."""

    def test_a_first_reading_gives_every_event_and_a_cursor(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        world.put("two", a_series("uid-two"))

        seen = everything(world.reader())

        assert seen.uids == {"uid-one", "uid-two"}
        assert seen.listed == set(seen.known)
        assert seen.cursor is not None
        assert not seen.unchanged

    def test_nothing_changed_is_said_in_one_request(self, world: World) -> None:
        """Three calendars are polled every minute for years: this is the answer that has to be cheap."""
        world.put("one", an_event("uid-one"))
        first = everything(world.reader())

        second = everything(world.reader(), first.cursor, first.known)

        assert second.unchanged
        assert not second.objects
        assert not second.removed

    def test_only_what_changed_comes_again(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        world.put("two", an_event("uid-two"))
        first = everything(world.reader())

        world.put("two", an_event("uid-two", summary="Geometry"))
        second = everything(world.reader(), first.cursor, first.known)

        assert [one.events[0].summary for one in second.objects] == ["Geometry"]

    def test_a_new_event_comes(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        first = everything(world.reader())

        world.put("three", an_event("uid-three"))
        second = everything(world.reader(), first.cursor, first.known)

        assert second.uids == {"uid-three"}

    def test_a_removed_event_is_named_or_missing_from_the_list(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        world.put("two", an_event("uid-two"))
        first = everything(world.reader())

        world.remove("two")
        second = everything(world.reader(), first.cursor, first.known)

        gone = second.removed or set(first.known) - (second.listed or set())
        assert gone == {first.key_of("uid-two")}

    def test_a_full_reading_fetches_only_what_is_not_known(self, world: World) -> None:
        """The cursor was lost, the mirror was not: ten thousand events are not sent again."""
        world.put("one", an_event("uid-one"))
        world.put("two", an_event("uid-two"))
        first = everything(world.reader())

        again = everything(world.reader(), None, first.known)

        assert not again.objects
        assert again.listed == set(first.known)
        assert again.cursor == first.cursor

    def test_a_cursor_of_another_kind_reads_everything(self, world: World) -> None:
        world.put("one", an_event("uid-one"))

        seen = everything(world.reader(), Cursor("something else", "42"))

        assert seen.uids == {"uid-one"}
        assert seen.listed is not None

    def test_a_series_is_one_object_with_its_master_first(self, world: World) -> None:
        world.put("two", a_series("uid-two"))

        (found,) = everything(world.reader()).objects

        assert [event.recurrence_id is None for event in found.events] == [True, False]
        assert found.events[0].rrule == ("FREQ=WEEKLY;COUNT=5",)

    def test_the_body_is_the_whole_object(self, world: World) -> None:
        world.put("two", a_series("uid-two"))

        (found,) = everything(world.reader()).objects

        assert read_object(found.body) == found.events

    def test_bad_input_a_broken_event_among_good_ones_is_named_and_the_rest_goes_on(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        world.put("bad", an_event("uid-bad", start="99991231T150000"))
        world.put("two", an_event("uid-two"))

        seen = everything(world.reader())

        assert seen.uids == {"uid-one", "uid-two"}
        [broken] = seen.broken
        assert "a date beyond all measure" in broken.reason
        assert (broken.title, broken.starts) == ("Algebra", "99991231T150000 Europe/Berlin")
        assert broken.key in (seen.listed or set())  # broken is not gone

    def test_bad_input_a_zone_that_nobody_knows_is_a_doubt_and_never_taken_for_utc(self, world: World) -> None:
        world.put("one", an_event("uid-one", zone="Mars/Phobos"))

        [found] = everything(world.reader()).objects

        assert (found.events[0].start.kind, found.events[0].start.tzid) == (MomentKind.FLOATING, "Mars/Phobos")
        [doubt] = found.doubts
        assert (doubt.code, doubt.title, doubt.starts) == (
            DoubtCode.ZONE_UNKNOWN,
            "Algebra",
            "20261201T150000 Mars/Phobos",
        )
        assert "Mars/Phobos" in doubt.reason


class WritingContract(ReadingContract):
    """The writing half; see `Calendar`."""

    def test_a_created_event_reads_back_as_it_was_drafted(self, world: World) -> None:
        draft = a_draft()

        written = world.calendar.create(draft)

        (found,) = everything(world.reader()).objects
        event = found.events[0]
        assert (found.key, found.uid) == (written.key, draft.uid)
        assert (event.start.local, event.start.zone) == (datetime(2026, 12, 1, 15), "Europe/Berlin")
        assert event.duration == AN_HOUR
        assert event.marker == draft.fields.marker
        assert (event.summary, event.location) == (draft.fields.summary, draft.fields.location)
        assert (event.description, event.url) == (draft.fields.description, draft.fields.url)
        assert event.conference == draft.fields.conference
        assert event.counts_as_busy

    def test_a_created_event_lies_where_it_was_said_to(self, world: World) -> None:
        """After a lost answer the engine looks there before it sends anything again."""
        draft = a_draft()

        world.calendar.create(draft)

        (found,) = world.calendar.fetch([world.calendar.where_created(draft)]).objects
        assert found.uid == draft.uid

    def test_creating_twice_is_refused_and_changes_nothing(self, world: World) -> None:
        world.calendar.create(a_draft())

        with pytest.raises(AlreadyExists):
            world.calendar.create(a_draft(summary="Another title"))

        (found,) = everything(world.reader()).objects
        assert found.events[0].summary == "Algebra, Ömer; 2nd try"

    def test_an_update_changes_the_given_fields_and_no_other(self, world: World) -> None:
        """A phone put an alarm, a colour and a guest on our event; then the platform moves it."""
        world.put("one", an_event("uid-one", more="".join(f"{line}\r\n" for line in FOREIGN_LINES) + ALARM))
        (found,) = everything(world.reader()).objects

        world.calendar.update(found, OwnFields(when=WallSpan(datetime(2026, 12, 2, 9), "Europe/Berlin", 2 * AN_HOUR)))

        (moved,) = world.calendar.fetch([found.href]).objects
        assert moved.events[0].start.local == datetime(2026, 12, 2, 9)
        assert moved.events[0].duration == 2 * AN_HOUR
        assert moved.events[0].sequence == found.events[0].sequence + 1
        ours = {"DTSTART", "DTEND", "DURATION", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "X-NULLCAL-REV"}
        assert _lines(moved, without=ours) == _lines(found, without=ours) + _zone_lines(moved, found)

    def test_an_update_of_what_changed_meanwhile_is_refused_and_changes_nothing(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects
        world.put("one", an_event("uid-one", summary="Edited on the phone"))

        with pytest.raises(ChangedMeanwhile):
            world.calendar.update(found, OwnFields(summary="Edited here"))

        assert "Edited on the phone" in (world.text_of("one") or "")

    def test_an_update_of_what_is_gone_says_so(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects
        world.remove("one")

        with pytest.raises(ObjectGone):
            world.calendar.update(found, OwnFields(summary="Edited here"))

    def test_a_deleted_event_is_gone_and_deleting_it_again_is_no_error(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects

        world.calendar.delete(found)
        world.calendar.delete(found)

        assert world.text_of("one") is None

    def test_what_changed_meanwhile_is_not_deleted(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects
        world.put("one", an_event("uid-one", summary="Edited on the phone"))

        with pytest.raises(ChangedMeanwhile):
            world.calendar.delete(found)

        assert world.text_of("one") is not None

    def test_a_look_tells_what_is_there_and_what_is_not(self, world: World) -> None:
        world.put("one", an_event("uid-one"))
        written = world.calendar.create(a_draft())

        fetched = world.calendar.fetch([written.href, written.href.replace("0001", "0002")])

        assert [one.key for one in fetched.objects] == [written.key]
        assert fetched.missing == (written.key.replace("0001", "0002"),)

    def test_bad_input_a_calendar_that_is_gone_is_no_empty_calendar(self, world: World) -> None:
        """Somebody deleted the whole calendar: that cancels no session."""
        world.put("one", an_event("uid-one"))
        first = everything(world.reader())
        world.drop_calendar()

        with pytest.raises(CalendarGone):
            everything(world.reader(), first.cursor, first.known)
        with pytest.raises(CalendarGone):
            everything(world.reader())
        with pytest.raises(CalendarGone):
            world.calendar.fetch([one.href for one in first.objects])

    def test_undo_of_a_deletion_brings_back_what_was_not_ours(self, world: World) -> None:
        world.put("one", an_event("uid-one", more=FOREIGN_LINES[1] + "\r\n" + ALARM))
        (found,) = everything(world.reader()).objects
        world.calendar.delete(found)

        draft = replace(a_draft(), template=found.body)
        written = world.calendar.create(draft)

        (back,) = world.calendar.fetch([written.href]).objects
        assert back.uid == draft.uid
        assert back.events[0].summary == draft.fields.summary
        assert "COLOR:turquoise" in back.body
        assert "TRIGGER:-PT15M" in back.body


def _lines(one: CalendarObject, *, without: set[str]) -> list[str]:
    """The content lines in a fixed order: Radicale and the rewriting server sort them."""
    lines = [line for line in unfolded(one.body).split("\n") if line and split_line(line)[0] not in without]
    return sorted(lines)


def _zone_lines(after: CalendarObject, before: CalendarObject) -> list[str]:
    """Nothing: both were in Berlin, and the zone's name was there already."""
    assert after.body.count("BEGIN:VTIMEZONE") == before.body.count("BEGIN:VTIMEZONE")
    return []
