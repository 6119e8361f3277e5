"""What was done is told in a tutor's words: no name of a kind, a field or a code in any sentence."""

from __future__ import annotations

import ast
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

import sync_agent.engine
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import FieldGroup
from sync_agent.laptop.documents.activity import sentence

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AT_10 = '{"start":"2026-11-26T10:00:00","zone":"Europe/Berlin","seconds":3600}'
AT_12 = AT_10.replace("T10:", "T12:")
_WRITE = {"Activity", "_entry", "_about", "_log", "_made"}
FACTS = {"title": "Maths", "account": "Zoom", "calendar": "Private", "other": "Dentist", "left_alone": 2}


def entry(kind: str, group: FieldGroup | None = None, before: str | None = None, after: str | None = None) -> Activity:
    """Something that the tutor did."""
    field = group.value if group else ""
    return Activity("1", NOW, kind, "c", "you", field_group=field, before=before, after=after, facts=FACTS)


def kinds() -> list[str]:
    """Every kind that the engine's code writes into the log, as its source has them."""
    found: set[str] = set()
    for path in Path(next(iter(sync_agent.engine.__path__))).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _WRITE:
                found |= _dotted([*node.args, *(word.value for word in node.keywords if word.arg == "kind")])
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "kind":
                found |= _dotted([node.value])
    return sorted(found)


def _dotted(values: list[ast.expr]) -> set[str]:
    texts = [one.value for value in values for one in ast.walk(value) if isinstance(one, ast.Constant)]
    return {one for one in texts if isinstance(one, str) and one.count(".") == 1}


def test_the_kinds_are_found() -> None:
    """The next test looks at something."""
    assert {"session.changed", "version.lost", "store.restored", "meeting.moved", "calendar.role"} <= set(kinds())


@pytest.mark.parametrize("kind", kinds())
def test_no_sentence_names_a_kind(kind: str) -> None:
    """Whatever the engine writes into the log has words."""
    said = sentence(entry(kind, FieldGroup.WHEN, AT_10, AT_12), {})

    assert kind not in said
    assert said.endswith(".")


def test_a_session_that_was_made_of_an_event_says_so() -> None:
    """Also of a series, with how many and until when."""
    one = sentence(entry("session.adopted", FieldGroup.WHEN, None, AT_10), {})
    ended = entry("series.ended", FieldGroup.WHEN, None, AT_10)
    several = sentence(replace(ended, facts={**FACTS, "count": 12}), {})

    assert one == "You made a session of the event “Maths” in “Private”, Thu 26 Nov 2026, 10:00–11:00, Europe/Berlin."
    assert several.startswith("You made 12 sessions of the series “Maths”, until Thu 26 Nov 2026, 10:00")


def test_a_session_is_moved() -> None:
    """Not changed in its field "when"."""
    said = sentence(entry("session.changed", FieldGroup.WHEN, AT_10, AT_12), {})

    moved = "from Thu 26 Nov 2026, 10:00–11:00, Europe/Berlin to Thu 26 Nov 2026, 12:00–13:00, Europe/Berlin"
    assert said == f"You moved “Maths” {moved}."


def test_what_is_taken_back_reads_as_what_it_does() -> None:
    """Not as a second move with a word in brackets."""
    back = replace(entry("session.changed", FieldGroup.WHEN, AT_12, AT_10), undo_of="0")

    assert sentence(back, {}).startswith("You moved “Maths” back from Thu 26 Nov 2026, 12:00")


def test_the_place_of_a_session_is_changed() -> None:
    """Fields have the names that a tutor gives them."""
    before, after = '{"online":true,"place":""}', '{"online":false,"place":"Library"}'

    said = sentence(entry("session.changed", FieldGroup.WHERE, before, after), {})

    assert said == "You changed the place of “Maths” from online to Library."


def test_what_lost_can_be_brought_back() -> None:
    """Two edits of one field: both are told, and which of them stands."""
    said = sentence(entry("version.lost", FieldGroup.TITLE, "Mats", "Maths"), {})

    assert said == ("The title of “Maths” was changed in two places: “Maths” stands, and “Mats” can be brought back.")


def test_pages_of_notes_are_told_in_a_line() -> None:
    """The entry keeps them whole."""
    said = sentence(entry("session.changed", FieldGroup.NOTES, "", "Bring " + "the book " * 500), {})

    assert len(said) < 160
