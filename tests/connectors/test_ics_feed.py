"""What a feed means: keys, hashes, validators, letters (sheet ics-feeds)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.ical.feed import decoded, take_apart
from connectors.ical.scan import read_object
from connectors.ics.fetch import web_address
from connectors.vocabulary.errors import ConnectorError, FeatureMissing
from connectors.vocabulary.events import EventStatus
from tests.connectors.contract import a_series, an_event, everything
from tests.connectors.feed_world import FOOT, HEAD, FeedWorld, events_of, open_feed
from tests.servers.feeds import FeedServer, Published

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> FeedServer:
    return FeedServer()


@pytest.fixture
def world(server: FeedServer) -> Iterator[FeedWorld]:
    with server.started() as running:
        world = FeedWorld(server, running.port)
        yield world
        world.close()


def feed(*events: str) -> str:
    return HEAD + "".join(events_of(event) for event in events) + FOOT


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("webcal://school.example/a.ics", "https://school.example/a.ics"),
        ("webcals://school.example/a.ics?x=1", "https://school.example/a.ics?x=1"),
        ("feed://school.example/a.ics", "https://school.example/a.ics"),
        ("feed:https://school.example/a.ics", "https://school.example/a.ics"),
        ("school.example/a.ics", "https://school.example/a.ics"),
        ("webcal://127.0.0.1:8000/a.ics", "http://127.0.0.1:8000/a.ics"),
    ],
)
def test_webcal_is_no_protocol(typed: str, asked: str) -> None:
    assert web_address(typed) == asked


def test_a_feed_is_named_by_itself_and_read_only(world: FeedWorld) -> None:
    (info,) = world.account.calendars()

    assert info.name == "Timetable"
    with pytest.raises(FeatureMissing):
        world.account.calendar(info.remote_id)


def test_the_validators_of_last_time_are_sent(world: FeedWorld, server: FeedServer) -> None:
    world.publish(feed(an_event("a")), etag='W/"7"', modified="Mon, 23 Nov 2026 10:00:00 GMT")
    first = everything(world.reader())

    second = everything(world.reader(), first.cursor, first.known)

    headers = server.requests[-1][1]
    assert second.unchanged
    assert headers["if-none-match"] == 'W/"7"'
    assert headers["if-modified-since"] == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert "text/calendar" in headers["accept"]
    assert "gzip" in headers["accept-encoding"]


def test_a_packed_feed_is_unpacked(world: FeedWorld) -> None:
    world.publish(feed(an_event("a")), packed=True)

    assert everything(world.reader()).uids == {"a"}


def test_fresh_stamps_and_another_order_are_no_change(world: FeedWorld) -> None:
    """Google stamps every event anew at every fetch."""
    world.publish(feed(an_event("a"), a_series("b"), an_event("c")))
    first = everything(world.reader())
    stamped = feed(an_event("c"), an_event("a"), a_series("b")).replace("DTSTAMP:20261101", "DTSTAMP:20261124")
    world.publish(stamped)

    second = everything(world.reader(), first.cursor, first.known)

    assert not second.objects
    assert second.listed == {"a", "b", "c"}


def test_a_redirect_is_followed_with_the_validators(world: FeedWorld, server: FeedServer) -> None:
    server.published["/moved.ics"] = Published(feed(an_event("a")).encode(), etag='"1"')
    world.publish(b"", status=301, location="/moved.ics")
    first = everything(world.reader())

    assert everything(world.reader(), first.cursor, first.known).unchanged


def test_an_event_without_an_id_keeps_the_same_made_one() -> None:
    text = feed(an_event("x")).replace("UID:x\r\n", "")

    (one,), (again,) = take_apart(text).objects, take_apart(text.replace("DTSTAMP:2026", "DTSTAMP:2027")).objects

    assert one.key == again.key
    assert one.digest == again.digest
    assert read_object(one.text)[0].uid == one.key


def test_an_alarms_id_is_not_the_events() -> None:
    """RFC 9074 gives alarms an UID of their own; it may stand before the event's."""
    alarm = "BEGIN:VALARM\r\nUID:alarm\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
    text = feed(an_event("event")).replace("UID:event", f"{alarm}UID:event")

    assert [one.key for one in take_apart(text).objects] == ["event"]


def test_of_two_versions_the_higher_sequence_counts() -> None:
    old, new = an_event("a", summary="Old", more="SEQUENCE:1\r\n"), an_event("a", summary="New", more="SEQUENCE:2\r\n")

    (one,) = take_apart(feed(new, old)).objects

    assert [event.summary for event in read_object(one.text)] == ["New"]


