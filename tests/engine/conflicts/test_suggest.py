"""Where a session could go instead. It is Monday, 23 November 2026; the session is on Thursday from 15 to 16."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.conflicts.detect import detect
from sync_agent.engine.conflicts.suggest import HORIZON, suggest
from sync_agent.engine.conflicts.values import (
    Because,
    Occupied,
    StaleCalendar,
    Suggestion,
    WorkingHours,
    occupied_by_session,
)
from sync_agent.engine.conflicts.words import because_words
from sync_agent.engine.values import Session
from tests.engine.conflicts.builders import BERLIN, BUFFER, HOUR, NOW, a_session, a_span, clock, event, session

WEEK = timedelta(weeks=1)
HOURS = WorkingHours.usual(BERLIN)
DENTIST = event("15:30-16:30")


def offered(
    occupied: list[Occupied] | None = None, *, of: Session | None = None, now: datetime = NOW, **more: object
) -> tuple[Suggestion, ...]:
    hours = more.pop("working_hours", HOURS)
    return suggest(
        of or a_session(),
        occupied=[DENTIST] if occupied is None else occupied,
        working_hours=hours,  # type: ignore[arg-type]
        now=now,
        **more,  # type: ignore[arg-type]
    )


def short(found: tuple[Suggestion, ...]) -> list[str]:
    return [f"{s.when.start:%a %d %H:%M}" for s in found]


def codes(suggestion: Suggestion) -> list[str]:
    return [fact.code for fact in suggestion.reasons]


def words(suggestion: Suggestion) -> str:
    return ", ".join(because_words(fact, zone=BERLIN) for fact in suggestion.reasons)


@given(
    taken=st.lists(st.tuples(st.integers(23, 29), st.integers(8, 20)), max_size=30, unique=True),
    usual=st.lists(st.tuples(st.integers(2, 22), st.integers(9, 19)), max_size=6),
)
@settings(max_examples=40)
def test_each_rank_has_a_reason_that_no_other_has(taken: list[tuple[int, int]], usual: list[tuple[int, int]]) -> None:
    """Whatever is in the way: whoever reads the five knows why one comes before the other, and none collides."""
    busy = [event(f"{hour}:00-{hour + 1}:00", day=day, name=f"e{day}{hour}") for day, hour in taken]

    found = offered(busy, history=[a_span(f"{hour}:00-{hour + 1}:00", day=day) for day, hour in usual])

    assert len({words(one) for one in found}) == len(found) == 5
    for one in found:
        assert all(other.hi <= one.when.starts_at or other.lo >= one.when.ends_at for other in busy)


def test_five_slots_near_the_old_one_and_spread() -> None:
    """The same day first, as near as the dentist allows; then the days around it at the same hour."""
    found = offered()

    assert short(found) == ["Thu 26 14:30", "Thu 26 16:30", "Wed 25 15:00", "Fri 27 15:00", "Wed 25 13:00"]
    assert [s.rank for s in found] == [1, 2, 3, 4, 5]
    assert codes(found[0]) == [Because.SAME_DAY, Because.HOURS_AWAY, Because.INSIDE_HOURS]
    assert codes(found[2]) == [Because.SAME_WEEK, Because.DAYS_AWAY, Because.SAME_HOUR, Because.INSIDE_HOURS]
    assert [words(s) for s in found] == [
        "same day, 30 minutes earlier, inside working hours",
        "same day, 1 hour 30 minutes later, inside working hours",
        "same week, 1 day earlier, same hour, inside working hours",
        "same week, 1 day later, same hour, inside working hours",
        "same week, 1 day earlier, 2 hours earlier, inside working hours",
    ]


def test_the_students_usual_weekday_and_hour_come_first() -> None:
    """They have always come on Tuesdays at 17:00; this Thursday was an exception."""
    history = [a_span("17:00-18:00", day=day) for day in (3, 10, 17)]

    found = offered(history=history)

    assert short(found)[:2] == ["Tue 24 17:00", "Tue 24 15:00"]
    assert found[0].reasons[1].facts == {"weekday": 1, "sessions": 3, "of": 3}
    assert codes(found[0])[1] == Because.USUAL_WEEKDAY


def test_a_full_week_leads_to_the_next_on_the_same_weekday() -> None:
    """The tutor is away until Saturday night."""
    away = [event("00:00-23:59", day=day, name=f"away{day}") for day in range(23, 30)]

    found = offered(away)

    assert short(found)[0] == "Thu 03 15:00"
    assert codes(found[0]) == [Because.LATER_WEEK, Because.SAME_WEEKDAY, Because.SAME_HOUR, Because.INSIDE_HOURS]
    assert found[0].reasons[0].facts == {"weeks": 1}


def test_outside_the_working_hours_only_if_nothing_inside_is_free() -> None:
    """The tutor's only working hour of the week is taken for a month."""
    only = WorkingHours(BERLIN, ((), (), (), ((time(15), time(16)),), (), (), ()))
    weekly = [
        replace(DENTIST, id=f"c1:{n}:", lo=clock("15:00") + n * WEEK, hi=clock("16:00") + n * WEEK) for n in range(6)
    ]

    assert codes(offered([DENTIST], working_hours=only)[0])[-1] == Because.INSIDE_HOURS
    found = offered(weekly, working_hours=only)
    assert short(found)[:2] == ["Thu 26 14:00", "Thu 26 16:00"]
    assert all(Because.OUTSIDE_HOURS in codes(s) for s in found)


