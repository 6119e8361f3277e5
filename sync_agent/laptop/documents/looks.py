"""When each account is looked at next, in a tutor's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.engine.words import lasting_words
from sync_agent.laptop.documents.accounts import health_state
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.values import Account

_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Look:
    """How it goes on with one account.

    Attributes:
        wait: how long it is left alone from now on; None: nobody looks by themselves (no agent runs, or it is paused).
        is_under_way: it is being looked at now.
    """

    account: Account
    wait: timedelta | None
    is_under_way: bool = False


def look_document(look: Look, *, now: datetime, zone: str, is_paused: bool) -> dict[str, Any]:
    """Give **Look**."""
    goes_on = look.wait is not None and not look.is_under_way and not look.account.paused and not is_paused
    return {
        "account": look.account.id,
        "name": look.account.name,
        "state": "syncing" if look.is_under_way else health_state(look.account),
        "next_look_at": instant(now + max(look.wait, timedelta(0)), zone)
        if goes_on and look.wait is not None
        else None,
        "words": _words(look, is_paused=is_paused),
    }


def _words(look: Look, *, is_paused: bool) -> str:
    account, wait = look.account, look.wait
    if account.paused:
        return f"{account.name} is paused until you resume it."
    if look.is_under_way:
        return f"{account.name} is being looked at now."
    if is_paused:
        when = "after the pause"
    elif wait is None:
        when = "when you sync"
    else:
        when = "within a minute" if wait <= _SOON else f"in {lasting_words(wait)}"
    if account.error_code:
        return f"{account.name} did not answer as it should; next try {when}."
    return f"{account.name}: next look {when}."
