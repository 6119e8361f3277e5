"""Statements that are asked often: the same answers and the same errors as SQLAlchemy's, at a tenth of the cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from sync_agent.engine.store.asked import Asked, carried_out
from sync_agent.engine.store.database import begin_reading, open_file
from sync_agent.engine.store.tables import link, unchecked

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
_MINE = select(unchecked.c.lo, unchecked.c.session).where(
    unchecked.c.session.in_(bindparam("b_sessions")), unchecked.c.lo >= bindparam("b_since"), unchecked.c.owner == "me"
)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A store with nine rows, an hour apart."""
    made = open_file(tmp_path / "store.db")
    with made.begin() as connection:
        for number in range(9):
            at = AT + timedelta(hours=number)
            row = {"owner": "me", "lo": at, "hi": at, "since": at, "until": at, "session": str(number)}
            connection.execute(unchecked.insert().values(**row))
    yield made
    made.dispose()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 9])
def test_a_list_of_any_length_finds_what_sqlalchemy_finds(count: int, engine: Engine) -> None:
    """Each row once, in its own types, however the list is filled up."""
    given = {"b_sessions": [str(number) for number in range(count)], "b_since": AT + timedelta(hours=1)}
    asked = Asked(_MINE)
    with engine.connect() as connection:
        for _ in range(2):
            assert list(asked.rows(connection, given)) == [tuple(row) for row in connection.execute(_MINE, given)]


def test_a_list_that_the_statement_itself_names_is_part_of_it(engine: Engine) -> None:
    asked = Asked(select(unchecked.c.session).where(unchecked.c.session.in_(["2", "3"]), unchecked.c.owner == "me"))
    with engine.connect() as connection:
        assert sorted(asked.rows(connection, {})) == [("2",), ("3",)]


def test_rows_are_changed_and_deleted(engine: Engine) -> None:
    """By statements of the same kind."""
    which = unchecked.c.session.in_(bindparam("b_sessions"))
    changed = Asked(update(unchecked).where(which).values(hi=bindparam("b_hi")))
    with engine.begin() as connection:
        changed.do(connection, {"b_sessions": ["1", "2", "4"], "b_hi": AT})
        Asked(delete(unchecked).where(which)).do(connection, {"b_sessions": ["0"]})

    with engine.connect() as connection:
        found = connection.execute(select(unchecked.c.session).where(unchecked.c.hi == AT)).scalars()
        assert sorted(found) == ["1", "2", "4"]


def test_a_reading_is_of_one_moment(engine: Engine) -> None:
    """What is committed meanwhile is not seen in it."""
    count = Asked(select(unchecked.c.id))
    with engine.connect() as reading:
        begin_reading(reading)
        before = len(count.rows(reading, {}))
        with engine.begin() as writing:
            writing.execute(delete(unchecked))

        assert len(count.rows(reading, {})) == before == 9


def test_what_fails_fails_in_sqlalchemys_words(engine: Engine) -> None:
    """Nothing of the statement is done then."""
    with engine.connect() as connection:
        carried_out(connection, "SELECT 1", ())
        with pytest.raises(IntegrityError):
            carried_out(connection, "INSERT INTO link (id) VALUES (?)", [("a",), ("b",)], many=True)

        assert connection.execute(select(link.c.id)).all() == []
