"""The answer to "why?" for a slot or a session."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.conflicts.seal import CalendarSeal, Seal, StaleWhy
from sync_agent.engine.conflicts.values import Because, MovedAway, Occupied, WorkingHours
from sync_agent.engine.conflicts.why import Rules, Verdict, Why, WhyCode, slot_of, why
from tests.engine.conflicts.builders import BERLIN, BUFFER, NOW, a_span, clock, event, session

RULES = Rules(WorkingHours.usual(BERLIN), BUFFER)


PRIVATE = CalendarSeal("c1", "Private", NOW)


def asked(
    about: Occupied, occupied: list[Occupied], *, now: datetime = NOW, more: tuple[CalendarSeal, ...] = ()
) -> Why:
    return why(about, occupied=occupied, rules=RULES, now=now, seal=Seal(NOW, (PRIVATE, *more)))


def codes(found: Why) -> list[str]:
    return [fact.code for fact in found.facts]


def test_a_taken_slot_names_what_takes_it() -> None:
    """With the calendar and the hours."""
    found = asked(slot_of(a_span()), [event("15:30-16:30", recurring=True)])

    assert found.verdict is Verdict.TAKEN
    assert found.sentences[0] == (
        "“Dentist” in Private, which repeats, is there: Thu 26 Nov 2026, 15:30–16:30, Europe/Berlin."
    )
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
    found = asked(slot_of(a_span(), in_person=True), [event(blocks=False, why_free="marked")])

    assert found.verdict is Verdict.FREE
    assert codes(found) == [WhyCode.DOES_NOT_BLOCK, Because.INSIDE_HOURS, Because.TRAVEL_KEPT, WhyCode.CHECKED]
    assert found.sentences[0] == (
        "“Dentist” in Private does not block, because you marked it as free "
        "(Thu 26 Nov 2026, 15:00–16:00, Europe/Berlin)."
    )
    assert found.sentences[-1] == "Checked Mon 23 Nov 2026, 09:00, Europe/Berlin against Private."


def test_stale_is_never_free() -> None:
    """One calendar could not be read."""
    found = asked(slot_of(a_span()), [], more=(CalendarSeal("c2", "Work", NOW - timedelta(days=2), StaleWhy.REFUSED),))

    assert found.verdict is Verdict.NOT_CHECKED
    assert found.sentences[0] == (
        "Work not checked since Sat 21 Nov 2026, 09:00, Europe/Berlin (its password is not accepted), "
        "so it may hold something."
    )


def test_nothing_read_yet_is_not_free_either() -> None:
    """Before the first pass."""
    found = asked(slot_of(a_span()), [], more=(CalendarSeal("c2", "Work", None, StaleWhy.NEVER),))

    assert found.verdict is Verdict.NOT_CHECKED
    assert found.sentences[0] == "Work never checked yet, so it may hold something."


def test_without_any_calendar_there_is_nothing_unread() -> None:
    """The tutor's own sessions are all there is."""
    found = why(slot_of(a_span()), occupied=[], rules=RULES, now=NOW, seal=Seal(None))

    assert found.verdict is Verdict.FREE
    assert found.sentences[-1] == "No calendar is connected, so there is none to check."


def test_what_was_not_understood_is_told_and_makes_nothing_free() -> None:
    """It may be right then."""
    doubt = "“Chess” in School (Thu 26 Nov 2026) is not taken into account: it has no end."

    found = asked(slot_of(a_span()), [], more=(CalendarSeal("c2", "School", NOW, but_for=(doubt,)),))

    assert (found.verdict, found.sentences[0]) == (Verdict.NOT_CHECKED, doubt)


def test_an_instance_that_was_moved_away_says_where_it_is() -> None:
    """The gym is usually on Thursdays at three; this week it is on Friday."""
    gym = event("18:00-19:00", day=27, title="Gym", recurring=True)

    found = why(
        slot_of(a_span()),
        occupied=[],
        rules=RULES,
        now=NOW,
        seal=Seal(NOW),
        moved_away=[MovedAway(gym, clock("15:00"))],
    )

    assert found.verdict is Verdict.FREE
    assert found.sentences[0] == (
        "“Gym” in Private usually is there, and was moved this time: Fri 27 Nov 2026, 18:00–19:00, Europe/Berlin."
    )


def test_what_the_tutor_keeps_is_in_the_way_and_says_why() -> None:
    """Taken, and nobody is asked again."""
    dentist = event()
    rules = Rules(WorkingHours.usual(BERLIN), BUFFER, kept={("session:s1", dentist.key): "it is by phone"})

    found = why(session(), occupied=[dentist], rules=rules, now=NOW, seal=Seal(NOW))

    assert found.verdict is Verdict.TAKEN
    assert found.sentences[1] == "You decided to keep “Maths” and “Dentist”: it is by phone."


def test_calendars_that_the_tutor_ignores_are_named() -> None:
    """Or one would look for them in vain."""
    rules = Rules(WorkingHours.usual(BERLIN), ignored=("Holidays", "Birthdays"))

    found = why(slot_of(a_span()), occupied=[], rules=rules, now=NOW, seal=Seal(NOW))

    assert "Not looked at, as you chose: Holidays and Birthdays." in found.sentences


@pytest.mark.parametrize(
    ("wall", "code", "said"),
    [
        pytest.param(
            datetime(2027, 3, 28, 2, 30),
            WhyCode.CLOCK_SKIPS,
            "The clocks in Europe/Berlin go ahead that night and 02:30 is skipped: "
            "Sun 28 Mar 2027, 03:30, Europe/Berlin is meant.",
            id="an hour that does not exist",
        ),
        pytest.param(
            datetime(2026, 10, 25, 2, 30),
            WhyCode.CLOCK_REPEATS,
            "The clocks in Europe/Berlin go back that night and show 02:30 twice: the first is meant (CEST).",
            id="an hour that comes twice",
        ),
    ],
)
def test_what_a_clock_change_makes_of_an_hour(wall: datetime, code: WhyCode, said: str) -> None:
    """Said in the night of the change only."""
    span = WallSpan(wall, BERLIN, timedelta(hours=1))

    found = why(slot_of(span), occupied=[], rules=RULES, now=NOW, seal=Seal(NOW), wall=wall)

    assert dict(zip(codes(found), found.sentences, strict=True))[code] == said
    plain = why(slot_of(a_span()), occupied=[], rules=RULES, now=NOW, seal=Seal(NOW), wall=a_span().start)
    assert code not in codes(plain)


def test_working_hours_zone_and_past_are_told_and_forbid_nothing() -> None:
    """Three in the afternoon in New York is nine in the evening at home."""
    found = asked(slot_of(a_span(zone="America/New_York")), [], now=NOW + timedelta(days=30))

    assert found.verdict is Verdict.FREE
    assert codes(found) == [Because.OUTSIDE_HOURS, WhyCode.ZONE, WhyCode.PAST, WhyCode.CHECKED]
    assert found.sentences[0] == (
        "It lies outside your working hours (on Thursday 09:00–20:00), which ranks it low and forbids nothing."
    )
    assert found.sentences[1] == "For you that is Thu 26 Nov 2026, 21:00–22:00, Europe/Berlin."


def test_a_cancelled_session_takes_no_time() -> None:
    """Whatever lies there."""
    found = asked(session(blocks=False), [event()])

    assert (found.verdict, codes(found)) == (Verdict.OFF, [WhyCode.CANCELLED])
