"""Rows in one go are stored as Core stores them, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError, StatementError

from sync_agent.engine.store.bulk import changed_rows, kept_rows, new_rows
from sync_agent.engine.store.tables import cursor, doubt, echo, intent
from tests.engine.store.conftest import NOW

ELSEWHERE = timezone(timedelta(hours=5, minutes=30))


def a_doubt(href: str, **more: Any) -> dict[str, Any]:
    plain = {
        "owner": "me", "calendar": "work", "href_norm": href, "code": "zone", "title": "Łódź “quoted”",
        "facts": {"b": [1, None], "a": "ß"}, "seen_at": NOW,
    }  # fmt: skip
    return plain | more


def all_of(connection: Connection, table: Table) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def test_many_rows_are_stored_as_core_stores_them(connection: Connection) -> None:
    """JSON, instants of other zones, and what the database fills in by itself."""
    rows = [a_doubt("1"), a_doubt("2", seen_at=datetime(2026, 11, 24, 14, 30, 1, 5, tzinfo=ELSEWHERE))]
    connection.execute(insert(doubt), rows)
    expected = all_of(connection, doubt)
    connection.execute(doubt.delete())

    new_rows(doubt).run(connection, rows)

    assert all_of(connection, doubt) == expected
    assert expected[1]["seen_at"] == NOW + timedelta(seconds=1, microseconds=5)


def test_rows_may_name_different_columns_from_one_call_to_the_next(connection: Connection) -> None:
    """Each set of columns has a statement of its own."""
    bulk = new_rows(doubt)

    bulk.run(connection, [a_doubt("1")])
    bulk.run(connection, [a_doubt("2", starts="20261124")])
    bulk.run(connection, [])

    assert [row["starts"] for row in all_of(connection, doubt)] == ["", "20261124"]


def test_a_row_is_changed_by_its_keys(connection: Connection) -> None:
    """And no other row is."""
    new_rows(doubt).run(connection, [a_doubt("1"), a_doubt("2")])

    changed_rows(doubt, "href_norm", "code").run(connection, [{"href_norm": "2", "code": "zone", "title": "new"}])

    assert {row["href_norm"]: row["title"] for row in all_of(connection, doubt)} == {"1": "Łódź “quoted”", "2": "new"}


def test_a_row_that_is_there_already_is_kept_as_it_now_is(connection: Connection) -> None:
    """Of two rows for one key in one call the later wins; spared columns stay."""
    bulk = kept_rows(doubt, "calendar", "href_norm", "code", spared=("seen_at",))

    bulk.run(connection, [a_doubt("1", title="old")])
    bulk.run(connection, [a_doubt("1", title=title, seen_at=NOW + timedelta(days=1)) for title in ("newer", "newest")])

    (row,) = all_of(connection, doubt)
    assert (row["title"], row["seen_at"]) == ("newest", NOW)


def test_a_row_that_is_there_already_counts_how_often_it_was_kept(connection: Connection) -> None:
    """So does the cursor of a calendar count its readings."""
    bulk = kept_rows(cursor, "calendar", counted=("round",))

    for token in ("a", "b", "c"):
        bulk.run(connection, [{"calendar": "work", "kind": "sync", "token": token, "round": 1}])

    assert [(row["token"], row["round"]) for row in all_of(connection, cursor)] == [("c", 3)]


def test_an_instant_needs_a_zone(connection: Connection) -> None:
    """A naive one would be somebody's local time, here as everywhere."""
    naive = {"obj_key": "k", "field_group": "title", "words_hash": "h", "until": NOW.replace(tzinfo=None)}

    with pytest.raises((ValueError, StatementError), match="an instant needs a zone"):
        new_rows(echo).run(connection, [naive])


def test_what_the_database_refuses_is_refused(connection: Connection) -> None:
    """One unsettled write an object: a rule of the table, whoever writes."""
    row = {
        "owner": "me", "id": "1", "obj_key": "work/1", "account": "acc", "session": "s", "verb": "update", "fields": {},
        "cause": "test", "state": "sent", "sent_at": NOW,
    }  # fmt: skip

    with pytest.raises(IntegrityError):
        new_rows(intent).run(connection, [row, row | {"id": "2"}])
