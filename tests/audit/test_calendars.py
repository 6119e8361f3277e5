"""A calendar beside the store: what is equal, what differs, and what is told apart from a fault."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.audit.conftest import Audit, auditor_of, told
from tests.engine.phone import an_event, value_of
from tests.engine.world import THURSDAY, Home

FIELDS = 5


def store(home: Home, *statements: str) -> None:
    """Change the database behind the engine's back."""
    with closing(sqlite3.connect(home.world.folder / "tutorsync.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_sound_profile_is_at_a_hundred_per_cent(home: Home, audit: Audit) -> None:
    """Whatever the texts hold, and wherever the session lies in the year."""
    home.world.add("Maths; a, b \\ c", notes="Bring, the; book\n\nand \\ more — twice", place="Library, 2nd floor")
    home.world.add("幾何学", start=THURSDAY + timedelta(days=200), online=False)
    home.world.add("Night", start=THURSDAY.replace(hour=23, minute=30))
    cancelled = home.world.add("Off", start=THURSDAY + timedelta(days=1))
    home.run()
    home.world.engine.sessions.cancel(cancelled)
    home.run()

    found = audit()

    assert (found.compared, found.equal, found.findings) == (3 * FIELDS, 3 * FIELDS, ())


def test_an_event_in_another_spelling_is_equal(home: Home, audit: Audit) -> None:
    """UTC instead of a zone, a duration instead of an end, lines in another order, blanks at the ends."""
    home.world.add(notes="Bring the book")
    home.run()
    text = home.phone.event(home.work)
    spelled = text.replace("DTSTART;TZID=Europe/Berlin:20261126T150000", "DTSTART:20261126T140000Z")
    spelled = spelled.replace("DTEND;TZID=Europe/Berlin:20261126T160000", "DURATION:PT1H")
    spelled = spelled.replace("SUMMARY:Maths", "SUMMARY;LANGUAGE=en:Maths ")
    home.phone.put(next(iter(home.phone.events(home.work))), spelled)

    assert audit().findings == ()


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        pytest.param("SUMMARY:Maths", "SUMMARY:Physics", "differs title", id="title"),
        pytest.param("T150000", "T140000", "differs when", id="begins earlier"),
        pytest.param("T160000", "T170000", "differs when", id="lasts longer"),
        pytest.param("DESCRIPTION:Bring", "DESCRIPTION:Take", "differs notes", id="notes"),
        pytest.param("LOCATION:Library", "LOCATION:Cafe", "differs place", id="place"),
        pytest.param(
            "SUMMARY:", "URL:https://meet.example/dead\nSUMMARY:", "differs link", id="a link that is not ours"
        ),
        pytest.param("SUMMARY:", "RRULE:FREQ=DAILY\nSUMMARY:", "differs when", id="a series"),
        pytest.param("SUMMARY:", "STATUS:CANCELLED\nSUMMARY:", "missing", id="cancelled there"),
        pytest.param("DTSTART;TZID=Europe/Berlin:20261126T150000", "X-NO:1", "unreadable", id="without a start"),
        pytest.param(";TZID=Europe/Berlin", "", "differs when", id="floating"),
    ],
)
def test_what_somebody_changed_there_is_named(home: Home, audit: Audit, old: str, new: str, found: str) -> None:
    """Between two syncs: it differs, and the engine has not seen it yet."""
    home.world.add(notes="Bring the book", place="Library", online=False)
    home.run()
    home.phone.edit(home.work, {old: new})

    seen = audit()

    assert told(seen) == [found]
    assert seen.equal < seen.compared
    assert not seen.findings[0].is_seen


