"""What is a double booking, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.conflicts.detect import collision, detect, reach
from sync_agent.engine.conflicts.values import (
    Occupied,
    OccupiedKind,
    Overlap,
    Reason,
    occupied_by_session,
)
from tests.engine.conflicts.builders import BERLIN, BUFFER, a_session, clock, event, session


@pytest.mark.parametrize(
    ("other", "part"),
    [
        pytest.param("15:30-16:30", ("15:30", "16:00", 30), id="reaches over the end"),
        pytest.param("14:00-15:15", ("15:00", "15:15", 15), id="reaches over the start"),
        pytest.param("09:00-18:00", ("15:00", "16:00", 60), id="around it"),
        pytest.param("15:10-15:20", ("15:10", "15:20", 10), id="within it"),
    ],
)
def test_an_overlap_says_which_part_both_take(other: str, part: tuple[str, str, int]) -> None:
    """A private appointment against an online session."""
    [found] = detect(session("15:00-16:00"), [event(other)], travel_buffer=BUFFER)

    assert (found.lo, found.hi, found.minutes) == (clock(part[0]), clock(part[1]), part[2])
    assert found.reason is Reason.OVERLAP


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(event("16:00-17:00"), id="back to back after"),
        pytest.param(event("14:00-15:00"), id="back to back before"),
        pytest.param(event("15:00-16:00", blocks=False), id="transparent, declined, or marked free"),
        pytest.param(event("15:30-15:30"), id="lasting no time"),
        pytest.param(session("15:00-16:00", name="s2", blocks=False), id="a cancelled session"),
        pytest.param(session("15:00-16:00"), id="the session itself"),
    ],
)
def test_no_double_booking(other: Occupied) -> None:
    """Each of these leaves the session alone."""
    assert detect(session("15:00-16:00"), [other], travel_buffer=BUFFER) == ()


def test_two_at_the_same_hour_are_told_in_one_order() -> None:
    """Whatever order the calendars were read in."""
    first, second = event(name="e1"), event(name="e2")

    assert detect(session(), [first, second]) == detect(session(), [second, first])


def test_a_cancelled_session_collides_with_nothing() -> None:
    """Whatever lies there."""
    assert detect(session(blocks=False), [event(), session(name="s2")]) == ()


@pytest.mark.parametrize(
    ("other", "missing"),
    [
        pytest.param(event("16:10-17:00"), ("16:10", "16:30", 20), id="ten minutes after: twenty are missing"),
        pytest.param(event("14:00-14:40"), ("14:30", "14:40", 10), id="twenty minutes before: ten are missing"),
        pytest.param(event("16:00-17:00"), ("16:00", "16:30", 30), id="back to back: all are missing"),
        pytest.param(event("16:30-17:00"), None, id="exactly the buffer: enough"),
        pytest.param(event("16:10-16:10"), None, id="a reminder that lasts no time: none"),
    ],
)
def test_in_person_needs_the_way(other: Occupied, missing: tuple[str, str, int] | None) -> None:
    """The tutor keeps half an hour for the way."""
    found = detect(session("15:00-16:00", in_person=True), [other], travel_buffer=BUFFER)

    assert [(o.lo, o.hi, o.minutes) for o in found] == (
        [(clock(missing[0]), clock(missing[1]), missing[2])] if missing else []
    )
    assert all(o.reason is Reason.TRAVEL_BUFFER for o in found)


def test_one_way_is_travelled_once() -> None:
    """Half an hour between two students in person is enough."""
    second = session("16:30-17:30", name="s2", in_person=True, place="Library")

    assert detect(session(in_person=True, place="Oak Street 5"), [second], travel_buffer=BUFFER) == ()


def test_two_sessions_at_one_place_need_no_way() -> None:
    """An afternoon of students at a school; the place was typed with care and without."""
    second = session("16:00-17:00", name="s2", in_person=True, place="oak street  5")

    assert detect(session(in_person=True, place="Oak Street 5"), [second], travel_buffer=BUFFER) == ()


def test_two_places_without_a_name_are_two_places() -> None:
    """Nothing is known of either."""
    second = session("16:00-17:00", name="s2", in_person=True)

    assert len(detect(session(in_person=True), [second], travel_buffer=BUFFER)) == 1


def test_of_two_sessions_the_smaller_id_comes_first_and_a_session_before_an_event() -> None:
    """So that a pair has one name, whoever was asked."""
    assert collision(session(name="s2"), session(name="s1")).pair == ("session:s1", "session:s2")  # type: ignore[union-attr]
    assert collision(event(), session()).pair == ("session:s1", "event:c1:e1:")  # type: ignore[union-attr]


def test_two_events_are_not_our_business() -> None:
    """Not even if they overlap."""
    assert collision(event(), event(name="e2")) is None


def test_a_session_becomes_what_is_compared() -> None:
    """From the engine's own value; a cancelled one blocks nothing."""
    booked = occupied_by_session(a_session())

    assert [o.pair for o in detect(booked, [event()])] == [("session:s1", "event:c1:e1:")]
    assert not occupied_by_session(a_session(status=SessionStatus.CANCELLED)).blocks


