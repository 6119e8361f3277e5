"""What users of other programs say about foreign events, each row by its number (the list of complaints)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.registry import Credentials
from tests.engine.phone import an_event
from tests.engine.world import NOW, THURSDAY, Home, World
from tests.servers.feeds import FeedServer, Published

BERLIN = ";TZID=Europe/Berlin:"
WEEKLY = (f"DTSTART{BERLIN}20261119T150000", f"DTEND{BERLIN}20261119T160000", "RRULE:FREQ=WEEKLY")
IN_SPRING = datetime(2027, 4, 1, 15)
"""A Thursday after summer time began."""


@pytest.mark.complaint(5)
@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(WEEKLY, id="every week"),
        pytest.param(("DTSTART:20261119T150000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"), id="floating"),
        pytest.param(("DTSTART;VALUE=DATE:20261120", "RRULE:FREQ=WEEKLY;BYDAY=TH"), id="whole days"),
        pytest.param(
            (f"DTSTART{BERLIN}20260902T150000", "DURATION:PT1H", "RRULE:FREQ=MONTHLY;BYDAY=-1TH"), id="monthly"
        ),
        pytest.param(
            (f"DTSTART{BERLIN}20261101T080000", "DURATION:PT1H", f"RDATE{BERLIN}20261126T153000"),
            id="an additional date",
        ),
        pytest.param(
            ("DTSTART;TZID=W. Europe Standard Time:20261105T144500", "DURATION:PT1H", "RRULE:FREQ=DAILY;INTERVAL=7"),
            id="a zone of Windows",
        ),
    ],
)
def test_complaint_5_repeating_events_block(home: Home, lines: tuple[str, ...]) -> None:
    """The choir has been every Thursday at three for weeks; the session is on one of them."""
    school = home.more("School")
    home.phone.add(school, "choir", "SUMMARY:Choir", *lines)
    home.world.add(start=THURSDAY)

    home.run()

    [conflict] = home.world.conflicts()
    assert "“Choir” in School" in conflict.facts["why"]


@pytest.mark.complaint(5)
def test_complaint_5_an_instance_that_was_moved_blocks_where_it_is_now_and_not_where_it_was(home: Home) -> None:
    """The choir's next evening is an hour later, so the session at three stands; the one at four does not."""
    school = home.more("School")
    moved = "\n".join(
        (
            "BEGIN:VEVENT", "UID:choir", "SUMMARY:Choir", "DTSTAMP:20261101T080000Z",
            f"RECURRENCE-ID{BERLIN}20261126T150000", f"DTSTART{BERLIN}20261126T160000", f"DTEND{BERLIN}20261126T170000",
            "END:VEVENT", "END:VCALENDAR",
        )
    )  # fmt: skip
    home.phone.put(school + "choir.ics", an_event("choir", "SUMMARY:Choir", *WEEKLY).replace("END:VCALENDAR", moved))
    home.world.add("Maths", start=THURSDAY)
    physics = home.world.add("Physics", start=THURSDAY + timedelta(hours=1))

    home.run()

    assert [conflict.a for conflict in home.world.conflicts()] == [f"session:{physics}"]


@pytest.mark.complaint(6)
def test_complaint_6_a_feed_alone_opens_double_bookings_with_shown_age_and_polite_refresh(world: World) -> None:
    """The other platform has only an ICS link: it counts, says how old it is, and is not fetched again for nothing."""
    server = FeedServer()
    feed = an_event("lesson", "SUMMARY:Lesson elsewhere", *WEEKLY).replace("\n", "\r\n")
    server.published["/lessons.ics"] = Published(feed.encode(), etag='"1"')
    with server.started() as running:
        address = f"http://127.0.0.1:{running.port}/lessons.ics"
        _, [calendar] = world.connect("ics", Credentials(address, {"allow_private": "true"}, {"url": address}))
        world.add(start=THURSDAY)
        world.run()
        [conflict] = world.conflicts()
        server.requests.clear()
        world.run()

    assert "“Lesson elsewhere”" in conflict.facts["why"]
    assert [headers.get("if-none-match") for _, headers in server.requests] == ['"1"']
    read_at = world.calendar(calendar.name).read_at
    assert read_at is not None
    assert timedelta(0) <= world.clock.now() - read_at < timedelta(minutes=1)
    # Gone since: it does not grow younger by being asked in vain, and nothing counts as free on its word.
    world.run(minutes=180)
    now = world.clock.now()
    with world.store.read() as connection:
        seal = world.engine.coverage.now(connection, now)
    (shown,) = [one for one in seal.calendars if one.calendar == calendar.id]
    assert (shown.read_at, world.calendar(calendar.name).read_at) == (read_at, read_at)
    assert shown.stale is not None
    assert not seal.is_whole


@pytest.mark.complaint(18)
@pytest.mark.parametrize(
    ("lines", "at", "collides"),
    [
        pytest.param(WEEKLY, IN_SPRING, True, id="the hour on the wall stays, so it collides"),
        pytest.param(WEEKLY, IN_SPRING + timedelta(hours=1), False, id="and not an hour later"),
        pytest.param(
            ("DTSTART:20261119T140000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"),
            IN_SPRING + timedelta(hours=1),
            True,
            id="a series in GMT keeps its instant: for Berlin it is an hour later in summer",
        ),
        pytest.param(
            ("DTSTART:20261119T140000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"), IN_SPRING, False, id="and not at three"
        ),
        pytest.param(
            ("DTSTART;TZID=America/New_York:20261119T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"),
            datetime(2027, 3, 18, 14),
            True,
            id="the two weeks in which only New York has changed",
        ),
    ],
)
def test_complaint_18_nothing_is_an_hour_off_after_the_clock_change(
    home: Home, lines: tuple[str, ...], at: datetime, collides: bool
) -> None:
    """Clocks change on 14 March in New York and on 28 March in Berlin."""
    school = home.more("School")
    home.phone.add(school, "choir", "SUMMARY:Choir", *lines)
    home.world.add(start=at)

    home.run()

    assert bool(home.world.conflicts()) is collides


@pytest.mark.complaint(18)
def test_complaint_18_a_week_of_the_clock_change_day_by_day(home: Home) -> None:
    """Every day at half past two: once that hour does not exist, and it is read with the offset before."""
    school = home.more("School")
    home.phone.add(
        school, "watch", "SUMMARY:Watch", f"DTSTART{BERLIN}20270326T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=5"
    )
    home.run()

    with home.world.store.read() as connection:
        rows = home.world.store.bookings.touching(connection, NOW, NOW + timedelta(days=200))
    assert [f"{row.lo:%d %H:%M}" for row in rows] == ["26 01:30", "27 01:30", "28 01:30", "29 00:30", "30 00:30"]
