"""What an object takes of the tutor's time, case by case. Told in UTC; home is Berlin (UTC+1, in summer UTC+2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.events import EventStatus
from connectors.vocabulary.times import UnknownZone
from sync_agent.engine.busy.intervals import Flag
from tests.engine.busy.builders import HOUR, YEAR, an_event, at, expanded, floating, on, spelled, starts, utc

THURSDAY = datetime(2026, 10, 1, 15)
WEEKLY = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=4",))


def test_a_weekly_series_keeps_its_hour_on_the_wall_over_the_clock_change() -> None:
    """Summer time ends on 25 October 2026."""
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=5",))

    assert starts(series) == ["1 Oct 13:00", "8 Oct 13:00", "15 Oct 13:00", "22 Oct 13:00", "29 Oct 14:00"]


def test_a_utc_series_keeps_its_instant() -> None:
    """Then the hour on the wall moves."""
    series = an_event(utc(datetime(2026, 10, 22, 13)), rrule=("FREQ=WEEKLY;COUNT=2",))

    assert starts(series) == ["22 Oct 13:00", "29 Oct 13:00"]


@pytest.mark.parametrize(
    ("start", "zone", "expected"),
    [
        pytest.param(
            datetime(2026, 3, 28, 2, 30),
            "Europe/Berlin",
            ["28 Mar 01:30", "29 Mar 01:30", "30 Mar 00:30"],
            id="an hour that is skipped",
        ),
        pytest.param(
            datetime(2026, 10, 24, 2, 30),
            "Europe/Berlin",
            ["24 Oct 00:30", "25 Oct 00:30", "26 Oct 01:30"],
            id="an hour that comes twice: the first",
        ),
        pytest.param(
            datetime(2026, 3, 7, 2, 30),
            "America/New_York",
            ["7 Mar 07:30", "8 Mar 07:30", "9 Mar 06:30"],
            id="over there on another day",
        ),
        pytest.param(
            datetime(2026, 4, 4, 1, 45),
            "Australia/Lord_Howe",
            ["3 Apr 14:45", "4 Apr 14:45", "5 Apr 15:15"],
            id="half an hour only",
        ),
    ],
)
def test_clock_changes(start: datetime, zone: str, expected: list[str]) -> None:
    """RFC 5545, section 3.3.5: the offset before the gap, the first of two."""
    assert starts(an_event(at(start, zone), rrule=("FREQ=DAILY;COUNT=3",))) == expected


def test_the_length_is_exact_where_an_end_was_given() -> None:
    """RFC 5545, section 3.8.5.3: a night shift of eight hours stays eight hours long."""
    night = an_event(at(datetime(2026, 10, 24, 22)), lasts=8 * HOUR, rrule=("FREQ=DAILY;COUNT=2",))

    assert {busy.hi - busy.lo for busy in expanded(night).intervals} == {8 * HOUR}


def test_a_whole_day_is_the_day_at_home() -> None:
    """The day of the clock change has 25 hours."""
    fair = an_event(on(date(2026, 10, 25)))

    [busy] = expanded(fair).intervals

    assert (spelled(busy), busy.hi - busy.lo, busy.recurrence_id) == ("24 Oct 22:00", 25 * HOUR, "")


def test_whole_days_repeat_on_the_calendar() -> None:
    """Two days every month, the second of them included."""
    fair = an_event(on(date(2026, 10, 24)), lasts=timedelta(days=2), rrule=("FREQ=MONTHLY;COUNT=2",))

    found = expanded(fair).intervals

    assert [(spelled(b), b.hi - b.lo, b.recurrence_id) for b in found] == [
        ("23 Oct 22:00", 49 * HOUR, "20261024"),
        ("23 Nov 23:00", 48 * HOUR, "20261124"),
    ]


def test_a_floating_time_is_read_at_home() -> None:
    """Without a zone it is nine o'clock wherever the tutor lives."""
    jog = an_event(floating(datetime(2026, 7, 1, 9)))

    assert starts(jog) == ["1 Jul 07:00"]
    assert starts(jog, home="Asia/Tokyo") == ["1 Jul 00:00"]


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(at(datetime(2026, 10, 8, 15)), id="as it was written"),
        pytest.param(utc(datetime(2026, 10, 8, 13)), id="in UTC"),
        pytest.param(at(datetime(2026, 10, 8, 9), "America/New_York"), id="in another zone"),
        pytest.param(floating(datetime(2026, 10, 8, 15)), id="without a zone"),
        pytest.param(on(date(2026, 10, 8)), id="as a date"),
    ],
)
def test_an_exception_is_found_however_it_is_written(gone: object) -> None:
    """RFC 5545, section 3.8.5.1, as kept by some."""
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=3",), exdates=(gone,))

    assert starts(series) == ["1 Oct 13:00", "15 Oct 13:00"]


