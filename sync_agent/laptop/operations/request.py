"""What an operation gets and gives, apart from any transport; and a request's fields, with a clear word if wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connectors.vocabulary.times import REAL_YEARS
from sync_agent.laptop.errors import RequestWrong

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office


@dataclass(frozen=True, slots=True)
class Request:
    """One call.

    Attributes:
        path: what stands for the {names} of the route's pattern.
        query: the address's parameters.
        body: the JSON object that came along; may hold secrets, so it is not in the repr.
    """

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer: a document and its status (RFC 9110, section 15)."""

    body: dict[str, Any]
    status: int = 200


Operation = Callable[["Office", Request], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the API: "GET", "/v1/sessions/{id}", what it does."""

    method: str
    pattern: str
    operation: Operation


_FARTHEST = 1e9
_UNSEEN = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
"""Control characters but tab and line ends."""


def text(body: Mapping[str, Any], name: str) -> str | None:
    """Give a text field, or None if it is not there.

    Raises:
        RequestWrong: it is something else, or was no text before somebody read it as one.
    """
    value = body.get(name)
    if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
        raise RequestWrong(reason=f"“{name}” holds bytes that are no text.")
    if value is None or isinstance(value, str):
        return value
    raise RequestWrong(reason=f"“{name}” is a text.")


def words(body: Mapping[str, Any], name: str) -> str | None:
    """Give a text that a person reads, without signs that nobody sees (RFC 5545 lets no calendar hold them: CONTROL).

    Raises:
        RequestWrong: it is something else.
    """
    value = text(body, name)
    return None if value is None else value.translate(_UNSEEN)


def needed(body: Mapping[str, Any], name: str) -> str:
    """Give a text field that must be there.

    Raises:
        RequestWrong: it is missing or empty.
    """
    value = text(body, name)
    if not value:
        raise RequestWrong(reason=f"“{name}” is needed.")
    return value


def flag(body: Mapping[str, Any], name: str) -> bool | None:
    """Give a yes or no, or None if it is not there.

    Raises:
        RequestWrong: it is something else.
    """
    value = body.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise RequestWrong(reason=f"“{name}” is true or false.")


def number(body: Mapping[str, Any], name: str) -> float | None:
    """Give a number, or None if it is not there.

    Raises:
        RequestWrong: it is something else.
    """
    value = body.get(name)
    if value is None:
        return value
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise RequestWrong(reason=f"“{name}” is a number.")
    if not -_FARTHEST < value < _FARTHEST:  # neither is what is no number at all (NaN)
        raise RequestWrong(reason=f"“{name}” is no number that can be meant.")
    return value


def wall_time(body: Mapping[str, Any], name: str) -> datetime | None:
    """Give a naive wall time ("2026-11-26T15:00"), or None if it is not there.

    Raises:
        RequestWrong: it cannot be read, or has an offset.
    """
    value = text(body, name)
    if value is None:
        return None
    try:
        read = datetime.fromisoformat(value)
    except ValueError as cause:
        raise RequestWrong(reason=f"“{value}” is no time; write it like 2026-11-26T15:00.") from cause
    if read.tzinfo is not None:
        raise RequestWrong(
            reason=f"“{name}” is the hour on the wall, without an offset; the zone is a field of its own."
        )
    return read


def moment(value: str, zone: str, *, is_end: bool = False) -> datetime:
    """Read a date or an instant of a query; a date means its whole day, in the tutor's zone.

    Raises:
        RequestWrong: it is neither, or in a year in which no session can lie.
    """
    try:
        is_day = len(value) == len("2026-11-26")
        read = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError as cause:
        raise RequestWrong(reason=f"“{value}” is neither a date nor a time; write 2026-11-26.") from cause
    if read.year not in REAL_YEARS:
        raise RequestWrong(reason=f"“{value}” does not lie between {REAL_YEARS.start} and {REAL_YEARS.stop - 1}.")
    if is_day:
        day = read.date() + timedelta(days=1 if is_end else 0)
        return datetime.combine(day, time(), ZoneInfo(zone))
    return read if read.tzinfo is not None else read.replace(tzinfo=ZoneInfo(zone))


def window(request: Request, office: Office, *, days: int = 14) -> tuple[datetime, datetime]:
    """Give the time that a query asks for: by default from the beginning of today."""
    zone = office.home_zone
    today = office.now_here().replace(hour=0, minute=0, second=0, microsecond=0)
    lo = moment(request.query["from"], zone) if request.query.get("from") else today
    hi = moment(request.query["to"], zone, is_end=True) if request.query.get("to") else lo + timedelta(days=days)
    return lo, hi
