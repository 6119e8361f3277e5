"""What may exist once is held by the database, whoever asks, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, StatementError

from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.store.bookings import ConflictRow
from sync_agent.engine.store.journal import Intent, Sent
from sync_agent.engine.store.questions import Question
from sync_agent.engine.store.store import Store
from sync_agent.engine.store.tables import account, busy, session
from sync_agent.engine.values import Account, Base, FieldGroup, Link, LinkState, MeetingRow, Session, Verb
from tests.engine.store.conftest import NOW
from tests.engine.sync.builders import an_origin


def a_session(name: str = "s1") -> Session:
    span = WallSpan(datetime(2026, 11, 26, 15), "Europe/Berlin", timedelta(hours=1))
    return Session(name, span, "Maths", origins={FieldGroup.WHEN: an_origin(1, 2)}, students=("b", "a"))


def an_intent(name: str, **differing: object) -> Intent:
    plain: dict[str, object] = {
        "id": name, "obj_key": "work/x", "account": "acc", "calendar": "work", "session": "s1", "link": "l1",
        "verb": Verb.UPDATE, "href": "/x", "fields": {FieldGroup.TITLE: Sent("a", "b")}, "if_match": "1",
        "before": "text", "cause": "c", "state": "sent", "sent_at": NOW,
    }  # fmt: skip
    return Intent(**(plain | differing))  # type: ignore[arg-type]


def test_a_session_reads_as_it_was_stored(store: Store, connection: Connection) -> None:
    """Wall time and zone are stored, origins travel with it."""
    store.sessions.insert(connection, a_session())

    found = store.sessions.get(connection, "s1")

    assert found is not None
    assert found.when == a_session().when
    assert found.origins == a_session().origins
    assert found.students == ("a", "b")
    assert store.sessions.unsettled(connection) == ["s1"]


def test_a_session_has_one_open_link_in_a_calendar(store: Store, connection: Connection) -> None:
    """A second one would be a second event. Closed ones are history."""
    store.sessions.insert(connection, a_session())
    store.links.insert(connection, Link("l1", "s1", "work", 0, "u0", LinkState.WANT))
    store.links.insert(connection, Link("l2", "s1", "home", 0, "u1", LinkState.WANT))
    store.links.insert(connection, Link("l3", "s1", "work", 1, "u2", LinkState.CLOSED))

    with pytest.raises(IntegrityError):
        store.links.insert(connection, Link("l4", "s1", "work", 2, "u3", LinkState.LIVE))


def test_an_object_belongs_to_one_open_link(store: Store, connection: Connection) -> None:
    """Two sessions never write one event."""
    row = {
        "id": "o1", "calendar": "work", "href_norm": "/x", "href_raw": "/x", "uid": "u", "etag": "1", "body": "",
        "fields": {}, "marks_session": "", "shape": "single", "refetch": False, "gone_at": None,
    }  # fmt: skip
    store.mirror.insert(connection, [row])
    for name in ("s1", "s2"):
        store.sessions.insert(connection, a_session(name))
    store.links.insert(connection, Link("l1", "s1", "work", 0, "u0", LinkState.LIVE, "o1"))

    with pytest.raises(IntegrityError):
        store.links.insert(connection, Link("l2", "s2", "work", 0, "u1", LinkState.LIVE, "o1"))


def test_one_place_is_mirrored_once(store: Store, connection: Connection) -> None:
    """By its normalised name."""
    row = {
        "id": "o1", "calendar": "work", "href_norm": "/x", "href_raw": "/x", "uid": "u", "etag": "1", "body": "",
        "fields": {}, "marks_session": "", "shape": "single", "refetch": False, "gone_at": None,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        store.mirror.insert(connection, [row, row | {"id": "o2", "href_raw": "/X"}])


@pytest.mark.parametrize("state", ["sent", "unknown"])
def test_an_object_has_one_unsettled_write(store: Store, connection: Connection, state: str) -> None:
    """Settled and given up ones do not count."""
    store.journal.send(connection, an_intent("i1"))
    store.journal.close(connection, "i1", "settled")
    store.journal.send(connection, an_intent("i2"))
    store.journal.close(connection, "i2", state)
    store.journal.send(connection, an_intent("i3", obj_key="work/y"))

    with pytest.raises(IntegrityError):
        store.journal.send(connection, an_intent("i4"))


def test_a_row_holds_what_was_sent_to_the_platform_to_the_letter(store: Store, connection: Connection) -> None:
    """What became of it is asked with the very same request."""
    span = WallSpan(datetime(2026, 11, 26, 15, 0, 30), "Europe/Berlin", timedelta(hours=1, seconds=20))
    record = SessionRecord(
        "s1", 4, span, "Größe", subject="Maths", place="Room  1", online=False, notes="a\nb", chargeable=False,
        status=SessionStatus.NO_SHOW, students=("b", "a"), series_id="x", meeting_provider="zoom",
        join_url="https://zoom.us/j/1", origins={"when": an_origin(1, 2), "title": an_origin(3, 3)},
    )  # fmt: skip
    store.journal.send(connection, an_intent("i1", record=record))
    store.journal.send(connection, an_intent("i2", obj_key="work/y"))

    kept = {row.id: row.record for row in store.journal.unsettled(connection)}

    assert kept == {"i1": record, "i2": None}


def test_a_session_has_one_living_meeting(store: Store, connection: Connection) -> None:
    """Two links can never be published."""
    store.sessions.insert(connection, a_session())
    store.meetings.insert(connection, "m1", MeetingRow("s1", "zoom", "acc", "gone", "1", "https://z/1"))
    store.meetings.insert(connection, "m2", MeetingRow("s1", "zoom", "acc", "wanted"))
    assert store.meetings.links_ever(connection, "s1") == {"https://z/1"}

    with pytest.raises(IntegrityError):
        store.meetings.insert(connection, "m3", MeetingRow("s1", "zoom", "acc", "live", "2", "https://z/2"))


def test_a_pair_has_one_open_double_booking(store: Store, connection: Connection) -> None:
    """Closed ones stay as history."""

    def opened(name: str) -> None:
        row = ConflictRow(name, "session:s1", "session:s2", "overlap", {}, NOW, None, "", None, "")
        store.bookings.open_conflict(connection, row)

    opened("c1")
    store.bookings.set_conflict(connection, "c1", closed=NOW, closed_why="moved")
    opened("c2")

    with pytest.raises(IntegrityError):
        opened("c3")


def test_a_sign_in_is_there_once(store: Store, connection: Connection) -> None:
    """By issuer and subject, whatever it is called."""
    rows = connection.execute(select(account.c.issuer, account.c.subject)).all()
    assert [tuple(row) for row in rows] == [("i", "s")]

    with pytest.raises(IntegrityError):
        connection.execute(
            account.insert().values(
                owner="me", id="other", provider="caldav", issuer="i", subject="s", name="", display="", base_url="",
                settings={}, created_at=NOW, quirks={},
            )
        )  # fmt: skip


def test_no_question_is_asked_twice_for_one_cause(store: Store, connection: Connection) -> None:
    """Also after it was answered."""
    question = Question("q1", "shape:l1", "shape", ("l1",), {}, NOW)
    assert store.questions.ask(connection, question)
    store.questions.answer(connection, "q1", "no", at=NOW)

    assert not store.questions.ask(connection, Question("q2", "shape:l1", "shape", ("l1",), {}, NOW))


def test_a_session_lasts_and_an_interval_has_an_order(store: Store, connection: Connection) -> None:
    """Impossible rows are refused even if our values were wrong."""
    store.sessions.insert(connection, a_session())
    with pytest.raises(IntegrityError), connection.begin_nested():
        connection.execute(update(session).values(duration_s=0))
    row = {"owner": "me", "calendar": "work", "uid": "u", "opaque": True, "recurring": False}
    with pytest.raises(IntegrityError):
        connection.execute(busy.insert().values(**row, lo=NOW, hi=NOW - timedelta(hours=1)))


def test_a_naive_instant_is_refused(store: Store, connection: Connection) -> None:
    """It would be somebody's local time."""
    with pytest.raises(StatementError, match="an instant needs a zone"):
        store.accounts.record_success(connection, "acc", at=datetime(2026, 1, 1), latency_ms=1)


