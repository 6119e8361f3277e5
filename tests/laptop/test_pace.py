"""How soon an account is looked at again: values in, an interval out; and the agent's memory of its looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.conflicts.values import WorkingHours
from sync_agent.engine.sync.report import AccountReport, PassReport
from sync_agent.engine.values import Account
from sync_agent.laptop.agent.beats import NOTHING_TO_DO, Beats
from sync_agent.laptop.agent.pace import Facts, Tempo, interval, is_night
from tests.laptop.clocks import NOW, FakeClock

ZONE = "Europe/Berlin"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HOURS = WorkingHours.usual(ZONE)
CALM = Facts(
    base=MINUTE, stale_after=2 * HOUR, is_feed=False, is_night=False, is_listening=False, since_edit=None,
    since_change=HOUR, running_for=2 * HOUR,
)  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "waits"),
    [
        pytest.param({}, MINUTE, id="by day: as it is set"),
        pytest.param({"since_edit": MINUTE}, 15 * SECOND, id="somebody edits: soon"),
        pytest.param({"since_edit": 11 * MINUTE}, MINUTE, id="somebody edited a while ago: as it is set"),
        pytest.param({"since_edit": MINUTE, "is_night": True}, 15 * SECOND, id="somebody edits at night: soon"),
        pytest.param({"since_edit": MINUTE, "base": 10 * MINUTE}, 2.5 * MINUTE, id="soon, by what is set"),
        pytest.param({"is_night": True}, 5 * MINUTE, id="at night: slowly"),
        pytest.param({"is_night": True, "base": 5 * MINUTE}, 10 * MINUTE, id="at night: ten minutes at most"),
        pytest.param({"is_night": True, "base": 20 * MINUTE}, 20 * MINUTE, id="set slower than that: as it is set"),
        pytest.param({"since_change": 25 * HOUR}, 2 * MINUTE, id="nothing new for a day: half as often"),
        pytest.param({"since_change": None, "running_for": 25 * HOUR}, 2 * MINUTE, id="nothing new since the start"),
        pytest.param({"since_change": None, "running_for": HOUR}, MINUTE, id="started a moment ago"),
        pytest.param({"is_listening": True}, 2 * MINUTE, id="its news come by themselves"),
        pytest.param({"is_feed": True, "base": HOUR}, HOUR, id="a feed: as it is set"),
        pytest.param({"is_feed": True, "base": HOUR, "since_edit": MINUTE}, HOUR, id="nobody's edit shows in a feed"),
        pytest.param(
            {"is_feed": True, "base": HOUR, "is_night": True, "stale_after": 4 * HOUR}, 1.5 * HOUR, id="a feed at night"
        ),
        pytest.param({"is_feed": True, "base": HOUR, "is_night": True}, HOUR, id="never so slowly that it is stale"),
        pytest.param({"base": 2 * SECOND, "is_night": True}, 2 * SECOND, id="--poll 2: two seconds, at night, too"),
        pytest.param({"base": SECOND, "since_edit": SECOND}, SECOND, id="--poll 1: no slower after an edit"),
        pytest.param({"base": SECOND, "is_feed": True}, SECOND, id="--poll shortens feeds, too"),
    ],
)
def test_the_interval(facts: dict[str, object], waits: timedelta) -> None:
    """Soon while somebody edits, slowly at night."""
    assert interval(replace(CALM, **facts)) == waits  # type: ignore[arg-type]


@given(
    base=st.timedeltas(SECOND, 7 * 24 * HOUR),
    stale_after=st.timedeltas(MINUTE, 7 * 24 * HOUR),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
    since=st.tuples(*[st.none() | st.timedeltas(timedelta(0), 30 * 24 * HOUR)] * 2),
)
def test_no_interval_makes_a_calendar_stale_or_is_absurd(
    base: timedelta,
    stale_after: timedelta,
    flags: tuple[bool, bool, bool],
    since: tuple[timedelta | None, timedelta | None],
) -> None:
    """Whatever comes together: by waiting longer than was set, no calendar counts as not checked."""
    feed, night, listening = flags
    waits = interval(
        Facts(
            base=base, stale_after=stale_after, is_feed=feed, is_night=night, is_listening=listening,
            since_edit=since[0], since_change=since[1], running_for=HOUR,
        )
    )  # fmt: skip

    assert min(base / 4, 15 * SECOND) <= waits <= max(base, stale_after / 2)
    assert waits <= 5 * base


@pytest.mark.parametrize(
    ("moment", "sleeps"),
    [
        pytest.param(datetime(2026, 11, 24, 14, 0, tzinfo=UTC), False, id="three in the afternoon"),
        pytest.param(datetime(2026, 11, 24, 21, 30, tzinfo=UTC), True, id="half past ten"),
        pytest.param(datetime(2026, 11, 24, 3, 0, tzinfo=UTC), True, id="four in the morning"),
        pytest.param(datetime(2026, 11, 24, 6, 30, tzinfo=UTC), False, id="half past seven"),
        pytest.param(datetime(2026, 11, 22, 14, 0, tzinfo=UTC), False, id="a Sunday afternoon is no night"),
    ],
)
def test_night_is_when_the_tutor_sleeps(moment: datetime, sleeps: bool) -> None:
    assert is_night(moment, HOURS) is sleeps


def test_who_works_at_night_has_no_night_then() -> None:
    """Lessons across the ocean, from 22 to midnight: within an hour of them nobody sleeps."""
    late = WorkingHours(ZONE, tuple((((time(22), time(0)),) if day == 1 else ()) for day in range(7)))

    assert not is_night(datetime(2026, 11, 24, 22, 30, tzinfo=UTC), late)
    assert is_night(datetime(2026, 11, 25, 1, 0, tzinfo=UTC), late)
    assert is_night(datetime(2026, 11, 25, 22, 30, tzinfo=UTC), late)


def account(name: str, **facts: object) -> Account:
    calm = Account(
        id=name, provider="caldav", issuer="i", subject=name, name=name, display=name, base_url="", settings={},
        created_at=NOW,
    )  # fmt: skip
    return replace(calm, **facts)  # type: ignore[arg-type]


A, FEED, AGENCY = account("a"), account("feed", provider="ics"), account("agency", provider="platform")


class Agent:
    """The memory of looks, with a clock that a test moves."""

    def __init__(self, accounts: Sequence[Account], draw: float = 0.5) -> None:
        self.clock = FakeClock()
        self.accounts = list(accounts)
        tempo = Tempo(sides=MINUTE, feeds=HOUR, stale_after=2 * HOUR, hours=HOURS)
        self.beats = Beats(self.clock, lambda: tempo, lambda: draw)

    def look(self, *read: str) -> None:
        """Look at whoever is due; these had something new."""
        ready = self.beats.ready(self.accounts)
        self.beats.looked_at(ready)
        report = PassReport("p", NOW)
        report.accounts = {one: AccountReport(one, one, read=int(one in read)) for one in ready}
        self.beats.heard(report, self.accounts)

    def next_in(self) -> timedelta:
        return self.beats.next_in(self.accounts)

    def ready(self) -> set[str]:
        return self.beats.ready(self.accounts)


def test_everybody_is_due_at_the_start_and_each_at_its_own_pace_then() -> None:
    agent = Agent([A, FEED])
    assert agent.ready() == {"a", "feed"}

    agent.look()
    assert (agent.ready(), agent.next_in()) == (set(), MINUTE)
    agent.clock.pass_(MINUTE)
    assert agent.ready() == {"a"}


@pytest.mark.parametrize(("draw", "waits"), [(0.0, 54 * SECOND), (0.5, MINUTE), (1.0, 66 * SECOND)])
def test_no_two_laptops_knock_at_once(draw: float, waits: timedelta) -> None:
    """A tenth sooner or later, drawn anew with each look."""
    agent = Agent([A], draw)
    agent.look()

    assert agent.next_in() == waits


def test_after_an_edit_here_all_sides_are_looked_at_soon() -> None:
    """The agency may answer, a phone may be in somebody's hand."""
    agent = Agent([A, FEED])
    agent.look()

    agent.beats.edited()

    assert agent.next_in() == 15 * SECOND
    agent.clock.pass_(15 * SECOND)
    assert agent.ready() == {"a"}
    agent.clock.pass_(11 * MINUTE)
    agent.look()
    assert agent.next_in() == MINUTE


