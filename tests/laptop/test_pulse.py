"""Sleep and wake, and a wall clock that was set: what two looks at the clocks say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.laptop.agent.pulse import Happened, Look, Pulse, between
from tests.laptop.clocks import NOW, FakeClock

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
START = Look(NOW, 5 * HOUR, 3 * HOUR)


def later(passed: timedelta, *, slept: timedelta = timedelta(0), clock_set: timedelta = timedelta(0)) -> Look:
    return Look(START.wall + passed + slept + clock_set, START.elapsed + passed + slept, START.awake + passed)


@pytest.mark.parametrize(
    ("after", "happened"),
    [
        pytest.param(later(20 * SECOND), Happened(), id="nothing"),
        pytest.param(later(3 * HOUR), Happened(), id="nobody looked for hours, and it was awake"),
        pytest.param(later(MINUTE, slept=8 * HOUR), Happened(slept=8 * HOUR), id="a night"),
        pytest.param(later(MINUTE, slept=5 * SECOND), Happened(), id="a nap that kills no connection"),
        pytest.param(later(MINUTE, clock_set=-2 * HOUR), Happened(clock_set=-2 * HOUR), id="set back"),
        pytest.param(later(MINUTE, clock_set=HOUR), Happened(clock_set=HOUR), id="set forward"),
        pytest.param(later(MINUTE, clock_set=SECOND), Happened(), id="corrected by a time server"),
        pytest.param(
            later(MINUTE, slept=HOUR, clock_set=-10 * MINUTE),
            Happened(slept=HOUR, clock_set=-10 * MINUTE),
            id="asleep, and its battery's clock was slow",
        ),
    ],
)
def test_two_looks_say_what_happened_between(after: Look, happened: Happened) -> None:
    """Sleep is what one clock counts and another does not; a clock was set if it moved by itself."""
    assert between(START, after) == happened


def test_where_no_clock_knows_of_sleep_being_late_tells() -> None:
    """Windows and macOS: all clocks went on; the beat came an hour late."""
    after = Look(START.wall + HOUR, START.elapsed + HOUR, START.awake + HOUR)

    assert between(START, after) == Happened()
    assert between(START, after, meant=20 * SECOND) == Happened(slept=HOUR - 20 * SECOND)


@given(
    passed=st.timedeltas(timedelta(0), 400 * 24 * HOUR),
    slept=st.timedeltas(MINUTE, 90 * 24 * HOUR),
    clock_set=st.timedeltas(-400 * 24 * HOUR, 400 * 24 * HOUR).filter(lambda by: abs(by) > MINUTE),
)
def test_sleep_and_a_set_clock_are_told_apart(passed: timedelta, slept: timedelta, clock_set: timedelta) -> None:
    assert between(START, later(passed, slept=slept, clock_set=clock_set)) == Happened(slept, clock_set)


def test_what_happened_is_told_once() -> None:
    """Whoever looks first tells it: the beat, or the pass that is about to use a dead connection."""
    clock, slept, clock_set = FakeClock(), list[timedelta](), list[timedelta]()
    pulse = Pulse(clock, slept=slept.append, clock_set=clock_set.append, awake_s=clock.awake_s)

    clock.sleep(8 * HOUR)
    clock.set_by(-HOUR)
    pulse.look()
    clock.pass_(MINUTE)
    pulse.look()

    assert (slept, clock_set) == ([8 * HOUR], [-HOUR])
