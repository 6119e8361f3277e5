"""What was not understood, in a tutor's words, and which times it may bear on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from sync_agent.engine.busy.doubts import Doubted, doubt_words, mattering, may_touch

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CHESS = Doubted(
    calendar="c1",
    calendar_name="School",
    key="chess.ics",
    code="unreadable",
    title="Chess",
    starts="20261126T150000 Mars/Olympus",
    reason="it has an end that is none",
    repeats=False,
    more=0,
    seen_at=NOW,
)
AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {},
            "“Chess” in School (Thu 26 Nov 2026, 15:00 (Mars/Olympus)) is not taken into account: "
            "it has an end that is none.",
            id="with its date as it is spelled there",
        ),
        pytest.param(
            {"code": "zone_unknown", "reason": "its time zone “Mars/Olympus” is not known"},
            "“Chess” in School (Thu 26 Nov 2026, 15:00 (Mars/Olympus)) may be at another hour: its time zone "
            "“Mars/Olympus” is not known, so it is read as your own time or its calendar's.",
            id="an unknown zone",
        ),
        pytest.param(
            {"code": "rule_malformed", "reason": "", "repeats": True, "starts": "20260901"},
            "“Chess” in School (first Tue 1 Sep 2026) repeats by a rule that is not understood: "
            "only its first date counts.",
            id="a series",
        ),
        pytest.param(
            {"title": "", "starts": "tomorrow", "reason": "it has a date that is no date"},
            "An event without a title in School is not taken into account: it has a date that is no date.",
            id="neither title nor date",
        ),
        pytest.param(
            {"code": "date_unreadable", "reason": "it has a date that is no date", "starts": "20261126", "more": 2},
            "“Chess” in School (Thu 26 Nov 2026) has a date that is left out: it has a date that is no date. "
            "The same goes for 2 more of it.",
            id="several of one object",
        ),
        pytest.param(
            {"code": "of a newer version", "starts": "", "reason": ""},
            "“Chess” in School is not fully understood: unknown.",
            id="a code that nobody knows",
        ),
    ],
)
def test_a_doubt_in_words(changes: dict[str, object], words: str) -> None:
    assert doubt_words(replace(CHESS, **changes)) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "touches"),
    [
        pytest.param({}, True, id="the same day"),
        pytest.param({"starts": "20261127"}, True, id="the next day: its zone may be the other side of the world"),
        pytest.param({"starts": "20261128"}, False, id="two days later"),
        pytest.param({"starts": "20260101T150000", "repeats": True}, True, id="what repeats may be at any time"),
        pytest.param({"starts": ""}, True, id="nobody knows when"),
        pytest.param({"starts": "20261399T150000"}, True, id="a day that does not exist"),
    ],
)
def test_which_times_a_doubt_may_bear_on(changes: dict[str, object], touches: bool) -> None:
    """An answer about a time says so, instead of calling it free."""
    lo = datetime(2026, 11, 26, 14, tzinfo=UTC)

    assert may_touch(replace(CHESS, **changes), lo, lo + AN_HOUR) is touches  # type: ignore[arg-type]


def test_what_is_long_over_is_not_told() -> None:
    """A feed of ten years has its oddities; only those that can still collide are worth anybody's while."""
    over = replace(CHESS, starts="20130305T100000", key="old.ics")
    series = replace(over, repeats=True, key="series.ics")
    undated = replace(CHESS, starts="", key="undated.ics")

    told = mattering([CHESS, over, series, undated], NOW, back=timedelta(days=30))

    assert [one.key for one in told] == ["undated.ics", "series.ics", "chess.ics"]


@pytest.mark.parametrize(
    "starts", ["", "2026", "yesterday", "²0261126", "20261126", "20261126T", "20261126T1", "99999999T999999"]
)
def test_bad_input_any_spelling_of_a_start_makes_a_sentence(starts: str) -> None:
    """Whatever stands there, it was not to be understood in the first place."""
    doubt = replace(CHESS, starts=starts)

    assert "Chess" in doubt_words(doubt)
    assert doubt.day in (None, date(2026, 11, 26))
