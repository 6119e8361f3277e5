"""How things stand, and who is read when: pure decisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.conflicts.seal import CalendarSeal, Seal, StaleWhy
from sync_agent.engine.sync.progress import Advance
from sync_agent.engine.values import Account
from sync_agent.laptop.agent.due import Want, due
from sync_agent.laptop.documents.accounts import health_state
from sync_agent.laptop.documents.looks import Look, look_document
from sync_agent.laptop.documents.status import Standing, banner_of, state_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
GOOD = Account(
    id="a", provider="caldav", issuer="i", subject="s", name="Home", display="Home", base_url="", settings={},
    created_at=NOW, last_success_at=NOW,
)  # fmt: skip
REFUSED = replace(
    GOOD, id="b", error_code="connection.sign_in_refused", error_words="Sign in again.", remedy="reconnect", failures=1
)
AWAY = replace(
    GOOD, id="c", error_code="connection.unreachable", error_words="Not there.", remedy="wait", failing_since=NOW
)
ODD = replace(GOOD, id="d", error_code="feed.broken", error_words="No whole calendar.", remedy="wait", failures=2)


CHECKED = Seal(NOW, (CalendarSeal("c", "Work", NOW),))
OLD = Seal(NOW - timedelta(hours=9), (CalendarSeal("c", "Work", NOW - timedelta(hours=9), StaleWhy.OLD),))
NEVER = Seal(None, (CalendarSeal("c", "Work", None, StaleWhy.NEVER),))


def _standing(**facts: object) -> Standing:
    calm = Standing(
        now=NOW, zone="Europe/Berlin", accounts=[GOOD], conflicts=[], conflict_words="", questions=[],
        question_words="", waiting=0, vault="open", is_syncing=False, paused_until=None, last_sync_at=NOW,
    )  # fmt: skip
    return replace(calm, **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        pytest.param({}, "ok", id="nothing is open"),
        pytest.param({"is_syncing": True}, "syncing", id="a pass runs"),
        pytest.param({"is_syncing": True, "paused_until": NOW}, "paused", id="paused goes before syncing"),
        pytest.param({"accounts": [AWAY], "paused_until": NOW}, "offline", id="offline goes before paused"),
        pytest.param({"accounts": [AWAY], "conflicts": ["x"]}, "needs_you", id="a double booking goes before offline"),
        pytest.param({"questions": ["q"]}, "needs_you", id="a question needs you"),
        pytest.param({"accounts": [REFUSED], "conflicts": ["x"]}, "broken", id="a refused sign-in goes before all"),
        pytest.param({"problem": "The disk is full.", "accounts": []}, "broken", id="a full disk"),
        pytest.param({"accounts": [GOOD, AWAY]}, "needs_you", id="one of two is away: not all is well"),
        pytest.param({"accounts": [ODD]}, "needs_you", id="a feed that cannot be read: not all is well"),
        pytest.param({"seal": OLD}, "offline", id="nobody looked since last night"),
        pytest.param({"seal": NEVER}, "starting", id="the first look is still to come"),
        pytest.param({"seal": OLD, "is_syncing": True}, "syncing", id="woken, and looking"),
    ],
)
def test_the_most_important_matter_gives_the_state(facts: dict[str, object], state: str) -> None:
    """Broken > needs you > offline > paused > syncing > ok, and a sentence says why."""
    said, reason = state_of(_standing(**facts))

    assert said == state
    assert reason


@pytest.mark.complaint(20)
@given(
    accounts=st.lists(st.sampled_from([GOOD, REFUSED, AWAY, ODD]), unique_by=lambda one: one.id),
    conflicts=st.lists(st.just("c"), max_size=2),
    questions=st.lists(st.just("q"), max_size=2),
    is_syncing=st.booleans(),
    paused_until=st.sampled_from([None, NOW + timedelta(hours=1)]),
    vault=st.sampled_from(["open", "locked", "absent", "session_only"]),
    seal=st.sampled_from([CHECKED, OLD, NEVER]),
)
def test_complaint_20_all_is_well_only_if_nothing_is_open_and_all_was_looked_at(
    accounts: list[Account],
    conflicts: list[str],
    questions: list[str],
    is_syncing: bool,
    paused_until: datetime | None,
    vault: str,
    seal: Seal,
) -> None:
    """Whatever comes together: never green over an open double booking or a calendar that was not read."""
    standing = _standing(
        accounts=accounts, conflicts=conflicts, questions=questions, is_syncing=is_syncing, paused_until=paused_until,
        vault=vault, conflict_words="w", question_words="w", seal=seal,
    )  # fmt: skip
    state, _ = state_of(standing)

    is_calm = not conflicts and not questions and all(not one.error_code for one in accounts)
    assert (state == "ok") <= (is_calm and (seal is CHECKED or not accounts))
    if conflicts or questions or REFUSED in accounts:
        assert state in ("broken", "needs_you")
        assert banner_of(standing).kind != "none"


@pytest.mark.parametrize(
    ("advance", "reason"),
    [
        pytest.param(None, "Looking at calendars, platform and meetings.", id="it has just begun"),
        pytest.param(Advance("p", read=1200), "Reading: 1,200 events so far.", id="a first reading"),
        pytest.param(Advance("p", 12, 312, 1000), "Writing: 312 of 1,000 changes.", id="a first mirroring"),
        pytest.param(Advance("p", 12, 7, 7), "Looking at calendars, platform and meetings.", id="all is written"),
    ],
)
def test_a_long_pass_says_how_far_it_is(advance: Advance | None, reason: str) -> None:
    assert state_of(_standing(is_syncing=True, advance=advance)) == ("syncing", reason)


@pytest.mark.parametrize(
    ("look", "is_paused", "state", "minutes", "words"),
    [
        pytest.param(Look(GOOD, timedelta(minutes=2)), False, "ok", 2, "Home: next look in 2 minutes.", id="well"),
        pytest.param(Look(GOOD, timedelta(0)), False, "ok", 0, "Home: next look within a minute.", id="at once"),
        pytest.param(Look(GOOD, None), False, "ok", None, "Home: next look when you sync.", id="no agent runs"),
        pytest.param(
            Look(AWAY, timedelta(minutes=30)), False, "offline", 30,
            "Home did not answer as it should; next try in 30 minutes.", id="it is away",
        ),
        pytest.param(
            Look(GOOD, timedelta(minutes=2), is_under_way=True), False, "syncing", None,
            "Home is being looked at now.", id="it has not answered yet",
        ),
        pytest.param(
            Look(replace(GOOD, paused=True), timedelta(minutes=2)), False, "paused", None,
            "Home is paused until you resume it.", id="it is paused",
        ),
        pytest.param(
            Look(GOOD, timedelta(minutes=2)), True, "ok", None, "Home: next look after the pause.", id="all is paused"
        ),
    ],
)  # fmt: skip
def test_when_an_account_is_looked_at_next(
    look: Look, is_paused: bool, state: str, minutes: int | None, words: str
) -> None:
    """As a tutor would say it, and as an instant."""
    told = look_document(look, now=NOW, zone="UTC", is_paused=is_paused)

    assert (told["state"], told["words"]) == (state, words)
    at = None if minutes is None else (NOW + timedelta(minutes=minutes)).isoformat()
    assert told["next_look_at"] == at


def test_who_lacks_their_secrets_is_offered_the_key() -> None:
    """After a restart "this session only" has forgotten them: unlock, not sign in."""
    forgot = replace(GOOD, error_code="vault.locked", error_words="Locked.", remedy="unlock")

    assert banner_of(_standing(accounts=[forgot], vault="absent")).action == "unlock"
    assert health_state(forgot) == "broken"


FEED = replace(GOOD, id="feed", provider="ics")
PAUSED = replace(GOOD, id="paused", paused=True)
WAITING = replace(GOOD, id="waiting", next_try_at=NOW + timedelta(minutes=5), failures=1)
RESTED = replace(GOOD, id="rested", next_try_at=NOW, failures=1)
FAILING_FEED = replace(FEED, id="failing feed", failures=1, next_try_at=NOW)


@pytest.mark.parametrize(
    ("wants", "read"),
    [
        pytest.param([Want.BEAT], ["feed", "rested"], id="the beat: whose time has come and who waits for nothing"),
        pytest.param([Want.SIDES], ["a", "rested"], id="an edit here: all sides, no feed"),
        pytest.param([Want.SIDES, Want.BEAT], ["a", "feed", "rested"], id="both at once"),
        pytest.param(
            [Want.ALL], ["a", "feed", "waiting", "rested", "failing feed"], id="a person asks: all but paused"
        ),
        pytest.param([Want.LATE], [], id="what came late is taken in, and nobody read for it"),
        pytest.param([], [], id="nobody asks"),
    ],
)
def test_who_is_read_now(wants: list[Want], read: list[str]) -> None:
    """Who failed is left alone until its time has come; a feed is read at its own pace only."""
    accounts = [GOOD, FEED, PAUSED, WAITING, RESTED, FAILING_FEED]

    assert due(accounts, wants, NOW, {"feed", "paused", "waiting", "rested"}) == read