def test_a_base_moves_and_is_forgotten(store: Store, connection: Connection) -> None:
    """One row a group; written twice is written once."""
    store.sessions.insert(connection, a_session())
    store.links.insert(connection, Link("l1", "s1", "work", 0, "u0", LinkState.LIVE))
    for words in ("one", "two"):
        store.links.set_base(connection, "l1", FieldGroup.TITLE, Base("Maths", words))
    found = store.links.get(connection, "l1")
    assert found is not None
    assert dict(found.bases) == {FieldGroup.TITLE: Base("Maths", "two")}

    store.links.drop_bases(connection, "l1")

    found = store.links.get(connection, "l1")
    assert found is not None
    assert not found.bases


def test_echoes_of_long_notes_are_kept_and_forgotten(store: Store, connection: Connection) -> None:
    """By a hash: notes have no limit, the column has."""
    notes = "x" * 5000
    store.journal.remember_echo(connection, an_intent("i1"), {FieldGroup.NOTES: notes}, NOW)
    store.journal.remember_echo(connection, an_intent("i1"), {FieldGroup.NOTES: notes}, NOW)

    assert len(store.journal.echoes(connection, ["work/x"], NOW)["work/x"]) == 1
    store.journal.forget_old(connection, NOW + timedelta(hours=25))
    assert store.journal.echoes(connection, ["work/x"], NOW) == {}


def test_removing_an_account_leaves_the_sessions(store: Store, connection: Connection) -> None:
    """Calendars, mirror and links go with it."""
    store.sessions.insert(connection, a_session())
    store.links.insert(connection, Link("l1", "s1", "work", 0, "u0", LinkState.LIVE))

    store.accounts.delete(connection, "acc")

    assert store.sessions.get(connection, "s1") is not None
    assert store.links.of_sessions(connection, ["s1"], closed=True) == {}


def test_accounts_read_as_they_were_stored(store: Store, connection: Connection) -> None:
    """A row of failures begins at its first."""
    new = Account("a2", "zoom", "z", "u", "Zoom", "anna@example.org", "https://z", {"account_id": "1"}, NOW)
    store.accounts.insert(connection, new)
    for minutes in (1, 2):
        at = NOW + timedelta(minutes=minutes)
        store.accounts.record_failure(
            connection, "a2", at=at, code="c", words="w", remedy="wait", next_try_at=at + timedelta(minutes=5)
        )

    found = store.accounts.get(connection, "a2")

    assert found is not None
    assert found.settings == {"account_id": "1"}
    assert (found.failures, found.failing_since) == (2, NOW + timedelta(minutes=1))
