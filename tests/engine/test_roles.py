"""What a calendar is for, and what is never taken for the tutor's own appointments."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.registry import Credentials
from sync_agent.engine.errors import AccountExists, CalendarReadOnly
from sync_agent.engine.values import Role
from tests.engine.phone import value_of
from tests.engine.world import NOW, THURSDAY, Home
from tests.servers.feeds import FeedServer, Published

GYM = ("SUMMARY:Gym", "DTSTART:20261127T090000Z", "DTEND:20261127T100000Z")


def test_a_copy_made_by_duplicate_is_an_appointment_and_no_session(home: Home) -> None:
    """A phone copies the event with everything in it, our marker too, under another UID."""
    home.world.add()
    home.run()
    text = home.phone.event(home.work)
    uid = value_of(text, "UID")
    copy = text.replace(f"UID:{uid}", "UID:copy").replace("SUMMARY:Maths", "SUMMARY:Maths copy")

    home.phone.put(home.work + "copy.ics", copy)
    home.run()

    assert home.world.busy() == ["Maths copy"]
    assert [one.b.endswith(":copy:") for one in home.world.conflicts()] == [True]
    assert home.idle(3) == 0
    with home.world.store.read() as connection:
        assert (
            len(home.world.store.sessions.between(connection, NOW - timedelta(days=30), NOW + timedelta(days=60))) == 1
        )


@pytest.mark.parametrize("keeps_marker", [True, False])
def test_own_events_seen_through_a_feed_are_never_busy(home: Home, *, keeps_marker: bool) -> None:
    """The tutor publishes the calendar and subscribes to it elsewhere; some publishers drop our marker."""
    home.world.add()
    home.phone.add(home.work, "gym", *GYM)
    home.run()
    parts = [text.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0] for text in home.events]
    events = "".join(f"BEGIN:VEVENT{part}END:VEVENT\n" for part in parts)
    if not keeps_marker:
        events = "".join(line for line in events.splitlines(keepends=True) if not line.startswith("X-TUTORSYNC"))
    body = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Feed//EN\n{events}END:VCALENDAR\n".replace("\n", "\r\n")
    server = FeedServer()
    server.published["/work.ics"] = Published(body.encode(), etag='"1"')

    with server.started() as running:
        address = f"http://127.0.0.1:{running.port}/work.ics"
        home.world.connect("ics", Credentials(address, {"allow_private": "true"}, {"url": address}))
        home.run()
        home.run()

    assert sorted(home.world.busy()) == ["Gym", "Gym"]
    assert home.world.conflicts() == []


def test_own_events_seen_through_a_second_account_are_never_busy(home: Home) -> None:
    """The same calendar shared with the tutor's other sign-in."""
    home.world.add()
    home.run()
    other = home.more("shared")
    home.phone.put(other + "copy.ics", home.phone.event(home.work))

    home.run()

    assert home.world.busy() == []
    assert home.world.conflicts() == []


def test_a_role_change_away_from_sessions_removes_future_events_and_cancels_nothing(home: Home) -> None:
    """The past stays; back again, the future ones return."""
    past = home.world.add("Past", start=THURSDAY - timedelta(days=5))
    future = home.world.add("Future")
    home.phone.add(home.work, "gym", *GYM)
    home.run()

    home.world.engine.accounts.set_role(home.name, Role.BUSY)
    report = home.run()

    assert report.deleted == 1
    assert home.phone.titles(home.work) == ["Gym", "Past"]
    assert all(home.world.session(one).is_live for one in (past, future))
    assert home.idle(3) == 0

    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    home.run()

    assert home.phone.titles(home.work) == ["Future", "Gym", "Past"]
    assert home.idle(3) == 0


def test_a_role_change_before_anything_was_written_loses_nothing(home: Home) -> None:
    """Offline, busy and back: the session still gets its event."""
    home.world.add()
    home.wire.fail("drop-request", every=True)
    home.run()
    home.world.engine.accounts.set_role(home.name, Role.BUSY)
    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    home.wire.fail()

    home.run()

    assert home.phone.titles(home.work) == ["Maths"]


def test_an_ignored_calendar_is_not_busy_and_read_in_full_when_it_counts_again(home: Home) -> None:
    """Its double bookings close, and open again."""
    other = home.more("private")
    home.phone.add(other, "gym", "SUMMARY:Gym", "DTSTART:20261126T140000Z", "DTEND:20261126T150000Z")
    home.world.add()
    home.run()
    assert len(home.world.conflicts()) == 1

    home.world.engine.accounts.set_role("private", Role.IGNORE)
    home.run()
    assert home.world.busy() == []
    assert home.world.conflicts() == []

    home.world.engine.accounts.set_role("private", Role.BUSY)
    home.run()
    assert home.world.busy() == ["Gym"]
    assert len(home.world.conflicts()) == 1


def test_disconnecting_cancels_nothing_and_leaves_the_events(home: Home) -> None:
    """The events stay where they are, the sessions here; what the account's appointments blocked is free."""
    session = home.world.add()
    home.phone.add(home.work, "gym", "SUMMARY:Gym", "DTSTART:20261126T140000Z", "DTEND:20261126T150000Z")
    home.run()
    assert len(home.world.conflicts()) == 1

    home.world.engine.accounts.disconnect(home.account.id)
    home.run()

    assert home.world.session(session).is_live
    assert home.phone.titles(home.work) == ["Gym", "Maths"]
    assert home.world.conflicts() == []


def test_signed_out_and_in_again_each_session_has_the_event_that_it_had(home: Home) -> None:
    """What was typed meanwhile on the phone and in the app is on both sides, and nothing is doubled."""
    session = home.world.add(notes="Bring the book")
    other = home.world.add("Physics", online=False, place="Library")
    home.run()
    home.world.engine.accounts.disconnect(home.account.id)
    home.run()
    home.phone.edit(home.work, {"SUMMARY:Maths": "SUMMARY:Algebra"}, title="Maths")
    home.world.change(other, notes="typed meanwhile")
    home.account, _ = home.world.connect("caldav", home.credentials, calendar=home.name, only=home.name)
    for _ in range(3):
        home.run()
    assert home.phone.titles(home.work) == ["Algebra", "Physics"]
    assert home.world.session(session).title == "Algebra"
    assert "typed meanwhile" in home.phone.event(home.work, "Physics")
    assert home.world.busy() == []
    assert home.idle(3) == 0


def test_the_same_sign_in_twice_is_refused(home: Home) -> None:
    """Two engines of one account would write everything twice."""
    with pytest.raises(AccountExists):
        home.world.connect("caldav", home.credentials, calendar=home.name)


def test_sessions_cannot_go_into_a_calendar_that_is_read_only(home: Home) -> None:
    """A feed, a shared calendar without the right to change it."""
    home.more("holidays")
    row = home.world.calendar("holidays")
    with home.world.store.write() as connection:
        home.world.store.accounts.update_calendar(connection, row.id, access="read")

    with pytest.raises(CalendarReadOnly):
        home.world.engine.accounts.set_role("holidays", Role.SESSIONS)


def test_foreign_events_are_never_written(home: Home) -> None:
    """Whatever happens around them."""
    home.phone.add(home.work, "gym", *GYM, "X-FOO:bar")
    before = home.phone.event(home.work, "Gym")
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.run()
    home.world.engine.sessions.cancel(session)
    home.run()

    assert home.phone.event(home.work, "Gym") == before
