"""Indexes of some rows only, on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index, MetaData, Table, event, text

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_WHERE = "where"


def partial_index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Make an index of those rows only that are meant, in SQLite's words (1 is true)."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), info={_WHERE: where})


def for_postgres(metadata: MetaData) -> None:
    """Let PostgreSQL hear of the conditions, too, when tables are made there.

    Not where an index is made: SQLAlchemy loads a dialect to look at an option of its own, and a laptop needs 2.5 MiB
    less without this one.
    """
    for table in metadata.tables.values():
        event.listen(table, "before_create", _said_to_postgres)


def _said_to_postgres(table: Table, connection: Connection, **_: object) -> None:
    if connection.dialect.name == "postgresql":
        for index in table.indexes:
            if _WHERE in index.info:
                index.dialect_options["postgresql"]["where"] = text(index.info[_WHERE].removesuffix(" = 1"))
