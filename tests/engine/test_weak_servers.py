"""Servers that take a stale write, or whose ETags do not tell versions apart: found out once, and handled with care."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.vocabulary.protocols import Calendar, CalendarAccount
from sync_agent.engine.store.mirror import MirrorRow
from sync_agent.engine.sync.conditions import MISSING, REPEATED, etag_quirk
from sync_agent.engine.values import Account
from sync_agent.laptop.documents.accounts import health_document
from tests.engine.phone import value_of
from tests.engine.world import NOW, THURSDAY, ZONE, Book, Home
from tests.servers.nullcal import NullCal


@pytest.fixture
def weak(tmp_path: Path) -> Iterator[Home]:
    """A server that takes whatever it gets."""
    with Home(tmp_path, NullCal(heeds_conditions=False)) as made:
        yield made


def found_out(home: Home) -> str:
    """Let the account be two hours old and make one more session; give the one that was there before."""
    session = home.world.add()
    home.run()
    home.world.clock.move(timedelta(hours=2))
    home.world.add("Later", start=THURSDAY + timedelta(days=1))
    home.run()
    return session


def quirks(home: Home) -> dict[str, str]:
    return dict(home.world.account(home.account.id).quirks)


def notes(home: Home) -> list[str]:
    health = health_document(home.world.account(home.account.id), zone=ZONE)
    assert health["state"] == "ok"
    return health["notes"]  # type: ignore[no-any-return]


def before_the_look(home: Home, happens: Callable[[], None]) -> None:
    """Let something happen after the calendar was read and before a write looks once more."""
    home.run()
    home.world.book = _EarlyBook(home.world.book, happens)
    home.world.open()


class _EarlyBook(Book):
    def __init__(self, book: Book, happens: Callable[[], None]) -> None:
        super().__init__()
        self.credentials, self._open, self._happens = book.credentials, book._open, [happens]

    def calendars(self, account: Account) -> CalendarAccount:
        return _EarlyAccount(super().calendars(account), self._happens)  # type: ignore[return-value]


class _EarlyAccount:
    def __init__(self, real: CalendarAccount, happens: list[Callable[[], None]]) -> None:
        self._real, self._happens = real, happens

    def calendar(self, remote_id: str, *, before_write: Callable[[], None] = lambda: None) -> _EarlyCalendar:
        return _EarlyCalendar(self._real.calendar(remote_id, before_write=before_write), self._happens)


class _EarlyCalendar:
    def __init__(self, real: Calendar, happens: list[Callable[[], None]]) -> None:
        self._real, self._happens = real, happens

    def __getattr__(self, name: str) -> object:
        if name == "fetch" and self._happens:
            self._happens.pop()()
        return getattr(self._real, name)


def test_a_server_that_heeds_conditions_is_asked_once_and_nothing_changes(home: Home) -> None:
    """It refuses; from then on it is trusted, and nothing is asked again."""
    session = found_out(home)

    assert quirks(home) == {"conditions": "heeded"}
    assert notes(home) == []
    home.run()
    home.wire.reset()
    home.world.add("Third", start=THURSDAY + timedelta(days=2))
    home.run()
    assert home.wire.counts.methods["PUT"] == 1
    home.world.change(session, title="Physics")
    assert home.run().requests <= 3
    assert home.idle(5) == 0


def test_a_server_that_takes_stale_writes_is_found_out_and_health_says_so(weak: Home) -> None:
    """A note, no failure. The event that it was asked with says what it said, and nobody's edit is in it."""
    found_out(weak)

    assert quirks(weak) == {"conditions": "ignored"}
    assert ["reads each event right before it writes it" in note for note in notes(weak)] == [True]
    assert weak.phone.titles(weak.work) == ["Later", "Maths"]
    assert weak.world.log("session.changed") == []
    assert weak.idle(5) == 0


def test_an_edit_that_came_in_between_survives_an_update_on_a_weak_server(weak: Home) -> None:
    """Seen by the look right before the write: both edits are brought together, as after a 412."""
    session = found_out(weak)
    notes_of_the_phone = {"SUMMARY:Maths": "SUMMARY:Maths\nDESCRIPTION:Bring the book"}
    before_the_look(weak, lambda: weak.phone.edit(weak.work, notes_of_the_phone, title="Maths"))
    weak.world.change(session, title="Physics")

    weak.run()

    assert value_of(weak.phone.event(weak.work, "Physics"), "DESCRIPTION") == "Bring the book"
    assert weak.world.session(session).notes == "Bring the book"
    assert weak.idle(3) == 0


