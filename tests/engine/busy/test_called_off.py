"""What would have been: for the question why a time is free."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from connectors.vocabulary.events import Event, EventStatus
from sync_agent.engine.busy.called_off import called_off, is_anything_called_off
from tests.engine.busy.builders import BERLIN, HOUR, YEAR, an_event, at, expanded, on, spelled, utc

THURSDAY = datetime(2026, 10, 1, 15)
WEEKLY = ("FREQ=WEEKLY;COUNT=3",)


def off(*events: Event) -> list[tuple[str, str, str]]:
    """Start, recurrence id and reason of what is called off."""
    found = called_off(events, window=YEAR, home_zone=BERLIN)
    assert not any(one.opaque for one in found)
    return [(spelled(one), one.recurrence_id, one.why_free) for one in found]


def test_a_cancelled_event_would_have_been_at_its_time() -> None:
    """It takes no time, and says when it would have been."""
    cancelled = an_event(at(THURSDAY), status=EventStatus.CANCELLED)

    assert expanded(cancelled).intervals == ()
    assert off(cancelled) == [("1 Oct 13:00", "", "cancelled")]


def test_a_cancelled_instance_has_the_name_that_it_had_in_its_series() -> None:
    """Under that name its double booking is stored."""
    instance = an_event(
        at(datetime(2026, 10, 8, 15)), recurrence_id=at(datetime(2026, 10, 8, 15)), status=EventStatus.CANCELLED
    )
    series = an_event(at(THURSDAY), rrule=WEEKLY)
    names = [one.recurrence_id for one in expanded(series).intervals]

    assert off(series, instance) == [("8 Oct 13:00", "20261008T130000Z", "cancelled")]
    assert names[1] == "20261008T130000Z"


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        pytest.param(
            an_event(at(THURSDAY), rrule=WEEKLY, exdates=(utc(datetime(2026, 10, 8, 13)),)),
            [("8 Oct 13:00", "20261008T130000Z", "taken_out")],
            id="one day of a series",
        ),
        pytest.param(
            an_event(at(THURSDAY), rrule=WEEKLY, exdates=(at(THURSDAY),)),
            [("1 Oct 13:00", "20261001T130000Z", "taken_out")],
            id="its first",
        ),
        pytest.param(
            an_event(on(date(2026, 10, 1)), rrule=WEEKLY, exdates=(on(date(2026, 10, 8)),)),
            [("7 Oct 22:00", "20261008", "taken_out")],
            id="whole days",
        ),
        pytest.param(an_event(at(THURSDAY), rrule=WEEKLY), [], id="nothing is"),
        pytest.param(
            an_event(at(THURSDAY), rrule=("FREQ=DAILY",), status=EventStatus.CANCELLED),
            [],
            id="a whole series: nobody asks for each of its days",
        ),
    ],
)
def test_what_was_taken_out_of_a_series(series: Event, expected: list[tuple[str, str, str]]) -> None:
    """RFC 5545, section 3.8.5.1."""
    assert off(series) == expected


def test_most_events_are_not_looked_at_twice() -> None:
    """Only what has an exception or is cancelled."""
    plain = an_event(at(THURSDAY), rrule=WEEKLY)

    assert not is_anything_called_off([plain])
    assert is_anything_called_off([an_event(at(THURSDAY), status=EventStatus.CANCELLED)])
    assert is_anything_called_off([an_event(at(THURSDAY), rrule=WEEKLY, exdates=(at(THURSDAY),))])


def test_an_interval_says_whether_it_is_a_whole_day_and_why_it_is_free() -> None:
    """Shown as free, declined, or neither."""
    events = [
        an_event(on(date(2026, 10, 1)), uid="fair", opaque=False),
        an_event(at(THURSDAY), uid="talk", declined=True, opaque=False),
        an_event(at(THURSDAY), uid="choir", lasts=2 * HOUR),
    ]

    found = {one.uid: (one.all_day, one.why_free) for one in expanded(*events).intervals}

    assert found == {"fair": (True, "transparent"), "talk": (False, "declined"), "choir": (False, "")}
