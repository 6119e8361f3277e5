"""What one calendar may cost: whoever publishes more is cut short and doubted, and the next one starts afresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.vocabulary.events import Event
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.sync.intervals import Allowance, BusyRows, busy_rows, has_ended, source_of, window_at
from tests.engine.busy.builders import BERLIN, an_event, at, utc

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
WEEKLY = an_event(at(datetime(2026, 10, 1, 15)), rrule=("FREQ=WEEKLY",))
NEVER = an_event(utc(datetime(2026, 10, 1, 8)), rrule=("FREQ=SECONDLY;INTERVAL=2;BYSECOND=1",), uid="never")
EVERY_MINUTE = an_event(utc(datetime(2026, 12, 1, 8)), rrule=("FREQ=MINUTELY",), uid="minute")


def rows(*events: Event, allowance: Allowance) -> BusyRows:
    return busy_rows(events[0].uid, events, window=window_at(NOW), home_zone=BERLIN, allowance=allowance)


def test_an_ordinary_calendar_is_far_from_its_limits() -> None:
    """Three hundred weekly series of a whole window."""
    allowance = Allowance()

    found = [rows(WEEKLY, allowance=allowance) for _ in range(300)]

    assert not any(one.flagged for one in found)
    assert allowance.intervals > Allowance().intervals / 1.2
    assert allowance.steps > Allowance().steps / 1.2


def test_once_it_is_used_up_a_series_still_gives_its_next_date_and_says_so() -> None:
    """And what does not repeat is always there."""
    allowance = Allowance(intervals=0)

    weekly = rows(WEEKLY, allowance=allowance)
    single = rows(an_event(at(datetime(2026, 12, 1, 15))), allowance=allowance)

    assert (len(weekly.rows), weekly.flagged) == (1, ("too_many",))
    assert (len(single.rows), single.flagged) == (1, ())


def test_rules_that_never_match_are_given_up_together() -> None:
    """One after the other they take less and less, and a plain rule after them is followed all the same."""
    allowance = Allowance()

    flagged = [rows(NEVER, allowance=allowance).flagged for _ in range(50)]

    assert set(flagged) == {("rule_too_dense",)}
    assert allowance.steps == 0
    assert not rows(WEEKLY, allowance=allowance).flagged


def test_an_object_is_cut_before_it_uses_up_everybodys_room() -> None:
    allowance = Allowance()

    found = rows(EVERY_MINUTE, allowance=allowance)

    assert (len(found.rows), found.flagged) == (5_000, ("too_many",))
    assert allowance.intervals == Allowance().intervals - 5_000


def test_occurrences_of_several_ids_in_one_object_have_names_of_their_own() -> None:
    """A server that keeps a whole calendar in one resource."""
    when = at(datetime(2026, 12, 1, 15))

    found = rows(an_event(when, uid="a"), an_event(when, uid="b"), an_event(when, uid="c"), allowance=Allowance())

    assert sorted(row["recurrence_id"] for row in found.rows) == ["", "b", "c"]
    assert {row["uid"] for row in found.rows} == {"a"}


def test_what_is_kept_of_a_series_is_enough_to_expand_it_and_nothing_more() -> None:
    """Its texts are somebody else's."""
    series = an_event(
        at(datetime(2026, 10, 1, 15)), rrule=("FREQ=WEEKLY",), description="private", location="home", url="https://x"
    )

    [kept] = source_of([series])

    assert rows(event_from_json(kept), allowance=Allowance()) == rows(series, allowance=Allowance())
    assert "private" not in str(kept)
    assert "home" not in str(kept)


def test_a_series_that_has_ended_is_told_from_one_that_goes_on() -> None:
    """Also by overrides far ahead, and never by a rule that was not followed to its end."""
    after = NOW + timedelta(days=430)
    ended = an_event(at(datetime(2026, 10, 1, 15)), rrule=("FREQ=WEEKLY;COUNT=5",))
    late = an_event(at(datetime(2030, 1, 1, 15)), recurrence_id=at(datetime(2026, 10, 8, 15)))

    assert has_ended([ended], after=after, home_zone=BERLIN)
    assert not has_ended([ended, late], after=after, home_zone=BERLIN)
    assert not has_ended([WEEKLY], after=after, home_zone=BERLIN)
    assert not has_ended([NEVER], after=after, home_zone=BERLIN)
