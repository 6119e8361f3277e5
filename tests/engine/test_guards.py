"""Many deletions or shifts at once are asked about before anything follows: as read, and as about to be written."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import Role
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Home


@pytest.fixture
def full(home: Home) -> Home:
    """A home with sixty sessions, all in the calendar."""
    for number in range(60):
        home.world.add(f"S{number:02}", start=THURSDAY + timedelta(days=number))
    home.run()
    return home


def delete(home: Home, count: int, *, first: int = 0) -> dict[str, str]:
    """Delete the events of some sessions; give what they were."""
    gone = {}
    for href, text in sorted(home.phone.events(home.work).items(), key=lambda one: value_of(one[1], "SUMMARY")):
        number = int(value_of(text, "SUMMARY")[1:])
        if first <= number < first + count:
            gone[href] = text
            home.phone.drop(href)
    return gone


def cancelled(home: Home) -> int:
    with home.world.store.read() as connection:
        sessions = home.world.store.sessions.between(connection, datetime_of(2026), datetime_of(2028))
    return sum(one.status is SessionStatus.CANCELLED for one in sessions)


def datetime_of(year: int) -> datetime:
    from datetime import UTC

    return datetime(year, 1, 1, tzinfo=UTC)


def test_thirty_of_sixty_vanish_and_one_question_holds_them(full: Home) -> None:
    """A calendar app that lost its mind. The rest goes on: an edit of another session still travels."""
    delete(full, 30)
    full.phone.edit(full.work, {"SUMMARY:S40": "SUMMARY:S40 moved"}, title="S40")

    full.run()
    full.run()

    (question,) = full.world.questions()
    assert (question.kind, question.facts["count"], question.facts["living"]) == ("mass_deletion", 30, 60)
    assert cancelled(full) == 0
    assert full.world.log("session.changed")[0].after == "S40 moved"
    assert full.idle(3) == 0
    assert len(full.world.questions()) == 1


def test_the_cursor_waits_for_no_question(full: Home) -> None:
    """What came in while one is open was read: nothing is told once more because nobody answers."""
    delete(full, 30)
    full.run()
    assert len(full.world.questions()) == 1
    asked_at = cursor(full)

    full.phone.edit(full.work, {"SUMMARY:S40": "SUMMARY:S40 renamed"}, title="SUMMARY:S40\n")
    full.run()
    now = cursor(full)
    full.wire.reset()
    full.run()

    assert asked_at != now == cursor(full)
    assert full.wire.counts.methods == {"REPORT": 1}
    assert len(full.world.questions()) == 1


def cursor(home: Home) -> Cursor:
    with home.world.store.read() as connection:
        return home.world.store.accounts.cursors(connection)[home.world.calendar(home.name).id]


def test_yes_cancels_them(full: Home) -> None:
    """They really were deleted; nothing is asked a second time."""
    delete(full, 30)
    full.run()

    full.world.engine.questions.answer(full.world.questions()[0].id, "yes")
    full.run()

    assert cancelled(full) == 30
    assert full.world.questions() == []
    assert len(full.events) == 30
    assert full.idle(3) == 0


def test_no_puts_their_events_back(full: Home) -> None:
    """With what others had put on them."""
    full.phone.edit(full.work, {"END:VEVENT": "COLOR:red\nEND:VEVENT"}, title="SUMMARY:S05\n")
    full.run()
    delete(full, 30)
    full.run()

    full.world.engine.questions.answer(full.world.questions()[0].id, "no")
    full.run()

    assert cancelled(full) == 0
    assert len(full.events) == 60
    assert "COLOR:red" in full.phone.event(full.work, "SUMMARY:S05\n")
    assert full.idle(3) == 0


def test_the_question_closes_itself_if_they_come_back(full: Home) -> None:
    """The server restored its backup. Nothing is doubled, and they are kept equal as before."""
    gone = delete(full, 30)
    full.run()

    for href, text in gone.items():
        full.phone.put(href, text)
    full.run()

    assert full.world.questions() == []
    assert cancelled(full) == 0
    assert len(full.events) == 60
    full.phone.edit(full.work, {"SUMMARY:S03": "SUMMARY:Three"}, title="SUMMARY:S03\n")
    full.run()
    assert full.world.log("session.changed")[0].after == "Three"
    assert full.idle(3) == 0


def test_ten_a_day_are_believed_and_the_eleventh_asks(full: Home) -> None:
    """One by one counts like all at once: the guard looks at a whole day."""
    for number in range(10):
        delete(full, 1, first=number)
        full.run(minutes=30)
    assert cancelled(full) == 10
    assert full.world.questions() == []

    delete(full, 1, first=10)
    full.run(minutes=30)
    assert cancelled(full) == 10
    assert len(full.world.questions()) == 1

    full.world.clock.move(timedelta(days=1, hours=1))
    delete(full, 1, first=11)
    full.run()
    assert cancelled(full) == 11


def test_few_of_few_ask_too(home: Home) -> None:
    """Three of four is more than a fifth; two are believed."""
    for number in range(4):
        home.world.add(f"S{number:02}", start=THURSDAY + timedelta(days=number))
    home.run()

    delete(home, 3)
    home.run()

    assert cancelled(home) == 0
    assert [question.facts["count"] for question in home.world.questions()] == [3]


def shift(home: Home, count: int, *, hours: int = 1, first: int = 0, path: str = "") -> None:
    """Move some events by whole hours, as a calendar app does that mistakes their zone."""
    for href, text in home.phone.events(path or home.work).items():
        number = int(value_of(text, "SUMMARY")[1:3])
        if first <= number < first + count:
            day = f"{THURSDAY + timedelta(days=number):%Y%m%d}"
            # Marked while it is replaced, so that no hour is moved twice; the phone takes the mark out.
            for hour in (15, 16):
                text = text.replace(f"{day}T{hour}0000", f"{day}T¤{hour + hours}0000")
            home.phone.put(href, text)


def hours(home: Home) -> set[int]:
    """The hours at which sessions start."""
    with home.world.store.read() as connection:
        found = home.world.store.sessions.between(connection, datetime_of(2026), datetime_of(2028))
    return {one.when.start.hour for one in found}


def event_hours(home: Home, path: str = "") -> set[str]:
    """The hours at which events start."""
    return {value_of(text, "DTSTART")[9:11] for text in home.phone.events(path or home.work).values()}


def test_sixty_moved_an_hour_by_a_zone_mistake_are_held_and_asked_once(full: Home) -> None:
    """A calendar app takes everything for London. No session moves, an edit of another one still travels."""
    shift(full, 59)
    full.phone.edit(full.work, {"SUMMARY:S59": "SUMMARY:S59 renamed"}, title="SUMMARY:S59\n")

    full.run()
    full.run()

    (question,) = full.world.questions()
    facts = question.facts
    assert (question.kind, facts["count"], facts["living"], facts["shift_s"]) == ("mass_shift", 59, 60, 3600)
    assert hours(full) == {15}
    assert full.world.log("session.changed")[0].after == "S59 renamed"
    assert full.idle(3) == 0
    assert len(full.world.questions()) == 1


def test_no_moves_the_events_back(full: Home) -> None:
    """Every one of them, on the server; nothing is asked again."""
    shift(full, 59)
    full.run()

    full.world.engine.questions.answer(full.world.questions()[0].id, "no")
    full.run()

    assert event_hours(full) == {"15"}
    assert hours(full) == {15}
    assert full.world.questions() == []
    assert full.idle(3) == 0


def test_yes_moves_the_sessions_and_no_other_calendar_asks_again(full: Home) -> None:
    """The tutor did mean it: the second calendar for sessions follows without a second question."""
    second = full.more("second")
    full.world.engine.accounts.set_role("second", Role.SESSIONS, confirmed=True)
    full.run()
    shift(full, 59)
    full.run()
    assert event_hours(full, second) == {"15"}

    full.world.engine.questions.answer(full.world.questions()[0].id, "yes")
    full.run()

    assert full.world.questions() == []
    assert hours(full) == {15, 16}
    assert event_hours(full, second) == event_hours(full) == {"15", "16"}
    assert full.idle(3) == 0
    shift(full, 1, hours=2, first=59)
    full.run()
    assert full.world.questions() == []


def test_a_yes_to_one_shift_is_none_to_the_next(full: Home) -> None:
    """The same app does it again an hour later: it is asked again."""
    shift(full, 30)
    full.run()
    full.world.engine.questions.answer(full.world.questions()[0].id, "yes")
    full.run()

    shift(full, 29, first=30)
    full.run()

    assert [question.facts["count"] for question in full.world.questions()] == [29]
    assert full.idle(3) == 0


def test_the_question_closes_itself_if_they_are_moved_back(full: Home) -> None:
    """The app was mended. The pairs live on."""
    before = full.phone.events(full.work)
    shift(full, 20)
    full.run()

    for href, text in before.items():
        full.phone.put(href, text)
    full.run()

    assert full.world.questions() == []
    assert hours(full) == {15}
    full.phone.edit(full.work, {"SUMMARY:S03": "SUMMARY:Three"}, title="SUMMARY:S03\n")
    full.run()
    assert full.world.log("session.changed")[0].after == "Three"
    assert full.idle(3) == 0


def test_ten_shifts_a_day_are_believed_and_the_eleventh_asks(full: Home) -> None:
    """One by one counts like all at once."""
    for number in range(10):
        shift(full, 1, first=number)
        full.run(minutes=30)
    assert full.world.questions() == []

    shift(full, 1, first=10)
    full.run(minutes=30)
    assert [question.kind for question in full.world.questions()] == ["mass_shift"]

    full.world.clock.move(timedelta(days=1, hours=1))
    shift(full, 1, first=11)
    full.run()
    assert full.world.session_titled("S11").when.start.hour == 16


def test_what_the_tutor_moves_and_cancels_in_the_app_is_written_without_a_question(full: Home) -> None:
    """A batch of one's own: a week of illness."""
    with full.world.store.read() as connection:
        found = full.world.store.sessions.between(connection, datetime_of(2026), datetime_of(2028))
    for session in found[:30]:
        full.world.engine.sessions.cancel(session.id)
    for session in found[30:]:
        full.world.change(session.id, start=session.when.start + timedelta(hours=1))

    full.run()

    assert full.world.questions() == []
    assert event_hours(full) == {"16"}
    assert len(full.events) == 30


