"""Merging one field group of one session: who wins, what is kept of the loser, and the laws that never bend."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.sync.merge import Merged, Opinion, is_newer, merge
from sync_agent.engine.sync.spell import short_hash
from sync_agent.engine.values import Base
from tests.engine.sync.builders import an_opinion, an_origin

APP = (0, "")
_VALUES = st.sampled_from(["old", "a", "b", "c"])
_ORIGINS = st.builds(lambda since, lasting: an_origin(since, since + lasting), st.integers(0, 9), st.integers(0, 4))


@st.composite
def opinions(draw: st.DrawFn) -> list[Opinion]:
    """Up to four sides, each agreeing, edited, rewritten by its server, never seen, or not yet made."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        value = draw(_VALUES)
        base_hub = draw(st.one_of(st.none(), _VALUES))
        base = draw(st.sampled_from([None, Base(base_hub, "«old»"), Base(base_hub, f"«{value}»")]))
        words = draw(st.sampled_from([None, f"«{value}»"]))
        one = Opinion(f"cal{number}", (1, f"cal{number}"), base, words, value if words else None, draw(_ORIGINS))
        over = draw(st.one_of(st.just(""), _VALUES.map(short_hash)))
        found.append(replace(one, is_echo=draw(st.sampled_from([False, False, False, True])), over=over))
    return found


@pytest.mark.parametrize(
    ("hub", "edited", "sides", "agreed", "lost", "writes"),
    [
        pytest.param("old", 0, {"a": "old"}, "old", [], [], id="nobody changed anything: nothing is written"),
        pytest.param("new", 3, {"a": "old"}, "new", [], ["a"], id="the hub changed: the side is written"),
        pytest.param("old", 0, {"a": "new"}, "new", [], [], id="the side changed: the hub takes it, no write"),
        pytest.param("old", 0, {"a": "new", "b": "old"}, "new", [], ["b"], id="one side's edit goes to the other"),
        pytest.param("new", 3, {"a": "new"}, "new", [], [], id="both changed to the same: agreed without a write"),
        pytest.param("new", 3, {"a": "late"}, "late", ["new"], [], id="the side is newer: the hub's is kept as lost"),
        pytest.param("new", 9, {"a": "early"}, "new", ["early"], ["a"], id="the hub is newer: the side's is kept"),
        pytest.param("new", 5, {"a": "same"}, "new", ["same"], ["a"], id="at one time: a person in our app wins"),
        pytest.param("old", 0, {"b": "two", "a": "one"}, "one", ["two"], ["b"], id="at one time: calendars by id"),
    ],
)
def test_who_wins(
    hub: str, edited: int, sides: dict[str, str], agreed: str, lost: list[str], writes: list[str]
) -> None:
    """Edits of one field in the app and in calendars, which were seen between minute four and six."""
    told = merge(hub, an_origin(edited), APP, [an_opinion(side, said=said) for side, said in sides.items()])

    assert told.value == agreed
    assert [one.value for one in told.lost] == lost
    assert list(told.to_write) == writes


def test_what_a_server_made_of_our_words_never_wins() -> None:
    """The server cut the title; the base holds its words, so only an edit of the tutor counts."""
    cut = an_opinion("a", base=Base("Mathematics", "Math…"), words="Math…", value="Math…")

    assert merge("Mathematics", an_origin(0), APP, [cut]) == Merged("Mathematics", an_origin(0), None, (), (), ())
    assert merge("Physics", an_origin(1), APP, [cut]).to_write == ("a",)


def test_a_late_echo_of_our_own_is_put_right_and_no_edit() -> None:
    """A write that we gave up arrives after all: it is ours, so it does not come back as a person's."""
    echo = an_opinion("a", said="given up", is_echo=True)

    told = merge("old", an_origin(0), APP, [echo])

    assert (told.value, told.lost, told.to_write) == ("old", (), ("a",))


def test_a_side_that_lost_is_written_even_when_the_hub_returns_to_the_old_value() -> None:
    """The base forgets the hub's word, so "it was like this before" is no reason to leave the loser standing."""
    told = merge("new", an_origin(9), APP, [an_opinion("a", said="lost")])
    after = replace(an_opinion("a", said="lost"), base=dict(told.bases)["a"])

    assert merge("old", an_origin(10), APP, [after]).to_write == ("a",)


