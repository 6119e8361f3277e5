"""The small window's card, by values: no Qt, no clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from desktop.agent.documents import Account, Conflict, Session, Status, many
from desktop.compact.card import CompactCard
from desktop.compact.presenter import compact_card
from desktop.standing import Standing
from desktop.words.translation import in_english
from tests.desktop.world import Document, World, a_quiet_week, an_ordinary_week, nothing_connected

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


def standing(world: World) -> Standing:
    """All that is known of a world."""
    return Standing(
        status=Status.read(world.status()),
        sessions=many(Session.read, world.sessions),
        conflicts=many(Conflict.read, world.open_conflicts),
        accounts=many(Account.read, world.accounts),
    )


def card(world: World, now: datetime = NOON) -> CompactCard:
    """What the window shows of a world."""
    return compact_card(standing(world), now, in_english)


def test_the_days_are_in_order_and_named() -> None:
    """Today and tomorrow are called so, and every day with its weekday."""
    headings = [day.heading for day in card(an_ordinary_week(NOON)).days]

    assert headings[:3] == ["Today · Tuesday 24 November", "Tomorrow · Wednesday 25 November", "Thursday 26 November"]


def test_a_session_says_when_who_and_where() -> None:
    """One line to see, one sentence to hear."""
    row = card(an_ordinary_week(NOON)).days[1].rows[0]

    assert (row.hours, row.title, row.details) == ("16:00–17:00", "Physics", "Ben Okafor · Library, room 2")
    assert row.spoken == "16:00–17:00, Physics, Ben Okafor · Library, room 2, double booking"
    assert row.conflict == "c-ben"


@pytest.mark.complaint(2)
def test_complaint_2_sessions_and_headline_say_what_was_not_checked() -> None:
    """A calendar that cannot be read is named, and no session to come looks as if it were checked."""
    world = an_ordinary_week(NOON)
    world.cannot_read("Private")

    shown = card(world, NOON + timedelta(hours=8))

    assert shown.reason.splitlines()[-1].startswith("Private not checked since Tue 24 Nov 2026, 08:00")
    rows = [row for day in shown.days for row in day.rows]
    assert {row.details.startswith("not checked · ") for row in rows if not row.is_over} == {True}
    assert {row.details.startswith("not checked") for row in rows if row.is_over} == {False}
    assert all("not checked" in row.spoken for row in rows if not row.is_over)


def test_what_was_cancelled_or_is_long_over_is_not_shown() -> None:
    """The list is of what is coming."""
    world = a_quiet_week(NOON)
    world.sessions[0]["status"] = "cancelled"

    shown = [row.session for day in card(world, NOON + timedelta(days=1)).days for row in day.rows]

    assert "s-ana" not in shown
    assert "s-tom" not in shown
    assert shown[0] == "s-ben"


def test_what_is_over_today_stays_and_is_marked() -> None:
    """In the evening the day is still there to be looked at."""
    today = card(a_quiet_week(NOON), NOON + timedelta(hours=8)).days[0]

    assert [row.is_over for row in today.rows] == [True, True]


def test_the_next_session_is_told_with_its_link() -> None:
    """What, when, with whom, and how far away."""
    following = card(an_ordinary_week(NOON)).following

    assert following is not None
    assert (following.day, following.hours, following.ahead) == ("Today", "12:50–13:50", "in 50 minutes")
    assert (following.title, following.people, following.place) == ("Maths", "Ana Weber", "Online")
    assert following.join_url == "https://meet.example/s-ana"


@pytest.mark.parametrize(
    ("banner", "button", "tone"),
    [
        pytest.param({"kind": "conflict", "action": "resolve"}, "&Settle…", "warn", id="a double booking"),
        pytest.param({"kind": "question", "action": "answer"}, "&Answer…", "warn", id="a question"),
        pytest.param(
            {"kind": "sign_in", "action": "reconnect"}, "Sign &in again…", "danger", id="a sign-in that ended"
        ),
        pytest.param({"kind": "vault", "action": "unlock"}, "&Unlock…", "danger", id="locked passwords"),
        pytest.param({"kind": "offline", "action": "none"}, "", "quiet", id="offline: nothing to press"),
    ],
)
def test_the_banner_has_the_one_button_that_helps(banner: Document, button: str, tone: str) -> None:
    """One matter, one action."""
    world = an_ordinary_week(NOON)
    world.banner = {"text": "What it is.", "target": "x", **banner}

    shown = card(world).banner

    assert shown is not None
    assert (shown.text, shown.button, shown.tone) == ("What it is.", button, tone)
    assert (shown.action, shown.target) == (banner["action"], "x")


def test_all_is_well_without_a_banner() -> None:
    """Nothing nags when there is nothing to do."""
    shown = card(a_quiet_week(NOON))

    assert shown.banner is None
    assert (shown.headline, shown.reason) == ("Up to date", "Everything agrees.")


def test_the_first_start_says_what_to_do() -> None:
    """No calendar yet: one card, one button."""
    shown = card(nothing_connected(NOON))

    assert shown.headline == "Welcome to TutorSync"
    assert shown.empty is not None
    assert (shown.empty.title, shown.empty.button) == ("Add your first calendar", "&Add a calendar…")


def test_two_free_weeks_are_said_to_be_free() -> None:
    """An empty list says why it is empty."""
    world = a_quiet_week(NOON)
    world.sessions.clear()

    shown = card(world).empty
    assert shown is not None
    assert (shown.title, shown.button) == ("Nothing planned", "")


def test_the_same_sentence_is_not_said_twice() -> None:
    """Offline: the headline's sentence is enough, unless the banner has a button."""
    world = a_quiet_week(NOON)
    world.state, world.reason = "offline", "Offline since 14:00, 2 changes waiting."
    world.banner = {"kind": "offline", "text": world.reason, "action": "none", "target": None}

    assert (card(world).banner, card(world).reason) == (None, world.reason)
    assert card(an_ordinary_week(NOON)).reason == ""


