"""How long Zoom asks us to stay away. Pure."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from connectors.retry_after import retry_delay

UNSAID_S = 2  # per-second limits often come without the header; 1 to 2 seconds are enough
LONGEST = timedelta(days=1)


def pause_s(header: str, message: str, now: datetime) -> int:
    """Say how many whole seconds to wait, rounded up.

    Args:
        header: Retry-After as received: seconds, an ISO date-time (daily limits), an HTTP date, or "".
        message: Zoom's sentence; where the header is missing it tells a daily limit from a per-second one.
        now: this instant, aware.

    Returns:
        Between 1 and a day: daily limits end at 00:00 UTC.
    """
    if header.strip():
        try:
            return _bounded(retry_delay(header, now, longest=LONGEST))
        except ValueError:
            pass  # it may still say in words what it means
    if "daily" in message.lower():
        return _bounded(_next_midnight(now) - now)
    return UNSAID_S


def _bounded(pause: timedelta) -> int:
    return max(1, math.ceil(min(pause, LONGEST).total_seconds()))


def _next_midnight(now: datetime) -> datetime:
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
