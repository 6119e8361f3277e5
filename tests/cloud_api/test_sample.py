"""The sample year: believable, and the same for the same seed."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date

import pytest

from cloud_api.sample.year import SampleYear, sample_year

AROUND = date(2026, 11, 24)


@pytest.fixture(scope="module")
def year() -> SampleYear:
    """A year of six hundred sessions."""
    return sample_year(sessions=600, seed=1, around=AROUND)


@pytest.mark.parametrize("sessions", [1, 12, 200, 600])
@pytest.mark.parametrize("around", [AROUND, date(2026, 12, 25), date(2027, 8, 1), date(2028, 2, 29)])
def test_it_has_as_many_sessions_as_asked_for_on_any_day(sessions: int, around: date) -> None:
    """Also in the middle of the holidays."""
    year = sample_year(sessions=sessions, seed=5, around=around)

    assert len({session.id for session in year.sessions}) == sessions


def test_the_same_seed_gives_the_same_year_and_another_one_another() -> None:
    """Down to the ids."""
    first = sample_year(sessions=50, seed=1, around=AROUND)

    assert first == sample_year(sessions=50, seed=1, around=AROUND)
    assert first.tutor_ids != sample_year(sessions=50, seed=2, around=AROUND).tutor_ids


def test_a_tutor_is_in_one_place_at_a_time(year: SampleYear) -> None:
    """A sample with double bookings in it would be a poor start."""
    for tutor in year.tutor_ids:
        own = [session for session in year.sessions if session.tutor_id == tutor]
        assert all(before.ends_at <= after.starts_at for before, after in itertools.pairwise(own))


def test_it_looks_like_a_year(year: SampleYear) -> None:
    """Weekly series, holidays, cancellations, group sessions, several zones and scripts."""
    series = Counter(session.series_id for session in year.sessions)
    statuses = Counter((session.status, session.starts_at.date() < AROUND) for session in year.sessions)
    zones = {session.zone for session in year.sessions}
    letters = "".join(person.name for person in year.people)

    assert max(series.values()) > 25
    assert statuses["completed", True] > 100
    assert statuses["planned", False] > 100
    assert statuses["cancelled", True] > 5
    assert statuses["cancelled", False] > 5
    assert statuses["completed", False] == statuses["planned", True] == 0
    assert any(len(session.student_ids) > 1 for session in year.sessions)
    assert {session.online for session in year.sessions} == {True, False}
    assert len(zones) >= 3
    assert all(
        any(low <= letter <= high for letter in letters) for low, high in ("AZ", "Ая", "一鿿", "את", "가힣", "आह")
    )
    assert not any(session.start_wall.startswith("2026-08-0") for session in year.sessions), "summer holidays"
