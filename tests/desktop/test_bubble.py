"""Which notification stands on screen: one for all double bookings, and never one too many."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.agent.documents import Conflict, many
from desktop.notify.bubble import Close, Leave, Show, Told, bubble_of, next_step, put_off
from desktop.words.translation import in_english
from tests.desktop.conftest import NOW
from tests.desktop.world import an_ordinary_week

BEN, MIA = many(Conflict.read, an_ordinary_week(NOW).conflicts)


def _next(conflicts: list[Conflict], told: Told, *, is_up: bool) -> tuple[Show | Close | Leave, Told]:
    return next_step(conflicts, told, is_up=is_up, translate=in_english)


def test_one_double_booking_is_told_in_full() -> None:
    """It answers the question without being opened."""
    bubble = bubble_of([BEN], in_english)

    assert bubble.title == "Double booking: Wed 25 Nov, 16:00–17:00"
    assert bubble.body == "“Physics” and “Dentist” overlap by 30 minutes."
    assert [words for _, words in bubble.actions] == ["Open", "Resolve", "Later"]


def test_ten_make_one_bubble() -> None:
    """A calendar that was connected late: ten at once, one bubble, and the first of them."""
    bubble = bubble_of([BEN] * 9 + [MIA], in_english)

    assert bubble.title == "10 double bookings"
    assert "The first is Wed 25 Nov" in bubble.body


def test_what_is_new_is_told_once() -> None:
    """The agent tells of the same conflict at every pass."""
    step, told = _next([BEN], Told(), is_up=False)
    assert isinstance(step, Show)
    assert step.target == "c-ben"

    assert _next([BEN], told, is_up=False)[0] == Leave()
    assert _next([BEN], told, is_up=True)[0] == Leave()


def test_a_second_one_replaces_the_bubble() -> None:
    """Two bubbles would be one too many."""
    _, told = _next([BEN], Told(), is_up=False)

    step, _ = _next([BEN, MIA], told, is_up=True)

    assert isinstance(step, Show)
    assert step.bubble.title == "2 double bookings"


def test_a_solved_one_takes_the_bubble_along() -> None:
    """It was settled on the phone."""
    _, told = _next([BEN], Told(), is_up=False)

    assert _next([], told, is_up=True)[0] == Close()
    assert _next([], told, is_up=False)[0] == Leave()


def test_one_of_two_solved_rewords_the_bubble_where_it_stands() -> None:
    """But it does not come back where it was closed by hand."""
    _, told = _next([BEN, MIA], Told(), is_up=False)

    assert isinstance(_next([MIA], told, is_up=True)[0], Show)
    assert _next([MIA], told, is_up=False)[0] == Leave()


def test_later_leaves_in_peace_until_there_is_something_new() -> None:
    """A new one is told, and leads to itself, not to what was put off."""
    _, told = _next([BEN], Told(), is_up=False)
    told = put_off(told)
    assert _next([BEN], told, is_up=False)[0] == Leave()

    step, _ = _next([BEN, MIA], told, is_up=False)

    assert isinstance(step, Show)
    assert step.target == "c-mia"


@given(st.lists(st.lists(st.sampled_from([BEN, MIA]), max_size=2, unique_by=lambda one: one.id), max_size=12))
def test_the_bubble_stands_only_while_something_is_open(histories: list[list[Conflict]]) -> None:
    """Whatever comes and goes: nothing open, no bubble; and what stands is never shown a second time unchanged."""
    told, is_up, shown = Told(), False, None
    for conflicts in histories:
        step, told = _next(conflicts, told, is_up=is_up)
        if isinstance(step, Show):
            assert (is_up, step.bubble) != (True, shown)
            is_up, shown = True, step.bubble
        elif isinstance(step, Close):
            is_up = False
        assert conflicts or not is_up
