"""How long a server asks us to stay away: Retry-After in every spelling that is in use. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(hours=1)
_SECOND = timedelta(seconds=1)
_NUMBER = re.compile(r"([+-]?)0*([0-9]+)(?:\.([0-9]*))?s?", re.ASCII)
_MOST_DIGITS = 9


def retry_delay(header: str, now: datetime, *, longest: timedelta = LONGEST) -> timedelta:
    """Say how long a server asks us to stay away.

    Reads whole seconds and the three HTTP dates (RFC 9110, sections 10.2.3 and 5.6.7), and what servers send besides:
    parts of a second, ISO date-times (Zoom), the header twice (a proxy that adds its own; the first counts).

    Args:
        header: the value as received.
        now: this instant, with a zone: by the server's own clock where it says it, because a laptop's may be wrong.
        longest: a server that asks for more is asked again after this.

    Returns:
        Between zero and `longest`; a date in the past means zero.

    Raises:
        ValueError: no spelling of it. The caller falls back to a wait of its own.
    """
    value = header.strip().strip('"')
    number = _NUMBER.fullmatch(value.partition(",")[0].strip())
    if number is not None:
        sign, whole, part = number.groups()
        # Looked at before it becomes a number: a mad server's thousand digits are none that Python would read.
        if len(whole) > _MOST_DIGITS:
            return timedelta(0) if sign == "-" else longest
        seconds = int(whole) + float(f"0.{part or 0}")
        return timedelta(0) if sign == "-" else min(seconds * _SECOND, longest)
    return min(max(_instant(value) - now, timedelta(0)), longest)


def _instant(value: str) -> datetime:
    """Read an HTTP date or an ISO date-time.

    Raises:
        ValueError: neither.
    """
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        until = _http_date(value)
    # "-0000", and asctime's form, which has no room for a zone, are UTC (RFC 5322, section 3.3; RFC 9110, 5.6.7).
    return until.replace(tzinfo=UTC) if until.tzinfo is None else until


def _http_date(value: str) -> datetime:
    words = value.split()
    # Two dates in one header have two names of days: the first counts.
    first = " ".join(words[:6]) if len(words) > 7 else value
    try:
        return parsedate_to_datetime(first.rstrip(","))
    except (ValueError, TypeError, IndexError, OverflowError) as cause:
        msg = f"no spelling of Retry-After: {value[:40]!r}"
        raise ValueError(msg) from cause