def test_while_one_is_asked_more_of_the_same_wait_without_a_second_question(full: Home) -> None:
    """The app goes on losing events. What was frozen in the question stays what it is; the rest is asked afterwards."""
    delete(full, 20)
    full.run()
    delete(full, 20, first=20)
    full.run()
    full.run()

    (first,) = full.world.questions()
    assert (first.facts["count"], cancelled(full)) == (20, 0)
    full.world.engine.questions.answer(first.id, "yes")
    full.run()

    (second,) = full.world.questions()
    assert (second.facts["count"], cancelled(full)) == (20, 20)
    full.world.engine.questions.answer(second.id, "no")
    full.run()
    assert (cancelled(full), len(full.events)) == (20, 40)
    assert full.idle(3) == 0


def test_the_same_deleted_again_after_a_no_is_another_incident(full: Home) -> None:
    """Asked again, not held in silence."""
    for _ in range(2):
        delete(full, 30)
        full.run()
        (question,) = full.world.questions()
        full.world.engine.questions.answer(question.id, "no")
        full.run()
        assert len(full.events) == 60

    assert cancelled(full) == 0


def test_few_in_each_of_two_calendars_are_many_in_the_third(full: Home) -> None:
    """Six deletions here and six there are believed; twelve would be removed elsewhere, and that is asked about."""
    paths = [full.more(name) for name in ("second", "third")]
    for name in ("second", "third"):
        full.world.engine.accounts.set_role(name, Role.SESSIONS, confirmed=True)
    full.run()
    delete(full, 6)
    for href, text in full.phone.events(paths[0]).items():
        if 6 <= int(value_of(text, "SUMMARY")[1:]) < 12:
            full.phone.drop(href)

    full.run()
    full.run()

    (question,) = full.world.questions()
    assert (question.kind, question.facts["calendar"]) == ("deletions_to_write", "third")
    assert question.facts["count"] == 12
    assert (cancelled(full), len(full.events), len(full.phone.events(paths[1]))) == (12, 48, 60)
    assert full.idle(3) == 0

    full.world.engine.questions.answer(question.id, "no")
    full.run()

    assert (cancelled(full), len(full.events), len(full.phone.events(paths[1]))) == (0, 60, 60)
    assert full.world.questions() == []
    assert full.idle(3) == 0