def test_an_exception_of_another_time_takes_nothing_out() -> None:
    """An old exception of a series that was moved since."""
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=2",), exdates=(at(datetime(2026, 10, 8, 14)),))

    assert starts(series) == ["1 Oct 13:00", "8 Oct 13:00"]


def test_additional_dates_join_the_rule_and_may_last_longer() -> None:
    """RDATE, one of them a PERIOD; one repeats what the rule gives and is there once."""
    series = an_event(
        at(THURSDAY),
        rrule=("FREQ=WEEKLY;COUNT=2",),
        rdates=(at(datetime(2026, 10, 3, 10)), at(datetime(2026, 10, 8, 15)), utc(datetime(2026, 10, 4, 8))),
        rdate_durations=(None, None, 3 * HOUR),
    )

    found = expanded(series).intervals

    assert [(spelled(b), b.hi - b.lo) for b in found] == [
        ("1 Oct 13:00", HOUR), ("3 Oct 08:00", HOUR), ("4 Oct 08:00", 3 * HOUR), ("8 Oct 13:00", HOUR),
    ]  # fmt: skip


def test_several_rules_are_one_series() -> None:
    """Deprecated, and still written."""
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=2", "FREQ=DAILY;COUNT=2"))

    assert starts(series) == ["1 Oct 13:00", "2 Oct 13:00", "8 Oct 13:00"]


@pytest.mark.parametrize(
    "until",
    [
        pytest.param("20261015T130000Z", id="UTC, the very start: included"),
        pytest.param("20261015T150000", id="local, beside a zone"),
        pytest.param("20261015", id="a date, beside a time: that whole day"),
        pytest.param("20261022T125959Z", id="a second before the next"),
    ],
)
def test_the_end_of_a_rule_is_understood_in_every_spelling(until: str) -> None:
    """RFC 5545, section 3.3.10, wants UTC here."""
    assert starts(an_event(at(THURSDAY), rrule=(f"FREQ=WEEKLY;UNTIL={until}",)))[-1] == "15 Oct 13:00"


@pytest.mark.parametrize(
    ("until", "last"),
    [
        pytest.param("20261003", "2 Oct 22:00", id="a date, as it should be"),
        pytest.param("20261003T000000Z", "2 Oct 22:00", id="a date with zeros behind it"),
        pytest.param("20261002T220000Z", "2 Oct 22:00", id="midnight at home, in UTC"),
        pytest.param("20261003T235959", "2 Oct 22:00", id="the end of the day"),
    ],
)
def test_the_end_of_a_rule_of_whole_days(until: str, last: str) -> None:
    """Each means 3 October, which begins at 22:00 UTC the day before."""
    assert starts(an_event(on(date(2026, 10, 1)), rrule=(f"FREQ=DAILY;UNTIL={until}",)))[-1] == last


def test_the_last_day_of_the_calendar_as_an_end_means_never() -> None:
    """Some programs write the largest date that they have."""
    series = an_event(at(THURSDAY), rrule=("FREQ=YEARLY;UNTIL=99991231T235959Z",))

    assert starts(series, window=(YEAR[0], datetime(2028, 12, 31, tzinfo=UTC))) == ["1 Oct 13:00"] * 3


def test_a_moved_instance_is_where_it_was_moved_to() -> None:
    """It keeps its name: the original start."""
    moved = an_event(at(datetime(2026, 10, 9, 18)), recurrence_id=at(datetime(2026, 10, 8, 15)))

    assert starts(WEEKLY, moved) == ["1 Oct 13:00", "9 Oct 16:00", "15 Oct 13:00", "22 Oct 13:00"]
    assert expanded(WEEKLY, moved).intervals[1].recurrence_id == "20261008T130000Z"


@pytest.mark.parametrize(
    "away",
    [{"status": EventStatus.CANCELLED}, {"declined": True}, {"opaque": False}, {"lasts": timedelta(0)}],
    ids=["cancelled", "declined", "transparent", "made to last no time"],
)
def test_an_instance_that_does_not_take_place_does_not_block(away: dict[str, object]) -> None:
    """The others of the series do."""
    second = at(datetime(2026, 10, 8, 15))

    assert starts(WEEKLY, an_event(second, recurrence_id=second, **away)) == [
        "1 Oct 13:00",
        "15 Oct 13:00",
        "22 Oct 13:00",
    ]  # type: ignore[arg-type]


