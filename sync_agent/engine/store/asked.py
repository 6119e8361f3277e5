"""A question that is asked often: put into the database's words once, and its answers read column by column.

SQLAlchemy takes 44 µs for a statement with a list in it, of which SQLite takes two; this way it is six. A new double
booking asks two dozen questions, and a plan asks them of every session.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select
from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.sql.dml import UpdateBase

Spell = Callable[[Any], Any]

# Where SQLAlchemy puts the parameters of an IN when it knows how many they are.
_A_LIST = re.compile(r"__\[POSTCOMPILE_(\w+)\]")


class Asked:
    """A SELECT, UPDATE or DELETE whose parameters are named with `bindparam`; an IN takes a list that is not empty."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self.statement = statement
        self._ready: dict[tuple[tuple[str, int], ...], _Ready] = {}
        self._names: tuple[str, ...] | None = None

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Ask, and give the rows, each in the order of the columns."""
        dialect = connection.dialect
        if not dialect.positional:
            found = connection.execute(self.statement, given)
            return list(map(tuple, found)) if found.returns_rows else ()
        lists = [(name, _padded(value)) for name, value in given.items() if isinstance(value, list)]
        key: tuple[tuple[str, int], ...] = ()
        if lists:
            # Few lengths of lists: each is a statement of its own.
            given = {**given, **dict(lists)}
            key = tuple((name, len(value)) for name, value in lists)
        ready = self._ready.get(key)
        if ready is None:
            ready = self._ready[key] = _prepared(self.statement, dialect, given)
        rows = carried_out(connection, ready.text, ready.parameters(given))
        return ready.read(rows) if ready.reads else ()

    def named(self, connection: Connection, given: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Ask, and give the rows as mappings from a column's name."""
        if self._names is None:
            self._names = tuple(self.statement.selected_columns.keys()) if isinstance(self.statement, Select) else ()
        return [dict(zip(self._names, row, strict=True)) for row in self.rows(connection, given)]

    def do(self, connection: Connection, given: Mapping[str, Any]) -> None:
        """Carry an UPDATE or DELETE out."""
        self.rows(connection, given)


def carried_out(connection: Connection, text: str, parameters: Any, *, many: bool = False) -> Sequence[Sequence[Any]]:
    """Carry out a statement in the database's own words; give the rows as the driver gives them.

    SQLite is asked without SQLAlchemy in between, which takes ten times as long, once it has begun the transaction.

    Args:
        connection: its unit of work.
        text: the statement.
        parameters: of the statement, as the driver wants them.
        many: one set of parameters after the other; such a statement gives no rows.

    Raises:
        DBAPIError: as SQLAlchemy says it.
    """
    if connection.dialect.name == "sqlite" and connection.in_transaction():
        driver: Any = connection.connection.dbapi_connection
        try:
            found = (driver.executemany if many else driver.execute)(text, parameters)
            return found.fetchall() if found.description is not None else ()
        except sqlite3.Error:
            pass  # asked once more below, it fails again, and in SQLAlchemy's words
    found = connection.exec_driver_sql(text, parameters)
    return found.fetchall() if found.returns_rows else ()


def _padded(values: list[Any]) -> list[Any]:
    """Repeat the last one up to the next power of two: what an IN names twice it finds once."""
    return values + [values[-1]] * ((1 << (len(values) - 1).bit_length()) - len(values))


@dataclass(frozen=True, slots=True)
class _Parameter:
    """One value, or one list of values, that a statement takes.

    Attributes:
        spell: what turns each value into the driver's; None: it goes as it is.
    """

    name: str
    is_list: bool
    spell: Spell | None


_FEW = 4
"""So many rows are read one by one; more of them column by column, where the loops run in C."""


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement in one database's words, for lists of certain lengths.

    Attributes:
        order: its parameters, in order.
        fixed: the values that the statement itself names.
        reads: column by column, what reads the driver's value (None: it is as it comes); empty: nothing comes.
        read_at: likewise, but only columns that are read: the place of each, and what reads it.
    """

    text: str
    order: tuple[_Parameter, ...]
    fixed: Mapping[str, Any]
    reads: tuple[Spell | None, ...]
    read_at: tuple[tuple[int, Spell], ...]

    def parameters(self, given: Mapping[str, Any]) -> tuple[Any, ...]:
        known = {**self.fixed, **given} if self.fixed else given
        values: list[Any] = []
        for one in self.order:
            value, spell = known[one.name], one.spell
            if one.is_list:
                values += value if spell is None else map(spell, value)
            else:
                values.append(value if spell is None else spell(value))
        return tuple(values)

    def read(self, rows: Sequence[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        if not rows or not self.read_at:
            return rows
        if len(rows) <= _FEW:
            return [self._read_one(row) for row in rows]
        columns = (
            column if read is None else map(read, column)
            for column, read in zip(zip(*rows, strict=True), self.reads, strict=True)
        )
        return list(zip(*columns, strict=True))

    def _read_one(self, row: Sequence[Any]) -> Sequence[Any]:
        values = list(row)
        for place, read in self.read_at:
            values[place] = read(values[place])
        return tuple(values)


def _prepared(statement: Select[Any] | UpdateBase, dialect: Dialect, given: Mapping[str, Any]) -> _Ready:
    compiled = statement.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 (narrowing: what is no DDL is compiled by one)
    fixed = {name: bind.effective_value for name, bind in compiled.binds.items() if name not in given}
    known = {**fixed, **given}
    order = tuple(
        _Parameter(
            name,
            isinstance(known[name], list | tuple),
            compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect),
        )
        for name in compiled.positiontup or ()
    )
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    reads = tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    text = _A_LIST.sub(lambda found: ", ".join("?" * len(known[found[1]])), str(compiled))
    read_at = tuple((place, read) for place, read in enumerate(reads) if read is not None)
    return _Ready(text, order, fixed, reads, read_at)
