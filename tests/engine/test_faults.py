"""Whatever breaks on the way, there is one event a session, nothing is lost, and all agree once it works again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from connectors.vocabulary.protocols import Calendar, CalendarAccount
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.store.mirror import MirrorStore
from sync_agent.engine.sync.pull import Puller
from sync_agent.engine.values import Account, Role
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Book, Home

LOST = ["drop-response", "cut"]


class Killed(BaseException):
    """The process dies here: nothing catches it, nothing is tidied up."""


@pytest.mark.parametrize("method", ["PUT", "REPORT"])
@pytest.mark.parametrize("how", LOST)
def test_the_answer_to_a_creation_is_lost(home: Home, how: str, method: str) -> None:
    """A laptop that slept between request and answer: it looks before it sends anything again."""
    home.world.add()
    home.wire.fail(how, method=method, after=2 if method == "REPORT" else 1)

    home.run()
    home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert home.idle(3) == 0


def test_every_try_of_a_creation_bears_one_name(home: Home) -> None:
    """Whichever of them arrives, and however late, the next one meets it there."""
    home.world.add()
    home.wire.fail("drop-request", "drop-request", "status", method="PUT")

    for _ in range(5):
        home.run()

    tried = [target for method, target, _ in home.wire.counts.log if method == "PUT"]
    assert (len(tried), len(set(tried))) == (4, 1)
    assert home.phone.titles(home.work) == ["Maths"]


@pytest.mark.parametrize("how", [*LOST, "drop-request", "status", "broken", "locked", "busy", "html"])
@pytest.mark.parametrize("what", ["create", "update", "delete"])
def test_a_write_fails_in_every_way(home: Home, what: str, how: str) -> None:
    """Carried out or not: after the next pass the calendar says what the session says."""
    session = home.world.add()
    if what != "create":
        home.run()
        home.run()
    if what == "update":
        home.world.change(session, title="Physics")
    if what == "delete":
        home.world.engine.sessions.cancel(session)
    home.wire.fail(how, method="DELETE" if what == "delete" else "PUT")

    home.run()
    home.run()

    assert home.phone.titles(home.work) == {"create": ["Maths"], "update": ["Physics"], "delete": []}[what]
    assert home.world.session(session).is_live is (what != "delete")
    assert home.idle(3) == 0
    assert home.world.account(home.account.id).failures == 0


def test_an_edit_right_after_a_lost_answer_is_an_edit(home: Home) -> None:
    """Our write arrived unheard; then the phone edits the same field. The person's word stands."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.wire.fail("drop-response", method="PUT")
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Physics": "SUMMARY:Chemistry"})

    home.run(minutes=5)
    home.run()

    assert home.world.session(session).title == "Chemistry"
    assert home.phone.titles(home.work) == ["Chemistry"]
    assert home.idle(3) == 0


def test_the_same_value_again_after_a_lost_answer_is_an_edit(home: Home) -> None:
    """16:00 arrived unheard, 17:00 followed, and the phone goes back to 16:00: that is no echo of ours."""
    session = home.world.add()
    home.run()
    home.world.change(session, start=THURSDAY + timedelta(hours=1))
    home.wire.fail("drop-response", method="PUT")
    home.run()
    home.run()
    home.world.change(session, start=THURSDAY + timedelta(hours=2))
    home.run()

    home.phone.move(home.work, 17, 16)
    home.run()

    assert home.world.session(session).when.start == THURSDAY + timedelta(hours=1)
    assert home.idle(3) == 0


class _DyingBook(Book):
    """Connections whose calendar dies at one call: before it is sent, or when its answer is there."""

    def __init__(self, book: Book, call: str, *, after: bool) -> None:
        super().__init__()
        self.credentials, self._open = book.credentials, book._open
        self._call, self._after = call, after

    def calendars(self, account: Account) -> CalendarAccount:
        return _Dying(super().calendars(account), "calendar", lambda made: _Dying(made, self._call, None, self._after))