def test_what_vanished_was_doubled_or_came_from_nowhere_is_named(home: Home, audit: Audit) -> None:
    """A second event of one session, one that is gone, and one whose session nobody knows."""
    for title, days in (("Gone", 0), ("Twice", 1), ("Whose", 2)):
        home.world.add(title, start=THURSDAY + timedelta(days=days))
    home.run()
    home.phone.delete(home.work, "SUMMARY:Gone")
    twice = home.phone.event(home.work, "SUMMARY:Twice")
    home.phone.put(f"{home.work}again.ics", twice.replace(value_of(twice, "UID"), "another-uid"))
    store(home, "DELETE FROM session WHERE title = 'Whose'")

    seen = audit()

    assert told(seen) == ["doubled", "missing", "stray"]
    assert {one.title for one in seen.findings} == {"Gone", "Twice", "Whose"}
    assert (seen.compared, seen.equal) == (2 * FIELDS + 2, FIELDS)


def test_a_duplicate_that_a_phone_made_is_not_ours(home: Home, audit: Audit) -> None:
    """It has a UID of its own and still our marker, which names the UID of the original."""
    home.world.add()
    home.run()
    text = home.phone.event(home.work)
    uid = value_of(text, "UID")
    home.phone.put(f"{home.work}copy.ics", text.replace(f"UID:{uid}\n", "UID:phone-1\n"))

    assert audit().findings == ()


def test_a_cancelled_session_whose_event_is_there_again_is_named(home: Home, audit: Audit) -> None:
    """Written again by another program, after we had removed it."""
    session = home.world.add()
    home.run()
    ((href, text),) = home.phone.events(home.work).items()
    home.world.engine.sessions.cancel(session)
    home.run()
    home.phone.put(href, text)

    assert told(audit()) == ["stray"]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        pytest.param("UPDATE session SET title = 'Physics'", "differs title", id="title"),
        pytest.param("UPDATE session SET duration_s = 5400", "differs when", id="length"),
        pytest.param("UPDATE session SET zone = 'Europe/London'", "differs when", id="zone"),
        pytest.param("UPDATE session SET notes = 'x'", "differs notes", id="notes"),
        pytest.param("UPDATE link SET state = 'held'", "unasked", id="held without a question"),
        pytest.param("DELETE FROM link", "missing", id="the link is gone"),
        pytest.param(
            "UPDATE link_base SET hub_value = 'Physics', side_words = 'Maths' WHERE field_group = 'title';"
            "UPDATE session SET title = 'Physics'",
            "differs title",
            id="a base that moved without a write",
        ),
    ],
)
def test_what_the_engine_only_believes_is_named(home: Home, audit: Audit, statement: str, found: str) -> None:
    """The database was changed behind the engine's back: it believes the session at rest, and it is not."""
    home.world.add()
    home.run()
    store(home, *statement.split(";"))

    seen = audit()

    assert found in told(seen)
    assert seen.equal < seen.compared


def test_what_waits_is_no_fault_until_it_has_waited_a_day(home: Home, audit: Audit) -> None:
    """An edit that has not gone out yet; when it has not a day later although the account works, something is wrong."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.world.add("New", start=THURSDAY + timedelta(days=1))

    waiting = audit()
    home.world.clock.move(timedelta(days=1, minutes=1))
    late = audit()

    assert told(waiting) == ["waits", "waits title"]
    assert waiting.compared == waiting.equal == FIELDS - 1
    assert told(late) == ["overdue", "overdue title"]
    assert late.equal < late.compared


def test_a_write_whose_answer_was_lost_waits(home: Home, audit: Audit) -> None:
    """The server carried it out or not: the row stands, and the next pass looks."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.wire.fail("drop-request", method="PUT")
    home.run()

    assert told(audit()) == ["waits title"]


def test_what_an_open_question_holds_is_no_fault(home: Home, audit: Audit) -> None:
    """A phone made a series of it; the tutor is asked."""
    home.world.add()
    home.run()
    home.phone.edit(home.work, {"SUMMARY:": "RRULE:FREQ=DAILY\nSUMMARY:"})
    home.run()

    seen = audit()

    assert told(seen) == ["held"]
    assert seen.compared == seen.equal == 0


