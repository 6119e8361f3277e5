"""Which calendar is read in full once more, beside what its server says has changed. Pure.

A server may forget to name a change. So each calendar is listed in full about once a day, and soon after an oddity (the
clock was set, an audit found a difference). Its ETags are known, so where the server allows that is one request. One
calendar a pass, each at a time of day of its own, and never when a session is about to begin.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.values import CalendarRow, Role

if TYPE_CHECKING:
    from collections.abc import Container

EVERY = timedelta(days=1)
SPREAD = timedelta(hours=6)
"""By so much some calendars are compared earlier than others, so that they do not all come due at once."""

BEFORE_A_SESSION = timedelta(minutes=15)


def next_to_compare(calendars: Iterable[CalendarRow], now: datetime, *, read: Container[str]) -> CalendarRow | None:
    """Give the calendar to be read in full now: of those that are due the one that waits longest.

    Args:
        calendars: of accounts that are well.
        now: aware.
        read: calendars that were read before; others are read in full anyway.
    """
    due = [
        one
        for one in calendars
        if one.id in read and one.role not in {Role.IGNORE, Role.PLATFORM} and one.state != "gone" and _is_due(one, now)
    ]
    return min(due, key=lambda one: _since(one, now), default=None)


def is_calm(now: datetime, next_start: datetime | None) -> bool:
    """Whether no session is about to begin: what the tutor looks at then comes first."""
    return next_start is None or next_start - now > BEFORE_A_SESSION


def _is_due(calendar: CalendarRow, now: datetime) -> bool:
    return now - _since(calendar, now) >= EVERY - _share(calendar.id)


def _since(calendar: CalendarRow, now: datetime) -> datetime:
    """Give since when it was not compared; a time in the future was said by a clock that was set back since."""
    at = calendar.compared_at
    return at if at is not None and at <= now else now - 10 * EVERY


def _share(calendar_id: str) -> timedelta:
    """Give a part of `SPREAD` that stays the same for a calendar."""
    return SPREAD * (zlib.crc32(calendar_id.encode()) / 2**32)