class _Dying:
    """Hands everything on, but for one call."""

    def __init__(
        self, real: object, call: str, becomes: Callable[[Calendar], object] | None, after: bool = False
    ) -> None:
        self._real, self._call, self._becomes, self._after = real, call, becomes, after

    def __getattr__(self, name: str) -> object:
        found = getattr(self._real, name)
        if name != self._call:
            return found

        def called(*args: object, **kwargs: object) -> object:
            if self._becomes is not None:
                return self._becomes(found(*args, **kwargs))
            if self._after:
                found(*args, **kwargs)
            raise Killed

        return called


@pytest.mark.parametrize("after", [False, True], ids=["before it was sent", "after it arrived"])
@pytest.mark.parametrize("call", ["create", "update", "delete", "fetch"])
def test_killed_in_the_middle_of_a_write(home: Home, call: str, *, after: bool) -> None:
    """SIGKILL between the intention and its answer, or before it was read back: nothing is doubled or lost."""
    first = home.world.add("First")
    if call in ("update", "delete"):
        home.run()
    second = home.world.add("Second", start=THURSDAY + timedelta(hours=4))
    if call == "update":
        home.world.change(first, title="Number one")
    if call == "delete":
        home.world.engine.sessions.cancel(first)
    alive = home.world.book
    home.world.book = _DyingBook(alive, call, after=after)
    home.world.open()
    with pytest.raises(Killed):
        home.run()

    home.world.book = alive
    home.world.again()
    home.run()
    home.run()

    expected = {"update": ["Number one", "Second"], "delete": ["Second"]}.get(call, ["First", "Second"])
    assert home.phone.titles(home.work) == expected
    assert home.world.session(second).status is SessionStatus.PLANNED
    assert home.idle(3) == 0


