"""How long to stay away: three spellings of one header, and none at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.zoom.pauses import pause_s

NOW = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "message", "seconds"),
    [
        pytest.param("5", "", 5, id="seconds"),
        pytest.param("0", "", 1, id="at once means in a second"),
        pytest.param("2031-03-05T00:00:00Z", "", 9 * 3600, id="the date-time of a daily limit"),
        pytest.param("2031-03-04T15:00:09.500Z", "", 10, id="rounded up"),
        pytest.param("Tue, 04 Mar 2031 15:01:00 GMT", "", 60, id="an HTTP date, as a proxy would write it"),
        pytest.param("Tue, 04 Mar 2031 15:01:00 -0000", "", 60, id="an HTTP date of unknown origin"),
        pytest.param("2031-03-04T14:00:00Z", "", 1, id="a date in the past"),
        pytest.param("999999999999999", "", 86400, id="a mad server waits no longer than a day"),
        pytest.param("", "You have exceeded the daily rate limit.", 9 * 3600, id="missing, daily: until midnight UTC"),
        pytest.param("", "maximum per-second rate limit", 2, id="missing, per second"),
        pytest.param("soon", "", 2, id="nonsense"),
    ],
)
def test_spellings(header: str, message: str, seconds: int) -> None:
    assert pause_s(header, message, NOW) == seconds


@given(header=st.text(max_size=60), message=st.text(max_size=60))
def test_pause_is_always_between_a_second_and_a_day(header: str, message: str) -> None:
    assert 1 <= pause_s(header, message, NOW) <= 86400


@given(after=st.timedeltas(timedelta(seconds=1), timedelta(days=1)))
def test_pause_never_ends_before_the_vendor_s_instant(after: timedelta) -> None:
    """Coming back too early is refused again and counted again."""
    until = NOW + after

    assert NOW + timedelta(seconds=pause_s(until.isoformat(), "", NOW)) >= until
