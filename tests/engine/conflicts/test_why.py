"""The answer to "why?" for a slot or a session."""

from __future__ import annotations

from datetime import datetime, timedelta

from sync_agent.engine.conflicts.values import Because, Occupied, StaleCalendar, WorkingHours
from sync_agent.engine.conflicts.why import Rules, Verdict, Why, WhyCode, slot_of, why
from tests.engine.conflicts.builders import BERLIN, BUFFER, NOW, a_span, event, session

RULES = Rules(WorkingHours.usual(BERLIN), BUFFER)


def asked(
    about: Occupied, occupied: list[Occupied], *, now: datetime = NOW, stale: tuple[StaleCalendar, ...] = ()
) -> Why:
    return why(about, occupied=occupied, rules=RULES, now=now, stale=stale, checked_at=NOW)


def codes(found: Why) -> list[str]:
    return [fact.code for fact in found.facts]


def test_a_taken_slot_names_what_takes_it() -> None:
    """With the calendar and the hours."""
    found = asked(slot_of(a_span()), [event("15:30-16:30", recurring=True)])

    assert found.verdict is Verdict.TAKEN
    assert found.sentences[0] == "“Dentist” in Private is there: Thu 26 Nov 2026, 15:30–16:30, Europe/Berlin."
    assert found.facts[0].facts["key"] == "event:c1:e1:"
    assert (found.facts[0].facts["minutes"], found.facts[0].facts["recurring"]) == (30, 1)


def test_a_session_says_with_what_it_collides() -> None:
    """The sentence of the double booking; the other side may be the first of the pair."""
    second = session(name="s0", title="Latin")

    found = asked(session(), [session(), second])

    assert found.sentences[0] == "The session “Maths” overlaps “Latin” by 1 hour."
    assert found.facts[0].facts["key"] == "session:s0"


def test_the_way_is_a_reason() -> None:
    """In person, twenty minutes short."""
    found = asked(slot_of(a_span(), in_person=True), [event("16:10-17:00")])

    assert codes(found)[0] == WhyCode.TRAVEL_BUFFER
    assert found.sentences[0].endswith("30 minutes are needed for the way, 20 minutes are missing.")


def test_a_free_slot_says_what_was_looked_at() -> None:
    """What lies there and does not block is named, too."""
    found = asked(slot_of(a_span(), in_person=True), [event(blocks=False)])

    assert found.verdict is Verdict.FREE
    assert codes(found) == [WhyCode.DOES_NOT_BLOCK, Because.INSIDE_HOURS, Because.TRAVEL_KEPT, WhyCode.CHECKED]
    assert found.sentences[-1] == "Checked Mon 23 Nov 2026, 09:00, Europe/Berlin."


def test_stale_is_never_free() -> None:
    """One calendar could not be read."""
    found = asked(slot_of(a_span()), [], stale=(StaleCalendar("c2", "Work", NOW - timedelta(days=2)),))

    assert found.verdict is Verdict.NOT_CHECKED
    assert found.sentences[0] == (
        "Work not checked since Sat 21 Nov 2026, 09:00, Europe/Berlin, so it may hold something."
    )


def test_nothing_read_yet_is_not_free_either() -> None:
    """Before the first pass."""
    assert why(slot_of(a_span()), occupied=[], rules=RULES, now=NOW).verdict is Verdict.NOT_CHECKED


def test_working_hours_zone_and_past_are_told_and_forbid_nothing() -> None:
    """Three in the afternoon in New York is nine in the evening at home."""
    found = asked(slot_of(a_span(zone="America/New_York")), [], now=NOW + timedelta(days=30))

    assert found.verdict is Verdict.FREE
    assert codes(found) == [Because.OUTSIDE_HOURS, WhyCode.ZONE, WhyCode.PAST, WhyCode.CHECKED]
    assert found.sentences[1] == "For you that is Thu 26 Nov 2026, 21:00–22:00, Europe/Berlin."


def test_a_cancelled_session_takes_no_time() -> None:
    """Whatever lies there."""
    found = asked(session(blocks=False), [event()])

    assert (found.verdict, codes(found)) == (Verdict.OFF, [WhyCode.CANCELLED])
