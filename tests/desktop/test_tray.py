"""What the tray says, by values: no Qt, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import resources
from desktop.agent.documents import Conflict, Status, many
from desktop.standing import Standing
from desktop.tray.presenter import TrayState, join_url, seconds_until_morning, tray_card, tray_state
from desktop.words.translation import in_english
from tests.desktop.world import ZONE, World, a_quiet_week, an_ordinary_week

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def standing(world: World) -> Standing:
    """All that is known of a world."""
    return Standing(status=Status.read(world.status()), conflicts=many(Conflict.read, world.open_conflicts))


@pytest.mark.parametrize("state", [state for state in TrayState if state is not TrayState.STARTING])
def test_the_icon_shows_the_state_that_the_agent_gives(state: TrayState) -> None:
    """The agent judges, the tray shows."""
    world = a_quiet_week(NOON)
    world.state = state.value

    assert tray_state(standing(world)) is state


def test_without_an_answer_it_is_starting_and_with_a_reason_it_is_broken() -> None:
    """The agent comes up; or it cannot, and then the tray says why."""
    starting = tray_card(Standing(), NOON, in_english)
    broken = tray_card(Standing(trouble="The disk is full."), NOON, in_english)

    assert (starting.state, starting.sentence) == (TrayState.STARTING, "TutorSync is starting.")
    assert (broken.state, broken.sentence) == (TrayState.BROKEN, "TutorSync cannot sync: The disk is full.")
    assert not starting.can_act
    assert not broken.can_act


def test_a_state_of_a_newer_agent_asks_for_the_person() -> None:
    """Better one look too many than an icon that says all is well."""
    world = a_quiet_week(NOON)
    world.state = "on_fire"

    assert tray_state(standing(world)) is TrayState.NEEDS_YOU


def test_double_bookings_are_counted_in_words() -> None:
    """Two, then one, then no entry at all."""
    world = an_ordinary_week(NOON)
    two = tray_card(standing(world), NOON, in_english)
    world.conflicts.pop()
    one = tray_card(standing(world), NOON, in_english)
    world.conflicts.clear()
    none = tray_card(standing(world), NOON, in_english)

    assert [card.settle for card in (two, one, none)] == ["2 double bookings…", "1 double booking…", ""]
    assert two.conflict == "c-ben"
    assert none.conflict is None


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        pytest.param(timedelta(minutes=0), "Next: 12:50 · Maths · Ana Weber", id="today"),
        pytest.param(timedelta(days=1), "Next: tomorrow 12:50 · Maths · Ana Weber", id="tomorrow"),
        pytest.param(timedelta(days=3), "Next: Fri 27 Nov, 12:50 · Maths · Ana Weber", id="later: with its weekday"),
        pytest.param(timedelta(minutes=-60), "Next: now, 11:50–12:50 · Maths · Ana Weber", id="running"),
    ],
)
def test_the_next_session_is_told_with_its_time(shift: timedelta, said: str) -> None:
    """The menu answers "when do I have to be where" without a window."""
    world = a_quiet_week(NOON)
    status = Status.read(world.status())
    assert status.next_session is not None
    session = status.next_session
    moved = replace(session, start=session.start + shift, end=session.end + shift)

    card = tray_card(Standing(status=replace(status, next_session=moved)), NOON, in_english)

    assert card.following == said


def test_a_long_title_does_not_make_a_long_menu() -> None:
    """A title may be anything; the menu stays as wide as a menu."""
    status = Status.read(a_quiet_week(NOON).status())
    assert status.next_session is not None
    wordy = replace(status.next_session, title="Preparation " * 20)

    assert len(tray_card(Standing(status=replace(status, next_session=wordy)), NOON, in_english).following) < 80


def test_join_is_offered_only_for_what_is_near_and_online() -> None:
    """Nobody joins tomorrow's meeting by a slip."""
    session = Status.read(a_quiet_week(NOON).status()).next_session
    assert session is not None

    assert join_url(session, NOON) == "https://meet.example/s-ana"
    assert join_url(session, NOON - timedelta(days=1)) == ""
    assert join_url(replace(session, meeting=None), NOON) == ""
    assert join_url(None, NOON) == ""


@pytest.mark.parametrize(
    ("local", "hours"),
    [
        pytest.param(datetime(2026, 11, 24, 22, 0), 8.0, id="an ordinary night"),
        pytest.param(datetime(2026, 3, 28, 22, 0), 7.0, id="the night that has an hour less"),
        pytest.param(datetime(2026, 10, 24, 22, 0), 9.0, id="the night that has an hour more"),
    ],
)
def test_until_tomorrow_is_until_six_on_the_wall(local: datetime, hours: float) -> None:
    """Also when the clocks change in between."""
    assert seconds_until_morning(local.replace(tzinfo=ZoneInfo(ZONE)), ZONE) == hours * 3600


def _shapes() -> Callable[[TrayState], str]:
    folder = Path(str(resources.__file__)).parent / "icons"
    return lambda state: (folder / f"badge-{state.value}.svg").read_text()


def test_every_state_has_a_shape_of_its_own() -> None:
    """Colour is never the only sign: no two badges are the same drawing."""
    shape = _shapes()

    assert len({shape(state) for state in TrayState}) == len(TrayState)