def test_the_travel_buffer_is_kept_on_both_sides() -> None:
    """In person, half an hour from the session online before it and from the choir at night."""
    before = session("12:00-14:00", name="s0")

    choir = event("18:00-22:00", name="choir")

    found = offered([DENTIST, before, choir], of=a_session(online=False, place="Library"), travel_buffer=BUFFER)

    assert short(found)[0] == "Thu 26 10:30"
    assert found[0].reasons[-1].facts == {"minutes": 30}


def test_a_calendar_that_was_not_read_is_named_with_every_slot() -> None:
    """Stale is never "free"."""
    since = datetime(2026, 11, 20, 9, tzinfo=UTC)
    stale = (StaleCalendar("c2", "Work", since), StaleCalendar("c3", "Choir", None))

    found = offered(stale=stale)

    assert not any(s.is_known_free for s in found)
    assert [f.facts for f in found[0].reasons if f.code == Because.NOT_CHECKED] == [
        {"calendar": "c2", "name": "Work", "since": since.isoformat()},
        {"calendar": "c3", "name": "Choir"},
    ]
    assert all(s.is_known_free for s in offered())


def test_a_session_keeps_its_own_minute() -> None:
    """Ten past the hour stays on a grid of ten past."""
    found = offered(of=a_session("15:10-15:55"))

    assert {s.when.start.minute % 15 for s in found} == {10}
    assert {s.when.duration for s in found} == {timedelta(minutes=45)}


def test_a_session_that_is_over_is_offered_what_still_lies_ahead() -> None:
    """On Friday evening: nothing before Saturday."""
    now = clock("21:00", day=27)

    assert all(s.when.starts_at > now for s in offered(now=now))
    assert short(offered(now=now))[0] == "Sat 28 13:00"


def test_wall_times_that_the_clocks_skip_are_not_offered() -> None:
    """Summer time begins on 29 March 2026; a night owl's hours are from 1 to 5."""
    night = WorkingHours(BERLIN, (((time(1), time(5)),),) * 7)
    owl = Session("s1", WallSpan(datetime(2026, 3, 29, 1, 30), BERLIN, HOUR / 2), "Maths")
    taken = replace(DENTIST, lo=datetime(2026, 3, 29, 0, tzinfo=UTC), hi=datetime(2026, 3, 29, 1, tzinfo=UTC))

    found = offered([taken], of=owl, now=datetime(2026, 3, 28, 20, tzinfo=UTC), working_hours=night)

    assert short(found)[0] == "Sun 29 03:00"


def test_working_hours_are_the_tutors_and_the_slot_is_the_sessions() -> None:
    """A tutor in Berlin teaches a student in New York: six hours later on the tutor's clock."""
    far = a_session("09:00-10:00", zone="America/New_York")

    found = offered([], of=far)

    zones = {s.when.zone for s in found}
    hours = {s.when.starts_at.astimezone(ZoneInfo(BERLIN)).hour for s in found}
    assert zones == {"America/New_York"}
    assert hours <= set(range(9, 20))


@pytest.mark.parametrize("count", [0, 1, 3, 12])
def test_as_many_as_asked(count: int) -> None:
    """Twelve are there, too."""
    assert len(offered(count=count)) == count


def test_nothing_free_is_an_empty_answer() -> None:
    """Not a wrong one."""
    month = replace(DENTIST, lo=NOW, hi=NOW + timedelta(days=40))

    assert offered([month]) == ()


def test_a_cancelled_or_transparent_thing_is_no_obstacle() -> None:
    """And the session itself is none either."""
    free = offered([occupied_by_session(a_session()), event("14:00-15:00", blocks=False)])

    assert short(free)[:2] == ["Thu 26 14:45", "Thu 26 16:45"]


@st.composite
def diaries(draw: st.DrawFn) -> list[Occupied]:
    """Up to sixty things in five weeks."""
    found = []
    for n in range(draw(st.integers(0, 60))):
        lo = NOW + timedelta(minutes=15 * draw(st.integers(-40, 35 * 96)))
        hi = lo + timedelta(minutes=15 * draw(st.integers(0, 60)))
        make = draw(st.sampled_from([session, event]))
        in_person = draw(st.booleans())
        found.append(make(name=f"x{n}", lo=lo, hi=hi, in_person=in_person, blocks=draw(st.integers(0, 9)) > 0))
    return found


@settings(max_examples=60)
@given(
    diaries(),
    st.booleans(),
    st.sampled_from(["15:00-16:00", "08:20-09:05", "22:00-23:30"]),
    st.sampled_from([timedelta(0), BUFFER]),
)
def test_what_is_offered_is_free_ahead_spread_and_always_the_same(
    diary: list[Occupied], online: bool, text: str, buffer: timedelta
) -> None:
    """The laws of a suggestion."""
    moving = a_session(text, online=online)

    found = offered(diary, of=moving, travel_buffer=buffer)

    assert found == offered(list(reversed(diary)), of=moving, travel_buffer=buffer)
    assert [s.rank for s in found] == list(range(1, len(found) + 1))
    for suggestion in found:
        there = occupied_by_session(a_session(when=suggestion.when, online=online))
        assert detect(there, diary, travel_buffer=buffer) == ()
        assert NOW < suggestion.when.starts_at < moving.when.starts_at + HORIZON + timedelta(days=1)
        assert suggestion.when.starts_at != moving.when.starts_at
        assert suggestion.when.duration == moving.when.duration
    for one, other in combinations(found, 2):
        assert abs(one.when.starts_at - other.when.starts_at) >= max(HOUR, moving.when.duration)
