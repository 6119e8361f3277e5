"""The coverage seal: stale is never free, and nothing is called checked that nobody read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.conflicts.seal import Belief, Reading, Seal, StaleWhy, seal, stale_why
from sync_agent.engine.conflicts.words import seal_words, sealed_words
from tests.engine.conflicts.builders import BERLIN, NOW

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
BELIEF = Belief(stale_after=2 * HOUR, poll_every=MINUTE, ahead=timedelta(days=400))
WORK = Reading("c1", "Work", NOW - 20 * timedelta(seconds=1))


def read(ago: timedelta, **facts: object) -> Reading:
    """Work, read so long ago."""
    return replace(WORK, read_at=NOW - ago, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reading", "why"),
    [
        pytest.param(read(20 * timedelta(seconds=1)), None, id="read a moment ago"),
        pytest.param(read(2 * HOUR), None, id="between two slow looks, at night"),
        pytest.param(read(2 * HOUR + MINUTE), StaleWhy.OLD, id="the computer slept"),
        pytest.param(replace(WORK, read_at=None), StaleWhy.NEVER, id="only just connected"),
        pytest.param(read(MINUTE / 2, is_failing=True, remedy="wait"), None, id="it failed, and was read just before"),
        pytest.param(read(2 * MINUTE, is_failing=True, remedy="wait"), StaleWhy.FAILING, id="offline for a minute"),
        pytest.param(read(2 * MINUTE, is_failing=True, remedy="retry"), StaleWhy.FAILING, id="a feed is broken"),
        pytest.param(read(MINUTE / 2, is_failing=True, remedy="reconnect"), StaleWhy.REFUSED, id="password changed"),
        pytest.param(read(MINUTE / 2, is_failing=True, remedy="unlock"), StaleWhy.LOCKED, id="the vault is locked"),
        pytest.param(
            read(MINUTE / 2, is_failing=True, remedy="check_address"), StaleWhy.WRONG_ADDRESS, id="the feed is gone"
        ),
        pytest.param(
            read(MINUTE / 2, is_failing=True, remedy="check_certificate"), StaleWhy.WRONG_ADDRESS, id="a wrong server"
        ),
        pytest.param(read(MINUTE / 2, is_gone=True), StaleWhy.GONE, id="the calendar was deleted"),
        pytest.param(read(2 * MINUTE, is_paused=True), StaleWhy.PAUSED, id="paused"),
        pytest.param(read(MINUTE / 2, is_paused=True), None, id="paused a moment ago"),
        pytest.param(read(3 * HOUR, is_paused=True, is_failing=True), StaleWhy.FAILING, id="failing and paused"),
    ],
)
def test_for_how_long_a_reading_is_believed(reading: Reading, why: StaleWhy | None) -> None:
    """What does not heal by itself counts at once, what heals after one interval, all else after the limit."""
    assert stale_why(reading, NOW, BELIEF) is why
    assert bool(seal([reading], NOW, BELIEF).stale) == (why is not None)


readings = st.builds(
    Reading,
    calendar=st.uuids().map(str),
    name=st.sampled_from(["Work", "Private", "School"]),
    read_at=st.one_of(st.none(), st.integers(0, 10_000).map(lambda minutes: NOW - MINUTE * minutes)),
    is_gone=st.booleans(),
    is_failing=st.booleans(),
    remedy=st.sampled_from(["", "wait", "retry", "reconnect", "unlock", "check_address", "free_space"]),
    is_paused=st.booleans(),
    but_for=st.sampled_from([(), ("“Chess” in School is not taken into account: it has no end.",)]),
)


@given(found=st.lists(readings, max_size=5), later=st.integers(0, 100_000), until=st.integers(0, 1_000_000))
def test_a_seal_says_no_more_than_was_read(found: list[Reading], later: int, until: int) -> None:
    """I12: checked at t implies that each calendar was read in full at t or later; stale is never whole."""
    made = seal(found, NOW + MINUTE * later, BELIEF, until=NOW + MINUTE * until)

    assert [one.calendar for one in made.calendars] == [one.calendar for one in found]
    if made.checked_at is not None:
        assert all(one.read_at is not None and made.checked_at <= one.read_at for one in found)
    for one, reading in zip(made.calendars, found, strict=True):
        assert one.read_at == reading.read_at
        if one.is_whole:
            assert reading.read_at is not None
            assert not reading.is_gone
            assert not reading.but_for
            assert NOW + MINUTE * later - reading.read_at <= BELIEF.stale_after
            assert NOW + MINUTE * until <= reading.read_at + BELIEF.ahead
    assert made.is_whole == all(one.is_whole for one in made.calendars)


@given(reading=readings, first=st.integers(0, 10_000), more=st.integers(0, 10_000))
def test_what_is_stale_stays_stale_until_it_is_read(reading: Reading, first: int, more: int) -> None:
    """Time alone makes nothing better."""
    then, later = NOW + MINUTE * first, NOW + MINUTE * (first + more)

    if stale_why(reading, then, BELIEF) is not None:
        assert stale_why(reading, later, BELIEF) is not None


def test_the_oldest_reading_is_when_a_time_was_checked() -> None:
    """One that was never read makes it never."""
    home = replace(WORK, calendar="c2", name="Home", read_at=NOW - HOUR)

    assert seal([WORK, home], NOW, BELIEF).checked_at == NOW - HOUR
    assert seal([WORK, replace(home, read_at=None)], NOW, BELIEF).checked_at is None
    assert seal([], NOW, BELIEF) == Seal(None, ())
    assert seal([], NOW, BELIEF).is_whole


@pytest.mark.parametrize(
    ("until", "why"),
    [
        pytest.param(NOW + timedelta(days=399), None, id="within what is kept"),
        pytest.param(NOW + timedelta(days=401), StaleWhy.BEYOND, id="beyond it"),
    ],
)
def test_nobody_read_what_lies_beyond_the_window(until: datetime, why: StaleWhy | None) -> None:
    """Foreign events are kept for four hundred days: a slot after that is not called free."""
    [found] = seal([WORK], NOW, BELIEF, until=until).calendars

    assert found.stale is why


def test_what_waits_to_be_looked_at_is_not_checked_yet() -> None:
    """An event came in, and whether it collides is not known yet."""
    assert [one.why for one in seal([WORK], NOW, BELIEF, is_pending=True).stale] == [StaleWhy.PENDING]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        pytest.param([], "No calendar is connected, so there is none to check.", id="none"),
        pytest.param(
            [read(MINUTE), replace(WORK, calendar="c2", name="Home")],
            "Checked Mon 23 Nov 2026, 08:59, Europe/Berlin against Work and Home.",
            id="all",
        ),
        pytest.param(
            [WORK, replace(WORK, name="Home", read_at=None)], "Home never checked yet.", id="one was never read"
        ),
        pytest.param(
            [read(HOUR, is_failing=True, remedy="reconnect"), read(3 * HOUR)],
            "Work not checked since Mon 23 Nov 2026, 08:00, Europe/Berlin (its password is not accepted); "
            "Work not checked since Mon 23 Nov 2026, 06:00, Europe/Berlin.",
            id="two, and why",
        ),
        pytest.param(
            [read(MINUTE, but_for=("a", "b"))],
            "Work checked Mon 23 Nov 2026, 08:59, Europe/Berlin, but for 2 things not understood.",
            id="but for",
        ),
    ],
)
def test_a_seal_in_words(found: list[Reading], said: str) -> None:
    """One text for window, terminal and API."""
    assert seal_words(seal(found, NOW, BELIEF), zone=BERLIN) == said


def test_every_reason_has_words() -> None:
    """What is only long ago, or never was, says it by its date."""
    for why in StaleWhy:
        made = seal([WORK], NOW, BELIEF)
        [one] = made.calendars
        said = sealed_words(replace(one, stale=why), zone=BERLIN)
        assert said.endswith(")") == (why not in (StaleWhy.OLD, StaleWhy.NEVER))
