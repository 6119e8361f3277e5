"""When deletions and shifts wait for a yes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.sync.guards import Batch, Change, as_confirmed, changes_of, held_back
from sync_agent.engine.sync.link_now import LinkNow
from sync_agent.engine.sync.plan import plan
from sync_agent.engine.values import FieldGroup, LinkState, QuestionKind, Session
from tests.engine.sync.builders import (
    NO_LINK,
    NOW,
    T15,
    T17,
    a_link,
    a_session,
    an_origin,
    at,
    gone_from,
    in_calendar,
)

WHEN, STATUS = FieldGroup.WHEN, FieldGroup.STATUS
DELETED, SHIFTED = QuestionKind.MASS_DELETION, QuestionKind.MASS_SHIFT
TO_DELETE, TO_SHIFT = QuestionKind.DELETIONS_TO_WRITE, QuestionKind.SHIFTS_TO_WRITE


def a_batch(count: int, living: int, *, recent: int = 0, confirmed: int = 0) -> Batch:
    changes = [Change(DELETED, "work", f"s{number}", f"l{number}", "gone") for number in range(count)]
    said_yes = {change.link: change.becomes for change in changes[:confirmed]}
    return Batch(tuple(changes), living, said_yes, recent)


@pytest.mark.parametrize(
    ("batch", "held"),
    [
        pytest.param(a_batch(1, 1), False, id="the only one"),
        pytest.param(a_batch(2, 2), False, id="both"),
        pytest.param(a_batch(3, 4), True, id="three of four"),
        pytest.param(a_batch(3, 15), False, id="three of fifteen is a fifth"),
        pytest.param(a_batch(3, 14), True, id="three of fourteen is more"),
        pytest.param(a_batch(10, 500), False, id="ten of many"),
        pytest.param(a_batch(11, 500), True, id="eleven of many"),
        pytest.param(a_batch(1, 490, recent=10), True, id="the eleventh of a day"),
        pytest.param(a_batch(30, 60, confirmed=30), False, id="confirmed by the tutor"),
        pytest.param(a_batch(31, 60, confirmed=30, recent=0), False, id="confirmed, and one more"),
        pytest.param(a_batch(30, 60, confirmed=30, recent=50), False, id="confirmed on a busy day"),
    ],
)
def test_held_back(batch: Batch, held: bool) -> None:
    """More than ten within a day, or at least three and more than a fifth."""
    assert held_back(batch) is held


@given(st.integers(0, 30), st.integers(0, 100), st.integers(0, 20))
def test_more_changes_are_never_less_suspicious(count: int, living: int, recent: int) -> None:
    """One more event that vanished cannot make the rest pass."""
    if held_back(a_batch(count, living, recent=recent)):
        assert held_back(a_batch(count + 1, living, recent=recent))


def test_the_same_changes_are_the_same_incident() -> None:
    """And are asked about once; in another order, too. What was confirmed is no part of it."""
    assert a_batch(3, 4).fingerprint == a_batch(3, 99).fingerprint
    assert a_batch(3, 4).fingerprint != a_batch(4, 4).fingerprint
    assert a_batch(3, 4).fingerprint == Batch(a_batch(3, 4).changes[::-1], 4, {}).fingerprint


def test_a_yes_counts_for_nothing_that_comes_later() -> None:
    """The same link, moved again: nobody said yes to that."""
    before = a_batch(3, 4, confirmed=3)
    later = replace(before, changes=tuple(replace(change, becomes="gone again") for change in before.changes))

    assert not held_back(before)
    assert held_back(later)


def counted(session: Session, *links: LinkNow) -> Mapping[QuestionKind, set[str]]:
    """Give what of one plan the guard counts: kind to calendars."""
    by_id = {one.link.id: one for one in links}
    made = plan(session, links, join_values=dict.fromkeys(by_id, NO_LINK), missing=(), now=NOW)
    found: dict[QuestionKind, set[str]] = {}
    for change in changes_of(made, by_id, NOW):
        found.setdefault(change.kind, set()).add(change.calendar)
    return found


def on_platform(session: Session, **differing: object) -> LinkNow:
    return in_calendar(session, "agency", is_platform=True, **differing)


def test_a_deletion_is_counted_in_each_calendar_that_shows_it() -> None:
    """A phone that removes the event from two calendars at once."""
    session = a_session()

    assert counted(session, gone_from(session), gone_from(session, "home")) == {DELETED: {"work", "home"}}


def test_a_shift_is_counted_where_it_is_read_and_where_it_is_written() -> None:
    """A zone mistake in one calendar would reach the others."""
    session = a_session()

    shifted = in_calendar(session, said={WHEN: at(T17)})

    assert counted(session, shifted, in_calendar(session, "home")) == {SHIFTED: {"work"}, TO_SHIFT: {"home"}}


def test_other_fields_are_nobody_s_business() -> None:
    """Twenty titles may change at once."""
    session = a_session()

    assert (
        counted(session, in_calendar(session, said={FieldGroup.TITLE: "Physics"}), in_calendar(session, "home")) == {}
    )


def test_what_a_person_made_in_the_app_is_meant() -> None:
    """A batch of the tutor's own, moved or cancelled, is written without a question."""
    before = a_session()
    links = in_calendar(before), on_platform(before)
    moved = replace(a_session(T17), origins={**before.origins, WHEN: an_origin(3)})
    cancelled = replace(before, status=SessionStatus.CANCELLED, origins={**before.origins, STATUS: an_origin(3)})

    assert counted(moved, *links) == {}
    assert counted(cancelled, *links) == {}


