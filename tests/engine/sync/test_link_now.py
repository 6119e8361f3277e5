"""What sides say, as the merge hears it: what nobody typed is no version of anybody."""

from __future__ import annotations

from typing import Any

from sync_agent.engine.session_fields import value_of, where_value
from sync_agent.engine.sync.link_now import LinkNow
from sync_agent.engine.values import Base, FieldGroup, Session
from tests.engine.sync.builders import a_session, in_calendar, planned

WHERE = FieldGroup.WHERE
BEFORE = where_value(online=False, place="Room 7")
SAID = where_value(online=True, place="Room 7")


def never_agreed_on_its_place(session: Session, side: str, **differing: Any) -> LinkNow:
    agreed = in_calendar(session, side, **differing).bases
    bases = {group: base for group, base in agreed.items() if group is not WHERE}
    return in_calendar(session, side, said={WHERE: SAID}, bases=bases, **differing)


def test_a_place_that_came_back_is_no_version_that_lost_though_its_session_is_online_by_now() -> None:
    """An event does not say whether its place is online; what it says, the session said before (5875)."""
    session = a_session(place="Room 9", online=True, edited=5)
    agreed = in_calendar(session, "home").bases
    beside = in_calendar(session, "home", said={WHERE: SAID}, bases={**agreed, WHERE: Base(BEFORE, SAID)})

    found = planned(session, [beside, never_agreed_on_its_place(session, "work")])

    assert (found.taken, found.lost) == ((), ())
    assert {(one.link, *one.groups) for one in found.writes} == {("link-home", WHERE), ("link-work", WHERE)}


def test_the_platform_says_itself_whether_a_place_is_online() -> None:
    """There it is a word of somebody: the session never said that."""
    session = a_session(place="Room 9", online=True, edited=5)
    agreed = in_calendar(session, "home").bases
    beside = in_calendar(session, "home", bases={**agreed, WHERE: Base(BEFORE, value_of(session, WHERE))})

    found = planned(session, [beside, never_agreed_on_its_place(session, "office", is_platform=True)])

    assert found.taken or found.lost
