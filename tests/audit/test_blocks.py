"""A calendar that only blocks is audited, too: when each session is, and the word “Busy”."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from sync_agent.engine.store.tables import link
from sync_agent.engine.values import Role
from tests.audit.conftest import Audit, told
from tests.engine.world import THURSDAY, Home

FIELDS, FIELDS_OF_A_BLOCK = 5, 2


def blocked(home: Home) -> str:
    """Have a session, and a second calendar of the account that shows when it is; give that one's path."""
    family = home.more("family")
    home.world.engine.accounts.set_role("family", Role.BLOCK)
    home.world.add(notes="Bring the book", place="Library", online=False)
    home.run()
    return family


def test_a_sound_block_is_at_a_hundred_per_cent(home: Home, audit: Audit) -> None:
    """It says two fields, and that it says no more is right."""
    blocked(home)
    cancelled = home.world.add("Off", THURSDAY + timedelta(days=1))
    home.run()
    home.world.engine.sessions.cancel(cancelled)
    home.run()

    found = audit()

    assert (found.equal, found.compared, found.findings) == (FIELDS + FIELDS_OF_A_BLOCK,) * 2 + ((),)


def test_a_block_that_was_moved_is_named_until_it_is_put_back_and_once_more_tomorrow(home: Home, audit: Audit) -> None:
    """What is done to it a second time on one day is left alone by design, and is no fault until then."""
    family = blocked(home)
    home.phone.move(family, 15, 18)
    assert told(audit()) == ["differs when"]
    home.run()
    home.run()
    assert audit().findings == ()

    home.phone.move(family, 15, 18)
    home.run()
    again = audit()
    assert (told(again), again.equal) == (["waits when"], again.compared)

    home.world.clock.move(timedelta(hours=25))
    assert told(audit()) == ["differs when"]


def test_a_missing_and_a_stray_block_are_named(home: Home, audit: Audit) -> None:
    """One that vanished, and one whose session was cancelled behind our back."""
    family = blocked(home)
    ((href, text),) = home.phone.events(family).items()
    home.phone.delete(family)
    assert told(audit()) == ["missing"]

    session = home.world.session_titled("Maths")
    home.world.engine.sessions.cancel(session.id)
    home.run()
    home.phone.put(href, text)

    assert told(audit()) == ["stray"]


def test_a_block_that_was_deleted_again_on_one_day_waits_and_is_overdue_tomorrow(home: Home, audit: Audit) -> None:
    """The engine makes it anew once a day, by design."""
    family = blocked(home)
    home.phone.delete(family)
    home.run()
    home.run()
    assert audit().findings == ()

    home.phone.delete(family)
    home.run()
    assert told(audit()) == ["waits"]
    home.world.clock.move(timedelta(hours=25))
    assert told(audit()) == ["overdue"]


def test_a_block_that_became_a_whole_day_after_it_was_put_back_waits(home: Home, audit: Audit) -> None:
    """It is left until tomorrow, like every second thing that is done to it on one day."""
    family = blocked(home)
    home.phone.delete(family)
    home.run()
    home.run()
    times = {"DTSTART;TZID=Europe/Berlin:20261126T150000": "DTSTART;VALUE=DATE:20261126"}
    times |= {"DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;VALUE=DATE:20261127"}

    home.phone.edit(family, times)
    home.run()

    assert told(audit()) == ["waits"]


def test_a_session_without_its_block_is_named(home: Home, audit: Audit) -> None:
    """Its link is gone, behind the engine's back, and with it all that says that there should be one."""
    family = blocked(home)
    home.phone.drop(next(iter(home.phone.events(family))))
    with home.world.store.write() as connection:
        mine = link.c.calendar == home.world.calendar("family").id
        connection.execute(delete(link).where(mine))

    assert told(audit()) == ["missing"]