def test_an_edit_that_came_in_between_outlives_a_deletion_on_a_weak_server(weak: Home) -> None:
    """Cancelled here while the phone moves it: nobody's edit vanishes with the event."""
    session = found_out(weak)
    before_the_look(weak, lambda: weak.phone.move(weak.work, 15, 17, title="Maths"))
    weak.world.engine.sessions.cancel(session)

    weak.run()
    weak.run()

    assert weak.world.session(session).when.start.hour == 17
    assert "20261126T170000" in weak.phone.event(weak.work, "Maths")


def test_what_is_gone_in_between_is_no_failure(weak: Home) -> None:
    """Both deleted it."""
    session = found_out(weak)
    before_the_look(weak, lambda: weak.phone.delete(weak.work, "Maths"))
    weak.world.engine.sessions.cancel(session)

    report = weak.run()

    assert report.accounts[weak.account.id].ok
    assert weak.phone.titles(weak.work) == ["Later"]
    assert not weak.world.session(session).is_live


@pytest.mark.parametrize("how", ["drop-response", "drop-request", "status"])
def test_a_lost_answer_to_the_question_leaves_nothing_open(home: Home, how: str) -> None:
    """It is looked up like any write, and asked again with the next event."""
    home.run()
    home.world.clock.move(timedelta(hours=2))
    home.world.add()
    home.wire.fail(how, method="PUT", after=2)

    home.run()
    home.run()

    assert quirks(home) == {}
    assert home.phone.titles(home.work) == ["Maths"]
    assert home.world.log("session.changed") == []
    home.world.add("Later", start=THURSDAY + timedelta(days=1))
    home.run()
    assert quirks(home) == {"conditions": "heeded"}
    assert home.idle(3) == 0


def test_a_server_whose_etags_repeat_loses_no_edit_of_a_phone(home: Home) -> None:
    """Its ETags have the resolution of a second: found out with the first write that does not change one."""
    session = home.world.add()
    home.run()
    home.run()
    assert home.memory is not None
    home.memory.calendars[home.work].revisions_an_etag = 1000
    home.world.change(session, notes="Bring a book")
    home.run()
    home.world.change(session, notes="Bring the book")
    home.run()
    assert quirks(home)["etags"] == REPEATED

    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Music"})
    home.world.change(session, place="Library", online=False)
    home.run()

    assert home.world.session(session).title == "Music"
    text = home.phone.event(home.work)
    assert [value_of(text, name) for name in ("SUMMARY", "DESCRIPTION", "LOCATION")] == [
        "Music", "Bring the book", "Library"
    ]  # fmt: skip
    assert len(notes(home)) == 1
    assert home.idle(3) == 0


def _row(title: str, etag: str | None, **differing: object) -> MirrorRow:
    plain = {
        "id": "o", "calendar": "c", "key": "k", "href": "k", "uid": "u", "etag": etag, "body": "text",
        "fields": {"groups": {"title": [title, "", ""]}}, "marks_session": "", "shape": "single", "refetch": False,
        "gone_at": None,
    }  # fmt: skip
    return MirrorRow(**{**plain, **differing})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("before", "etag", "quirk"),
    [
        pytest.param(None, "1", None, id="first seen"),
        pytest.param(_row("Maths", "1"), "2", None, id="another version, another ETag"),
        pytest.param(_row("Physics", "1"), "1", None, id="the same, read again"),
        pytest.param(_row("Maths", "1"), "1", REPEATED, id="another version, the same ETag"),
        pytest.param(_row("Maths", "1", gone_at=NOW), "1", None, id="it was gone in between"),
        pytest.param(_row("Maths", None), None, MISSING, id="none at all"),
        pytest.param(_row("Maths", "W/1"), "W/2", MISSING, id="weak ones only"),
    ],
)
def test_what_is_odd_about_an_etag(before: MirrorRow | None, etag: str | None, quirk: str | None) -> None:
    """Of an event that now says “Physics”."""
    assert etag_quirk(before, etag, _row("Physics", etag).fields) == quirk