def test_what_the_platform_cancelled_is_counted_where_it_would_be_removed() -> None:
    """Sixty sessions that an office's software cancels at once."""
    before = a_session()
    gone = replace(
        before, status=SessionStatus.CANCELLED, origins={**before.origins, STATUS: an_origin(3, side="platform")}
    )

    cancels = on_platform(before, said={STATUS: SessionStatus.CANCELLED.value})

    assert counted(before, cancels) == {DELETED: {"agency"}}
    assert counted(gone, in_calendar(before)) == {TO_DELETE: {"work"}}


def test_what_another_laptop_of_the_tutor_says_was_counted_there() -> None:
    """It comes over the platform with the origin that it has: the app, or a calendar that the other one reads."""
    session = a_session()
    for side, is_counted in (("app", False), ("a-calendar-of-the-other", False), ("platform", True)):
        shown = on_platform(session, said={WHEN: at(T17)})
        word = replace(shown.said[WHEN], origin=an_origin(5, 6, side=side))  # type: ignore[index]
        there = replace(shown, said={**shown.said, WHEN: word})  # type: ignore[dict-item]

        assert (counted(session, there) == {SHIFTED: {"agency"}}) is is_counted, side


def test_a_deletion_of_what_is_over_changes_no_session() -> None:
    """Last month's events may go: they are unlinked, nothing is cancelled."""
    past = a_session(T15 - timedelta(days=30))

    assert counted(past, gone_from(past)) == {}
    assert counted(past, on_platform(past, said={STATUS: SessionStatus.CANCELLED.value})) == {}


def test_cleaning_up_a_calendar_that_takes_no_sessions_any_more_is_no_deletion() -> None:
    """Its links are closing: that was the tutor's choice."""
    cancelled = a_session(status=SessionStatus.CANCELLED, origins={STATUS: an_origin(3, side="platform")})

    assert counted(cancelled, in_calendar(cancelled, link=a_link(state=LinkState.CLOSING))) == {}


def test_what_was_confirmed_is_that_person_s_edit_from_then_on() -> None:
    """So no other calendar, and no other laptop, asks again. When it happened stays as it was."""
    session = a_session()
    shifted = in_calendar(session, said={WHEN: at(T17), FieldGroup.TITLE: "Physics"})
    made = plan(session, [shifted], join_values={"link-work": NO_LINK}, missing=(), now=NOW)

    theirs = as_confirmed(made, {"link-work"}, who="anna", device="laptop:a")

    by_group = {one.group: one.origin for one in theirs.taken}
    before = {one.group: one.origin for one in made.taken}
    assert by_group[WHEN] == replace(before[WHEN], who="anna", device="laptop:a", side="app")
    assert by_group[FieldGroup.TITLE] == before[FieldGroup.TITLE]
