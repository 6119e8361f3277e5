"""Errors as the local API answers them, each translated here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.vocabulary.errors import ConnectorError, Remedy
from sync_agent.engine.errors import EngineError, StoreFull
from sync_agent.laptop.errors import LaptopError

_REMEDIES: Mapping[Remedy, str] = {
    Remedy.NONE: "",
    Remedy.WAIT: "There is nothing to do; it goes on by itself.",
    Remedy.RETRY: "Try again.",
    Remedy.RECONNECT: "Check both, then use “tutorsync connect”.",
    Remedy.CHECK_ADDRESS: "Check the address.",
    Remedy.CHECK_CERTIFICATE: "Check the certificate, or give the server's CA file with --ca FILE.",
    Remedy.CHOOSE_CALENDAR: "Choose another calendar.",
    Remedy.FREE_SPACE: "Free some space there.",
    Remedy.UNLOCK: "Open the vault with “tutorsync vault unlock”.",
}
_NOT_CONNECTED: Mapping[str, tuple[str, str]] = {
    "connection.unreachable": ("{where} cannot be reached.", "Check the address and your network, then try again."),
    "connection.answer_lost": ("{where} broke off in the middle of an answer.", "Try again."),
    "connection.sign_in_refused": ("{where} does not accept the user name or password.", "Check both, then try again."),
    "connection.unknown_host": ("There is no server called {where}.", "Check the address for a typing mistake."),
    "feed.broken": ("{where} did not send a whole calendar ({reason}).", "Check the address."),
    "feed.gone": ("{where} publishes no calendar at this address.", "Check the address."),
}
"""What is said instead where an account is only about to be connected: there are no changes or copies yet."""
_CONFLICT = (".exists", ".closed", ".cancelled", ".in_use")
_NOT_FOUND = (".unknown", ".key_unknown", ".not_found")


def error_document(error: EngineError | ConnectorError | LaptopError) -> dict[str, Any]:
    """Give `{"error": {"code", "message", "action", "facts"}}`."""
    action = _REMEDIES[error.remedy] if isinstance(error, ConnectorError) else error.action.format_map(error.facts)
    return told(error.code, str(error), action, error.facts)


def not_connected_document(error: ConnectorError) -> dict[str, Any]:
    """Give `error_document` for somebody who is just connecting: nothing goes on by itself."""
    if error.code not in _NOT_CONNECTED:
        return error_document(error)
    words, action = _NOT_CONNECTED[error.code]
    message = f"{words.format_map(error.facts)} Nothing was connected."
    return told(error.code, message, action, error.facts)


def told(code: str, message: str, action: str, facts: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Give an error document of its parts."""
    return {"error": {"code": code, "message": message, "action": action, "facts": dict(facts or {})}}


def status_of(error: EngineError | ConnectorError | LaptopError) -> int:
    """Give the status of an answer that tells an error (RFC 9110, section 15)."""
    if isinstance(error, ConnectorError):
        return 423 if error.remedy is Remedy.UNLOCK else 503
    if isinstance(error, LaptopError):
        return error.status
    if isinstance(error, StoreFull):
        return 507
    if error.code.endswith(_NOT_FOUND):
        return 404
    return 409 if error.code.endswith(_CONFLICT) else 422
