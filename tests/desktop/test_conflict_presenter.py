"""The double-booking window without a window: what is asked of the agent, and what is shown of its answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from desktop.agent.documents import NO_ANSWER, AgentProblem, Conflict, Slot
from desktop.conflict.cards import conflict_card, explain, slot_card, time_line
from desktop.conflict.decision import Action, Decision, possible_actions
from desktop.conflict.presenter import UNDO_FOR, ConflictPresenter, Screen
from desktop.words.translation import in_english
from tests.desktop.asked import AskedAgent
from tests.desktop.conftest import NOW
from tests.desktop.world import World, an_ordinary_week

REFUSED = AgentProblem("conflict.settled", "This double booking has been settled already.")


class Desk:
    """A presenter, the agent that it asks, and a clock to turn."""

    def __init__(self, world: World) -> None:
        self.world, self.agent, self.now = world, AskedAgent(), NOW
        self.shown: list[Screen] = []
        self.presenter = ConflictPresenter(self.agent, in_english, lambda: self.now, self.shown.append)

    @property
    def screen(self) -> Screen:
        return self.shown[-1]

    def open(self, conflict: str | None = None) -> None:
        """Open the window as far as its slots."""
        self.presenter.show_conflict(conflict)
        self.answer_conflicts()
        self.answer_slots()

    def answer_conflicts(self) -> None:
        self.agent.last.answer({"conflicts": self.world.open_conflicts, "coverage": self.world.coverage})

    def answer_slots(self) -> None:
        card, decision = self.screen.card, self.screen.decision
        assert card is not None
        assert decision is not None
        self.agent.last.answer({"suggestions": self.world.slots(card.id, decision.session)})

    def answer_preview(self) -> None:
        body, card = self.agent.last.body, self.screen.card
        assert card is not None
        self.agent.last.answer({"preview": self.world.preview(card.id, body or {}), "applied": False})

    def apply(self) -> None:
        """Apply, and let the agent do it."""
        self.presenter.apply()
        request, card = self.agent.last, self.screen.card
        assert card is not None
        request.answer({"activity": [self.world.settle(card.id, request.body or {})], "applied": True})
        self.answer_conflicts()


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_the_best_slot_is_chosen_and_previewed_without_a_click(desk: Desk) -> None:
    """Two keys settle it: the window is opened, Enter applies."""
    desk.open()
    desk.answer_preview()

    assert desk.screen.chosen_slot == 1
    assert desk.screen.can_apply
    assert desk.screen.preview is not None
    assert desk.screen.preview.told == "Will be told: Ben Okafor by e-mail"


def test_what_is_asked_for_is_what_is_opened(desk: Desk) -> None:
    """The bubble was about the second of two."""
    desk.open("c-mia")

    assert desk.screen.card is not None
    assert desk.screen.card.id == "c-mia"
    assert [entry.id for entry in desk.screen.entries] == ["c-ben", "c-mia"]


def test_one_that_is_settled_elsewhere_gives_way_to_the_next(desk: Desk) -> None:
    """The bubble stood there for an hour; in the meantime the tutor settled it on the phone."""
    desk.world.conflicts[0]["state"] = "closed"
    desk.open("c-ben")

    assert desk.screen.card is not None
    assert desk.screen.card.id == "c-mia"


def test_an_answer_to_an_earlier_choice_is_never_shown(desk: Desk) -> None:
    """3 is pressed before the preview of 1 came; it comes last, and must not stand beside 3."""
    desk.open()
    first = desk.agent.last
    desk.presenter.choose_slot(3)
    third = desk.agent.last

    third.answer({"preview": [{"where": "Lessons", "what": "third", "told": []}]})
    first.answer({"preview": [{"where": "Lessons", "what": "first", "told": []}]})

    assert desk.screen.preview is not None
    assert desk.screen.preview.writes == (("Lessons", "third"),)


def test_nothing_is_applied_before_its_outcome_is_on_screen(desk: Desk) -> None:
    """Enter is pressed at once, before the preview: it waits for what it would do."""
    desk.open()
    asked = len(desk.agent.requests)

    desk.presenter.apply()
    assert len(desk.agent.requests) == asked
    desk.answer_preview()

    assert desk.screen.preview is not None
    assert (desk.agent.last.body or {})["dry_run"] is False


def test_another_choice_forgets_an_early_enter(desk: Desk) -> None:
    """Enter, and then 3 after all: the third slot is shown, and nothing is done yet."""
    desk.open()
    desk.presenter.apply()

    desk.presenter.choose_slot(3)
    desk.answer_preview()

    assert (desk.agent.last.body or {})["dry_run"] is True


def test_an_early_enter_is_for_the_double_booking_that_was_seen(desk: Desk) -> None:
    """Enter and J: the next one is shown, and the preview of the first one, which comes late, does nothing to it."""
    desk.open()
    desk.presenter.apply()
    late = desk.agent.last
    desk.presenter.step(1)
    desk.answer_conflicts()

    late.answer({"preview": [{"where": "Lessons", "what": "moves the first one", "told": []}]})

    assert desk.screen.preview is None
    assert all(one.body is None or one.body.get("dry_run") for one in desk.agent.requests)


def test_enter_after_a_preview_that_failed_asks_for_it_again(desk: Desk) -> None:
    """The agent gave no answer; the same key tries once more."""
    desk.open()
    desk.agent.last.refuse(AgentProblem(NO_ANSWER, ""))

    desk.presenter.apply()
    desk.answer_preview()

    assert (desk.agent.last.body or {})["dry_run"] is False


def test_a_second_enter_does_not_apply_twice(desk: Desk) -> None:
    """A nervous hand: the first Enter is on its way."""
    desk.open()
    desk.answer_preview()
    desk.presenter.apply()
    asked = len(desk.agent.requests)

    desk.presenter.apply()
    desk.presenter.choose_slot(2)

    assert len(desk.agent.requests) == asked
    assert desk.screen.is_busy


def test_keeping_both_needs_a_reason(desk: Desk) -> None:
    """A blank is no reason; with one, the agent says what it would write."""
    desk.open()
    desk.presenter.choose_action(Action.KEEP_BOTH)
    desk.presenter.give_reason("   ")
    assert not desk.screen.can_apply

    desk.presenter.give_reason("The dentist was moved")
    desk.answer_preview()

    assert desk.screen.can_apply
    desk.presenter.apply()
    assert desk.agent.last.body == {"action": "keep_both", "dry_run": False, "reason": "The dentist was moved"}


def test_each_letter_of_a_reason_is_no_request(desk: Desk) -> None:
    """What will be written does not depend on the words."""
    desk.open()
    desk.presenter.choose_action(Action.KEEP_BOTH)
    desk.presenter.give_reason("T")
    desk.answer_preview()
    asked = len(desk.agent.requests)

    desk.presenter.give_reason("Th")
    desk.presenter.give_reason("The")

    assert len(desk.agent.requests) == asked
    assert desk.screen.can_apply


def test_of_two_sessions_either_can_be_moved(desk: Desk) -> None:
    """Both sides are sessions: the other one is chosen, and its own free slots are looked for."""
    desk.open("c-mia")
    desk.presenter.choose_session("s-noor")

    assert "session=s-noor" in desk.agent.last.path
    assert desk.screen.slots is None
    desk.answer_slots()
    assert desk.agent.last.body == {
        "action": "move",
        "dry_run": True,
        "session": "s-noor",
        "start_wall": desk.world.slots("c-mia", "s-noor")[0]["start_wall"],
    }
    assert Action.MARK_FREE not in desk.screen.actions


def test_what_was_settled_can_be_undone_for_ten_minutes(desk: Desk) -> None:
    """Z brings the double booking back onto the screen."""
    desk.open()
    desk.answer_preview()
    desk.apply()
    settled = desk.screen.settled
    assert settled is not None
    assert [entry.id for entry in desk.screen.entries] == ["c-mia"]

    desk.presenter.undo()
    assert desk.agent.last.body == {"activity": "act-1"}
    desk.agent.last.answer({"undone": desk.world.undo("act-1"), "refused": []})
    desk.answer_conflicts()

    assert desk.screen.settled is None
    assert desk.screen.card is not None
    assert desk.screen.card.id == "c-ben"


@pytest.mark.parametrize(
    ("later", "is_offered"),
    [
        pytest.param(UNDO_FOR - timedelta(seconds=1), True, id="within ten minutes"),
        pytest.param(UNDO_FOR, False, id="after them"),
    ],
)
def test_an_undo_is_not_offered_for_ever(desk: Desk, later: timedelta, is_offered: bool) -> None:
    """The window stood open over lunch."""
    desk.open()
    desk.answer_preview()
    desk.apply()

    desk.now += later
    desk.presenter.undo_ended()

    assert desk.screen.settled is not None
    assert bool(desk.screen.settled.activity) is is_offered


def test_an_undo_that_is_refused_says_why(desk: Desk) -> None:
    """Somebody moved the session again in the meantime."""
    desk.open()
    desk.answer_preview()
    desk.apply()
    desk.presenter.undo()

    desk.agent.last.answer({"undone": [], "refused": [{"activity": "act-1", "message": "Carla moved it since."}]})

    assert desk.screen.trouble == "Carla moved it since."
    assert desk.screen.settled is not None


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        pytest.param(REFUSED, REFUSED.message, id="the agent refuses"),
        pytest.param(AgentProblem(NO_ANSWER, ""), "did not answer", id="the agent is gone"),
    ],
)
def test_a_decision_that_fails_can_be_tried_again(desk: Desk, problem: AgentProblem, words: str) -> None:
    """What was chosen is still chosen."""
    desk.open()
    desk.answer_preview()
    desk.presenter.apply()

    desk.agent.last.refuse(problem)

    assert words in desk.screen.trouble
    assert desk.screen.chosen_slot == 1
    assert desk.screen.can_apply


def test_next_and_previous_go_round(desk: Desk) -> None:
    """J on the last one shows the first."""
    desk.open("c-mia")
    desk.presenter.step(1)
    desk.answer_conflicts()

    assert desk.screen.card is not None
    assert desk.screen.card.id == "c-ben"


def test_no_free_slot_leaves_the_other_ways_open(desk: Desk) -> None:
    """A full fortnight."""
    desk.presenter.show_conflict(None)
    desk.answer_conflicts()
    desk.agent.last.answer({"suggestions": []})

    assert desk.screen.slots == ()
    assert not desk.screen.can_apply
    desk.presenter.choose_action(Action.CANCEL)
    desk.answer_preview()
    assert desk.screen.can_apply


def test_nothing_left_is_an_empty_screen(desk: Desk) -> None:
    """Everything was settled elsewhere while the window was open."""
    desk.open()
    desk.world.conflicts.clear()
    desk.presenter.refresh()
    desk.answer_conflicts()

    assert desk.screen == Screen(is_loading=False)


@pytest.mark.complaint(2)
def test_complaint_2_what_could_not_be_read_makes_no_slot_free_and_no_list_empty(desk: Desk) -> None:
    """With a double booking open, after it is settled, and with none left."""
    desk.world.cannot_read("Private")
    desk.open()

    assert desk.screen.slots is not None
    assert not any(slot.is_known_free for slot in desk.screen.slots)
    assert explain(Action.MOVE, desk.screen.slots, in_english) == (
        "Free as far as your calendars could be read, the best first"
    )
    assert all("Private not checked since 08:00" in slot.spoken for slot in desk.screen.slots)

    desk.answer_preview()
    desk.apply()
    assert desk.screen.unchecked.startswith("Private not checked since")

    desk.world.conflicts.clear()
    desk.presenter.show_conflict(None)
    desk.answer_conflicts()
    assert desk.screen.card is None
    assert desk.screen.unchecked.startswith("Private not checked since")


def test_where_all_was_read_slots_are_called_free(desk: Desk) -> None:
    """And nothing else is said."""
    desk.open()

    assert explain(Action.MOVE, desk.screen.slots, in_english) == "Free in every connected calendar, the best first"
    assert desk.screen.unchecked == ""


def test_a_side_says_who_changed_it_and_when(world: World) -> None:
    """The answer to "but I put it at two!"."""
    card = conflict_card(Conflict.read(world.conflicts[0]), NOW, in_english)

    first, second = card.sides
    assert ("clock", "You moved “Physics” from 14:00 · at 09:20") in first.facts
    assert (first.kind, first.span, first.zone) == ("Session · Lessons", "16:00–17:00", "")
    assert (second.kind, second.title, second.span) == ("Private", "Dentist", "16:30–17:15")
    assert "Ben Okafor" in first.spoken


def test_a_side_in_another_zone_names_both(world: World) -> None:
    """The session is at eight in Tokyo, the dentist in Berlin."""
    document = world.conflicts[0]
    document["sides"][1]["zone"] = "Asia/Tokyo"

    card = conflict_card(Conflict.read(document), NOW, in_english)

    assert [side.zone for side in card.sides] == ["Europe/Berlin", "Asia/Tokyo"]


def test_an_unknown_zone_falls_back_on_the_offset(world: World) -> None:
    """A calendar that names its zone "Customized Time Zone"."""
    document = world.conflicts[0]
    document["sides"][0]["zone"] = "Customized Time Zone"

    assert conflict_card(Conflict.read(document), NOW, in_english).sides[0].span == "16:00–17:00"


def test_the_time_line_shows_what_both_share(world: World) -> None:
    """16:00–17:00 over 16:30–17:15: 75 minutes, of which the second 30 are shared."""
    first, second = Conflict.read(world.conflicts[0]).sides

    line = time_line(first, second)

    assert (line.first.begins, line.second.ends) == (0, 1)
    assert line.overlap.begins == pytest.approx(30 / 75)
    assert line.overlap.ends == pytest.approx(60 / 75)
    assert [words for _, words in line.marks] == ["16:00", "16:30", "17:00", "17:15"]


def test_a_slot_is_worded_in_its_own_zone() -> None:
    """The laptop is on a journey; the session stays at home."""
    start = datetime(2026, 11, 26, 18, tzinfo=ZoneInfo("Asia/Tokyo"))
    slot = Slot(1, start, start + timedelta(hours=1), "2026-11-26T18:00", "", ("same week", "usual weekday"))

    card = slot_card(slot, in_english)

    assert (card.day, card.span, card.why) == ("Thu 26 Nov", "18:00–19:00", "same week · usual weekday")


@pytest.mark.parametrize(
    ("decision", "body"),
    [
        pytest.param(
            Decision(Action.MOVE, "s-1", start_wall="2026-11-26T18:00"),
            {"action": "move", "dry_run": True, "session": "s-1", "start_wall": "2026-11-26T18:00"},
            id="move",
        ),
        pytest.param(
            Decision(Action.KEEP_BOTH, "s-1", reason=" both are short "),
            {"action": "keep_both", "dry_run": True, "reason": "both are short"},
            id="keep both",
        ),
        pytest.param(
            Decision(Action.CANCEL, "s-1"), {"action": "cancel", "dry_run": True, "session": "s-1"}, id="cancel"
        ),
        pytest.param(Decision(Action.MARK_FREE, "s-1"), {"action": "mark_free", "dry_run": True}, id="mark as free"),
    ],
)
def test_a_decision_is_spelled_as_the_local_api_does(decision: Decision, body: dict[str, object]) -> None:
    """docs/local-api.md, `POST /v1/conflicts/{id}/resolve`."""
    assert decision.is_complete
    assert decision.body(dry_run=True) == body


def test_an_event_can_be_marked_as_free_and_a_session_cannot() -> None:
    """A session is never free time."""
    first, second = (Conflict.read(one) for one in an_ordinary_week(NOW).conflicts)

    assert Action.MARK_FREE in possible_actions(first)
    assert Action.MARK_FREE not in possible_actions(second)
