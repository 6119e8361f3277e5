"""Who is at rest is not planned: whoever settles a write sees it, and of thousands of writes few are open at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from connectors.dav.calendar import DavCalendar
from connectors.vocabulary.changes import Fetched
from connectors.vocabulary.errors import ServerFault
from sync_agent.engine.sync import apply as applying
from sync_agent.engine.sync import planning
from sync_agent.engine.sync.plan import SessionPlan
from sync_agent.engine.values import Role
from tests.engine.world import THURSDAY, Home

MANY = 9


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the plan had to look closely at a session."""
    counted, plan = Counter[str](), planning.plan

    def counting(session, *words, **named) -> SessionPlan:  # type: ignore[no-untyped-def]
        counted[session.title] += 1
        return plan(session, *words, **named)

    monkeypatch.setattr(planning, "plan", counting)
    return counted


def unplanned(home: Home) -> int:
    with home.world.store.read() as connection:
        return len(home.world.store.sessions.unsettled(connection))


def open_rows(home: Home) -> int:
    with home.world.store.read() as connection:
        return len(home.world.store.journal.unsettled(connection))


def _refusing(calendar: DavCalendar, hrefs: Sequence[str]) -> Fetched:
    raise ServerFault("work", reason="it has trouble")


def test_what_was_written_and_read_back_is_at_rest_and_not_planned_once_more(home: Home, looks: Counter[str]) -> None:
    """Once to give it a link, once to write its event; a change once."""
    session = home.world.add("Maths")

    home.run()
    assert (looks["Maths"], unplanned(home)) == (2, 0)

    home.world.change(session, title="Physics")
    home.run()
    assert (looks["Physics"], unplanned(home)) == (1, 0)
    assert home.phone.titles(home.work) == ["Physics"]
    assert home.idle(3) == 0


def test_a_session_that_another_calendar_lacks_is_not_at_rest(home: Home) -> None:
    """Its server refused the event for now: what one calendar settled says nothing about the other."""
    other = home.more("other")
    home.world.engine.accounts.set_role(home.world.calendar("other").id, Role.SESSIONS, confirmed=True)
    home.wire.fail("locked", method="PUT", after=2)
    home.world.add("Maths")

    home.run()
    assert home.phone.titles(home.work) + home.phone.titles(other) == ["Maths"]
    assert unplanned(home) == 1

    home.run()
    assert home.phone.titles(home.work) == home.phone.titles(other) == ["Maths"]
    assert unplanned(home) == 0


def test_what_somebody_typed_before_it_was_read_back_is_planned(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event is there as it was sent, and says something else already."""
    fetch, typed = DavCalendar.fetch, list[str]()

    def fetching(calendar: DavCalendar, hrefs: Sequence[str]) -> Fetched:
        if not typed:
            typed.append("Maths")
            home.phone.edit(home.work, {"SUMMARY:Physics": "SUMMARY:Maths"})
        return fetch(calendar, hrefs)

    monkeypatch.setattr(DavCalendar, "fetch", fetching)
    session = home.world.add("Physics")

    home.run()

    assert home.world.session(session).title == "Maths"
    assert home.phone.titles(home.work) == ["Maths"]
    assert home.idle(3) == 0


def test_of_many_writes_few_are_open_at_a_time(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read back in batches in between, and no batch more is asked for than before."""
    monkeypatch.setattr(applying, "PREPARED_AT_ONCE", 2)
    monkeypatch.setattr(applying, "LOOK_BATCH", 4)
    for number in range(MANY):
        home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number))
    most, send_many = [0], home.world.store.journal.send_many

    def noting(connection, rows) -> None:  # type: ignore[no-untyped-def]
        send_many(connection, rows)
        most[0] = max(most[0], len(home.world.store.journal.unsettled(connection)))

    monkeypatch.setattr(home.world.store.journal, "send_many", noting)
    home.wire.reset()

    assert home.run().created == MANY

    methods = [method for method, _, _ in home.wire.counts.log]
    assert (methods.count("PUT"), methods[methods.index("PUT") :].count("REPORT")) == (MANY, 3)
    assert most[0] <= 6
    assert (open_rows(home), unplanned(home)) == (0, 0)


def test_where_reading_back_fails_nothing_more_is_sent(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent stays open until it was looked at, and the rest is planned again."""
    monkeypatch.setattr(applying, "PREPARED_AT_ONCE", 2)
    monkeypatch.setattr(applying, "LOOK_BATCH", 4)
    for number in range(MANY):
        home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number))
    home.wire.reset()
    with monkeypatch.context() as failing:
        failing.setattr(DavCalendar, "fetch", _refusing)
        home.run()
    assert [method for method, _, _ in home.wire.counts.log].count("PUT") == open_rows(home) == 6

    home.run()
    assert len(home.phone.titles(home.work)) == MANY
    assert (open_rows(home), unplanned(home)) == (0, 0)
