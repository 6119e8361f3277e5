"""The walk of a rule, held against dateutil wherever dateutil is right, and bounded where dateutil is not."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from dateutil.rrule import rrulestr
from hypothesis import example, given
from hypothesis import strategies as st

from sync_agent.engine.busy import recur
from sync_agent.engine.busy.rules import RuleMalformed, parse_rule

FIRST = datetime(2026, 1, 5, 15)
FAR = datetime(2036, 1, 1)
HOURS, SIXTY = (",".join(map(str, range(most))) for most in (24, 60))


def found(text: str, first: datetime = FIRST, hi: datetime = FAR, most: int = 1000) -> list[datetime]:
    return recur.starts(parse_rule(text), first, lo=first, hi=hi, most=most).moments


def some(name: str, values: list[int]) -> st.SearchStrategy[str]:
    chosen = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
    return st.just("") | chosen.map(lambda v: f";{name}={','.join(map(str, v))}")


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules on which dateutil and RFC 5545 agree, and that match before the year 9999.

    Left out: "MO" beside "2TU" in one BYDAY (dateutil wants both at once, the RFC either, section 3.3.10); BYSETPOS in
    a week (dateutil's first week begins at DTSTART).
    """
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"]))
    interval = draw(st.integers(1, 4)) if freq != "MINUTELY" else draw(st.integers(25, 2000))
    text = f"FREQ={freq};INTERVAL={interval}" + draw(st.sampled_from(["", ";WKST=SU", ";WKST=MO", ";WKST=WE"]))
    if freq == "YEARLY" and draw(st.booleans()):
        return text + draw(some("BYYEARDAY", [1, 45, 100, 200, -1, -100]))
    text += draw(some("BYMONTH", [1, 2, 3, 6, 10, 12]))
    if freq in ("YEARLY", "MONTHLY") and draw(st.booleans()):
        return text + ";BYDAY=" + draw(st.sampled_from(["1MO", "2TU,-1FR", "-2SU,+3WE", "1SA,1SU"]))
    if freq != "WEEKLY":
        text += draw(some("BYMONTHDAY", [1, 2, 13, 28, -1, -2, 15]))
    days = draw(st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), max_size=3, unique=True))
    text += f";BYDAY={','.join(days)}" if days else ""
    if freq in ("HOURLY", "MINUTELY"):
        return text
    text += draw(some("BYHOUR", [0, 8, 15, 23])) + draw(some("BYMINUTE", [0, 30]))
    return text + (draw(some("BYSETPOS", [1, -1])) if freq != "WEEKLY" else "")


@given(
    text=rules(),
    first=st.datetimes(datetime(2024, 1, 1), datetime(2026, 1, 1)).map(lambda d: d.replace(second=0, microsecond=0)),
    after=st.integers(0, 400),
    many=st.none() | st.integers(1, 30),
)
@example("FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=-1", datetime(2024, 1, 31, 9), 100, 5)
@example("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", datetime(2024, 1, 3, 9), 0, 9)
def test_a_rule_gives_what_dateutil_gives(text: str, first: datetime, after: int, many: int | None) -> None:
    """Any rule, from any window on, with and without COUNT; DTSTART counts as the first, matching or not."""
    lo = first + timedelta(days=after)
    hi = lo + timedelta(days=400)
    later = (m for m in takewhile(lambda m: m <= hi, rrulestr(text, dtstart=first)) if m > first)
    expected = [m for m in (islice(later, many - 1) if many else later) if m >= lo][:200]

    ours = found_from(text + (f";COUNT={many}" if many else ""), first, lo, hi)

    assert ours == expected


def found_from(text: str, first: datetime, lo: datetime, hi: datetime) -> list[datetime]:
    return recur.starts(parse_rule(text), first, lo=lo, hi=hi, most=200).moments


@pytest.mark.parametrize(
    ("text", "days"),
    [
        pytest.param(
            "FREQ=MONTHLY;BYDAY=MO,2TU;COUNT=4",
            ["5 Jan", "12 Jan", "13 Jan", "19 Jan"],
            id="every Monday and the second Tuesday",
        ),
        pytest.param("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO;COUNT=3", ["5 Jan", "4 Jan", "3 Jan"], id="Monday of week 1"),
        pytest.param(
            "FREQ=YEARLY;BYWEEKNO=-1;BYDAY=SU;COUNT=3", ["5 Jan", "3 Jan", "2 Jan"], id="Sunday of the last week"
        ),
        pytest.param(
            "FREQ=MONTHLY;BYMONTHDAY=31;COUNT=4",
            ["5 Jan", "31 Jan", "31 Mar", "31 May"],
            id="months without a 31st are passed over",
        ),
        pytest.param("freq=weekly; interval=2 ;BYDAY=mo;", ["5 Jan", "19 Jan", "2 Feb"], id="written carelessly"),
        pytest.param(
            "RRULE:FREQ=DAILY;BYDAY=1MO,1WE;X-OWN=1",
            ["5 Jan", "7 Jan", "12 Jan"],
            id="a number that does not belong there",
        ),
    ],
)
def test_a_rule_is_read_as_the_rfc_says(text: str, days: list[str]) -> None:
    """Where dateutil differs or is silent: RFC 5545, section 3.3.10."""
    moments = [FIRST, *found(text)][: len(days)]

    assert [f"{m.day} {m:%b}" for m in moments] == days


