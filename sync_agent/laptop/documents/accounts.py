"""Account, Calendar and Health documents; how an account fares is a pure function of its row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sync_agent.laptop.documents.moments import stamp

if TYPE_CHECKING:
    from connectors.vocabulary.accounts import CalendarInfo, Identity
    from sync_agent.engine.values import Account, CalendarRow, Role

_NO_NETWORK = frozenset({"connection.unreachable", "connection.unknown_host", "connection.answer_lost"})
_NEEDS_A_PERSON = frozenset(
    {"reconnect", "unlock", "check_address", "check_certificate", "choose_calendar", "free_space"}
)
SIGN_IN = frozenset({"connection.sign_in_refused", "connection.scope_missing"})


class HealthState(StrEnum):
    """How a connection fares."""

    OK = "ok"
    SYNCING = "syncing"
    ATTENTION = "attention"
    BROKEN = "broken"
    OFFLINE = "offline"
    PAUSED = "paused"


def health_state(account: Account, *, syncing: bool = False, paused: bool = False) -> HealthState:
    """Say how an account fares.

    A host that is not found is a typing mistake if it never answered, and no network if it did.
    """
    if account.error_code in _NO_NETWORK and (account.last_success_at is not None or account.remedy == "wait"):
        return HealthState.OFFLINE
    if account.error_code and account.remedy in _NEEDS_A_PERSON:
        return HealthState.BROKEN
    if account.error_code:
        return HealthState.ATTENTION
    if paused or account.paused:
        return HealthState.PAUSED
    return HealthState.SYNCING if syncing else HealthState.OK


def health_document(account: Account, *, syncing: bool = False, paused: bool = False) -> dict[str, Any]:
    """Give the Health document."""
    state = health_state(account, syncing=syncing, paused=paused)
    return {
        "account": account.id,
        "name": account.name,
        "state": state.value,
        "code": account.error_code or None,
        "message": account.error_words or _words(account, state),
        "remedy": account.remedy or "none",
        "last_success_at": stamp(account.last_success_at),
        "next_try_at": stamp(account.next_try_at),
        "latency_ms": account.latency_ms,
    }


def account_document(
    account: Account, calendars: Sequence[dict[str, Any]], health: Mapping[str, Any]
) -> dict[str, Any]:
    """Give the Account document."""
    return {
        "id": account.id,
        "provider": account.provider,
        "name": account.name,
        "display": account.display,
        "health": health,
        "calendars": list(calendars),
    }


def calendar_document(calendar: CalendarRow, counts: Mapping[str, int]) -> dict[str, Any]:
    """Give the Calendar document.

    Args:
        calendar: as stored.
        counts: living objects by calendar id.
    """
    return {
        "id": calendar.id,
        "account": calendar.account,
        "name": calendar.name,
        "remote_id": calendar.remote_id,
        "role": calendar.role.value,
        "access": calendar.access,
        "state": calendar.state,
        "confirmed": calendar.confirmed,
        "last_read_at": stamp(calendar.read_at),
        "objects": counts.get(calendar.id, 0),
    }


def found_document(info: CalendarInfo, role: Role) -> dict[str, Any]:
    """Give what is told of a calendar before it is connected."""
    return {
        "remote_id": info.remote_id,
        "name": info.name,
        "access": info.access.value,
        "subscribed": info.subscribed,
        "suggested_role": role.value,
    }


def identity_document(identity: Identity) -> dict[str, str]:
    """Give who is signed in."""
    return {"issuer": identity.issuer, "subject": identity.subject, "display": identity.display}


def of_account(calendars: Collection[CalendarRow], account_id: str) -> list[CalendarRow]:
    """Give the calendars of one account."""
    return [one for one in calendars if one.account == account_id]


def _words(account: Account, state: HealthState) -> str:
    match state:
        case HealthState.PAUSED:
            return f"{account.name} is paused."
        case HealthState.SYNCING:
            return f"{account.name} is being read."
        case _ if account.last_success_at is None:
            return f"{account.name} was not read yet."
        case _:
            return f"{account.name} works."