@pytest.mark.parametrize("how", ["METHOD", "STATUS"])
def test_cancelled_is_said_in_two_ways(how: str) -> None:
    text = feed(an_event("a"))
    text = text.replace("VERSION", "METHOD:CANCEL\r\nVERSION") if how == "METHOD" else text
    text = text.replace("SUMMARY", "STATUS:CANCELLED\r\nSUMMARY") if how == "STATUS" else text

    (one,) = take_apart(text).objects

    assert read_object(one.text)[0].status is EventStatus.CANCELLED


def test_several_calendars_in_one_file_are_one_feed() -> None:
    assert {one.key for one in take_apart(feed(an_event("a")) + feed(an_event("b"))).objects} == {"a", "b"}


def test_a_free_busy_feed_gives_busy_blocks() -> None:
    free_busy = (
        "BEGIN:VFREEBUSY\r\nUID:fb\r\nDTSTART:20261201T000000Z\r\n"
        "FREEBUSY;FBTYPE=BUSY:20261201T090000Z/20261201T100000Z,20261201T110000Z/PT30M\r\n"
        "FREEBUSY;FBTYPE=FREE:20261201T120000Z/PT1H\r\nEND:VFREEBUSY\r\n"
    )

    events = [read_object(one.text)[0] for one in take_apart(HEAD + free_busy + FOOT).objects]

    assert [(event.start.local.hour, int(event.duration.total_seconds())) for event in events] == [
        (9, 3600),
        (11, 1800),
    ]
    assert all(event.counts_as_busy for event in events)


def test_tasks_and_journals_are_passed_over() -> None:
    todo = "BEGIN:VTODO\r\nUID:t\r\nBEGIN:VALARM\r\nEND:VALARM\r\nEND:VTODO\r\n"

    assert [one.key for one in take_apart(HEAD + todo + events_of(an_event("a")) + FOOT).objects] == ["a"]


def test_lower_case_and_blanks_in_the_frame_are_forgiven() -> None:
    text = feed(an_event("a")).replace("BEGIN:VEVENT", "begin:vevent ").replace("END:VEVENT", "End:vEvent")

    assert [one.key for one in take_apart(text).objects] == ["a"]


def test_floating_times_are_in_the_feeds_zone() -> None:
    """X-WR-TIMEZONE: no RFC, but every large publisher means it so."""
    text = (
        feed(an_event("a")).replace(";TZID=Europe/Berlin", "").replace("VERSION", "X-WR-TIMEZONE:Asia/Tokyo\r\nVERSION")
    )

    (one,) = take_apart(text).objects

    assert read_object(one.text)[0].start.zone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        pytest.param("Ömer".encode(), "", "Ömer", id="UTF-8"),
        pytest.param("\ufeffÖmer".encode(), "", "Ömer", id="with a BOM"),
        pytest.param("Ömer".encode(), "iso-8859-1", "Ömer", id="the header lies"),
        pytest.param("Ömer".encode("cp1252"), "", "Ömer", id="Windows' western letters"),
        pytest.param("Łukasz".encode("iso-8859-2"), "iso-8859-2", "Łukasz", id="as declared"),
        pytest.param("Ömer".encode("utf-16"), "", "Ömer", id="UTF-16"),
        pytest.param(b"\x81", "no-such-charset", "\x81", id="whatever else"),
    ],
)
def test_letters_are_read_as_they_were_meant(body: bytes, declared: str, text: str) -> None:
    assert decoded(body, declared) == text


def test_a_feeds_id_is_stable_and_tells_nothing(world: FeedWorld) -> None:
    again = open_feed(world.address)

    assert again.identify() == world.account.identify()
    assert again.identify().display == "127.0.0.1"

    again.close()


@pytest.mark.parametrize("status", [302, 429, 500, 503])
def test_a_feed_that_asks_for_a_pause_gets_it(world: FeedWorld, server: FeedServer, status: int) -> None:
    """Also where it only sends elsewhere: it wants the redirected request later (RFC 9110, section 10.2.3)."""
    world.publish(b"", status=status, location="/b.ics", more={"Retry-After": "17"})
    reader = world.account.reader(world.address)

    with pytest.raises(ConnectorError) as refused:
        everything(reader)

    assert refused.value.wait_s == 17
    assert len(server.requests) == 1