def test_a_cancelled_series_with_one_instance_left() -> None:
    """The override stands for itself."""
    cancelled = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY",), status=EventStatus.CANCELLED)
    kept = an_event(at(datetime(2026, 10, 8, 15)), recurrence_id=at(datetime(2026, 10, 8, 15)))

    assert starts(cancelled, kept) == ["8 Oct 13:00"]


def test_an_instance_taken_out_stays_out_although_an_override_was_left_behind() -> None:
    """Some servers forget to remove it."""
    second = at(datetime(2026, 10, 8, 15))
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=2",), exdates=(second,))

    assert starts(series, an_event(at(datetime(2026, 10, 8, 18)), recurrence_id=second)) == ["1 Oct 13:00"]


def test_an_override_may_name_its_instance_in_utc_or_by_its_day() -> None:
    """Its value should be of DTSTART's kind (RFC 5545, section 3.8.4.4)."""
    new = at(datetime(2026, 10, 8, 20))

    for name in (utc(datetime(2026, 10, 8, 13)), on(date(2026, 10, 8))):
        assert starts(WEEKLY, an_event(new, recurrence_id=name))[1] == "8 Oct 18:00"


def test_this_and_future_moves_all_that_follow() -> None:
    """From the second on two hours later and twice as long; the third moved by itself (RFC 5545, section 3.2.13)."""
    from_second = an_event(
        at(datetime(2026, 10, 8, 17)), lasts=2 * HOUR, recurrence_id=at(datetime(2026, 10, 8, 15)), this_and_future=True
    )
    third = an_event(at(datetime(2026, 10, 16, 9)), recurrence_id=at(datetime(2026, 10, 15, 15)))

    found = expanded(WEEKLY, from_second, third).intervals

    assert [(spelled(b), b.hi - b.lo) for b in found] == [
        ("1 Oct 13:00", HOUR), ("8 Oct 15:00", 2 * HOUR), ("16 Oct 07:00", HOUR), ("22 Oct 15:00", 2 * HOUR),
    ]  # fmt: skip


def test_this_and_future_keeps_its_hour_over_the_clock_change() -> None:
    """The shift is one on the wall."""
    series = an_event(at(THURSDAY), rrule=("FREQ=WEEKLY;COUNT=5",))
    later = an_event(at(datetime(2026, 10, 22, 17)), recurrence_id=at(datetime(2026, 10, 22, 15)), this_and_future=True)

    assert starts(series, later)[-2:] == ["22 Oct 15:00", "29 Oct 16:00"]


def test_this_and_future_cancelled_ends_the_series() -> None:
    """The same as an UNTIL before it."""
    second = at(datetime(2026, 10, 8, 15))
    end = an_event(second, recurrence_id=second, this_and_future=True, status=EventStatus.CANCELLED)

    assert starts(WEEKLY, end) == ["1 Oct 13:00"]


def test_an_instance_without_its_series_counts() -> None:
    """The tutor was invited to one day of somebody else's series."""
    alone = an_event(at(datetime(2026, 10, 8, 18)), recurrence_id=at(datetime(2026, 10, 8, 15)))

    [busy] = expanded(alone).intervals

    assert (spelled(busy), busy.recurrence_id) == ("8 Oct 16:00", "20261008T130000Z")


def test_what_began_before_the_window_and_reaches_into_it_counts() -> None:
    """And what ends or begins exactly at its border does not."""
    trip = an_event(at(datetime(2026, 1, 4, 12)), lasts=timedelta(days=5), rrule=("FREQ=WEEKLY",))
    window = (datetime(2026, 1, 16, 11, tzinfo=UTC), datetime(2026, 1, 18, 11, tzinfo=UTC))

    assert starts(trip, window=window) == []
    assert starts(trip, window=(window[0] - timedelta(minutes=1), window[1])) == ["11 Jan 11:00"]


def test_a_moved_instance_may_come_into_the_window_from_far_away() -> None:
    """The original start lies years before it."""
    series = an_event(at(datetime(2020, 10, 1, 15)), rrule=("FREQ=WEEKLY;COUNT=3",))
    moved = an_event(at(THURSDAY), recurrence_id=at(datetime(2020, 10, 8, 15)))

    assert starts(series, moved) == ["1 Oct 13:00"]


def test_what_lasts_no_time_takes_none() -> None:
    """A reminder without an end, and one that ends before it starts."""
    assert starts(an_event(at(THURSDAY), lasts=timedelta(0))) == []
    assert starts(an_event(at(THURSDAY), lasts=-HOUR, rrule=("FREQ=DAILY",))) == []


