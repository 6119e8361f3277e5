"""What of foreign events is not understood: kept, told, and gone when its cause goes."""

from __future__ import annotations

import pytest

from connectors.registry import Credentials
from sync_agent.engine.busy.doubts import doubt_words
from sync_agent.engine.values import Role
from tests.engine.phone import an_event
from tests.engine.world import Home, World
from tests.servers.feeds import FeedServer, Published

AT_THREE = ("DTSTART;TZID=Europe/Berlin:20261126T150000", "DTEND;TZID=Europe/Berlin:20261126T160000")
ON_MARS = tuple(line.replace("Europe/Berlin", "Mars/Olympus") for line in AT_THREE)
NO_DATE = ("DTSTART:99991231T150000Z", "DTEND:99991231T160000Z")
NO_RULE = (*AT_THREE, "RRULE:FREQ=WEEKLY;RSCALE=CHINESE")


def doubts(world: World) -> list[str]:
    with world.store.read() as connection:
        return [doubt_words(one) for one in world.store.doubts.all(connection)]


@pytest.mark.parametrize(
    ("lines", "told", "busy"),
    [
        pytest.param(
            ON_MARS, "may be at another hour: its time zone “Mars/Olympus” is not known", ["Chess"], id="zone"
        ),
        pytest.param(NO_DATE, "is not taken into account: it has a date beyond all measure", [], id="date"),
        pytest.param(NO_RULE, "repeats by a rule that is not understood", ["Chess"], id="rule"),
    ],
)
def test_what_is_not_understood_is_told_until_it_is_mended(
    home: Home, lines: tuple[str, ...], told: str, busy: list[str]
) -> None:
    """With title and date; the event beside it counts all the same."""
    school = home.more("School")
    home.phone.add(school, "choir", "SUMMARY:Choir", *AT_THREE)
    home.phone.add(school, "chess", "SUMMARY:Chess", *lines)
    home.run()

    [doubt] = doubts(home.world)
    assert doubt.startswith("“Chess” in School (")
    assert told in doubt
    assert sorted(home.world.busy()) == sorted(["Choir", *busy])

    home.phone.put(school + "chess.ics", an_event("chess", "SUMMARY:Chess", *AT_THREE))
    home.run()

    assert doubts(home.world) == []
    assert sorted(home.world.busy()) == ["Chess", "Choir"]


@pytest.mark.parametrize("lines", [ON_MARS, NO_DATE], ids=["read in part", "not read at all"])
def test_a_doubt_goes_with_its_event(home: Home, lines: tuple[str, ...]) -> None:
    school = home.more("School")
    home.phone.add(school, "chess", "SUMMARY:Chess", *lines)
    home.run()
    assert len(doubts(home.world)) == 1

    home.phone.drop(school + "chess.ics")
    home.run()

    assert doubts(home.world) == []


def test_what_was_known_stays_in_force_while_an_event_cannot_be_read(home: Home) -> None:
    """Better the hour that it had than none: somebody is probably still there."""
    school = home.more("School")
    home.phone.add(school, "chess", "SUMMARY:Chess", *AT_THREE)
    home.run()

    home.phone.put(school + "chess.ics", an_event("chess", "SUMMARY:Chess", *NO_DATE))
    home.run()

    assert home.world.busy() == ["Chess"]
    assert len(doubts(home.world)) == 1


def test_a_calendar_that_is_ignored_leaves_no_doubt(home: Home) -> None:
    school = home.more("School")
    home.phone.add(school, "chess", "SUMMARY:Chess", *ON_MARS)
    home.run()
    assert len(doubts(home.world)) == 1

    home.world.engine.accounts.set_role(home.world.calendar("School").id, Role.IGNORE)

    assert doubts(home.world) == []


def test_a_feeds_doubt_goes_with_the_event_that_never_could_be_read(world: World) -> None:
    """It was in no mirror; the whole listing that no longer names it is enough."""
    server = FeedServer()
    good = an_event("choir", "SUMMARY:Choir", *AT_THREE)
    bad = an_event("chess", "SUMMARY:Chess", *NO_DATE).partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0]
    both = good.replace("END:VCALENDAR", f"BEGIN:VEVENT{bad}END:VEVENT\nEND:VCALENDAR")
    server.published["/school.ics"] = Published(both.encode(), etag='"1"')
    with server.started() as running:
        address = f"http://127.0.0.1:{running.port}/school.ics"
        world.connect("ics", Credentials(address, {"allow_private": "true"}, {"url": address}))
        world.run()
        first = doubts(world)
        server.published["/school.ics"] = Published(good.encode(), etag='"2"')
        world.run()

    assert len(first) == 1
    assert first[0].startswith("“Chess” in ")
    assert doubts(world) == []
    assert world.busy() == ["Choir"]


def test_one_broken_instance_takes_neither_its_series_nor_its_neighbours_along(home: Home) -> None:
    """The lesson that was moved to a date that is none; the other weeks stand."""
    school = home.more("School")
    series = an_event("chess", "SUMMARY:Chess", *AT_THREE, "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = "\n".join(
        ("BEGIN:VEVENT", "UID:chess", "SUMMARY:Chess", "DTSTAMP:20261101T080000Z", *NO_DATE,
         "RECURRENCE-ID;TZID=Europe/Berlin:20261203T150000", "END:VEVENT", "END:VCALENDAR")
    )  # fmt: skip
    home.phone.put(school + "chess.ics", series.replace("END:VCALENDAR", moved))
    home.run()

    assert home.world.busy() == ["Chess", "Chess"]
    [doubt] = doubts(home.world)
    assert "is not taken into account: it has a date beyond all measure" in doubt


def test_an_event_that_got_another_id_in_its_place_is_not_busy_twice(home: Home) -> None:
    """Some programs write a new UID into the same resource."""
    school = home.more("School")
    home.phone.add(school, "chess", "SUMMARY:Chess", *AT_THREE)
    home.run()

    home.phone.put(school + "chess.ics", an_event("another", "SUMMARY:Chess", *AT_THREE))
    home.run()

    assert home.world.busy() == ["Chess"]
