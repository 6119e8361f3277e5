"""Which accounts are to be read now: a pure decision."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TYPE_CHECKING

from sync_agent.engine.sync.waiting import is_due

if TYPE_CHECKING:
    from datetime import datetime

    from sync_agent.engine.values import Account

FEED = "ics"


class Want(StrEnum):
    """What is asked for."""

    BEAT = "beat"
    """Whoever's time has come."""
    SIDES = "sides"
    """All that is written, too: a person edited something here."""
    LATE = "late"
    """What came in from an account that a pass had left behind."""
    BOOKED = "booked"
    """Whatever could stand in the way of a session that was just booked (`fresh`)."""
    ALL = "all"
    """Everything, whatever it waits for: a person asks."""


def due(accounts: Iterable[Account], wants: Collection[Want], now: datetime, ready: Collection[str]) -> list[str]:
    """Give the ids of the accounts to read.

    Args:
        accounts: all.
        wants: what is asked for.
        now: an account that failed is left alone until its time has come.
        ready: those whose time has come by their own pace.
    """
    active = [account for account in accounts if not account.paused]
    if Want.ALL in wants:
        return [account.id for account in active]
    return [
        account.id
        for account in active
        if is_due(account, now)
        and ((Want.SIDES in wants and account.provider != FEED) or (Want.BEAT in wants and account.id in ready))
    ]