def test_an_edit_between_look_and_write_keeps_both(home: Home) -> None:
    """412 in the middle: the phone edits after we read and before we write. After this one pass both edits stand."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.world.book = _RacingBook(home.world.book, lambda: home.phone.move(home.work, 15, 17))
    home.world.open()

    report = home.run()

    text = home.phone.event(home.work)
    assert value_of(text, "SUMMARY") == "Physics"
    assert "20261126T170000" in text
    assert home.world.session(session).when.start == THURSDAY + timedelta(hours=2)
    assert report.updated == 1
    assert home.idle(3) == 0


class _RacingBook(Book):
    """Connections where something happens right before the first update is sent."""

    def __init__(self, book: Book, happens: Callable[[], None]) -> None:
        super().__init__()
        self.credentials, self._open = book.credentials, book._open
        self._happens: list[Callable[[], None]] = [happens]

    def calendars(self, account: Account) -> CalendarAccount:
        real = super().calendars(account)
        return _Dying(real, "calendar", lambda made: _Racing(made, self._happens))


class _Racing:
    def __init__(self, real: Calendar, happens: list[Callable[[], None]]) -> None:
        self._real, self._happens = real, happens

    def __getattr__(self, name: str) -> object:
        if name in ("update", "delete") and self._happens:
            self._happens.pop()()
        return getattr(self._real, name)


def test_an_edit_that_did_not_know_of_a_cancellation_outlives_it(home: Home) -> None:
    """Cancelled here while the phone moves it: it takes place at the new hour, and one key cancels it after all."""
    session = home.world.add()
    home.run()
    home.world.engine.sessions.cancel(session)
    home.world.book = _RacingBook(home.world.book, lambda: home.phone.move(home.work, 15, 17))
    home.world.open()

    home.run()

    assert home.world.session(session).is_live
    assert home.world.session(session).when.start == THURSDAY.replace(hour=17)
    assert home.idle(3) == 0
    lost = next(one for one in home.world.log("version.lost") if one.field_group == "status")
    home.world.engine.undo.undo(lost.id)
    home.run()
    assert home.events == []
    assert not home.world.session(session).is_live


@pytest.mark.parametrize("how", ["dead-token", "dead-token-409", "dead-token-412", "dead-token-400"])
def test_a_dead_token_reads_everything_again_and_sees_what_vanished(home: Home, how: str) -> None:
    """Three were deleted and one renamed while the token died: no ghost stays."""
    ids = [home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number)) for number in range(12)]
    home.run()
    for number in (0, 1):
        home.phone.delete(home.work, f"SUMMARY:S{number}\n")
    home.phone.edit(home.work, {"SUMMARY:S9": "SUMMARY:Nine"}, title="SUMMARY:S9\n")
    home.wire.fail(how, method="REPORT", containing=b"sync-collection")

    home.run()

    assert [home.world.session(one).is_live for one in ids[:3]] == [False, False, True]
    assert home.world.session(ids[9]).title == "Nine"
    assert home.idle(3) == 0


@pytest.mark.parametrize("how", ["empty", "html", "status", "broken", "cut"])
def test_a_listing_that_lies_cancels_nothing(home: Home, how: str) -> None:
    """An empty listing once, a login page with 200, half an answer: nothing is believed."""
    # So few that no guard would ask.
    ids = [home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number)) for number in range(2)]
    home.run()
    home.wire.fail("dead-token", how, method="REPORT", every=how != "empty")

    home.run()
    assert home.wire.counts.faults > 1
    home.wire.fail()
    home.run()

    assert all(home.world.session(one).is_live for one in ids)
    assert len(home.events) == 2
    assert home.world.log("session.cancelled") == []
    assert home.world.questions() == []
    assert home.idle(3) == 0


@pytest.mark.parametrize(
    ("at", "what", "left"),
    [
        pytest.param((Puller, "absorb"), "edited", ["Physics"], id="an edit"),
        pytest.param((MirrorStore, "mark_refetch"), "deleted", [], id="a deletion"),
    ],
)
def test_killed_while_it_stores_what_it_read_it_reads_that_again(
    home: Home, monkeypatch: pytest.MonkeyPatch, at: tuple[type, str], what: str, left: list[str]
) -> None:
    """The cursor moves in the transaction that brings the change: who dies before its end has seen nothing."""
    session = home.world.add()
    home.run()
    if what == "edited":
        home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Physics"})
    else:
        home.phone.delete(home.work)

    def dies(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(*at, dies)
        with pytest.raises(Killed):
            home.run()
    home.world.again()
    home.run()

    found = home.world.session(session)
    assert [found.title] * found.is_live == left == home.phone.titles(home.work)
    assert home.idle(3) == 0


def test_a_calendar_that_is_gone_cancels_nothing_and_the_others_go_on(home: Home) -> None:
    """Somebody removed the whole calendar on the server."""
    other = home.more("private")
    session = home.world.add()
    home.phone.add(other, "gym", "SUMMARY:Gym", "DTSTART:20261127T090000Z", "DTEND:20261127T100000Z")
    home.run()

    home.phone.drop(home.work)
    home.phone.add(other, "run", "SUMMARY:Run", "DTSTART:20261128T090000Z", "DTEND:20261128T100000Z")
    report = home.run()

    assert home.world.session(session).is_live
    assert home.world.calendar(home.name).state == "gone"
    assert home.world.account(home.account.id).error_code == "calendar.gone"
    assert report.accounts[home.account.id].code == "calendar.gone"
    assert sorted(home.world.busy()) == ["Gym", "Run"]
    home.phone.delete(other, "Run")
    home.run()
    home.run()
    assert home.world.busy() == ["Gym"]
    assert home.world.questions() == []


def test_a_calendar_that_comes_back_goes_on(home: Home) -> None:
    """It was away for an hour; then the same calendar is there again."""
    session = home.world.add()
    home.run()
    assert home.memory is not None
    kept = home.memory.calendars.pop(home.work)
    home.run()

    home.memory.calendars[home.work] = kept
    home.world.change(session, title="Physics")
    home.run()
    home.run()

    assert home.phone.titles(home.work) == ["Physics"]
    assert home.world.calendar(home.name).state == "ok"
    assert home.world.account(home.account.id).failures == 0


def test_without_a_network_the_account_waits_and_is_not_hammered(home: Home) -> None:
    """It is noted since when it fails; the next pass leaves it alone until it is due, and what was wished stays."""
    home.world.add()
    home.wire.fail("drop-request", every=True)

    report = home.run()
    home.world.clock.move(timedelta(seconds=3))
    again = home.world.engine.run_pass()

    assert report.accounts[home.account.id].code == "connection.answer_lost"
    assert home.world.account(home.account.id).failing_since is not None
    assert again.accounts == {}
    home.wire.fail()
    home.run()
    assert home.phone.titles(home.work) == ["Maths"]


@pytest.mark.parametrize("rewrite", ["stamp", "count"])
def test_between_two_servers_that_rewrite_one_edit_is_one_write_each(home: Home, rewrite: str) -> None:
    """They re-stamp, re-order, add and count properties, and give no ETag. Only what a person says is a change."""
    assert home.memory is not None
    home.memory.rewrite = rewrite  # type: ignore[assignment]
    other = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS, confirmed=True)
    session = home.world.add(notes="Bring, the; book\n\nand \\ more")
    assert home.run().created == 2
    assert home.idle() == 0

    home.world.change(session, title="Physics, advanced; part 2")
    assert home.run().updated == 2
    assert home.idle() == 0

    home.phone.edit(other, {"Bring": "Take"})
    assert home.run().updated == 1
    assert home.world.session(session).notes == "Take, the; book\n\nand \\ more"
    assert home.idle() == 0


def test_everything_stamped_anew_without_a_change_of_meaning_writes_nothing(home: Home) -> None:
    """A server migrated: other etags, other stamps, other order."""
    for number in range(5):
        home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number))
    home.run()
    for href, text in home.phone.events(home.work).items():
        home.phone.put(href, text.replace("SEQUENCE:0", "SEQUENCE:7\nX-MIGRATED:yes"))

    assert home.idle() == 0


def test_one_broken_object_beside_good_ones_is_named_and_the_rest_goes_on(home: Home) -> None:
    """Somebody's half an event."""
    assert home.memory is not None
    home.world.add()
    home.phone.add(home.work, "gym", "SUMMARY:Gym", "DTSTART:20261127T090000Z", "DTEND:20261127T100000Z")
    calendar = home.memory.calendars[home.work]
    calendar.revision += 1
    calendar.items["bad.ics"] = (calendar.revision, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:bad\r\nDTSTART:never\r\n")

    report = home.run()

    assert [name for name, _ in report.broken] == [home.name]
    assert home.world.busy() == ["Gym"]
    assert "Maths" in " ".join(text for text in home.events)


def test_a_server_that_drops_our_marker_gets_one_event(home: Home) -> None:
    """Some keep no X- property: the UID tells that it is ours."""
    home.world.add()
    home.wire.fail("drop-response", method="PUT")
    home.run()
    home.drop_markers()

    home.run()
    home.run()

    assert home.phone.titles(home.work) == ["Maths"]
    assert home.idle(3) == 0


def test_what_a_server_will_not_take_is_told_once_and_tried_again_later(home: Home) -> None:
    """It is named in the pass's report and not sent again and again; an edit, or some hours, try once more."""
    home.world.add("Fine", start=THURSDAY + timedelta(days=1))
    home.run()
    session = home.world.add()
    home.wire.fail("dead-token-409", method="PUT", every=True)
    home.wire.reset()

    report = home.run()
    assert [(one, calendar) for calendar, one, _ in report.refused] == [(session, home.world.calendar(home.name).id)]
    assert home.idle(5) == 0
    assert home.wire.counts.methods["PUT"] == 1

    home.world.change(session, title="Physics")
    assert len(home.run().refused) == 1
    home.wire.fail()
    assert home.run().written == 0
    home.run(minutes=7 * 60)
    assert home.phone.titles(home.work) == ["Fine", "Physics"]