@pytest.mark.parametrize(
    ("waiting", "ago", "said"),
    [
        pytest.param(0, timedelta(minutes=4), "Last sync at 11:56", id="today"),
        pytest.param(1, timedelta(minutes=4), "Last sync at 11:56 · 1 change waiting", id="one change"),
        pytest.param(
            3, timedelta(days=1), "Last sync yesterday at 12:00 · 3 changes waiting", id="three, since yesterday"
        ),
    ],
)
def test_the_last_sync_and_what_waits_are_told(waiting: int, ago: timedelta, said: str) -> None:
    """By the clock, so that it never says something that is wrong a minute later."""
    world = a_quiet_week(NOON)
    world.waiting, world.last_sync_at = waiting, NOON - ago

    assert card(world).last_sync == said


def test_without_an_agent_it_says_so() -> None:
    """Starting, or why not."""
    starting = compact_card(Standing(), NOON, in_english)
    stopped = compact_card(Standing(trouble="The disk is full."), NOON, in_english)

    assert (starting.headline, starting.changes_at) == ("Starting", None)
    assert (stopped.headline, stopped.reason) == ("Something has stopped", "The disk is full.")
    assert not starting.can_sync


@pytest.mark.parametrize(
    ("ahead", "until_next"),
    [
        pytest.param(timedelta(minutes=25, seconds=20), timedelta(seconds=20), id="in the last hour every minute"),
        pytest.param(timedelta(minutes=25), timedelta(minutes=1), id="on the minute: the next one"),
        pytest.param(timedelta(hours=3, minutes=5), timedelta(minutes=5), id="before it every hour"),
    ],
)
def test_it_is_made_anew_exactly_when_it_reads_differently(ahead: timedelta, until_next: timedelta) -> None:
    """No clock ticks for a window that says the same."""
    known = standing(a_quiet_week(NOON))
    assert known.status is not None
    assert known.status.next_session is not None
    now = known.status.next_session.start - ahead

    assert compact_card(known, now, in_english).changes_at == now + until_next


def test_midnight_makes_today_another_day() -> None:
    """A window that is left open overnight calls tomorrow today."""
    world = a_quiet_week(NOON)
    world.sessions = [one for one in world.sessions if one["id"] == "s-finn"]

    late = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    due = compact_card(
        replace(standing(world), status=replace(standing(world).status, next_session=None)), late, in_english
    )

    assert due.changes_at == datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
