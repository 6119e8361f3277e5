"""Where two versions differ and the tutor wants to choose: nothing is taken, nobody is told, and nothing else waits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.sync.merge import Opinion, merge
from sync_agent.engine.sync.plan import applied, plan
from sync_agent.engine.values import Base, FieldGroup, Verb
from tests.engine.sync.builders import NO_LINK, NOW, T17, a_session, an_opinion, an_origin, at, in_calendar
from tests.engine.sync.test_merge import APP, opinions

_VALUES = st.sampled_from(["old", "a", "b", "c"])
TITLE, NOTES, WHEN, LINK = FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.WHEN, FieldGroup.LINK


@pytest.mark.parametrize(
    ("hub", "edited", "sides", "versions"),
    [
        pytest.param("new", 3, {"a": "late"}, ["new", "late"], id="the side is newer: still both"),
        pytest.param("new", 9, {"a": "early"}, ["early", "new"], id="the hub is newer: still both"),
        pytest.param(
            "old", 0, {"a": "one", "b": "two"}, ["one", "two"], id="two sides: what the hub said is no version"
        ),
        pytest.param("new", 3, {"a": "one", "b": "two"}, ["new", "one", "two"], id="three"),
        pytest.param("new", 3, {"a": "one", "b": "one"}, ["new", "one"], id="two sides that say the same are one"),
        pytest.param("old", 0, {"a": "new", "b": "old"}, [], id="one edit is no question"),
        pytest.param("new", 3, {"a": "new"}, [], id="both changed to the same"),
    ],
)
def test_what_there_is_to_choose_from(hub: str, edited: int, sides: dict[str, str], versions: list[str]) -> None:
    """Edits of one field that were made without knowing of each other."""
    told = merge(hub, an_origin(edited), APP, [an_opinion(side, said=said) for side, said in sides.items()], asks=True)

    assert [one.value for one in told.versions] == versions
    if versions:
        assert (told.value, told.taken_from, told.lost, told.to_write) == (hub, None, (), ())


@given(_VALUES, st.builds(an_origin, st.integers(0, 9)), opinions())
def test_asking_changes_nothing_where_nothing_would_be_lost(hub: str, origin: Origin, sides: list[Opinion]) -> None:
    """And where something would be, it names every value that is at stake, in whatever order it hears of them."""
    plain = merge(hub, origin, APP, sides)
    asked = merge(hub, origin, APP, sides, asks=True)

    if not plain.lost:
        assert asked == plain
        return
    at_stake = {one.value for one in plain.lost} | {plain.value}
    assert at_stake <= {one.value for one in asked.versions}
    assert all(
        merge(hub, origin, APP, order, asks=True).versions == asked.versions for order in itertools.permutations(sides)
    )


def test_a_side_that_says_what_the_hub_says_is_no_party() -> None:
    """Somebody made one of the calendars say it, too: it is agreed there, and what is left to choose is less."""
    says_it = replace(an_opinion("b", said="new"), words="«new»")
    told = merge("new", an_origin(3), APP, [an_opinion("a", said="other"), says_it], asks=True)

    assert dict(told.bases) == {"b": Base("new", "«new»")}
    assert [[side for side, _ in one.sides] for one in told.versions] == [[], ["a"]]


def test_other_fields_go_on() -> None:
    """The title is in question; the new hour of one side reaches the other all the same."""
    session = a_session(title="Physics", origins={**a_session().origins, TITLE: an_origin(3)})
    before = a_session()
    links = [
        in_calendar(before, "a", said={TITLE: "Chemistry", WHEN: at(T17)}),
        in_calendar(before, "b"),
    ]

    told = plan(
        session, links, join_values=dict.fromkeys(("link-a", "link-b"), NO_LINK), missing=(), now=NOW, asks=True
    )

    assert [(one.group, one.value) for one in told.taken] == [(WHEN, at(T17))]
    assert [(one.link, one.verb, one.groups) for one in told.writes] == [("link-b", Verb.UPDATE, {WHEN})]
    assert [one.group for one in told.choices] == [TITLE]


def test_the_link_waits_with_the_notes_that_it_is_written_with() -> None:
    """One text holds both: writing the link would tell the phone our version of the notes."""
    session = a_session(notes="ours", origins={**a_session().origins, NOTES: an_origin(3)})
    link = in_calendar(a_session(), "a", said={NOTES: "theirs"})

    told = plan(session, [link], join_values={"link-a": '{"join_url":"https://z"}'}, missing=(), now=NOW, asks=True)
    sure = plan(
        a_session(), [in_calendar(a_session(), "a")], join_values={"link-a": "x"}, missing=(), now=NOW, asks=True
    )

    assert told.writes == ()
    assert [one.groups for one in sure.writes] == [{LINK}]


def test_of_a_cancelled_session_nobody_is_asked_anything() -> None:
    """An edit that did not know of the cancellation outlives it; only then there is something to choose."""
    session = a_session(
        title="Physics", status=SessionStatus.CANCELLED, origins={**a_session().origins, TITLE: an_origin(3)}
    )
    link = in_calendar(a_session(), "a", said={TITLE: "Chemistry"})

    told = plan(session, [link], join_values={"link-a": NO_LINK}, missing=(), now=NOW, asks=True)

    assert told.choices == ()
    assert told.writes == ()
    assert [(one.group, one.value) for one in told.taken] == [(FieldGroup.STATUS, "planned")]
    assert (
        len(plan(applied(told), [link], join_values={"link-a": NO_LINK}, missing=(), now=NOW, asks=True).choices) == 1
    )