def test_edits_are_weighed_from_the_oldest_on() -> None:
    """Three phones, each later than the one before: what was replaced is told in that order, whatever their names."""
    sides = [
        an_opinion("a", said="third", origin=an_origin(5, 6)),
        an_opinion("b", said="second", origin=an_origin(3, 4)),
        an_opinion("c", said="first", origin=an_origin(1, 2)),
    ]

    told = merge("old", an_origin(0), APP, sides)

    assert (told.value, [one.value for one in told.lost]) == ("third", ["first", "second"])


def test_a_version_that_wins_in_the_end_is_not_reported_as_lost() -> None:
    """Two phones chose the same hour, a third one another hour in between."""
    sides = [
        an_opinion("a", said="x", origin=an_origin(1, 2)),
        an_opinion("b", said="y", origin=an_origin(3, 4)),
        an_opinion("c", said="x", origin=an_origin(5, 6)),
    ]

    told = merge("old", an_origin(0), APP, sides)

    assert (told.value, [one.value for one in told.lost]) == ("x", ["y"])


def test_what_was_typed_over_a_write_beats_the_one_who_made_it_and_nobody_loses() -> None:
    """Another laptop wrote the office's title and told nobody; the marker tells that it stood there."""
    office = replace(an_opinion("platform", said="office", origin=an_origin(3)), rank=APP)
    phone = an_opinion("a", said="phone", origin=an_origin(0, 9))

    told = merge("old", an_origin(0), APP, [office, replace(phone, over=short_hash("office"))])

    assert (told.value, told.lost, told.to_write) == ("phone", (), ("platform",))
    assert [one.value for one in merge("old", an_origin(0), APP, [office, phone]).lost] == ["phone"]


def test_what_the_winner_was_typed_over_is_not_lost_though_another_was_between() -> None:
    """One calendar lags behind and its edit beats the hub's value; the other's, made where that showed, beats both."""
    lagging = an_opinion("a", said="early", origin=an_origin(3), base=Base("older", "older"))
    phone = an_opinion("b", said="late", origin=an_origin(4, 6))

    told = merge("old", an_origin(1), APP, [lagging, phone])

    assert (told.value, [one.value for one in told.lost]) == ("late", ["early"])


def test_what_was_typed_once_more_after_somebody_had_typed_over_it_stands() -> None:
    """The same title again, when the other was read already: the newer of two."""
    office = replace(an_opinion("platform", said="office", origin=an_origin(10)), rank=APP)
    phone = an_opinion("a", said="phone", origin=an_origin(0, 9), over=short_hash("office"))

    told = merge("old", an_origin(0), APP, [office, phone])

    assert (told.value, [one.value for one in told.lost]) == ("office", ["phone"])


def test_what_says_what_was_written_there_is_not_typed_over_itself() -> None:
    """Beside another edit it would vanish without a word."""
    sides = [an_opinion("a", said="a", over=short_hash("a")), an_opinion("b", said="b")]
    told = merge("old", an_origin(0), APP, sides)

    assert {told.value, *(one.value for one in told.lost)} >= {"a", "b"}


def test_two_that_were_typed_over_each_other_are_weighed_like_any_two() -> None:
    """A circle tells nothing; and no version vanishes in it."""
    sides = [an_opinion("a", said="a", over=short_hash("b")), an_opinion("b", said="b", over=short_hash("a"))]

    told = merge("old", an_origin(0), APP, sides)

    assert (told.value, [one.value for one in told.lost]) == ("a", ["b"])


def test_versions_that_lost_are_told_in_one_order() -> None:
    """Three calendars, three titles at one time: what wins, and how the others are told, whoever answers first."""
    sides = [an_opinion(name, said=name) for name in ("a", "b", "c")]

    told = [merge("old", an_origin(0), APP, order) for order in itertools.permutations(sides)]

    assert {(one.value, tuple(lost.value for lost in one.lost)) for one in told} == {("a", ("b", "c"))}


