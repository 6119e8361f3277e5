"""Who is looked at once more, out of turn."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.values import Account
from sync_agent.laptop.agent.fresh import BEFORE, FRESH, last_look_at, to_look_at_again
from tests.laptop.conftest import Desk, until
from tests.laptop.why_week import calendar, event

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
FEED = Account(
    id="feed", provider="ics", issuer="i", subject="s", name="School", display="School", base_url="", settings={},
    created_at=NOW, last_success_at=NOW - 40 * MINUTE,
)  # fmt: skip


def read(ago: timedelta | None, **facts: object) -> Account:
    """The feed, read so long ago."""
    return replace(FEED, last_success_at=None if ago is None else NOW - ago, **facts)  # type: ignore[arg-type]


@pytest.mark.complaint(7)
@pytest.mark.parametrize(
    ("account", "is_booked", "starts_in", "again"),
    [
        pytest.param(read(40 * MINUTE), False, None, False, id="nothing is booked and nothing is near"),
        pytest.param(read(40 * MINUTE), True, None, True, id="a session was booked, and the feed is old"),
        pytest.param(read(2 * MINUTE), True, None, False, id="a session was booked, and it was read just now"),
        pytest.param(read(None), True, None, True, id="it was never read"),
        pytest.param(read(40 * MINUTE), False, 20 * MINUTE, False, id="twenty minutes before a session"),
        pytest.param(read(40 * MINUTE), False, 15 * MINUTE, True, id="a quarter of an hour before it"),
        pytest.param(read(2 * MINUTE), False, 10 * MINUTE, False, id="it was looked at since then"),
        pytest.param(read(6 * MINUTE), False, 10 * MINUTE, True, id="it was looked at before that only"),
        pytest.param(read(40 * MINUTE), False, 0 * MINUTE, False, id="the session has begun"),
        pytest.param(read(40 * MINUTE, paused=True), True, 10 * MINUTE, False, id="paused"),
        pytest.param(read(40 * MINUTE, next_try_at=NOW + MINUTE), True, 10 * MINUTE, False, id="it asked for a pause"),
        pytest.param(read(40 * MINUTE, provider="caldav"), True, None, True, id="any calendar"),
        pytest.param(read(40 * MINUTE, provider="platform"), True, None, True, id="the platform: another books there"),
        pytest.param(
            read(40 * MINUTE, provider="zoom"), True, 10 * MINUTE, False, id="who makes meetings holds no time"
        ),
    ],
)
def test_complaint_7_time_is_checked_again_when_it_is_booked_and_before_a_session(
    account: Account, is_booked: bool, starts_in: timedelta | None, again: bool
) -> None:
    """Booked in the minutes before the next look: nobody waits an hour for a feed then."""
    next_start = None if starts_in is None else NOW + starts_in

    assert bool(to_look_at_again([account], NOW, is_booked=is_booked, next_start=next_start)) is again


@given(minutes=st.lists(st.integers(0, 60), max_size=60), starts=st.integers(1, 60))
def test_before_a_session_a_feed_is_asked_once(minutes: list[int], starts: int) -> None:
    """However often somebody asks whether it is time."""
    start = NOW + starts * MINUTE
    account, asked = read(timedelta(days=1)), 0
    for minute in sorted(minutes):
        now = NOW + minute * MINUTE
        if to_look_at_again([account], now, is_booked=False, next_start=start if start > now else None):
            account, asked = replace(account, last_success_at=now), asked + 1

    assert asked == any(start - BEFORE <= NOW + minute * MINUTE < start for minute in minutes)


def test_the_look_before_a_session_has_its_time() -> None:
    """A quarter of an hour before; when that has come there is nothing to wait for."""
    assert last_look_at(NOW + timedelta(hours=1), NOW) == NOW + timedelta(hours=1) - BEFORE
    assert last_look_at(NOW + FRESH, NOW) is None
    assert last_look_at(None, NOW) is None


@pytest.mark.complaint(7)
def test_complaint_7_what_was_published_in_between_is_found_when_that_time_is_booked(
    desk: Desk, tmp_path: Path
) -> None:
    """The feed's turn comes in an hour; the assembly is in it since a minute, and the tutor books that very time."""
    day = datetime.now(UTC).date() + timedelta(days=9)
    path = tmp_path / "school.ics"
    path.write_text(calendar("School"))
    desk.json("connect", "ics", "--file", str(path), "--name", "School")
    desk.start_agent("--poll", "3600")
    until(lambda: desk.json("status")["coverage"]["complete"])
    path.write_text(
        calendar("School", event("Assembly", f"DTSTART:{day:%Y%m%d}T100000Z", f"DTEND:{day:%Y%m%d}T120000Z"))
    )
    with sqlite3.connect(desk.folder / "tutorsync.db") as database:
        database.execute("UPDATE account SET last_success_at = datetime(last_success_at, '-10 minutes')")
    database.close()

    told = desk("sessions", "add", "--start", f"{day}T12:30", "--zone", "Europe/Berlin")

    assert "against School." in told.out
    [found] = until(lambda: desk.json("conflicts")["conflicts"])
    assert found["sides"][1]["title"] == "Assembly"
