"""Column types: instants in UTC, JSON as text."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored as UTC. A naive one is refused: it would be somebody's local time."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive values and drop the zone after turning to UTC."""
        return None if value is None else _in_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give it back aware."""
        return None if value is None else value.replace(tzinfo=UTC)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """On SQLite spell it in one step, in the very letters of SQLAlchemy's own type, at a quarter of the time."""
        return _sqlite_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None] | None:
        """On SQLite read it in one step."""
        return _from_sqlite_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        msg = "an instant needs a zone"
        raise ValueError(msg)
    return value.astimezone(UTC)


def _sqlite_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:  # nearly all are in UTC, where nothing has to be reckoned
        value = _in_utc(value)
    text = f"{_day(value.toordinal())} {_time(value.hour * 3600 + value.minute * 60 + value.second)}"
    return f"{text}.{value.microsecond:06}" if value.microsecond else text + ".000000"


# The same days and hours come again and again: a third of what `isoformat` takes of a value with a zone.
@lru_cache(maxsize=2048)
def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=2048)
def _time(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _from_sqlite_text(text: str | None) -> datetime | None:
    # Read with its zone in one go: to put it there afterwards takes four times as long.
    return None if text is None else datetime.fromisoformat(text + "+00:00")


# Made once: `json.dumps` with these options makes an encoder for every value, `json.loads` looks at its own each time.
_DECODE = json.JSONDecoder().decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


class JsonText(TypeDecorator[Any]):
    """JSON in a text column, spelled in one way: equal values are equal texts on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Spell it."""
        return None if value is None else _ENCODE(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it."""
        return None if value is None else json.loads(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], str | None] | None:
        """On SQLite spell it in one step."""
        return _json_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """On SQLite read it in one step."""
        return _from_json_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _json_text(value: Any) -> str | None:
    return None if value is None else _ENCODE(value)


def _from_json_text(text: str | None) -> Any:
    return None if text is None else _DECODE(text)
