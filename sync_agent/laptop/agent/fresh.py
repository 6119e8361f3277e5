"""Whom to look at once more, out of turn: before a session, and when the tutor books one. A pure decision.

A double booking is often made in the minutes before anybody looks. Most accounts are looked at every minute anyway;
this is for those with a slower rhythm, above all for published feeds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.sync.book import CALENDAR_PROVIDERS, PLATFORM
from sync_agent.engine.sync.waiting import is_due

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_agent.engine.values import Account

BEFORE = timedelta(minutes=15)
"""Once in this time before a session begins, everything is looked at."""

FRESH = timedelta(minutes=5)
"""What was looked at so lately is not asked again because the tutor booked something: a feed is asked politely."""


def to_look_at_again(
    accounts: Iterable[Account], now: datetime, *, is_booked: bool, next_start: datetime | None
) -> list[str]:
    """Give the ids of the accounts to look at besides those whose turn it is.

    Args:
        accounts: all; who is paused, or asked to be left alone, is left alone.
        now: aware.
        is_booked: the tutor has just added or moved a session.
        next_start: when the next session begins.
    """
    since = _believed_since(now, is_booked=is_booked, next_start=next_start)
    if since is None:
        return []
    return [
        account.id
        for account in accounts
        if account.provider in CALENDAR_PROVIDERS | {PLATFORM}
        and is_due(account, now)
        and (account.last_success_at is None or account.last_success_at < since)
    ]


def last_look_at(next_start: datetime | None, now: datetime) -> datetime | None:
    """Give when to look before the next session; None: there is none, or that time has come."""
    if next_start is None or next_start - BEFORE <= now:
        return None
    return next_start - BEFORE


def _believed_since(now: datetime, *, is_booked: bool, next_start: datetime | None) -> datetime | None:
    """Give the instant since which a reading is good enough; None: nothing is asked out of turn."""
    limits = [now - FRESH] if is_booked else []
    if next_start is not None and next_start - BEFORE <= now < next_start:
        limits.append(next_start - BEFORE)
    return max(limits, default=None)
