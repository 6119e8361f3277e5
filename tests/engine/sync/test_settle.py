"""Which bases a write moves, from what was read back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sync_agent.engine.store.journal import Intent, Sent
from sync_agent.engine.sync.settle import ReadBack, bases_after
from sync_agent.engine.sync.spell import link_value, link_words
from sync_agent.engine.values import Base, FieldGroup, Verb
from tests.engine.sync.builders import NOW, an_event, minute

TITLE, NOTES, LINK = FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.LINK
URL = "https://zoom.us/j/1"


def an_intent(fields: Mapping[FieldGroup, Sent], *, answer: str | None = "2", lost: bool = False) -> Intent:
    return Intent(
        id="i", obj_key="work/x", account="a", calendar="work", session="s", link="l", verb=Verb.UPDATE, href="/x",
        fields=fields, if_match="1", before="", cause="c", state="sent", sent_at=NOW,
        answered_at=None if lost else minute(1), answer_etag=None if lost else answer,
    )  # fmt: skip


RENAMED = {TITLE: Sent("Physics", "Maths")}


@pytest.mark.parametrize(
    ("intent", "etag", "said", "moved"),
    [
        pytest.param(
            an_intent(RENAMED), "2", ("Physi…", "Physi…"), Base("Physics", "Physi…"),
            id="our own object: whatever it says is our write in its words",
        ),
        pytest.param(
            an_intent(RENAMED), "3", ("Physics", "Physics"), Base("Physics", "Physics"),
            id="edited since, but not this field",
        ),
        pytest.param(
            an_intent(RENAMED), "3", ("Chemistry", "Chemistry"), Base("Physics", None),
            id="edited since: ours is the base, theirs an edit",
        ),
        pytest.param(
            an_intent(RENAMED, answer=None), "3", ("Physics ", "Physics"), Base("Physics", "Physics "),
            id="a server without ETags that trims",
        ),
        pytest.param(an_intent(RENAMED, lost=True), "1", ("Maths", "Maths"), None, id="lost, and it never arrived"),
        pytest.param(
            an_intent(RENAMED, lost=True), "2", ("Physics", "Physics"), Base("Physics", "Physics"),
            id="lost, and it arrived",
        ),
        pytest.param(
            an_intent(RENAMED, lost=True), "2", ("Chemistry", "Chemistry"), None,
            id="lost, and somebody else wrote: nothing is known",
        ),
    ],
)  # fmt: skip
def test_settling(intent: Intent, etag: str, said: tuple[str, str], moved: Base | None) -> None:
    """The title was written; this is what a look finds."""
    found = bases_after(intent, ReadBack(etag, {TITLE: said}))

    assert found == ({TITLE: moved} if moved else {})


def test_two_answers_without_an_etag_are_not_the_same_object() -> None:
    """A server that gives none: what it says now is ours only if it says what we wrote."""
    found = bases_after(an_intent(RENAMED, answer=None), ReadBack(None, {TITLE: ("Chemistry", "Chemistry")}))

    assert found == {TITLE: Base("Physics", None)}


def test_an_answered_write_is_settled_although_its_etag_stayed() -> None:
    """A server whose ETags repeat; only without an answer does the old one say that nothing arrived."""
    found = bases_after(an_intent(RENAMED, answer="1"), ReadBack("1", {TITLE: ("Physics", "Physics")}))

    assert found == {TITLE: Base("Physics", "Physics")}


def test_only_what_was_written_is_settled() -> None:
    """The notes, edited by a phone in the same second, stay an edit."""
    found = bases_after(an_intent(RENAMED), ReadBack("2", {TITLE: ("Physics", "Physics"), NOTES: ("new", "new")}))

    assert set(found) == {TITLE}


def test_a_link_settles_when_it_is_there() -> None:
    """Derived: nobody's edit of it counts, but a lost write of it must not count as arrived."""
    empty, full = link_words(an_event()), link_words(an_event(url=URL))
    sent = {LINK: Sent(link_value(URL), empty)}

    assert bases_after(an_intent(sent, lost=True), ReadBack("2", {LINK: (empty, "")})) == {}
    assert bases_after(an_intent(sent, lost=True), ReadBack("2", {LINK: (full, "")})) == {
        LINK: Base(link_value(URL), full)
    }


def test_a_link_that_the_server_spells_in_its_own_way_is_there_once_its_write_was_answered() -> None:
    """It is no longer what was there before. Without an answer it may be somebody else's, and is written once more."""
    empty, rewritten = link_words(an_event()), link_words(an_event(url="https://out.example.org/?to=zoom"))
    sent = {LINK: Sent(link_value(URL), empty)}

    assert set(bases_after(an_intent(sent, answer=None), ReadBack("2", {LINK: (rewritten, "")}))) == {LINK}
    assert bases_after(an_intent(sent, lost=True), ReadBack("2", {LINK: (rewritten, "")})) == {}


def test_a_link_that_was_taken_away_settles_when_it_is_gone() -> None:
    """Somebody else edits the event while the answer to our removal is lost: the dead link must not stay for ever."""
    empty, full = link_words(an_event()), link_words(an_event(url=URL))
    sent = {LINK: Sent(link_value(""), full)}

    assert bases_after(an_intent(sent, lost=True), ReadBack("2", {LINK: (full, "")})) == {}
    assert bases_after(an_intent(sent, lost=True), ReadBack("2", {LINK: (empty, "")})) == {
        LINK: Base(link_value(""), empty)
    }


def test_no_link_settles_where_there_was_none() -> None:
    """A server without ETags, and an event that never had one."""
    empty = link_words(an_event())
    sent = {LINK: Sent(link_value(""), empty)}

    assert bases_after(an_intent(sent, answer=None), ReadBack(None, {LINK: (empty, "")})) == {
        LINK: Base(link_value(""), empty)
    }