def test_a_yes_that_took_more_than_a_week_is_not_asked_about_again(full: Home) -> None:
    """The tutor was on holiday. What waited only for the answer is no edit that comes late."""
    paths = [full.more(name) for name in ("second", "third")]
    for name in ("second", "third"):
        full.world.engine.accounts.set_role(name, Role.SESSIONS, confirmed=True)
    full.run()
    shift(full, 6, first=20)
    shift(full, 6, first=26, path=paths[0])
    full.run()
    (question,) = full.world.questions()
    assert (question.kind, question.facts["count"]) == ("shifts_to_write", 12)
    full.run(minutes=8 * 24 * 60)

    full.world.engine.questions.answer(question.id, "yes")
    full.run()

    assert event_hours(full) == event_hours(full, paths[0]) == event_hours(full, paths[1]) == {"15", "16"}
    assert full.world.questions() == []
    assert full.idle(3) == 0


def test_few_in_each_of_two_calendars_and_yes_removes_them_in_the_third(full: Home) -> None:
    """It was meant."""
    paths = [full.more(name) for name in ("second", "third")]
    for name in ("second", "third"):
        full.world.engine.accounts.set_role(name, Role.SESSIONS, confirmed=True)
    full.run()
    shift(full, 6)
    shift(full, 6, first=6, path=paths[0])
    full.run()
    (question,) = full.world.questions()
    assert (question.kind, question.facts["count"], question.facts["shift_s"]) == ("shifts_to_write", 12, None)

    full.world.engine.questions.answer(question.id, "yes")
    full.run()

    assert event_hours(full) == event_hours(full, paths[0]) == event_hours(full, paths[1]) == {"15", "16"}
    assert full.world.questions() == []
    assert full.idle(3) == 0
