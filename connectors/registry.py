"""Which vendors there are: one line each. A connector is imported on first use (loading all costs 100 MiB).

Adding a connector is one module in its family, one line here, one subclass of the contract tests; a new vendor also
gets its command and its settings on the laptop. tests/house/test_vendors.py says what is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from connectors.http import HttpRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform

CALENDARS: Mapping[str, str] = {
    "caldav": "connectors.dav.account",
    "ics": "connectors.ics.account",
}
MEETINGS: Mapping[str, str] = {
    "zoom": "connectors.zoom.provider",
}
PLATFORMS: Mapping[str, str] = {
    "platform": "connectors.platform.client",
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that is needed to sign in. Its secrets never appear in a repr, so never in a log.

    Attributes:
        base_url: the server, host name, feed address or API base as the tutor gave it.
        settings: what is no secret: "username", "account_id", "client_id", "token_url", "allow_private", "file".
        secrets: "password", "client_secret", "url" (a feed's address is a secret), "refresh_token".
    """

    base_url: str
    settings: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    rules: HttpRules = field(default_factory=HttpRules)


def open_calendars(provider: str, credentials: Credentials) -> CalendarAccount:
    """Open an account at a calendar vendor. Makes no request.

    Raises:
        LookupError: no such provider.
    """
    account: CalendarAccount = _opened(CALENDARS, provider, credentials)
    return account


def open_meetings(provider: str, credentials: Credentials) -> MeetingProvider:
    """Open a host account at a conferencing vendor. Makes no request.

    Raises:
        LookupError: no such provider.
    """
    meetings: MeetingProvider = _opened(MEETINGS, provider, credentials)
    return meetings


def open_platform(credentials: Credentials) -> Platform:
    """Open the platform that this device is paired with. Makes no request."""
    platform: Platform = _opened(PLATFORMS, "platform", credentials)
    return platform


def _opened(known: Mapping[str, str], provider: str, credentials: Credentials) -> Any:
    """Every family's module has one function `open_account(credentials)`."""
    if provider not in known:
        raise LookupError(provider)
    return import_module(known[provider]).open_account(credentials)
