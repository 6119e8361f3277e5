"""Accounts, calendars and their health as documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.values import Account, CalendarRow

_NO_NETWORK = frozenset({"connection.unreachable", "connection.answer_lost", "connection.throttled"})
_PERSON_NEEDED = frozenset(
    {
        "connection.sign_in_refused",
        "connection.profile_copied",
        "connection.consent_ended",
        "connection.certificate",
        "connection.insecure",
        "vault.locked",
    }
)


def health_state(account: Account) -> str:
    """Say how an account fares, in one word: ok, attention, broken, offline, paused."""
    if account.paused:
        return "paused"
    if not account.error_code:
        return "ok"
    if account.error_code in _PERSON_NEEDED:
        return "broken"
    return "offline" if account.error_code in _NO_NETWORK else "attention"


def health_document(account: Account, *, zone: str) -> dict[str, Any]:
    """Give **Health**."""
    return {
        "account": account.id,
        "name": account.name,
        "state": health_state(account),
        "code": account.error_code,
        "message": account.error_words,
        "remedy": account.remedy or "none",
        "last_success_at": instant(account.last_success_at, zone),
        "failing_since": instant(account.failing_since, zone),
        "next_try_at": instant(account.next_try_at, zone),
        "latency_ms": account.latency_ms,
        "notes": _notes(account),
    }


def _notes(account: Account) -> list[str]:
    """Say what is worth knowing of a connection that works."""
    return [words.format(name=account.name) for quirk, words in _NOTES.items() if quirk in account.quirks.items()]


_NOTES = {
    ("conditions", "ignored"): (
        "{name} takes a change without looking whether somebody else has just changed the same event. TutorSync reads "
        "each event right before it writes it, and keeps what was there."
    ),
    ("etags", "repeated"): (
        "{name} gives an event the same mark although it has changed. TutorSync reads each event right before it "
        "writes it, and keeps what was there."
    ),
    ("etags", "missing"): (
        "{name} does not mark the versions of an event. TutorSync reads each event right before it writes it."
    ),
}


def calendar_document(calendar: CalendarRow, *, objects: Mapping[str, int], zone: str) -> dict[str, Any]:
    """Give **Calendar**."""
    return {
        "id": calendar.id,
        "account": calendar.account,
        "name": calendar.name,
        "remote_id": calendar.remote_id,
        "role": calendar.role.value,
        "access": calendar.access,
        "state": calendar.state,
        "confirmed": calendar.confirmed,
        "all_day": "blocks" if calendar.all_day_blocks else "free",
        "last_read_at": instant(calendar.read_at, zone),
        "objects": objects.get(calendar.id, 0),
    }


def account_document(
    account: Account, calendars: Sequence[CalendarRow], *, objects: Mapping[str, int], zone: str
) -> dict[str, Any]:
    """Give **Account**."""
    return {
        "id": account.id,
        "provider": account.provider,
        "name": account.name,
        "display": account.display,
        "health": health_document(account, zone=zone),
        "calendars": [calendar_document(one, objects=objects, zone=zone) for one in calendars],
    }


def is_offline(accounts: Sequence[Account], now: datetime, *, grace: timedelta = timedelta(0)) -> bool:
    """Whether nothing outside can be reached: every account that is not paused has lost its connection."""
    active = [account for account in accounts if not account.paused]
    return bool(active) and all(
        health_state(account) == "offline" and (account.failing_since or now) <= now - grace for account in active
    )
