"""What the marker of an event says: how each group was last written there, and never more."""

from __future__ import annotations

from dataclasses import replace

from sync_agent.engine.naming import Naming
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.marking import as_last_written
from sync_agent.engine.sync.spell import marker_for, short_hash
from sync_agent.engine.values import Base, FieldGroup
from tests.engine.sync.builders import a_session

TITLE, NOTES, LINK = FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.LINK
AGREED = a_session()
BASES = {group: Base(value_of(AGREED, group), "as spelled there") for group in (TITLE, NOTES)}
HUB = replace(AGREED, title="Physics", notes="both books")
BEFORE = {group.value: short_hash(value_of(AGREED, group)) for group in (TITLE, NOTES)}


def hashes(groups: set[FieldGroup], before: dict[str, str]) -> dict[str, str]:
    marker = marker_for(HUB, naming=Naming("tenant", keys={"work": "key"}), calendar="work", uid="u", version=2)
    return dict(as_last_written(marker, HUB, frozenset(groups), BASES, before).hashes)


def test_what_waits_for_a_person_is_marked_as_it_was_last_written() -> None:
    """The title is one of two among which somebody is to choose; only the notes are written meanwhile."""
    found = hashes({NOTES}, BEFORE)

    assert found["title"] == short_hash("Maths")
    assert found["notes"] == short_hash("both books")


def test_of_what_was_never_marked_and_is_not_written_nothing_is_said() -> None:
    """A server had dropped the marker: better none than a wrong one."""
    assert "title" not in hashes({NOTES}, {})


def test_notes_that_are_written_along_with_the_link_are_marked_as_written() -> None:
    """They stand in one text."""
    assert hashes({LINK}, BEFORE)["notes"] == short_hash("both books")
