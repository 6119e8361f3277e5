"""Many rows in one go: a statement put together once for each database, and rows that go to the driver as they are.

Core looks at each value of each row anew (40 µs a row of ten columns; the driver takes 4), and puts a statement
together for each call. Where thousands of rows are written, or one before each request, that was most of the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Table, bindparam, insert, literal_column, update
from sqlalchemy.sql.compiler import SQLCompiler

from sync_agent.engine.store.asked import carried_out

if TYPE_CHECKING:
    from sqlalchemy import UpdateBase
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
    from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.types import TypeEngine

# An UPDATE knows the bare names of its columns already.
_PREFIX = "b_"

Make = Callable[["Dialect", Sequence[str]], "UpdateBase"]
Spell = Callable[[Any], Any]
_NONE: Mapping[str, Sequence[Any]] = {}


def new_rows(table: Table) -> Bulk:
    """Insert rows; each names the same columns."""
    return Bulk(lambda _, names: insert(table).values(_parameters(names)).inline())


def changed_rows(table: Table, *keys: str) -> Bulk:
    """Update rows; each names the same columns, and `keys` among them say which row is meant."""

    def make(_: Dialect, names: Sequence[str]) -> UpdateBase:
        where = [table.c[key] == bindparam(_PREFIX + key) for key in keys]
        return update(table).where(*where).values(_parameters([name for name in names if name not in keys]))

    return Bulk(make)


def kept_rows(table: Table, *keys: str, spared: Sequence[str] = (), counted: Sequence[str] = ()) -> Bulk:
    """Insert rows, or update those that are there already.

    Args:
        table: where to.
        keys: the columns of its key.
        spared: columns that stay as they are in a row which is there already.
        counted: columns that go up by one in such a row.
    """

    def make(dialect: Dialect, names: Sequence[str]) -> UpdateBase:
        new = insert_of(dialect.name, table).values(_parameters(names))
        changed: dict[str, Any] = {name: new.excluded[name] for name in names if name not in (*keys, *spared)}
        changed |= {name: table.c[name] + literal_column("1") for name in counted}
        return new.on_conflict_do_update(index_elements=keys, set_=changed)

    return Bulk(make)


def insert_of(dialect: str, table: Table) -> PostgresInsert | SqliteInsert:
    """Give the INSERT that knows ON CONFLICT. PostgreSQL's is loaded only for PostgreSQL: a laptop never needs it."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


class Bulk:
    """A statement with parameters that are named for columns."""

    def __init__(self, make: Make) -> None:
        self._make = make
        self._ready: dict[tuple[str, tuple[str, ...]], _Ready] = {}

    def run(
        self, connection: Connection, rows: Sequence[Mapping[str, Any]], beside: Mapping[str, Sequence[Any]] = _NONE
    ) -> None:
        """Carry it out for each row. Without rows nothing is done.

        Args:
            connection: the unit of work.
            rows: all name the same columns.
            beside: further columns, each with a value a row.
        """
        if not rows:
            return
        names = (*rows[0], *beside)
        key = (connection.dialect.name, names)
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _prepared(self._make(connection.dialect, names), connection.dialect)
        carried_out(connection, ready.text, ready.spelled(rows, beside), many=True)


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement in one database's words.

    Attributes:
        columns: in the order of its parameters.
        spells: column by column: what turns a value into the driver's; None: it goes as it is.
    """

    text: str
    columns: tuple[str, ...]
    spells: tuple[Spell | None, ...]
    is_positional: bool

    def spelled(self, rows: Sequence[Mapping[str, Any]], beside: Mapping[str, Sequence[Any]] = _NONE) -> list[Any]:
        """Give the rows as the driver wants them. Column by column: then the loops run in C."""
        by_column: list[Iterable[Any]] = []
        for column, spell in zip(self.columns, self.spells, strict=True):
            values = beside[column] if column in beside else map(itemgetter(column), rows)
            by_column.append(values if spell is None else map(spell, values))
        whole = zip(*by_column, strict=True)
        if self.is_positional:
            return list(whole)
        names = [_PREFIX + column for column in self.columns]
        return [dict(zip(names, values, strict=True)) for values in whole]


def _parameters(names: Sequence[str]) -> dict[str, Any]:
    return {name: bindparam(_PREFIX + name) for name in names}


def _prepared(statement: UpdateBase, dialect: Dialect) -> _Ready:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 (narrowing: what is no DDL is compiled by one)
    order = compiled.positiontup if compiled.positional else list(compiled.binds)
    assert order is not None  # noqa: S101 (narrowing)
    spells = tuple(_spell(compiled.binds[name].type, dialect) for name in order)
    columns = tuple(name.removeprefix(_PREFIX) for name in order)
    return _Ready(str(compiled), columns, spells, compiled.positional)


def _spell(kind: TypeEngine[Any], dialect: Dialect) -> Spell | None:
    # SQLite's driver knows truth values by itself, and a busy interval has four of them.
    if isinstance(kind, Boolean) and dialect.name == "sqlite":
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)
