"""Which intervals touch a stretch of time: all that do and no other, found without looking at the rest."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from connectors.vocabulary.times import WallSpan
from sync_agent.engine.store.database import open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.values import Account, CalendarRow, Role, Session
from tests.engine.store.conftest import NOW

HOUR = timedelta(hours=1)
_numbers = itertools.count()


def a_row(lo: datetime, hi: datetime, **more: Any) -> dict[str, Any]:
    plain = {"uid": f"u{next(_numbers)}", "lo": lo, "hi": hi, "opaque": True, "recurring": False, "summary": ""}
    return plain | more


lengths = st.one_of(
    st.integers(1, 120).map(lambda minutes: timedelta(minutes=minutes)),
    st.integers(1, 60).map(lambda days: timedelta(days=days)),
    st.sampled_from([timedelta(days=2), timedelta(days=2, microseconds=1), timedelta(days=2, microseconds=-1)]),
)


@given(
    taken=st.lists(st.tuples(st.integers(-200, 200), lengths), max_size=12),
    asked=st.tuples(st.integers(-200, 200), lengths),
)
@example(taken=[(0, timedelta(days=2))], asked=(47, HOUR))
@example(taken=[(0, timedelta(days=2))], asked=(48, HOUR))
@example(taken=[(-200, timedelta(days=60))], asked=(0, HOUR))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_touches_is_what_overlaps(
    store: Store, connection: Connection, taken: list[tuple[int, timedelta]], asked: tuple[int, timedelta]
) -> None:
    """However long things last: half open, so that back to back does not touch. Whoever asks for less finds less."""
    rows = [a_row(NOW + HOUR * start, NOW + HOUR * start + lasts) for start, lasts in taken]
    lo, hi = NOW + HOUR * asked[0], NOW + HOUR * asked[0] + asked[1]
    with connection.begin_nested() as undone:
        store.bookings.replace_busy(connection, "work", [], rows)
        found = {row.uid for row in store.bookings.touching(connection, lo, hi)}
        undone.rollback()

    assert found == {row["uid"] for row in rows if row["lo"] < hi and row["hi"] > lo}


@given(start=st.integers(-30, 30), minutes=st.integers(1, 1439), asked=st.integers(-30, 30))
@example(start=-23, minutes=1439, asked=0)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sessions_that_touch_are_those_that_overlap(
    store: Store, connection: Connection, start: int, minutes: int, asked: int
) -> None:
    """Also one that began the evening before."""
    begins = datetime(2026, 11, 26, 12) + HOUR * start
    session = Session("s1", WallSpan(begins, "UTC", timedelta(minutes=minutes)), "Maths")
    lo = session.when.starts_at + HOUR * (asked - start)
    with connection.begin_nested() as undone:
        store.sessions.insert(connection, session)
        found = [one.id for one in store.sessions.spans(connection, lo, lo + HOUR)]
        shown = [one.id for one in store.sessions.between(connection, lo, lo + HOUR)]
        undone.rollback()

    touches = session.when.starts_at < lo + HOUR and session.when.ends_at > lo
    assert found == shown == (["s1"] if touches else [])


def test_the_cost_of_a_question_does_not_grow_with_what_is_kept(tmp_path: Path) -> None:
    """Ten times as many appointments over ten times as long, and vacations: SQLite looks at no more of them."""
    few, many = (_steps(tmp_path / f"{hours}.db", hours) for hours in (400, 4_000))

    assert many < few * 1.5


def _steps(path: Path, hours: int) -> int:
    """Count what SQLite does to answer a question in the middle of so many hours, each of them taken."""
    store = Store(open_file(path), "me")
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with store.write() as connection:
        store.accounts.insert(connection, Account("acc", "caldav", "i", "s", "n", "d", "u", {}, NOW))
        store.accounts.insert_calendar(connection, CalendarRow("work", "acc", "w", "w", Role.BUSY, "write"))
        rows = [a_row(NOW + HOUR * number, NOW + HOUR * (number + 1)) for number in range(hours)]
        rows += [a_row(NOW + HOUR * 4 * number, NOW + HOUR * 4 * number + timedelta(days=14)) for number in range(3)]
        store.bookings.replace_busy(connection, "work", [], rows)
        lo = NOW + HOUR * (hours - 5)
        raw: Any = connection.connection.driver_connection
        raw.set_progress_handler(count, 1)
        found = store.bookings.touching(connection, lo, lo + HOUR)
        raw.set_progress_handler(None, 1)
    store.close()
    assert len(found) >= 1
    return counted