def test_what_takes_time_cannot_end_before_it_starts() -> None:
    """Nor be without a zone."""
    with pytest.raises(ValueError, match="in order"):
        event("16:00-15:00")


_BASE = datetime(2026, 11, 26, tzinfo=UTC)


@st.composite
def taken(draw: st.DrawFn) -> Occupied:
    """Anything that takes time within one day."""
    lo = _BASE + timedelta(minutes=5 * draw(st.integers(0, 60)))
    return Occupied(
        kind=draw(st.sampled_from(OccupiedKind)),
        id=draw(st.sampled_from("abc")),
        title="x",
        lo=lo,
        hi=lo + timedelta(minutes=5 * draw(st.integers(0, 24))),
        zone=BERLIN,
        in_person=draw(st.booleans()),
        place=draw(st.sampled_from(["", "Library", "School"])),
        blocks=draw(st.sampled_from([True, True, True, False])),
    )


BUFFERS = st.sampled_from([timedelta(0), timedelta(minutes=15), BUFFER])


@given(taken(), taken(), BUFFERS)
def test_swapping_the_sides_changes_nothing(one: Occupied, other: Occupied, buffer: timedelta) -> None:
    """A law."""
    assert collision(one, other, travel_buffer=buffer) == collision(other, one, travel_buffer=buffer)


@given(taken(), taken(), BUFFERS, st.integers(-3000, 3000))
def test_moving_both_moves_the_overlap(one: Occupied, other: Occupied, buffer: timedelta, minutes: int) -> None:
    """A law: nothing hangs on the clock."""
    by = timedelta(minutes=minutes)

    def moved(what: Occupied) -> Occupied:
        return Occupied(
            **{name: getattr(what, name) for name in what.__slots__} | {"lo": what.lo + by, "hi": what.hi + by}
        )

    here, there = (collision(*pair, travel_buffer=buffer) for pair in ((one, other), (moved(one), moved(other))))

    assert (here and (here.lo + by, here.hi + by, here.reason)) == (there and (there.lo, there.hi, there.reason))


@given(taken(), taken(), BUFFERS)
def test_what_collides_lies_within_reach_and_lasts(one: Occupied, other: Occupied, buffer: timedelta) -> None:
    """A law: an index asked for `reach` misses nothing, and no overlap is empty or longer than what is missing."""
    found = collision(one, other, travel_buffer=buffer)
    lo, hi = reach(one, travel_buffer=buffer)

    if found is not None:
        assert other.lo < hi
        assert other.hi > lo
        assert found.lo < found.hi
        assert found.reason is Reason.OVERLAP or found.hi - found.lo <= buffer


@given(taken(), st.lists(taken(), max_size=6), BUFFERS)
def test_each_pair_is_found_once_and_alone(one: Occupied, others: list[Occupied], buffer: timedelta) -> None:
    """A law: the others do not matter to a pair."""
    alone: list[Overlap] = [o for other in others for o in detect(one, [other], travel_buffer=buffer)]

    assert sorted(map(repr, detect(one, others, travel_buffer=buffer))) == sorted(map(repr, alone))
