"""A server forgets to name a change: once a day, and after an oddity, each calendar is listed in full and compared."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.sync.comparing import EVERY, SPREAD, is_calm, next_to_compare
from sync_agent.engine.values import CalendarRow, Role
from tests.engine.phone import an_event
from tests.engine.world import NOW, Home

DAY = 24 * 60
IN_A_WEEK = datetime(2026, 12, 3, 15)
_AT_THREE = ("DTSTART;TZID=Europe/Berlin:20261203T150000", "DURATION:PT1H")


@pytest.fixture
def forgetful(home: Home) -> Home:
    """A home whose server names by its token only what has a number above that token."""
    assert home.memory is not None
    home.memory.calendars[home.work].revision = 100
    return home


def forget(home: Home, name: str, text: str | None) -> None:
    """Change an object (None: remove it) without a word to whoever asks what has changed."""
    assert home.memory is not None
    calendar = home.memory.calendars[home.work]
    if text is None:
        del calendar.items[name]
    else:
        calendar.items[name] = (50, text)


def object_of(home: Home) -> tuple[str, str]:
    assert home.memory is not None
    ((name, (_, text)),) = home.memory.calendars[home.work].items.items()
    return name, text


def compared(home: Home, name: str) -> datetime | None:
    return home.world.calendar(name).compared_at


def test_a_change_that_was_never_named_is_found_within_a_day(forgetful: Home) -> None:
    """Nobody hears of it until the calendar is listed in full, and then all of it counts as ever."""
    session = forgetful.world.add(start=IN_A_WEEK)
    forgetful.run()
    name, text = object_of(forgetful)
    forget(forgetful, name, text.replace("SUMMARY:Maths", "SUMMARY:Physics"))
    forget(forgetful, "choir.ics", an_event("choir", "SUMMARY:Choir", *_AT_THREE))
    forgetful.run(minutes=60)
    assert (forgetful.world.session(session).title, forgetful.world.conflicts()) == ("Maths", [])

    forgetful.run(minutes=DAY)

    assert forgetful.world.session(session).title == "Physics"
    assert len(forgetful.world.conflicts()) == 1
    assert forgetful.idle(3) == 0


def test_a_deletion_that_was_never_named_is_found_within_a_day(forgetful: Home) -> None:
    """Looked at directly before it is believed, like every absence."""
    session = forgetful.world.add(start=IN_A_WEEK)
    forgetful.run()
    forget(forgetful, object_of(forgetful)[0], None)
    forgetful.run(minutes=60)
    assert forgetful.world.session(session).status is SessionStatus.PLANNED

    forgetful.run(minutes=DAY)

    assert forgetful.world.session(session).status is SessionStatus.CANCELLED
    assert forgetful.idle(3) == 0


def test_after_an_oddity_it_is_found_at_once(forgetful: Home) -> None:
    """The clock was set, say: what was noted by it may be wrong."""
    session = forgetful.world.add(start=IN_A_WEEK)
    forgetful.run()
    name, text = object_of(forgetful)
    forget(forgetful, name, text.replace("SUMMARY:Maths", "SUMMARY:Physics"))

    forgetful.world.engine.compare_soon()
    forgetful.run()

    assert forgetful.world.session(session).title == "Physics"


def test_where_nothing_differs_it_is_one_request(home: Home) -> None:
    """The ETags are known, so no object is fetched again, and nothing is written."""
    for number in range(20):
        home.world.add(f"S{number:02}", start=IN_A_WEEK + timedelta(days=number))
    home.run()
    before = compared(home, "work")

    report = home.run(minutes=DAY)

    assert (report.requests, report.objects, report.written) == (1, 0, 0)
    after = compared(home, "work")
    assert before is not None
    assert after is not None
    assert after - before >= timedelta(days=1)


def test_of_several_calendars_one_a_pass(home: Home) -> None:
    """After a night, or an oddity, all are due: they are listed one after the other, whichever waits longest first."""
    names = ["work", "first", "second", "third"]
    for name in names[1:]:
        home.more(name)
    home.run()
    home.world.clock.move(timedelta(days=2))
    begun = home.world.clock.now()

    done = []
    for _ in range(5):
        home.run()
        done.append(sum((at := compared(home, name)) is not None and at > begun for name in names))

    assert done == [1, 2, 3, 4, 4]


def test_not_when_a_session_is_about_to_begin(home: Home) -> None:
    """The minutes before a lesson belong to what the tutor may look at."""
    home.world.add(start=IN_A_WEEK)
    home.run()
    before = compared(home, "work")
    home.world.clock.move(datetime(2026, 12, 3, 13, 50, tzinfo=NOW.tzinfo) - home.world.clock.now())

    home.run(minutes=1)
    assert compared(home, "work") == before

    home.run(minutes=15)
    assert compared(home, "work") != before


def test_an_account_that_fails_keeps_nobody_waiting(home: Home) -> None:
    """A calendar that is gone, or whose server fails, is not due before it is well."""
    home.more("second")
    home.run()
    home.phone.drop(home.work)
    home.world.clock.move(timedelta(days=2))
    home.run()
    begun = home.world.clock.now()

    home.run()

    at = compared(home, "second")
    assert at is not None
    assert at > begun - timedelta(minutes=5)


def a_calendar(name: str, compared_at: datetime | None, role: Role = Role.BUSY, state: str = "ok") -> CalendarRow:
    return CalendarRow(name, "account", name, name, role, "write", state=state, compared_at=compared_at)


@pytest.mark.parametrize(
    ("calendars", "found"),
    [
        pytest.param([a_calendar("a", NOW - EVERY)], "a", id="a day ago"),
        pytest.param([a_calendar("a", NOW - EVERY + SPREAD + timedelta(minutes=1))], None, id="less than that"),
        pytest.param([a_calendar("a", None)], "a", id="never"),
        pytest.param([a_calendar("a", NOW + timedelta(days=3))], "a", id="in the future: the clock was set back"),
        pytest.param([a_calendar("a", NOW - EVERY), a_calendar("b", NOW - 2 * EVERY)], "b", id="who waits longest"),
        pytest.param([a_calendar("a", NOW - EVERY), a_calendar("b", None)], "b", id="who was never compared"),
        pytest.param([a_calendar("a", None, Role.IGNORE)], None, id="not one that is ignored"),
        pytest.param(
            [a_calendar("a", None, Role.PLATFORM)], None, id="not the platform, whose feed counts its changes"
        ),
        pytest.param([a_calendar("a", None, state="gone")], None, id="not one that is gone"),
        pytest.param([a_calendar("new", None)], None, id="not one that is read in full anyway"),
    ],
)
def test_whose_time_has_come(calendars: list[CalendarRow], found: str | None) -> None:
    one = next_to_compare(calendars, NOW, read={"a", "b"})

    assert (one.id if one else None) == found


def test_each_has_a_time_of_day_of_its_own() -> None:
    """Read on the same day at the same minute, they come due hours apart, and none later than a day."""
    rows = [a_calendar(f"calendar {number}", NOW) for number in range(24)]
    ids = {row.id for row in rows}
    due = [
        sum(next_to_compare([row], NOW + EVERY - SPREAD + timedelta(hours=hours), read=ids) is not None for row in rows)
        for hours in (0, 2, 4, 6)
    ]

    assert due == sorted(due)
    assert due[0] < 4
    assert 4 < due[1] < 16
    assert due[3] == 24


@pytest.mark.parametrize(("minutes", "calm"), [(14, False), (15, False), (16, True)])
def test_the_quarter_of_an_hour_before_a_session(minutes: int, *, calm: bool) -> None:
    assert is_calm(NOW, NOW + timedelta(minutes=minutes)) is calm
    assert is_calm(NOW, None)
