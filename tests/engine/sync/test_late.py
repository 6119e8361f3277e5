"""Which writes come too late to be sent without a question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.ids import uuid7
from sync_agent.engine.sync.late import LateWrite, late, may_be_late, without
from sync_agent.engine.sync.link_now import LinkNow
from sync_agent.engine.sync.plan import SessionPlan, plan
from sync_agent.engine.values import Base, FieldGroup, LinkState, Session, Verb
from tests.engine.sync.builders import NO_LINK, NOW, T15, a_link, a_session, in_calendar, wanted_in

TITLE, NOTES, STATUS, LINK = FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.STATUS, FieldGroup.LINK
DAY = timedelta(days=1)
PAST = datetime(2026, 11, 23, 15)
"""A session at this hour ended eighteen hours ago."""


def edited_at(made: datetime, *groups: FieldGroup, start: datetime = T15) -> Session:
    """Give a session that says something new, known here since an instant."""
    before = a_session(start)
    origin = replace(before.origins[TITLE], since=made, until=made)
    values = {TITLE: {"title": "Physics"}, NOTES: {"notes": "new"}, STATUS: {"status": SessionStatus.CANCELLED}}
    changed = {name: value for group in groups for name, value in values[group].items()}
    return replace(before, **changed, origins={**before.origins, **dict.fromkeys(groups, origin)})  # type: ignore[arg-type]


def found(session: Session, link: LinkNow, made: datetime, *, wanted: str = NO_LINK) -> tuple[LateWrite, ...]:
    return _found(session, link, dict.fromkeys(FieldGroup, made), wanted)[1]


def _found(
    session: Session, link: LinkNow, since: Mapping[FieldGroup, datetime], wanted: str = NO_LINK
) -> tuple[SessionPlan, tuple[LateWrite, ...]]:
    links = {link.link.id: link}
    made = plan(session, [link], join_values=dict.fromkeys(links, wanted), missing=(), now=NOW)
    return made, late(made, links, may_be_late(made, links, NOW), since, NOW)


@pytest.mark.parametrize(
    ("start", "made", "is_late"),
    [
        pytest.param(T15, NOW - timedelta(hours=1), False, id="an hour ago"),
        pytest.param(T15, NOW - 6 * DAY, False, id="six days ago"),
        pytest.param(T15, NOW - 7 * DAY, True, id="a week ago"),
        pytest.param(PAST, datetime(2026, 11, 23, 12, tzinfo=NOW.tzinfo), True, id="before a session that is over"),
        pytest.param(PAST, NOW - timedelta(hours=1), False, id="after the session"),
        pytest.param(datetime(2026, 11, 24, 8, 55), NOW - timedelta(minutes=10), False, id="in its last minutes"),
    ],
)
def test_how_old_an_edit_may_be(start: datetime, made: datetime, *, is_late: bool) -> None:
    """A week, or until its session is over."""
    session = edited_at(made, TITLE, start=start)

    assert bool(found(session, in_calendar(a_session(start)), made)) is is_late


def test_a_cancellation_may_come_late_too() -> None:
    """The event of a lesson that was cancelled offline and is over."""
    made = datetime(2026, 11, 23, 12, tzinfo=NOW.tzinfo)
    session = edited_at(made, STATUS, start=PAST)

    (one,) = found(session, in_calendar(a_session(PAST)), made)
    cleaned_up = in_calendar(a_session(PAST), link=a_link(state=LinkState.CLOSING))

    assert (one.verb, one.groups) == (Verb.DELETE, {STATUS})
    assert found(session, cleaned_up, made) == ()


def test_an_event_that_is_still_to_be_made_is_no_edit() -> None:
    """But a session that the platform was to hear of a week ago is."""
    made = NOW - 20 * DAY
    young, old = (
        replace(a_link("agency", state=LinkState.WANT, obj=None), id=uuid7(NOW - ago)) for ago in (DAY, 9 * DAY)
    )
    session = edited_at(made, TITLE)

    assert found(session, wanted_in(), made) == ()
    assert found(session, wanted_in(link=young, is_platform=True), made) == ()
    assert [one.verb for one in found(session, wanted_in(link=old, is_platform=True), made)] == [Verb.CREATE]


def test_what_is_put_back_is_nobody_s_late_edit() -> None:
    """A phone's edit lost yesterday against a title of last month: the phone is written at once."""
    made = NOW - 30 * DAY
    session = edited_at(made, TITLE)
    lost = in_calendar(session, said={TITLE: "Chemistry"})
    link = replace(lost, bases={**lost.bases, TITLE: Base(hub=None, side="Chemistry")})

    assert found(session, link, made) == ()


def test_the_rest_of_a_write_goes_out() -> None:
    """The title is of today, the notes of last week; the link would take the notes along and waits with them."""
    session = edited_at(NOW - 8 * DAY, NOTES)
    session = replace(session, title="Physics", origins={**session.origins, TITLE: session.origins[TITLE]})
    made, writes = _found(
        session, in_calendar(a_session()), {NOTES: NOW - 8 * DAY, TITLE: NOW - DAY}, '{"join_url":"https://z"}'
    )

    left = without(made, {one.link: one for one in writes})

    assert [write.groups for write in made.writes] == [{TITLE, NOTES, LINK}]
    assert [write.groups for write in left.writes] == [{TITLE}]
    assert without(made, {}) == made


def test_a_yes_counts_for_nothing_that_comes_later() -> None:
    """Another value is another edit."""
    made = NOW - 8 * DAY
    one, other = edited_at(made, TITLE), replace(edited_at(made, TITLE), title="Music")

    (first,), (second,) = (found(session, in_calendar(a_session()), made) for session in (one, other))

    assert first.becomes != second.becomes
