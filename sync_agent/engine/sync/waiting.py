"""How long an account is left alone after a failure. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.values import Account

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
LONGEST_ASKED = timedelta(days=1)
"""Zoom's daily limits end at midnight; nobody is left alone for longer."""
BACK_SOON = timedelta(seconds=10)
"""After a sleep the network may take a moment."""


def is_due(account: Account, now: datetime) -> bool:
    """Whether an account may be asked now. A wait of more than a day was said by a clock that was wrong."""
    waits_until = account.next_try_at
    return not account.paused and (waits_until is None or not now < waits_until <= now + LONGEST_ASKED)


def retry_after(failures: int, error: ConnectorError) -> timedelta:
    """Say how long to leave an account alone: what it asked for, else doubling from 15 seconds to half an hour.

    Args:
        failures: how often it failed before, one after the other.
        error: what it said now; a pause of nothing is no pause that it asked for.
    """
    if error.wait_s:
        return min(timedelta(seconds=error.wait_s), LONGEST_ASKED)
    doubled: timedelta = FIRST_WAIT * 2 ** min(failures, 8)
    return min(doubled, LONGEST_WAIT)
