"""What names an instance is read back as the instant that it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.busy.recurrence_ids import original_start
from tests.engine.busy.builders import BERLIN, an_event, at, expanded, floating, on, utc


@given(
    start=st.datetimes(datetime(2026, 1, 2), datetime(2026, 12, 1)).map(lambda one: one.replace(microsecond=0)),
    kind=st.sampled_from([at, utc, floating, lambda local: on(local.date())]),
)
def test_an_instance_that_nobody_moved_began_when_its_name_says(start: datetime, kind) -> None:  # type: ignore[no-untyped-def]
    """However the series spells its times; an hour that the clocks skip is the one after it."""
    found = expanded(an_event(kind(start), rrule=("FREQ=WEEKLY;COUNT=3",)))

    for one in found.intervals:
        named = original_start(one.recurrence_id, BERLIN)
        assert named is not None
        assert named == one.lo


@pytest.mark.parametrize("spelled", ["", "never", "20261399", "99991231T235959Z9"])
def test_what_is_no_name_is_no_instant(spelled: str) -> None:
    """A single event has none."""
    assert original_start(spelled, BERLIN) is None


def test_three_spellings() -> None:
    """A whole day, a floating time, an instant."""
    assert original_start("20261126", BERLIN) == datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert original_start("20261126T150000", BERLIN) == datetime(2026, 11, 26, 14, tzinfo=UTC)
    assert original_start("20261126T150000Z", BERLIN) == datetime(2026, 11, 26, 15, tzinfo=UTC)
