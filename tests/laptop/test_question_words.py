"""What is asked, in words that a tutor understands: what happened, and what each answer does."""

from __future__ import annotations

from typing import Any

import pytest

from sync_agent.engine.session_fields import where_value
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import QuestionKind
from sync_agent.laptop.documents.questions import answer_words, question_words
from tests.engine.sync.builders import NOW, T15, T17, at

_MASS = {"calendar": "Work", "count": 30, "living": 60, "platform": False, "shift_s": None}
_MADE = {"who": "", "device": "calendar:c", "side": "c", "since": NOW.isoformat(), "until": NOW.isoformat()}


def _version(number: int, value: str, *, where: str = "", who: str = "") -> dict[str, Any]:
    return {"number": number, "value": value, "where": where, "origin": {**_MADE, "who": who}, "sides": []}


_TIMES = {
    "title": "Maths",
    "zone": "Europe/Berlin",
    "group": "when",
    "versions": [_version(1, at(T15), who="you"), _version(2, at(T17), where="Work")],
}
_LATE = {
    "l1": {"session": "s1", "title": "Maths", "calendar": "Work", "verb": "update", "groups": ["notes", "when"]},
    "l2": {"session": "s2", "title": "Physics", "calendar": "Work", "verb": "delete", "groups": ["status"]},
}
FACTS: dict[QuestionKind, dict[str, Any]] = {
    QuestionKind.MASS_DELETION: _MASS,
    QuestionKind.MASS_SHIFT: {**_MASS, "shift_s": -3600},
    QuestionKind.DELETIONS_TO_WRITE: _MASS,
    QuestionKind.SHIFTS_TO_WRITE: _MASS,
    QuestionKind.FIRST_WRITE: {"calendar": "Work", "count": 12},
    QuestionKind.SHAPE: {"title": "Maths", "calendar": "Work", "shape": "series"},
    QuestionKind.MOVED_AWAY: {"title": "Maths", "calendar": "Work", "to": "Private"},
    QuestionKind.TWO_VERSIONS: _TIMES,
    QuestionKind.RESTORED: {"title": "Maths", "when": at(T15), "calendar": "Work", "session": "s", "obj": "o"},
    QuestionKind.REPLACED: {"calendar": "Work", "calendar_id": "c", "count": 12},
    QuestionKind.ADOPT: {"title": "Maths", "calendar": "Work"},
    QuestionKind.COPY: {"calendar": "Private", "copies": [{"title": "Maths", "when": "Thu 26 Nov 2026, 15:00–16:00"}]},
    QuestionKind.LATE_EDITS: {"account": "anna", "account_id": "a", "edits": _LATE},
}


def a_question(kind: QuestionKind, **differing: Any) -> Question:
    return Question("q", "cause", kind.value, ("t",), {**FACTS[kind], **differing}, NOW)


@pytest.mark.parametrize("kind", list(QuestionKind))
def test_every_question_has_a_sentence_and_a_button_for_each_answer(kind: QuestionKind) -> None:
    """It ends with what is to be said or with what each answer does; every button differs and fits a window."""
    question = a_question(kind)
    text = question_words(question)
    buttons = [answer_words(question, answer) for answer in question.answers]

    assert "?" in text or "no makes" in text or "no lets" in text
    assert "A decision is needed" not in text
    assert len(set(buttons)) == len(buttons) > 1
    assert all(5 < len(button) <= 65 for button in buttons)


def test_a_zone_mistake_says_by_how_much() -> None:
    """All by the same: whoever reads it knows at once what happened."""
    text = question_words(a_question(QuestionKind.MASS_SHIFT))

    assert "30 of 60 sessions were moved in “Work” at once, all by 1 hour earlier." in text
    assert "all by" not in question_words(a_question(QuestionKind.MASS_SHIFT, shift_s=None))


def test_what_an_office_did_is_told_otherwise_than_what_vanished() -> None:
    """There it is a cancellation, and there it is put back."""
    there = question_words(a_question(QuestionKind.MASS_DELETION, platform=True, calendar="Agency"))

    assert "were cancelled on “Agency” at once" in there
    assert "vanished from “Work”" in question_words(a_question(QuestionKind.MASS_DELETION))


def test_two_versions_say_who_made_which_and_when() -> None:
    """And the buttons show the values themselves."""
    question = a_question(QuestionKind.TWO_VERSIONS)
    text = question_words(question)

    assert "two versions of “Maths”, time: 1 is Thu 26 Nov 2026, 15:00–16:00, Europe/Berlin (you, Tue 24 Nov" in text
    assert "2 is Thu 26 Nov 2026, 17:00–18:00, Europe/Berlin (in “Work”, Tue 24 Nov" in text
    assert answer_words(question, "2") == "2: Thu 26 Nov 2026, 17:00–18:00, Europe/Berlin"


def test_late_changes_are_named_up_to_three() -> None:
    """Whoever was away for a month reads one sentence."""
    few = question_words(a_question(QuestionKind.LATE_EDITS))
    many = {f"l{number}": {**_LATE["l2"], "title": f"S{number}", "verb": "create"} for number in range(9)}

    assert "2 changes could not reach anna in time: “Maths” (notes and time) and “Physics” (cancelled)." in few
    assert ": “S0” (added), “S1” (added), “S2” (added) and 6 more." in question_words(
        a_question(QuestionKind.LATE_EDITS, edits=many)
    )


def test_a_long_value_is_cut_on_its_button() -> None:
    """Notes of a page do not make a button of a page."""
    versions = [_version(1, "x" * 500), _version(2, "")]
    question = a_question(QuestionKind.TWO_VERSIONS, group="notes", versions=versions)

    assert answer_words(question, "1").endswith("…")
    assert answer_words(question, "2") == "2: nothing"


def test_a_place_is_told_as_a_place() -> None:
    """Online or in person is part of it."""
    versions = [
        _version(1, where_value(online=False, place="Library")),
        _version(2, where_value(online=True, place="")),
    ]
    question = a_question(QuestionKind.TWO_VERSIONS, group="where", versions=versions)

    assert [answer_words(question, answer) for answer in question.answers] == ["1: Library", "2: online"]


def test_a_question_that_an_older_version_asked_still_reads() -> None:
    """It was stored before there was a platform's kind of it."""
    old = Question("q", "cause", "mass_deletion", ("t",), {"calendar": "Work", "count": 3, "living": 4}, NOW)

    assert "3 of 4 sessions vanished from “Work” at once." in question_words(old)


def test_a_question_that_a_newer_version_asked_says_something() -> None:
    """A profile may come back from a newer laptop."""
    newer = Question("q", "cause", "something_new", ("t",), {"title": "Maths"}, NOW)

    assert "Maths" in question_words(newer)
