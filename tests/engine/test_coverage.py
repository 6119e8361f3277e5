"""When sessions were last checked for double bookings: the seal, from a reading to an account that cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sync_agent.engine.conflicts.seal import Seal, StaleWhy
from sync_agent.engine.conflicts.watch import Watch
from sync_agent.engine.values import Role
from tests.engine.world import THURSDAY, Home

DENTIST = ("SUMMARY:Dentist", "DTSTART:20261126T143000Z", "DTEND:20261126T153000Z")


def seal_of(home: Home, session: str) -> Seal:
    """The seal of a session as it is now."""
    world = home.world
    with world.store.read() as connection:
        return world.engine.coverage.of_sessions(connection, [world.session(session)], world.clock.now())[session]


def test_a_session_says_when_it_was_checked_and_against_what(home: Home) -> None:
    """Every calendar that is not ignored; the time is that of the oldest reading, not of the look at it."""
    home.more("school")
    session = home.world.add()
    assert [one.why for one in seal_of(home, session).stale] == [StaleWhy.NEVER, StaleWhy.NEVER]

    home.run()
    made = seal_of(home, session)

    assert (made.is_whole, [one.name for one in made.calendars]) == (True, ["school", "work"])
    assert made.checked_at == min(home.world.calendar(name).read_at for name in ("school", "work"))  # type: ignore[type-var]
    home.world.engine.accounts.set_role(home.world.calendar("school").id, Role.IGNORE)
    assert [one.name for one in seal_of(home, session).calendars] == ["work"]


def failing(kind: str) -> Callable[[Home], None]:
    """Each request fails in this way from now on."""
    return lambda home: home.wire.fail(kind, every=True)


def remove(home: Home) -> None:
    """The calendar was deleted on the server."""
    home.phone.drop(home.work)


@pytest.mark.complaint(2)
@pytest.mark.parametrize(
    ("happens", "why"),
    [
        pytest.param(failing("refused"), StaleWhy.REFUSED, id="the password was changed"),
        pytest.param(failing("drop-request"), StaleWhy.FAILING, id="offline"),
        pytest.param(failing("broken"), StaleWhy.FAILING, id="the server has trouble"),
        pytest.param(failing("html"), StaleWhy.FAILING, id="a login page"),
        pytest.param(failing("busy"), StaleWhy.FAILING, id="asked to wait"),
        pytest.param(remove, StaleWhy.GONE, id="the calendar is gone"),
    ],
)
def test_complaint_2_a_calendar_that_cannot_be_read_makes_nothing_free_within_one_poll(
    home: Home, happens: Callable[[Home], None], why: StaleWhy
) -> None:
    """A dead calendar was left out of the check elsewhere; here it is named, and no slot is called free."""
    session = home.world.add()
    home.phone.add(home.work, "dentist", *DENTIST)
    home.run()
    assert seal_of(home, session).is_whole

    happens(home)
    home.run(minutes=1)

    assert [one.why for one in seal_of(home, session).stale] == [why]
    [conflict] = home.world.conflicts()
    slots = home.world.engine.conflicts.suggestions(conflict.id)
    assert len(slots) == 5
    assert not any(slot.is_known_free for slot in slots)


def test_an_account_that_is_read_again_makes_time_known_again(home: Home) -> None:
    """By the first reading that is complete."""
    session = home.world.add()
    home.run()
    home.wire.fail("drop-request", every=True)
    home.run()
    assert not seal_of(home, session).is_whole

    home.wire.fail()
    home.run()

    assert seal_of(home, session).is_whole


def test_while_paused_nothing_is_called_checked_for_longer_than_a_look_lasts(home: Home) -> None:
    """The tutor said so; the agent then looks at nothing."""
    session = home.world.add()
    home.run()
    home.world.settings = replace(home.world.settings, is_paused=True)
    assert seal_of(home, session).is_whole

    home.world.clock.move(timedelta(minutes=2))

    assert [one.why for one in seal_of(home, session).stale] == [StaleWhy.PAUSED]


def test_one_gone_calendar_says_nothing_about_the_others_of_its_account(home: Home) -> None:
    """They are read with each pass."""
    gone = home.more("gone")
    session = home.world.add()
    home.run()
    home.phone.drop(gone)
    for _ in range(3):
        home.run(minutes=5)
    home.world.clock.move(timedelta(minutes=5))

    assert [(one.name, one.why) for one in seal_of(home, session).stale] == [("gone", StaleWhy.GONE)]


def test_a_session_beyond_the_window_was_checked_by_nobody(home: Home) -> None:
    """Foreign events are kept for four hundred days."""
    session = home.world.add(start=THURSDAY + timedelta(days=500))
    home.run()

    assert [one.why for one in seal_of(home, session).stale] == [StaleWhy.BEYOND]


def test_what_was_not_understood_is_named_and_what_it_may_touch_is_not_called_free(home: Home) -> None:
    """An event without a readable end, on the day of one session and weeks before another one."""
    near, far = home.world.add(), home.world.add("Later", start=THURSDAY + timedelta(weeks=3))
    home.phone.add(home.work, "chess", "SUMMARY:Chess", "DTSTART:20261126T1500")
    home.run()

    [sealed] = seal_of(home, near).calendars

    assert sealed.stale is None
    assert [one for one in sealed.but_for if "Chess" in one]
    assert not seal_of(home, near).is_whole
    assert seal_of(home, far).is_whole

    home.phone.add(home.work, "dentist", *DENTIST)
    home.run()
    [conflict] = home.world.conflicts()
    slots = home.world.engine.conflicts.suggestions(conflict.id, count=20)
    assert {slot.when.start.day for slot in slots if not slot.is_known_free} == {25, 26, 27}
    assert {slot.when.start.day for slot in slots if slot.is_known_free} >= {24, 28}


class Died(Exception):
    """The process ended here."""


def dies_before_the_look(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pass reads and plans, and the process dies; another one opens what it left behind."""

    def dies(*_: object, **__: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(Watch, "work_off", dies)
        with pytest.raises(Died):
            home.run()
    home.world.again()


def test_a_crash_between_the_reading_and_the_look_forgets_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """I12: the cursor has moved on, so no later reading brings the dentist; until the look, nothing is checked."""
    session = home.world.add()
    home.run()
    home.phone.add(home.work, "dentist", *DENTIST)

    dies_before_the_look(home, monkeypatch)
    assert home.world.conflicts() == []
    assert [one.why for one in seal_of(home, session).stale] == [StaleWhy.PENDING]

    home.run()

    assert len(home.world.conflicts()) == 1
    assert seal_of(home, session).is_whole


def test_a_session_that_was_cancelled_before_a_crash_leaves_no_double_booking_open(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its event was deleted on the phone, the session is cancelled, and the process dies before the look."""
    home.world.add()
    home.phone.add(home.work, "dentist", *DENTIST)
    home.run()
    assert len(home.world.conflicts()) == 1
    home.phone.delete(home.work, "Maths")

    dies_before_the_look(home, monkeypatch)
    home.run()

    assert home.world.conflicts() == []


def test_a_series_that_is_followed_further_is_looked_at(home: Home, tmp_path: Path) -> None:
    """A session far ahead was booked before the gym's dates were known that far; time brings them, and the look."""
    home.world.add("Exam", start=THURSDAY + timedelta(weeks=64))
    home.phone.add(
        home.work, "gym", "SUMMARY:Gym", "DTSTART;TZID=Europe/Berlin:20261112T153000",
        "DTEND;TZID=Europe/Berlin:20261112T163000", "RRULE:FREQ=WEEKLY",
    )  # fmt: skip
    home.run()
    assert home.world.conflicts() == []

    home.world.clock.move(timedelta(days=60))
    home.world.again()
    home.run()

    assert [row.facts["sides"][0]["title"] for row in home.world.conflicts()] == ["Exam"]
