"""The window in which busy time is known moves on by the day; what is recomputed, and what is not."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from connectors.vocabulary.times import zone_named
from sync_agent.engine.busy import clock
from sync_agent.engine.sync.maintenance import maintain
from sync_agent.engine.zone_rules import zone_rules_version
from tests.engine.phone import an_event
from tests.engine.world import NOW, ZONE, Home

DAY = timedelta(days=1)
BERLIN = ";TZID=Europe/Berlin:"
GYM = (f"DTSTART{BERLIN}20261126T150000", f"DTEND{BERLIN}20261126T160000")


def starts(home: Home, *, days: int = 1000) -> list[str]:
    """Title and UTC start of everything that is known to be busy."""
    with home.world.store.read() as connection:
        rows = home.world.store.bookings.touching(connection, NOW - 60 * DAY, NOW + days * DAY)
    return [f"{row.summary} {row.lo:%Y-%m-%d %H:%M}" for row in rows]


def move(home: Home, days: int) -> None:
    home.world.clock.move(days * DAY)
    home.run()


def test_a_single_event_far_ahead_is_known_when_its_day_comes(home: Home) -> None:
    """A wedding booked two years ahead: nobody reads it again, because nothing about it changes."""
    school = home.more("School")
    home.phone.add(school, "wedding", "SUMMARY:Wedding", f"DTSTART{BERLIN}20281125T140000", "DURATION:PT5H")
    home.run()

    move(home, 700)

    with home.world.store.read() as connection:
        now = home.world.clock.now()
        rows = home.world.store.bookings.touching(connection, now, now + 60 * DAY)
    assert [row.summary for row in rows] == ["Wedding"]


def test_an_endless_series_goes_on_with_the_window_and_one_that_ended_is_left_alone(home: Home) -> None:
    """Recomputed once a month, and only what can have changed."""
    school = home.more("School")
    home.phone.add(school, "gym", "SUMMARY:Gym", *GYM, "RRULE:FREQ=WEEKLY")
    home.phone.add(school, "course", "SUMMARY:Course", *GYM, "RRULE:FREQ=WEEKLY;COUNT=3")
    home.run()
    world = home.world

    counts = []
    for days in (1, 1, 28, 1, 1, 29):
        world.clock.move(days * DAY)
        counts.append(maintain(world.store, world.clock.now(), ZONE))

    assert counts == [0, 0, 2, 0, 0, 1]
    gym = [start for start in starts(home) if start.startswith("Gym")]
    assert gym[-1] >= f"Gym {NOW + (400 + 61) * DAY:%Y-%m-%d}"


def test_bad_input_an_event_whose_title_is_a_book_is_kept_by_its_beginning(home: Home) -> None:
    """A title is stored with each occurrence."""
    school = home.more("School")
    home.phone.add(school, "gym", f"SUMMARY:{'Gym ' * 5000}", f"DESCRIPTION:{'x' * 5000}", *GYM, "RRULE:FREQ=WEEKLY")
    home.run()

    assert {len(start) for start in starts(home)} == {517}
    with home.world.store.read() as connection:
        [kept] = home.world.store.bookings.series_to_expand(connection, NOW + 1000 * DAY)
    assert len(str(kept["events"])) < 2_000


@pytest.fixture
def tz_folder(tmp_path: Path) -> Iterator[Path]:
    """A tz database of its own, with all the zones that are used here."""
    folder = tmp_path / "zones"
    for name in ("UTC", "Europe/Berlin", "Europe/London", "Asia/Tokyo"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(_zone_file(name))
    (folder / "+VERSION").write_text("2026c\n")
    _use(folder)
    yield folder
    zoneinfo.reset_tzpath()
    _forget_zones()


def _zone_file(name: str) -> bytes:
    for folder in zoneinfo.TZPATH:
        if (Path(folder) / name).exists():
            return (Path(folder) / name).read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


def _use(folder: Path) -> None:
    """What a restart does: nothing that was read of the old zones is left."""
    zoneinfo.reset_tzpath(to=[str(folder)])
    _forget_zones()


def _forget_zones() -> None:
    zoneinfo.ZoneInfo.clear_cache()
    zone_named.cache_clear()
    clock._zone_or_none.cache_clear()
    zone_rules_version.cache_clear()


def test_new_zone_rules_move_the_instant_and_never_the_hour_on_the_wall(home: Home, tz_folder: Path) -> None:
    """Berlin gives up its hour: a series, a single event and a whole day follow; what is in UTC stays."""
    school = home.more("School")
    home.phone.add(school, "gym", "SUMMARY:Gym", *GYM, "RRULE:FREQ=WEEKLY;COUNT=2")
    home.phone.add(school, "talk", "SUMMARY:Talk", f"DTSTART{BERLIN}20261127T090000", "DURATION:PT1H")
    home.phone.add(school, "fair", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261128")
    home.phone.add(school, "call", "SUMMARY:Call", "DTSTART:20261127T120000Z", "DURATION:PT1H")
    home.run()
    before = starts(home)

    (tz_folder / "Europe" / "Berlin").write_bytes(_zone_file("Europe/London"))
    (tz_folder / "+VERSION").write_text("2026d\n")
    _use(tz_folder)
    home.world.again()
    home.run()

    assert before == [
        "Gym 2026-11-26 14:00", "Talk 2026-11-27 08:00", "Call 2026-11-27 12:00", "Fair 2026-11-27 23:00",
        "Gym 2026-12-03 14:00",
    ]  # fmt: skip
    assert starts(home) == [
        "Gym 2026-11-26 15:00", "Talk 2026-11-27 09:00", "Call 2026-11-27 12:00", "Fair 2026-11-28 00:00",
        "Gym 2026-12-03 15:00",
    ]  # fmt: skip
    with home.world.store.read() as connection:
        assert home.world.store.facts.get(connection, "tzdata") == "2026d"


def test_new_zone_rules_find_the_double_booking_that_they_make_offline(home: Home, tz_folder: Path) -> None:
    """The laptop was updated on the train: the series is derived at once, without asking anybody."""
    school = home.more("School")
    home.phone.add(school, "gym", "SUMMARY:Gym", *GYM, "RRULE:FREQ=WEEKLY;COUNT=2")
    home.world.add(start=datetime(2026, 11, 27, 0), zone="Asia/Tokyo")
    home.run()
    assert home.world.conflicts() == []

    (tz_folder / "Europe" / "Berlin").write_bytes(_zone_file("Europe/London"))
    (tz_folder / "+VERSION").write_text("2026d\n")
    _use(tz_folder)
    home.wire.fail("drop-request", every=True)
    home.world.again()
    home.run()

    assert "Gym 2026-11-26 15:00" in starts(home)
    assert len(home.world.conflicts()) == 1


def test_an_offline_day_across_new_zone_rules_is_nobody_s_edit_of_an_hour(home: Home, tz_folder: Path) -> None:
    """Renamed on the train, where the laptop was updated too: the name is written once, and each hour on the wall is
    what it was, in the session and in its event, though the instant is another."""
    session = home.world.add("Maths")
    home.run()
    before = home.world.session(session).when
    at = before.starts_at
    home.wire.fail("drop-request", every=True)
    home.world.change(session, title="Physics")
    home.run()

    (tz_folder / "Europe" / "Berlin").write_bytes(_zone_file("Europe/London"))
    (tz_folder / "+VERSION").write_text("2026d\n")
    _use(tz_folder)
    home.world.again()
    home.run(minutes=9 * 60)
    home.wire.fail()

    assert home.run().written == 1
    after = home.world.session(session).when
    assert (after.start, after.zone) == (before.start, before.zone)
    assert after.starts_at - at == timedelta(hours=1)
    with home.world.store.read() as connection:
        (kept,) = home.world.store.sessions.spans(connection, at - timedelta(days=1), at + timedelta(days=1))
    assert kept.lo == after.starts_at
    (text,) = home.events
    assert "DTSTART;TZID=Europe/Berlin:20261126T150000" in text
    assert {entry.field_group for entry in home.world.log("session.changed")} == {"title"}
    assert home.idle(3) == 0


def test_another_home_zone_reads_whole_days_and_floating_times_anew(home: Home) -> None:
    """The tutor moves to Tokyo and says so: the fair is on the same day, which begins earlier."""
    school = home.more("School")
    home.phone.add(school, "fair", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261128")
    home.phone.add(school, "run", "SUMMARY:Run", "DTSTART:20261128T070000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=1")
    home.run()

    home.world.settings = replace(home.world.settings, home_zone="Asia/Tokyo")
    home.world.again()
    home.run()

    assert starts(home) == ["Fair 2026-11-27 15:00", "Run 2026-11-27 22:00"]


def test_the_same_rules_ask_for_nothing_again(home: Home) -> None:
    """A restart reads no event a second time."""
    school = home.more("School")
    home.phone.put(school + "gym.ics", an_event("gym", "SUMMARY:Gym", *GYM, "RRULE:FREQ=WEEKLY"))
    home.run()

    home.world.again()
    report = home.run()

    assert report.objects == 0