def test_an_edit_there_counts_like_one_here_and_a_first_reading_is_none() -> None:
    agent = Agent([A])
    agent.look("a")
    assert agent.next_in() == MINUTE

    agent.clock.pass_(MINUTE)
    agent.look("a")
    assert agent.next_in() == 15 * SECOND


def test_a_feed_that_changes_hurries_nobody() -> None:
    """Schools publish all day."""
    agent = Agent([A, FEED])
    agent.look()
    agent.clock.pass_(HOUR)
    agent.look("feed")

    assert agent.next_in() == MINUTE


def test_who_failed_is_looked_at_when_its_time_has_come_whatever_its_pace() -> None:
    """Sooner than a feed's hour, later than a calendar's minute."""
    until = NOW + 5 * MINUTE
    agent = Agent([account("a", next_try_at=until, failures=3), account("feed", provider="ics", next_try_at=until)])
    agent.look()

    assert agent.next_in() == 5 * MINUTE
    agent.clock.pass_(5 * MINUTE)
    assert agent.ready() == {"a", "feed"}


def test_a_wait_that_a_wrong_clock_gave_out_is_none() -> None:
    """The clock ran a year ahead when the account failed: nobody waits until then."""
    agent = Agent([account("a", next_try_at=NOW + timedelta(days=365), failures=1)])

    assert agent.ready() == {"a"}


def test_a_clock_set_back_by_a_day_stalls_nothing() -> None:
    """Paces are counted on a clock that nobody sets."""
    agent = Agent([A])
    agent.look()

    agent.clock.set_by(timedelta(days=-1))
    assert agent.next_in() <= 5 * MINUTE
    agent.clock.pass_(5 * MINUTE)
    assert agent.ready() == {"a"}


def test_after_waking_nobody_is_looked_at_for_a_moment() -> None:
    agent = Agent([A])
    agent.look()
    agent.clock.pass_(8 * HOUR)

    agent.beats.quiet(8 * SECOND)
    assert (agent.ready(), agent.next_in()) == (set(), 8 * SECOND)
    agent.clock.pass_(8 * SECOND)
    assert agent.ready() == {"a"}


def test_a_platform_that_is_listened_to_is_asked_half_as_often_and_at_once_when_it_has_news() -> None:
    agent = Agent([AGENCY])
    agent.look()
    agent.beats.is_listening = True
    assert agent.next_in() == 2 * MINUTE

    agent.beats.forget("agency")
    assert agent.ready() == {"agency"}


def test_without_accounts_there_is_nothing_to_do() -> None:
    assert Agent([account("a", paused=True)]).next_in() == NOTHING_TO_DO
