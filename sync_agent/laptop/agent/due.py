"""Which accounts are to be read now: a pure decision."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from sync_agent.engine.values import Account

FEED = "ics"


class Want(StrEnum):
    """What is asked for.

    The sides that are written too, the published feeds, everything whatever it waits for, what came in from an account
    that a pass had left behind, or whatever could stand in the way of a session that was just booked (`fresh`).
    """

    SIDES = "sides"
    FEEDS = "feeds"
    LATE = "late"
    BOOKED = "booked"
    ALL = "all"


def due(accounts: Iterable[Account], wants: Iterable[Want], now: datetime) -> list[str]:
    """Give the ids of the accounts to read.

    An account that failed is left alone until its time has come; a feed is fetched at its own, slower rhythm, but again
    with the others while it fails: a feed that could not be read makes free time unknown.
    """
    wanted = set(wants)
    if Want.ALL in wanted:
        return [account.id for account in accounts if not account.paused]
    return [
        account.id
        for account in accounts
        if not account.paused
        and (account.next_try_at is None or account.next_try_at <= now)
        and _is_wanted(account, wanted)
    ]


def _is_wanted(account: Account, wanted: set[Want]) -> bool:
    if account.provider != FEED:
        return Want.SIDES in wanted
    return Want.FEEDS in wanted or (Want.SIDES in wanted and account.failures > 0)