def test_transparent_and_declined_events_are_there_but_do_not_block() -> None:
    """So that "why?" can say that they were seen."""
    for event in (an_event(at(THURSDAY), opaque=False), an_event(at(THURSDAY), declined=True)):
        assert [busy.opaque for busy in expanded(event).intervals] == [False]


def test_bad_input_a_rule_that_nobody_understands_keeps_the_first_instance() -> None:
    """Better one too few, and said, than none."""
    found = expanded(an_event(at(THURSDAY), rrule=("FREQ=FORTNIGHTLY",)))

    assert [spelled(b) for b in found.intervals] == ["1 Oct 13:00"]
    assert found.flagged == (Flag.RULE_MALFORMED,)


def test_bad_input_an_unknown_zone_is_read_as_home_and_flagged() -> None:
    """A wrong home zone is our own mistake and is refused."""
    found = expanded(an_event(at(THURSDAY, "Mars/Olympus"), rrule=("FREQ=DAILY;COUNT=2",)))

    assert [spelled(b) for b in found.intervals] == ["1 Oct 13:00", "2 Oct 13:00"]
    assert found.flagged == (Flag.ZONE_UNKNOWN,)
    with pytest.raises(UnknownZone):
        expanded(an_event(floating(THURSDAY)), home="Mars/Olympus")


def test_the_window_is_half_open() -> None:
    """What ends as it opens and what starts as it closes touch it only; windows side by side give nothing twice."""
    lesson = an_event(at(THURSDAY))
    eight, thirteen, fourteen, twenty = (datetime(2026, 10, 1, hour, tzinfo=UTC) for hour in (8, 13, 14, 20))

    assert starts(lesson, window=(thirteen, fourteen)) == ["1 Oct 13:00"]
    assert not starts(lesson, window=(fourteen, twenty))
    assert not starts(lesson, window=(eight, thirteen))


def test_bad_input_two_masters_of_one_uid_the_newer_counts() -> None:
    """Exports repeat a UID; the higher SEQUENCE wins."""
    old, new = an_event(at(THURSDAY), sequence=1), an_event(at(datetime(2026, 10, 2, 15)), sequence=2)

    assert starts(new, old) == ["2 Oct 13:00"]
    assert expanded(new, old).flagged == (Flag.SEVERAL_MASTERS,)


def test_bad_input_two_masters_that_count_the_same_the_later_in_the_file_counts() -> None:
    """An export that knows no SEQUENCE appends."""
    first, last = an_event(at(THURSDAY)), an_event(at(datetime(2026, 10, 2, 15)))

    assert starts(first, last) == ["2 Oct 13:00"]


@pytest.mark.parametrize("day", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59)])
def test_bad_input_dates_at_the_ends_of_the_calendar_do_no_harm(day: datetime) -> None:
    """Both occur."""
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        for rrule in ((), ("FREQ=DAILY",)):
            found = expanded(an_event(at(day, zone), lasts=timedelta(days=400), rrule=rrule), limit=3)
            assert len(found.intervals) == (3 if rrule and day.year == 1 else 0)


def test_more_than_the_limit_are_cut_and_said() -> None:
    """The earliest are given."""
    found = expanded(an_event(at(THURSDAY), rrule=("FREQ=DAILY",)), limit=3)

    assert [spelled(b) for b in found.intervals] == ["1 Oct 13:00", "2 Oct 13:00", "3 Oct 13:00"]
    assert found.truncated
    assert not expanded(an_event(at(THURSDAY), rrule=("FREQ=DAILY;COUNT=3",)), limit=3).truncated


@given(
    rule=st.sampled_from(
        ["FREQ=WEEKLY", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYDAY=-1TH", "FREQ=YEARLY", "FREQ=HOURLY;INTERVAL=11"]
    ),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu"]),
    hours=st.integers(1, 60),
    cut=st.integers(1, 364),
)
def test_two_windows_side_by_side_give_what_one_gives(rule: str, zone: str, hours: int, cut: int) -> None:
    """So the rolling window may be expanded piece by piece; what lies across the border is in both."""
    event = an_event(at(datetime(2025, 9, 4, 15), zone), lasts=hours * HOUR, rrule=(rule,))
    border = YEAR[0] + timedelta(days=cut)

    left = expanded(event, window=(YEAR[0], border)).intervals
    right = expanded(event, window=(border, YEAR[1])).intervals

    assert set(left) | set(right) == set(expanded(event).intervals)
    assert all(b.lo < border < b.hi for b in set(left) & set(right))
