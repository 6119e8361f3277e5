"""What a pass is to do about one session: a function of hub, bases and mirror as they stand, never of what happened."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.session_fields import value_of, with_value
from sync_agent.engine.sync.link_now import LinkNow
from sync_agent.engine.sync.plan import PlannedWrite, SessionPlan, applied
from sync_agent.engine.sync.resting import is_as_agreed
from sync_agent.engine.sync.spell import link_value
from sync_agent.engine.values import (
    CALENDAR_GROUPS,
    ON_PLATFORM,
    Base,
    FieldGroup,
    LinkState,
    Session,
    SideWord,
    Verb,
)
from tests.engine.sync.builders import (
    NO_LINK,
    NOW,
    T15,
    T16,
    T17,
    a_link,
    a_session,
    an_origin,
    at,
    gone_from,
    in_calendar,
    minute,
    planned,
    wanted_in,
)

WHEN, WHERE, TITLE, NOTES, LINK = (
    FieldGroup.WHEN,
    FieldGroup.WHERE,
    FieldGroup.TITLE,
    FieldGroup.NOTES,
    FieldGroup.LINK,
)
CANCELLED = a_session(status=SessionStatus.CANCELLED)


def update(calendar: str, *groups: FieldGroup) -> PlannedWrite:
    return PlannedWrite(f"link-{calendar}", Verb.UPDATE, frozenset(groups))


def test_where_all_agree_there_is_nothing_to_do() -> None:
    """Ten idle passes, ten empty plans."""
    session = a_session()

    assert planned(session, [in_calendar(session), in_calendar(session, "home")]).is_at_rest


@pytest.mark.parametrize(
    ("app", "phone", "agreed", "writes"),
    [
        pytest.param({WHEN: at(T16)}, {}, {WHEN: at(T16)}, {WHEN}, id="moved in the app: the event is written"),
        pytest.param({}, {WHEN: at(T16)}, {WHEN: at(T16)}, set(), id="moved on the phone: no write there"),
        pytest.param(
            {WHEN: at(T16)},
            {TITLE: "Algebra"},
            {WHEN: at(T16), TITLE: "Algebra"},
            {WHEN},
            id="different fields: both win",
        ),
        pytest.param({WHEN: at(T16)}, {WHEN: at(T17)}, {WHEN: at(T17)}, set(), id="same field: the newer wins"),
        pytest.param(
            {WHEN: at(T16, minutes=30)},
            {WHEN: at(T15, minutes=90)},
            {WHEN: at(T15, minutes=90)},
            set(),
            id="moved here and lengthened there: one of them whole, never an end before its start",
        ),
        pytest.param({NOTES: "x"}, {NOTES: "x"}, {NOTES: "x"}, set(), id="the same edit on both: no write"),
    ],
)
def test_edits_on_both_sides(
    app: dict[FieldGroup, str], phone: dict[FieldGroup, str], agreed: dict[FieldGroup, str], writes: set[FieldGroup]
) -> None:
    """The tutor edits on the train, and someone at home edits the event a little later."""
    before = a_session()
    hub = before
    for group, value in app.items():
        hub = with_value(hub, group, value)
        hub = replace(hub, origins={**hub.origins, group: an_origin(3)})

    told = planned(hub, [in_calendar(before, said=phone)])

    for group in CALENDAR_GROUPS:
        assert value_of(applied(told), group) == agreed.get(group, value_of(before, group))
    assert {group for write in told.writes for group in write.groups} == writes


def test_an_edit_in_one_calendar_goes_to_the_others() -> None:
    """Two calendars show the session; the edit is written to the one that does not have it."""
    session = a_session()

    told = planned(session, [in_calendar(session, said={TITLE: "Algebra"}), in_calendar(session, "home")])

    assert told.writes == (update("home", TITLE),)
    assert applied(told).title == "Algebra"
    assert applied(told).origins[TITLE].side == "work"


def test_a_phone_s_edit_of_what_is_ours_is_put_back() -> None:
    """Somebody deletes the line with the link: it is derived, so it is no edit of the session."""
    session = a_session()

    told = planned(session, [in_calendar(session, said={LINK: "nothing left"})])

    assert told.writes == (update("work", LINK),)
    assert not told.taken


def test_a_new_link_is_written_everywhere() -> None:
    """The meeting was made after the events."""
    session = a_session()

    told = planned(
        session, [in_calendar(session), in_calendar(session, "home")], link=link_value("https://zoom.us/j/1")
    )

    assert told.writes == (update("home", LINK), update("work", LINK))


@pytest.mark.parametrize(
    "now_",
    [
        pytest.param(gone_from(a_session()), id="it seems to be gone"),
        pytest.param(in_calendar(a_session(), shape="cancelled"), id="it seems to be cancelled"),
        pytest.param(in_calendar(a_session(), shape="series"), id="it seems to be a series"),
        pytest.param(in_calendar(a_session(), link=a_link(state=LinkState.HELD)), id="it seems to be itself again"),
    ],
)
def test_nothing_is_believed_of_an_object_with_an_unsettled_write(now_: LinkNow) -> None:
    """What is seen there may be older or newer than what we sent: first it is looked up."""
    told = planned(a_session(), [replace(now_, is_blocked=True)])

    assert told == SessionPlan(a_session(), waits=True)


@pytest.mark.parametrize("shape", ["series", "all_day", "floating", "zero", "long"])
def test_what_a_session_cannot_be_is_held(shape: str) -> None:
    """A phone makes the event something else: nothing is written, a person is asked."""
    session = a_session(T16)

    told = planned(session, [in_calendar(a_session(), shape=shape)])

    assert told.holds == (("link-work", shape),)
    assert not told.writes
    assert told.cancel is None


def test_a_held_link_is_left_alone_and_the_others_go_on() -> None:
    """Of two calendars one is in question."""
    session = a_session(T16)
    held = in_calendar(a_session(), link=a_link(state=LinkState.HELD), shape="all_day")

    told = planned(session, [held, in_calendar(a_session(), "home")])

    assert told.writes == (update("home", WHEN),)


def test_a_held_link_lives_again_when_its_event_is_itself_again() -> None:
    """The phone takes "repeats weekly" back before anybody answered."""
    session = a_session()
    held = in_calendar(session, link=a_link(state=LinkState.HELD))

    assert planned(session, [held]).releases == ("link-work",)


def test_a_cancelled_session_s_event_is_removed_whatever_became_of_it() -> None:
    """And the platform only hears of it."""
    told = planned(CANCELLED, [in_calendar(CANCELLED), in_calendar(CANCELLED, "home", is_blocked=True)])

    assert told.writes == (PlannedWrite("link-work", Verb.DELETE, frozenset()),)
    assert told.waits


def test_a_closing_link_s_event_is_removed_and_the_session_stays() -> None:
    """A calendar is no longer for sessions."""
    session = a_session()
    closing = in_calendar(session, link=a_link(state=LinkState.CLOSING), shape="all_day")

    told = planned(session, [closing])

    assert told.writes == (PlannedWrite("link-work", Verb.DELETE, frozenset()),)
    assert told.cancel is None


def test_a_closing_link_that_never_had_an_event_ends_without_a_request() -> None:
    """The role is changed before the first event was made."""
    closing = wanted_in(link=a_link(state=LinkState.CLOSING, obj=None))

    told = planned(a_session(), [closing])

    assert told.closes == (("link-work", "unlinked"),)
    assert not told.writes


def test_a_calendar_that_does_not_answer_makes_the_session_wait() -> None:
    """Offline: the wish stays a wish."""
    told = planned(a_session(T16), [in_calendar(a_session(), is_writable=False)])

    assert not told.writes
    assert told.waits


def test_an_unsettled_write_blocks_its_object_only() -> None:
    """The answer to one write was lost: it is looked up before anything else is planned for that object."""
    session = a_session(T16)

    told = planned(session, [in_calendar(a_session(), is_blocked=True), in_calendar(a_session(), "home")])

    assert told.writes == (update("home", WHEN),)
    assert told.waits


@pytest.mark.parametrize(
    ("days", "wanted"), [(-30, True), (-31, False), (400, True), (401, False)], ids=lambda value: str(value)
)
def test_sessions_are_mirrored_from_30_days_back_to_400_ahead(days: int, wanted: bool) -> None:
    """Others get no event. Each lasts the hour that ends at this hour of its day."""
    session = a_session(NOW.replace(tzinfo=None) + timedelta(days=days))

    assert bool(planned(session, [], missing=["work"]).new_links) is wanted
    assert bool(planned(session, [wanted_in()]).writes) is wanted


def test_what_is_linked_stays_linked_wherever_it_moves() -> None:
    """Moved to day 500: the event follows."""
    far = T15 + timedelta(days=500)

    assert planned(a_session(far), [in_calendar(a_session())]).writes == (update("work", WHEN),)


@pytest.mark.parametrize("platform", ["agency", "zzz"])
def test_at_one_time_a_person_on_the_platform_goes_before_a_calendar(platform: str) -> None:
    """By what they are, and not by how their ids sort."""
    session = a_session()
    office = Origin("office", "web", ON_PLATFORM, minute(5), minute(6))
    links = [
        in_calendar(session, said={TITLE: "Phone"}),
        in_calendar(session, platform, is_platform=True, said={TITLE: "Office"}),
    ]
    spoken = {**(links[1].said or {}), TITLE: SideWord("Office", "Office", minute(5), minute(6), office)}

    told = planned(session, [links[0], replace(links[1], said=spoken)])

    assert value_of(applied(told), TITLE) == "Office"
    assert [one.lost.value for one in told.lost] == ["Phone"]


def test_the_platform_hears_what_a_calendar_cannot_say() -> None:
    """Subject, students, status, chargeable."""
    before, session = a_session(), a_session(status=SessionStatus.COMPLETED, subject="Maths")
    links = [in_calendar(before, "platform", is_platform=True), in_calendar(before)]

    assert planned(session, links).writes == (update("platform", FieldGroup.STATUS, FieldGroup.SUBJECT),)


_GROUP_VALUES = {WHEN: [at(T15), at(T16), at(T17)], TITLE: ["Maths", "x", "y"], NOTES: ["book", "n"]}


@st.composite
def situations(draw: st.DrawFn) -> tuple[Session, list[LinkNow]]:
    """A session and up to three sides, each edited, waiting, held, gone or blocked."""
    session = a_session(status=draw(st.sampled_from([SessionStatus.PLANNED, SessionStatus.CANCELLED])))
    for group, values in _GROUP_VALUES.items():
        session = with_value(session, group, draw(st.sampled_from(values)))
        session = replace(session, origins={**session.origins, group: an_origin(draw(st.integers(0, 9)))})
    links = []
    for calendar in ("a", "b", "c")[: draw(st.integers(0, 3))]:
        said = {group: draw(st.sampled_from(values)) for group, values in _GROUP_VALUES.items()}
        kind = draw(st.sampled_from(["there", "there", "gone", "want", "held", "odd"]))
        match kind:
            case "gone":
                one = gone_from(a_session(), calendar)
            case "want":
                one = wanted_in(calendar)
            case "odd":
                one = in_calendar(a_session(), calendar, shape="series")
            case _:
                one = in_calendar(a_session(), calendar, said=said)
        if kind == "held":
            one = replace(one, link=a_link(calendar, state=LinkState.HELD), said=None, shape="series")
        one = replace(one, is_blocked=draw(st.sampled_from([False, False, False, True])))
        links.append(replace(one, is_writable=draw(st.sampled_from([True, True, False]))))
    return session, links


@given(situations())
def test_any_order_of_links_gives_the_same_plan(situation: tuple[Session, list[LinkNow]]) -> None:
    """Whatever order accounts answer and rows are read in."""
    session, links = situation
    first = planned(session, links)

    assert all(planned(session, other) == first for other in itertools.permutations(links))


@given(situations())
def test_planning_twice_is_planning_once(situation: tuple[Session, list[LinkNow]]) -> None:
    """After the edits were taken and the writes arrived, nothing is left to do but what waits."""
    session, links = situation
    told = planned(session, links)
    if applied(told).is_live and not session.is_live:
        # An edit outlived the cancellation; with that the plan begins anew.
        told = planned(applied(told), links)
    if told.cancel is not None or told.renews or told.holds:
        return
    after = applied(told)
    stand = [_carried_out(told, after, one) for one in links if one.link.id not in dict(told.closes)]

    again = planned(after, [one for one in stand if one is not None])

    assert replace(again, waits=False).is_at_rest


@given(situations())
def test_what_is_as_agreed_needs_no_plan(situation: tuple[Session, list[LinkNow]]) -> None:
    """The cheap first look never says so where there is something to do."""
    session, links = situation
    quiet = [
        one.said is not None
        and not one.is_gone
        and not one.is_blocked
        and one.shape == "single"
        and is_as_agreed(
            session,
            one.link,
            one.bases,
            {group: word.words for group, word in one.said.items()},
            NO_LINK,
            groups=one.groups,
        )
        for one in links
    ]

    assert planned(session, links).is_at_rest or not all(quiet)


def test_a_session_on_which_all_agree_is_as_agreed() -> None:
    """So that the first look saves the second in the ordinary case; after an edit on either side it does not."""
    session = a_session()
    now_ = in_calendar(session)
    words = {group: word.words for group, word in (now_.said or {}).items()}

    def quiet(session: Session, words: dict[FieldGroup, str]) -> bool:
        return is_as_agreed(session, now_.link, now_.bases, words, NO_LINK, groups=now_.groups)

    assert quiet(session, words)
    assert not quiet(with_value(session, TITLE, "Algebra"), words)
    assert not quiet(session, words | {TITLE: "Algebra"})
    assert not quiet(CANCELLED, words)


def _carried_out(told: SessionPlan, after: Session, now_: LinkNow) -> LinkNow | None:
    """Give a link as it is when its part of a plan was carried out; None: it ended with its event."""
    bases = dict(now_.bases) | {move.group: move.base for move in told.bases if move.link == now_.link.id}
    said = None if now_.said is None else dict(now_.said)
    link = now_.link
    for write in told.writes:
        if write.link != now_.link.id:
            continue
        if write.verb is Verb.DELETE:
            return None
        said = dict(said or {})
        link = a_link(link.calendar)
        for group in write.groups:
            text = NO_LINK if group is LINK else value_of(after, group)
            said[group] = SideWord(text, text, minute(7), minute(8))
            bases[group] = Base(text, text)
    return replace(now_, link=link, bases=bases, said=said)


def test_of_an_event_that_is_looked_up_first_nothing_is_heard_beside_its_shape() -> None:
    """Its title may be what we sent and nobody answered: that would be an edit of nobody."""
    session = a_session()
    title = {TITLE: SideWord("Algebra", "Algebra", minute(5), minute(6))}
    held = in_calendar(session, link=a_link(state=LinkState.HELD), shape="all_day", beside=title)

    assert [one.value for one in planned(session, [held]).taken] == ["Algebra"]

    assert planned(session, [replace(held, is_blocked=True)]).taken == ()


@pytest.mark.parametrize(("moved_in", "lengthened_in"), [("work", "home"), ("home", "work")])
def test_start_and_length_edited_on_two_sides_stay_one_span(moved_in: str, lengthened_in: str) -> None:
    """Moved here and lengthened there: one of the two spans, never a third that nobody typed."""
    session = a_session()
    moved, longer = at(T17), at(T15, minutes=150)
    links = [
        in_calendar(session, moved_in, said={WHEN: moved}),
        in_calendar(session, lengthened_in, said={WHEN: longer}),
    ]

    told = planned(session, links)

    assert value_of(applied(told), WHEN) in (moved, longer)
    assert len(told.lost) == 1
