"""Retry-After in every spelling that is in use, and what no server should send."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import asked_pause_s
from connectors.retry_after import LONGEST, retry_delay

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        pytest.param("120", 120, id="whole seconds"),
        pytest.param(" 7 ", 7, id="with blanks"),
        pytest.param("0", 0, id="at once"),
        pytest.param("007", 7, id="with zeros before"),
        pytest.param("1.5", 1.5, id="with a part of a second"),
        pytest.param("30.", 30, id="with a point"),
        pytest.param('"30"', 30, id="in quotes"),
        pytest.param("30s", 30, id="with a unit"),
        pytest.param("30, 60", 30, id="twice: the first counts"),
        pytest.param("-5", 0, id="negative"),
        pytest.param("Tue, 24 Nov 2026 09:02:00 GMT", 120, id="an HTTP date"),
        pytest.param("Tuesday, 24-Nov-26 09:02:00 GMT", 120, id="the date of RFC 850"),
        pytest.param("Tue Nov 24 09:02:00 2026", 120, id="the date of asctime"),
        pytest.param("Tue, 24 Nov 2026 10:02:00 +0100", 120, id="a date with an offset"),
        pytest.param("Tue, 24 Nov 2026 09:02:00 -0000", 120, id="a date of unknown origin"),
        pytest.param("Tue, 24 Nov 2026 09:02:00 GMT, Tue, 24 Nov 2026 09:03:00 GMT", 120, id="two dates"),
        pytest.param("2026-11-24T09:02:00Z", 120, id="an ISO date-time"),
        pytest.param("2026-11-24T10:02:00+01:00", 120, id="an ISO date-time with an offset"),
        pytest.param("Mon, 23 Nov 2026 09:02:00 GMT", 0, id="a date in the past"),
        pytest.param("Thu, 24 Nov 2050 09:02:00 GMT", 3600, id="a date far ahead is capped"),
        pytest.param("1000000000000", 3600, id="a mad number is capped"),
        pytest.param("9" * 5000, 3600, id="a number that nobody reads is capped"),
        pytest.param("-" + "9" * 5000, 0, id="and a negative one"),
    ],
)
def test_every_spelling_is_read(header: str, seconds: float) -> None:
    """Between nothing and the longest wait, whatever a server makes of it."""
    assert retry_delay(header, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", ["", "soon", "1e3", "1 minute", "Tue, 31 Feb 2026 25:00:00 GMT", "٣", "99999-01-01"])
def test_what_is_no_spelling_is_said(header: str) -> None:
    """The caller falls back to a wait of its own."""
    with pytest.raises(ValueError, match="Retry-After"):
        retry_delay(header, NOW)


@given(st.text(max_size=60))
def test_no_text_gives_anything_but_a_wait_or_a_refusal(header: str) -> None:
    """Whatever a broken proxy sends: never a negative wait, an endless one or a crash."""
    try:
        pause = retry_delay(header, NOW)
    except ValueError:
        return
    assert timedelta(0) <= pause <= LONGEST


@given(st.integers(0, 3600))
def test_seconds_and_dates_say_the_same(seconds: int) -> None:
    """Both spellings of one wait."""
    until = NOW + timedelta(seconds=seconds)

    assert (
        retry_delay(str(seconds), NOW)
        == retry_delay(format_datetime(until, usegmt=True), NOW)
        == retry_delay(until.isoformat(), NOW)
    )


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({}, None, id="nothing said"),
        pytest.param({"retry-after": "soon"}, 30, id="said, and not to be read: half a minute"),
        pytest.param({"retry-after": "1.2"}, 2, id="rounded up"),
        pytest.param(
            {"retry-after": "Tue, 24 Nov 2026 12:02:00 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"},
            120,
            id="by the server's clock: the laptop's is three hours slow",
        ),
        pytest.param(
            {"retry-after": "Tue, 24 Nov 2026 09:02:00 GMT", "date": "yesterday"}, 120, id="a date that is none"
        ),
    ],
)
def test_an_answer_of_any_status_may_ask_for_a_pause(headers: dict[str, str], seconds: int | None) -> None:
    assert asked_pause_s(httpx.Response(302, headers=headers), NOW) == seconds
