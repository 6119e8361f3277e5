"""What a tutor reads: always a weekday, always a zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.conflicts.detect import collision
from sync_agent.engine.conflicts.reconcile import CloseReason
from sync_agent.engine.conflicts.values import Because, Fact, Occupied, StaleCalendar
from sync_agent.engine.conflicts.words import because_words, closed_words, overlap_when, overlap_words, stale_words
from sync_agent.engine.words import at_words, between_words, lasting_words, listed, titled, when_words
from tests.engine.conflicts.builders import BERLIN, BUFFER, HOUR, a_span, clock, event, session


@pytest.mark.parametrize(
    ("span", "words"),
    [
        pytest.param(a_span(), "Thu 26 Nov 2026, 15:00–16:00, Europe/Berlin", id="within a day"),
        pytest.param(
            WallSpan(datetime(2026, 11, 26, 23), "America/New_York", 2 * HOUR),
            "Thu 26 Nov 2026, 23:00 – Fri 27 Nov 2026, 01:00, America/New_York",
            id="over midnight",
        ),
        pytest.param(
            WallSpan(datetime(2026, 10, 25, 2, 30), BERLIN, HOUR),
            "Sun 25 Oct 2026, 02:30 CEST–02:30 CET, Europe/Berlin",
            id="while the clocks are put back",
        ),
    ],
)
def test_when_a_session_is(span: WallSpan, words: str) -> None:
    """The same on every machine, whatever its language."""
    assert when_words(span) == words


def test_whole_days_say_so() -> None:
    """One day, and several."""
    assert between_words(clock("00:00"), clock("00:00", 27), BERLIN) == "Thu 26 Nov 2026, all day, Europe/Berlin"
    assert between_words(clock("00:00"), clock("00:00", 29), BERLIN) == (
        "Thu 26 Nov 2026 – Sat 28 Nov 2026, all day, Europe/Berlin"
    )


def test_small_words() -> None:
    """Counted, quoted, listed."""
    assert [lasting_words(timedelta(minutes=m)) for m in (0, 1, 60, 135, 4560)] == [
        "0 minutes", "1 minute", "1 hour", "2 hours 15 minutes", "3 days 4 hours",
    ]  # fmt: skip
    assert (titled("Maths"), titled(" ")) == ("“Maths”", "an event without a title")
    assert [listed(names) for names in ([], ["A"], ["A", "B", "C"])] == ["", "A", "A, B and C"]
    assert at_words(clock("15:00"), BERLIN) == "Thu 26 Nov 2026, 15:00, Europe/Berlin"


IN_PERSON = session(in_person=True)


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (session(), event("15:30-16:30"), "“Dentist” in Private overlaps “Maths” by 30 minutes."),
        (session(), event(recurring=True), "“Dentist” in Private, which repeats, overlaps “Maths” by 1 hour."),
        (session(), session(name="s2", title="Latin"), "The session “Latin” overlaps “Maths” by 1 hour."),
        (session(), event(title=""), "An event without a title in Private overlaps “Maths” by 1 hour."),
        (
            IN_PERSON,
            event("16:10-17:00"),
            "“Dentist” in Private leaves only 10 minutes after “Maths”, but 30 minutes are needed for the way.",
        ),
        (
            IN_PERSON,
            event("14:00-15:00"),
            "“Dentist” in Private leaves no time before “Maths”, but 30 minutes are needed for the way.",
        ),
    ],
    ids=["an appointment", "a repeating one", "another session", "nameless", "too near after", "too near before"],
)
def test_why_it_is_a_double_booking(one: Occupied, other: Occupied, words: str) -> None:
    """One sentence, whichever side was asked about."""
    for pair in ((one, other), (other, one)):
        found = collision(*pair, travel_buffer=BUFFER)
        assert found is not None
        assert overlap_words(found) == words


def test_when_the_double_booking_is() -> None:
    """The part that both take."""
    found = collision(session(), event("15:30-16:30"))

    assert found is not None
    assert overlap_when(found) == "Thu 26 Nov 2026, 15:30–16:00, Europe/Berlin"


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Fact(Because.LATER_WEEK, {"weeks": 1}), "the week after"),
        (Fact(Because.LATER_WEEK, {"weeks": 3}), "3 weeks later"),
        (Fact(Because.USUAL_WEEKDAY, {"weekday": 3, "sessions": 4, "of": 5}), "usual weekday (Thursday)"),
        (Fact(Because.TRAVEL_KEPT, {"minutes": 30}), "30 minutes for the way kept free"),
        (Fact(Because.DAYS_AWAY, {"days": -2}), "2 days earlier"),
        (Fact(Because.DAYS_AWAY, {"days": 1}), "1 day later"),
        (Fact(Because.HOURS_AWAY, {"minutes": 90}), "1 hour 30 minutes later"),
        (Fact(Because.NOT_UNDERSTOOD, {"name": "Club", "things": 1}), "Club not fully understood then"),
        (
            Fact(Because.NOT_CHECKED, {"calendar": "c", "name": "Work", "why": "locked"}),
            "Work never checked yet",
        ),
        (Fact(Because.NOT_CHECKED, {"calendar": "c", "name": "Work"}), "Work never checked yet"),
        (
            Fact(Because.NOT_CHECKED, {"calendar": "c", "name": "Work", "since": "2026-11-20T09:00:00+00:00"}),
            "Work not checked since Fri 20 Nov 2026, 10:00, Europe/Berlin",
        ),
    ],
)
def test_why_a_slot_is_offered(fact: Fact, words: str) -> None:
    """A few words each."""
    assert because_words(fact, zone=BERLIN) == words


def test_every_code_has_words() -> None:
    """None is shown as its code."""
    facts = {"weeks": 1, "weekday": 0, "sessions": 1, "of": 1, "minutes": 5, "days": 2, "calendar": "c", "name": "Work"}
    for code in Because:
        assert because_words(Fact(code, facts), zone=BERLIN) != code
    for why in CloseReason:
        assert closed_words(why) != why
    assert closed_words("from a newer version") == "from a newer version"
    assert stale_words(StaleCalendar("c", "Work", datetime(2026, 11, 20, 9, tzinfo=UTC)), zone=BERLIN).startswith(
        "Work not"
    )