def test_what_a_server_cut_and_both_agreed_on_is_equal(home: Home, audit: Audit) -> None:
    """It keeps only so many letters: the engine knows, and nothing is written again and again."""
    session = home.world.add(notes="Read the chapter on vectors, and then do the exercises at its end.")
    home.run()
    text = home.phone.event(home.work)
    store_cut = text.replace(
        "DESCRIPTION:Read the chapter on vectors\\, and then", "DESCRIPTION:Read the chapter on vectors"
    )
    store_cut = store_cut.replace(" do the exercises at its end.", "")
    home.phone.put(next(iter(home.phone.events(home.work))), store_cut)
    unseen = audit()
    store(home, "UPDATE link_base SET side_words = 'Read the chapter on vectors' WHERE field_group = 'notes'")

    agreed = audit()

    assert told(unseen) == ["differs notes"]
    assert told(agreed) == ["rewritten notes"]
    assert agreed.compared == agreed.equal == FIELDS
    assert home.world.session(session).notes.endswith("end.")


def test_before_the_first_write_is_agreed_to_nothing_is_missing(home: Home, audit: Audit) -> None:
    """The question is open, and the calendar rightly empty."""
    home.world.add()
    store(home, "UPDATE calendar SET confirmed = 0")
    home.run()

    assert told(audit()) == ["held"]


@pytest.mark.parametrize("fault", ["status", "broken", "html", "drop-request", "cut"])
def test_an_account_that_cannot_be_read_has_no_accuracy(home: Home, audit: Audit, fault: str) -> None:
    """Nothing is concluded from an answer that is not whole."""
    home.world.add()
    home.run()
    home.wire.fail(fault, every=True)

    seen = audit()

    assert (seen.compared, seen.findings) == (0, ())
    assert seen.not_read
    assert seen.code


def test_one_event_that_breaks_the_answer_does_not_hide_the_others(home: Home, audit: Audit) -> None:
    """A control character that XML cannot hold: the batch is halved until the guilty one stands alone."""
    assert home.memory is not None
    for days in range(9):
        home.world.add(f"S{days}", start=THURSDAY + timedelta(days=days))
    home.run()
    items = home.memory.calendars[home.work].items
    name, (revision, text) = sorted(items.items())[4]
    items[name] = (revision, text.replace("SUMMARY:S", "SUMMARY:\x01S"))

    seen = audit()

    assert told(seen) == ["unreadable"]
    assert (seen.compared, seen.equal) == (9 * FIELDS, 8 * FIELDS)


def test_what_changes_while_it_looks_is_not_judged(home: Home) -> None:
    """The agent goes on: a session that it writes between two looks of the auditor waits."""
    session = home.world.add()
    home.run()
    looks = iter(range(100))

    def now_and_then() -> datetime:
        if next(looks) == 1:  # the store was read, the calendar not yet
            home.world.change(session, title="Physics")
            home.run()
        return home.world.clock.now()

    (during,), (after,) = auditor_of(home, now_and_then).run(), auditor_of(home).run()

    assert told(during) == ["waits"]
    assert told(after) == []


def test_a_foreign_calendar_of_ten_thousand_lines_is_only_looked_through(home: Home, audit: Audit) -> None:
    """What bears no marker and no UID of ours is not even read."""
    home.world.add()
    home.run()
    home.phone.put(f"{home.work}odd.ics", an_event("odd", "DTSTART:nonsense", "SUMMARY:Odd"))

    assert audit().findings == ()


@pytest.mark.parametrize("rewrite", ["stamp", "count"])
def test_a_server_that_rewrites_is_at_a_hundred_per_cent(home: Home, audit: Audit, rewrite: str) -> None:
    """Other stamps, another order, a property more: none of it is a field of ours."""
    assert home.memory is not None
    home.memory.rewrite = rewrite  # type: ignore[assignment]
    session = home.world.add(notes="Bring, the; book")
    home.run()
    home.world.change(session, title="Physics")
    home.run()

    assert audit().findings == ()