@given(_VALUES, _ORIGINS, opinions())
def test_the_order_of_sides_never_matters(hub: str, origin: Origin, sides: list[Opinion]) -> None:
    """Whatever order accounts answer in."""
    first = merge(hub, origin, APP, sides)

    for other in itertools.permutations(sides):
        told = merge(hub, origin, APP, other)
        assert (told.value, told.origin, told.taken_from, told.lost) == (
            first.value,
            first.origin,
            first.taken_from,
            first.lost,
        )
        assert (set(told.bases), set(told.to_write)) == (set(first.bases), set(first.to_write))


@given(_VALUES, _ORIGINS, opinions())
def test_merging_what_was_merged_changes_nothing(hub: str, origin: Origin, sides: list[Opinion]) -> None:
    """Before the writes left and after they arrived: nothing is taken, lost or moved a second time."""
    first = merge(hub, origin, APP, sides)
    moved = dict(first.bases)
    waiting = [replace(side, base=moved.get(side.side, side.base)) for side in sides]

    again = merge(first.value, first.origin, APP, waiting)

    assert (again.value, again.taken_from, again.lost, again.bases) == (first.value, None, (), ())
    assert set(again.to_write) == set(first.to_write)

    written = [
        replace(side, words="written", value=first.value, base=Base(first.value, "written"))
        if side.side in first.to_write
        else side
        for side in waiting
    ]
    assert merge(first.value, first.origin, APP, written) == Merged(first.value, first.origin, None, (), (), ())


@given(_VALUES, _ORIGINS, opinions())
def test_nothing_that_a_person_wrote_vanishes_unnamed(hub: str, origin: Origin, sides: list[Opinion]) -> None:
    """Each edit is the outcome, or stands among the lost; the hub's own value likewise, unless its editor saw it."""
    told = merge(hub, origin, APP, sides)
    kept = {told.value} | {one.value for one in told.lost}

    edits = [side for side in sides if side.has_changed and not side.is_echo]
    seen = {one.value for one, over in itertools.permutations(edits, 2) if over.was_typed_over(one)}
    assert {side.value for side in edits} - {None, hub} - seen <= kept
    agreed = any(side.has_changed and side.base is not None and side.base.hub == hub for side in sides)
    saw_it = agreed or any(side.over == short_hash(hub) for side in edits)
    assert hub in kept or saw_it
    assert told.value not in {one.value for one in told.lost}


@given(_VALUES, _ORIGINS, opinions())
def test_a_side_that_nobody_edited_never_wins(hub: str, origin: Origin, sides: list[Opinion]) -> None:
    """What came back as it was agreed, or is our own echo, is no edit whatever its value."""
    told = merge(hub, origin, APP, sides)

    idle = {side.side for side in sides if not side.has_changed or side.is_echo}
    assert told.taken_from not in idle
    assert not idle & {one.side for one in told.lost}


@given(_VALUES, _ORIGINS, opinions(), st.permutations(["w", "x", "y", "z"]))
def test_swapping_two_sides_swaps_the_outcome_where_one_is_newer(
    hub: str, origin: Origin, sides: list[Opinion], names: list[str]
) -> None:
    """Swapping two calendars swaps the outcome with them, wherever one edit is newer than the other."""
    told = merge(hub, origin, APP, sides)
    edits = [side.origin for side in sides if side.has_changed and not side.is_echo] + [origin]
    if any(not is_newer(a, b) and not is_newer(b, a) for a, b in itertools.combinations(edits, 2)):
        return

    called = dict(zip([side.side for side in sides], names, strict=False))
    renamed = merge(hub, origin, APP, [replace(s, side=called[s.side], rank=(1, called[s.side])) for s in sides])

    assert renamed.value == told.value
    assert renamed.taken_from == (called[told.taken_from] if told.taken_from else None)
    assert {called[side] for side in told.to_write} == set(renamed.to_write)


def test_two_looks_in_a_row_say_which_edit_came_first() -> None:
    """One look ends the first edit's interval and begins the second's: they touch, and do not overlap."""
    assert is_newer(an_origin(6, 8), an_origin(4, 6))
    assert not is_newer(an_origin(4, 6), an_origin(6, 8))


@given(_ORIGINS, _ORIGINS)
def test_of_two_edits_at_most_one_is_newer(one: Origin, other: Origin) -> None:
    """And overlapping intervals leave it to the fixed order."""
    assert not (is_newer(one, other) and is_newer(other, one))
    if one.since < other.until and other.since < one.until:
        assert not is_newer(one, other)
        assert not is_newer(other, one)
