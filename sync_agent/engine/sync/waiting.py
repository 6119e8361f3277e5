"""How long an account is left alone after a failure. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.values import Account

FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(minutes=30)
LONGEST_ASKED = timedelta(days=1)
"""Zoom's daily limits end at midnight; nobody is left alone for longer."""


def is_due(account: Account, now: datetime) -> bool:
    """Whether an account may be asked now."""
    return not account.paused and (account.next_try_at is None or account.next_try_at <= now)


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
