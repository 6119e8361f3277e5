"""A calendar with the role `block`: others see when the tutor teaches, and nothing of what."""

from __future__ import annotations

from datetime import timedelta

from sync_agent.engine.values import Role
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Home

_SECRETS = ("Maths", "Mia", "Bring the book", "Library", "12 Elm Street")


def blocked(home: Home, name: str = "family") -> str:
    """Let a second calendar of the account block the tutor's time; give its path."""
    path = home.more(name)
    home.world.engine.accounts.set_role(name, Role.BLOCK)
    return path


def hours(home: Home, path: str) -> list[str]:
    return sorted(value_of(text, "DTSTART") for text in home.phone.events(path).values())


def test_a_block_says_when_and_nothing_else(home: Home) -> None:
    """Title, student, notes and place stay in the calendar for sessions; not even a hash of them leaves it."""
    family = blocked(home)
    home.world.add(subject="Mia", notes="Bring the book", place="12 Elm Street", online=False)

    home.run()

    text = home.phone.event(family)
    assert value_of(text, "SUMMARY") == "Busy"
    assert value_of(text, "DTSTART") == value_of(home.phone.event(home.work), "DTSTART")
    assert not [secret for secret in _SECRETS if secret in text]
    assert (value_of(text, "DESCRIPTION"), value_of(text, "LOCATION")) == ("", "")
    assert ("h.title" in text, "h.notes" in text, "h.where" in text) == (True, False, False)
    assert home.world.busy() == []
    assert home.idle(3) == 0


def test_a_block_follows_its_session_in_time_only(home: Home) -> None:
    """A new title is nobody's business there: no write; an hour later, cancelled, given back: one each."""
    family = blocked(home)
    session = home.world.add()
    home.run()
    before = home.phone.event(family)

    home.world.change(session, title="Physics")
    home.run()
    assert home.phone.event(family) == before

    home.world.change(session, start=THURSDAY + timedelta(hours=2))
    home.run()
    assert hours(home, family) == ["20261126T170000"]

    home.world.engine.sessions.cancel(session)
    home.run()
    assert hours(home, family) == []

    home.world.engine.undo.undo()
    home.run()
    assert hours(home, family) == ["20261126T170000"]
    assert home.idle(3) == 0


def test_what_somebody_does_to_a_block_is_put_back_once_a_day_and_told(home: Home) -> None:
    """A partner moves it; the session stays where it is. A second time on that day it is left alone until the next."""
    family = blocked(home)
    session = home.world.add()
    home.run()
    right = hours(home, family)

    home.phone.move(family, 15, 18)
    home.run()
    home.run()
    assert hours(home, family) == right
    assert home.world.session(session).when.start == THURSDAY
    assert [one.session for one in home.world.log("block.put_back")] == [session]

    home.phone.move(family, 15, 18)
    assert home.idle(3) == 0
    assert hours(home, family) != right
    assert len(home.world.log("block.put_back")) == 1

    home.run(minutes=25 * 60)
    home.run()
    assert hours(home, family) == right
    assert len(home.world.log("block.put_back")) == 2
    assert home.idle(3) == 0


def test_a_block_that_was_deleted_cancels_nothing_and_comes_back(home: Home) -> None:
    """It is no session's event: whoever deletes it only wanted it out of sight."""
    family = blocked(home)
    session = home.world.add(start=THURSDAY + timedelta(days=10))
    home.run()

    home.phone.delete(family)
    home.run()
    home.run()

    assert home.world.session(session).is_live
    assert home.phone.titles(family) == ["Busy"]
    assert home.idle(3) == 0

    home.phone.delete(family)
    home.run()
    assert home.idle(3) == 0
    assert home.phone.titles(family) == []
    home.run(minutes=25 * 60)
    home.run()
    assert home.phone.titles(family) == ["Busy"]
    assert home.world.session(session).is_live


def test_a_block_that_became_a_whole_day_is_replaced(home: Home) -> None:
    """It is removed, never patched, and asks nothing."""
    family = blocked(home)
    home.world.add(start=THURSDAY + timedelta(days=10))
    home.run()
    text = home.phone.event(family)
    starts, ends = value_of(text, "DTSTART"), value_of(text, "DTEND")

    home.phone.edit(
        family,
        {
            f"DTSTART;TZID=Europe/Berlin:{starts}": "DTSTART;VALUE=DATE:20261206",
            f"DTEND;TZID=Europe/Berlin:{ends}": "DTEND;VALUE=DATE:20261207",
        },
    )
    home.run()
    home.run()

    assert hours(home, family) == [starts]
    assert home.world.questions() == []
    assert home.idle(3) == 0


def test_a_block_that_was_moved_into_another_calendar_leaves_none_behind(home: Home) -> None:
    """It is made anew where it belongs, and what was moved is taken out where nobody would look after it."""
    family, other = blocked(home), home.more("other")
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(family).items()
    home.phone.put(f"{other}{href.rpartition('/')[2]}", text)
    home.phone.delete(family)

    for _ in range(3):
        home.run()

    assert home.phone.titles(other) == []
    assert hours(home, family) == ["20261126T150000"]
    assert home.world.session(session).is_live
    assert (home.world.busy(), home.world.questions(), home.idle(3)) == ([], [], 0)


def test_a_block_moved_into_the_calendar_of_its_session_leaves_none_behind(home: Home) -> None:
    """There the session has an event of its own: beside it nobody would ever look after the block."""
    family = blocked(home)
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(family).items()
    home.phone.put(f"{home.work}{href.rpartition('/')[2]}", text)
    home.phone.delete(family)

    for _ in range(3):
        home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert hours(home, family) == ["20261126T150000"]
    assert home.world.session(session).is_live
    assert (home.world.busy(), home.world.questions(), home.idle(3)) == ([], [], 0)


def test_a_calendar_for_sessions_that_blocks_from_now_on_keeps_no_details(home: Home) -> None:
    """The events with their notes go, blocks come; and back again."""
    home.world.add(notes="Bring the book")
    home.run()

    home.world.engine.accounts.set_role(home.name, Role.BLOCK)
    home.run()
    home.run()
    assert home.phone.titles(home.work) == ["Busy"]
    assert not [secret for secret in _SECRETS if secret in home.phone.event(home.work)]
    assert home.idle(3) == 0

    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    home.run()
    home.run()
    assert home.phone.titles(home.work) == ["Maths"]
    assert "Bring the book" in home.phone.event(home.work)
    assert home.idle(3) == 0


def test_before_the_first_block_is_written_it_is_asked(home: Home) -> None:
    """As for every calendar that is written for the first time."""
    path = home.more("family")
    home.world.engine.accounts.set_role("family", Role.BLOCK, confirmed=False)
    home.world.add()

    home.run()
    (question,) = home.world.questions()
    assert (question.kind, home.phone.titles(path)) == ("first_write", [])

    home.world.engine.questions.answer(question.id, "yes")
    home.run()
    assert home.phone.titles(path) == ["Busy"]
