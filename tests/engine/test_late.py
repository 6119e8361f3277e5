"""Edits that could not be sent in time are not sent behind anybody's back: one question an account for all of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sync_agent.engine.values import Role
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Home
from tests.servers.nullcal import NullCal

IN_DECEMBER = datetime(2026, 12, 20, 15)
DAY = timedelta(days=1)


@pytest.fixture
def away(home: Home) -> Home:
    """Two sessions that the calendar holds: one this Thursday, one in December; then the network goes."""
    home.world.add("Soon", start=THURSDAY)
    home.world.add("Later", start=IN_DECEMBER)
    home.run()
    home.wire.fail("drop-request", every=True)
    return home


def back(home: Home, *, after: timedelta) -> None:
    """The network returns."""
    home.run()
    home.world.clock.move(after)
    home.wire.fail()
    home.run()


def change(home: Home, called: str, **fields: object) -> str:
    session = home.world.session_titled(called).id
    home.world.change(session, **fields)
    return session


def test_an_edit_of_a_session_that_passed_meanwhile_is_asked_about(away: Home) -> None:
    """Offline on Wednesday, back on Friday. What is not late goes out at once."""
    soon = change(away, "Soon", title="Soon in room 5")
    change(away, "Later", title="Later too")

    back(away, after=3 * DAY)

    (question,) = away.world.questions()
    assert question.kind == "late_edits"
    assert [(one["session"], one["groups"]) for one in question.facts["edits"].values()] == [(soon, ["title"])]
    assert away.phone.titles(away.work) == ["Later too", "Soon"]
    assert away.world.session(soon).title == "Soon in room 5"
    assert away.idle(3) == 0
    assert len(away.world.questions()) == 1


def test_an_edit_older_than_a_week_is_asked_about_and_all_together(away: Home) -> None:
    """A month in the mountains: one question for everything; its session need not have passed."""
    change(away, "Soon", notes="Bring the book")
    change(away, "Later", start=IN_DECEMBER + timedelta(hours=2), title="Later too")
    away.world.engine.sessions.cancel(away.world.session_titled("Soon").id)

    back(away, after=8 * DAY)

    (question,) = away.world.questions()
    edits = {one["title"]: (one["verb"], one["groups"]) for one in question.facts["edits"].values()}
    assert edits == {"Soon": ("delete", ["status"]), "Later too": ("update", ["title", "when"])}
    assert away.phone.titles(away.work) == ["Later", "Soon"]


def test_yes_sends_them(away: Home) -> None:
    """They are still meant. Nothing is asked twice."""
    change(away, "Later", title="Later too")
    back(away, after=8 * DAY)

    away.world.engine.questions.answer(away.world.questions()[0].id, "yes")
    away.run()

    assert away.phone.titles(away.work) == ["Later too", "Soon"]
    assert away.world.questions() == []
    assert away.idle(3) == 0


def test_no_makes_the_session_what_the_calendar_still_says_and_can_be_undone(away: Home) -> None:
    """The edit is dropped, not lost: undo brings them back as edits of today."""
    later = change(away, "Later", title="Later too")
    soon = away.world.session_titled("Soon").id
    away.world.engine.sessions.cancel(soon)
    back(away, after=8 * DAY)

    away.world.engine.questions.answer(away.world.questions()[0].id, "no")
    away.run()

    assert (away.world.session(later).title, away.world.session(soon).is_live) == ("Later", True)
    assert away.phone.titles(away.work) == ["Later", "Soon"]
    assert away.world.questions() == []
    assert away.idle(3) == 0

    entry = next(one for one in away.world.log("session.changed") if one.session == later)
    assert not away.world.engine.undo.undo(entry.id).refused
    away.run()
    assert away.phone.titles(away.work) == ["Later too"]


def test_an_edit_made_anew_is_none_of_last_week_s(away: Home) -> None:
    """The tutor types it again after coming home: that one is sent, and the question closes itself."""
    later = change(away, "Later", title="Later too")
    back(away, after=8 * DAY)
    assert len(away.world.questions()) == 1

    away.world.change(later, title="Later at last")
    away.run()

    assert away.world.questions() == []
    assert away.phone.titles(away.work) == ["Later at last", "Soon"]


def test_an_edit_on_the_phone_meanwhile_is_taken_and_closes_the_question(away: Home) -> None:
    """Somebody at home said the same."""
    change(away, "Later", title="Later too")
    back(away, after=8 * DAY)

    away.phone.edit(away.work, {"SUMMARY:Later": "SUMMARY:Later too"}, title="SUMMARY:Later")
    away.run()

    assert away.world.questions() == []
    assert away.idle(3) == 0


def test_an_edit_after_the_session_is_not_late(home: Home) -> None:
    """Notes are written after the lesson, and a few minutes between edit and pass are nobody's absence."""
    session = home.world.add("Soon", start=datetime(2026, 11, 24, 10, 30))
    home.run()
    home.world.clock.move(timedelta(hours=1, minutes=25))
    home.world.change(session, title="Soon ends")
    home.run(minutes=9)
    home.world.change(session, notes="What we did")
    home.run()

    text = home.phone.event(home.work)
    assert (value_of(text, "SUMMARY"), value_of(text, "DESCRIPTION")) == (
        "Soon ends",
        "What we did",
    )
    assert home.world.questions() == []


def test_a_calendar_that_is_connected_today_gets_everything(home: Home) -> None:
    """Sessions that were edited weeks ago are no late edits for whoever never heard of them."""
    session = home.world.add("Old", start=IN_DECEMBER)
    home.world.change(session, title="Older")
    home.run()
    home.world.clock.move(20 * DAY)
    second = home.more("second")
    home.world.engine.accounts.set_role("second", Role.SESSIONS, confirmed=True)

    home.run()

    assert home.phone.titles(second) == ["Older"]
    assert home.world.questions() == []


def test_what_waits_towards_one_calendar_is_no_news_to_the_other(home: Home, tmp_path: Path) -> None:
    """A phone's edit waits a week for a second account that is down; the first one has it long since."""
    (tmp_path / "other").mkdir()
    with Home(tmp_path / "other", NullCal()) as other:
        account, _ = home.world.connect("caldav", other.credentials, calendar=other.name, only=other.name)
        session = home.world.add("Later", start=IN_DECEMBER)
        home.run()
        other.wire.fail("drop-request", every=True)
        home.phone.edit(home.work, {"SUMMARY:Later": "SUMMARY:Later still"})
        home.run()
        home.world.clock.move(8 * DAY)
        home.run()
        other.wire.fail()

        home.run()

        (question,) = home.world.questions()
        assert (question.facts["account_id"], len(question.facts["edits"])) == (account.id, 1)
        assert other.phone.titles(other.work) == ["Later"]
        home.world.engine.questions.answer(question.id, "yes")
        home.run()
        assert other.phone.titles(other.work) == ["Later still"] == [home.world.session(session).title]