def test_a_window_far_from_the_start_is_reached_at_once() -> None:
    """Outlook begins daily series in the year 1601."""
    first = datetime(1601, 1, 1, 9)

    moments = found_from("FREQ=DAILY;BYMONTH=11", first, datetime(2026, 11, 29), datetime(2026, 12, 5))

    assert moments == [datetime(2026, 11, 29, 9), datetime(2026, 11, 30, 9)]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY;INTERVAL=7;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY;BYHOUR=3;BYMINUTE=7;BYSECOND=1;COUNT=999999999",
        "FREQ=MONTHLY;BYYEARDAY=366;BYMONTH=1;COUNT=5",
        f"FREQ=YEARLY;BYDAY=MO,TU;BYHOUR={HOURS};BYMINUTE={SIXTY};BYSECOND={SIXTY};BYSETPOS=-1",
        f"FREQ=HOURLY;INTERVAL=7;COUNT=99999999;BYMINUTE={SIXTY};BYSECOND={SIXTY};BYSETPOS=1",
    ],
)
def test_bad_input_a_rule_made_to_be_slow_does_not_stop_the_agent(text: str) -> None:
    """dateutil follows some of these second by second to the year 9999."""
    began = time.process_time()

    found(text, first=datetime(2000, 1, 1), hi=datetime(2027, 1, 1))

    assert time.process_time() - began < 3


def test_bysetpos_counts_within_a_period_whatever_it_is_made_of() -> None:
    """The last of two times on each of two days; the second quarter of each hour (RFC 5545, section 3.3.10)."""
    weekly = found("FREQ=WEEKLY;BYDAY=TU,TH;BYHOUR=9,17;BYSETPOS=-1;COUNT=3")
    hourly = found("FREQ=HOURLY;BYMINUTE=0,15,30,45;BYSETPOS=2,-1;COUNT=4")

    assert [f"{m:%a %H:%M}" for m in weekly] == ["Thu 17:00", "Thu 17:00"]
    assert [f"{m:%H:%M}" for m in hourly] == ["15:15", "15:45", "16:15"]


def test_bad_input_a_rule_longer_than_any_is_refused_before_it_is_kept() -> None:
    """What was read is remembered, so it must have a size."""
    with pytest.raises(RuleMalformed):
        parse_rule("FREQ=DAILY;X=" + "1" * 5_000)


def test_bad_input_a_rule_that_takes_too_long_says_so() -> None:
    """What was found so far is kept."""
    rule = parse_rule("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1")

    given = recur.starts(rule, datetime(2026, 1, 1), lo=datetime(2026, 1, 1), hi=datetime(2027, 1, 1), most=10)

    assert (given.moments, given.is_complete, given.steps) == ([], False, recur.MOST_STEPS)


@pytest.mark.parametrize(
    "text",
    [
        "", "INTERVAL=2", "FREQ=SOMETIMES", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=x", "FREQ=DAILY;COUNT=-3",
        "FREQ=DAILY;BYMONTH=13", "FREQ=DAILY;BYMONTHDAY=0", "FREQ=MONTHLY;BYDAY=XX", "FREQ=MONTHLY;BYDAY=99MO",
        "FREQ=DAILY;UNTIL=tomorrow", "FREQ=DAILY;UNTIL=20261399", "FREQ=DAILY;WKST=9", "FREQ", "FREQ=DAILY;BYHOUR=25",
        "RSCALE=CHINESE;FREQ=YEARLY", "FREQ=MONTHLY;BYMONTHDAY=31;SKIP=FORWARD;RSCALE=GREGORIAN",
    ],
)  # fmt: skip
def test_bad_input_text_that_is_no_rule_is_refused(text: str) -> None:
    """The series then keeps its first instance, and is flagged (test_expand.py)."""
    with pytest.raises(RuleMalformed):
        parse_rule(text)


@given(st.text(alphabet="FREQ=DAILYWKMONTHCU;,0123456789-+ ", max_size=60))
def test_bad_input_no_text_does_worse_than_being_refused(text: str) -> None:
    """Whatever a server sends."""
    try:
        parse_rule(text)
    except RuleMalformed:
        return
