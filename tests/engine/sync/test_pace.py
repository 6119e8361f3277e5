"""How many writes are on the way at once: as many as a server bears, and one where more would not be any faster."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.sync.pace import ONE_BY_ONE, TRIED_AGAIN_AFTER, Pace, written_for
from tests.engine.sync.builders import NOW

FAR, NEAR = timedelta(milliseconds=40), timedelta(milliseconds=1)


def a_pace(answers_in: timedelta | None = FAR, *, most: int = 4, at_once: int = 4) -> Pace:
    return Pace(most, at_once, answers_in=answers_in)


@pytest.mark.parametrize(
    ("pace", "side_by_side", "together"),
    [
        pytest.param(a_pace(None), 1, 1, id="nobody knows yet: the first one goes alone"),
        pytest.param(a_pace(FAR), 4, 4, id="a long way: four at once, written down as they leave"),
        pytest.param(a_pace(timedelta(seconds=2)), 4, 4, id="a very long way: not one row earlier than it leaves"),
        pytest.param(a_pace(FAR / 4), 4, 20, id="a shorter way: some rounds of them"),
        pytest.param(a_pace(NEAR), 1, 50, id="next door: one after the other, many rows in one go"),
        pytest.param(a_pace(timedelta(0)), 1, 50, id="in no time"),
        pytest.param(a_pace(FAR, at_once=1), 1, 1, id="it refuses company: one row, one request"),
        pytest.param(ONE_BY_ONE.measured(NEAR), 1, 1, id="one by one, by order"),
    ],
)
def test_the_way_decides(pace: Pace, side_by_side: int, together: int) -> None:
    """Rows stand in the journal only shortly before their requests leave."""
    assert (pace.side_by_side, pace.together) == (side_by_side, together)


def test_one_slow_answer_is_not_the_rule() -> None:
    """What was measured is smoothed."""
    assert a_pace(NEAR).measured(5 * NEAR).answers_in == 2 * NEAR


def test_a_refusal_is_remembered_by_the_account_and_forgiven_after_a_week() -> None:
    """Then with two, then with as many as before."""
    quirks = a_pace().refused(NOW).remembered({"other": 1})

    assert Pace.of(quirks, 4, NOW + timedelta(days=6)).at_once == 1
    again = Pace.of(quirks, 4, NOW + TRIED_AGAIN_AFTER)
    assert again.at_once == 2
    assert again.borne().at_once == 4
    assert again.borne().remembered(quirks) == {"other": 1}
    assert again.refused(NOW + TRIED_AGAIN_AFTER).at_once == 1


def test_who_bears_all_of_it_has_nothing_to_remember() -> None:
    """No row is written because of a server that is as it should be."""
    assert Pace.of({}, 4, NOW).borne().remembered({}) == {}


@given(
    most=st.integers(1, 8),
    at_once=st.integers(1, 8),
    answers_in=st.one_of(st.none(), st.integers(0, 10_000).map(lambda ms: timedelta(milliseconds=ms))),
)
def test_never_more_than_allowed_and_never_nothing(most: int, at_once: int, answers_in: timedelta | None) -> None:
    """Whatever an account remembers from a day when more was allowed."""
    pace = Pace.of({"writes_at_once": at_once}, most, NOW)
    pace = pace if answers_in is None else pace.measured(answers_in)

    assert 1 <= pace.side_by_side <= pace.together <= 50
    assert pace.side_by_side <= most


@pytest.mark.parametrize(
    ("planned_in", "seconds"),
    [
        pytest.param(timedelta(0), 5, id="in no time"),
        pytest.param(timedelta(seconds=2), 20, id="of thousands"),
        pytest.param(timedelta(hours=9), 60, id="while the computer slept"),
    ],
)
def test_what_took_long_to_plan_is_written_for_longer_before_it_is_planned_again(
    planned_in: timedelta, seconds: int
) -> None:
    """A first mirroring of 10,000 sessions was planned for 43 s of CPU, again every five seconds."""
    assert written_for(timedelta(seconds=5), planned_in) == timedelta(seconds=seconds)
