"""One sign-in at a CalDAV server."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from connectors.dav.calendar import DavCalendar, Manners
from connectors.dav.discover import Principal, find_principal, list_calendars
from connectors.dav.wire import Wire
from connectors.vocabulary.accounts import CalendarInfo, Identity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connectors.registry import Credentials


def open_account(credentials: Credentials) -> DavAccount:
    """Open an account. Makes no request.

    Args:
        credentials: `base_url` as typed (a full address, a host name, a mail address); settings "username" (without it
            the mail address is the name) and "user_addresses" (blank-separated, from an earlier `identify`), secret
            "password".

    Raises:
        CertificateWrong: the CA file cannot be read.
    """
    typed = credentials.base_url
    username = credentials.settings.get("username") or (typed if "@" in typed and "://" not in typed else "")
    wire = Wire(credentials.rules, username=username, password=credentials.secrets.get("password", ""))
    addresses = frozenset(credentials.settings.get("user_addresses", "").lower().split())
    return DavAccount(wire, typed, username, addresses)


class DavAccount:
    """Finds the calendars of one person on one server, and opens them; all share one client."""

    def __init__(self, wire: Wire, typed: str, username: str, user_addresses: frozenset[str] = frozenset()) -> None:
        self._wire, self._typed, self._username = wire, typed, username
        # What was never asked for: most people sign in with the address that they are invited by.
        self._user_addresses = user_addresses | ({f"mailto:{username.lower()}"} if "@" in username else frozenset())
        self._principal: Principal | None = None
        self._manners: dict[str, Manners] = {}

    @property
    def requests(self) -> int:
        """How many requests this account has sent since it was opened."""
        return self._wire.requests

    def identify(self) -> Identity:
        """Say who is signed in: always asks the server.

        Raises:
            NotACalendarServer: no calendars are to be found there.
            SignInRefused, UnknownHost, Unreachable, CertificateWrong: as they say.
        """
        self._principal = principal = find_principal(self._wire, self._typed)
        self._user_addresses |= principal.user_addresses
        parts = urlsplit(principal.address)
        display = self._username or principal.name or unquote(parts.path)
        addresses = tuple(sorted(self._user_addresses))
        return Identity(f"{parts.scheme}://{parts.netloc}", unquote(parts.path), display, addresses)

    def calendars(self) -> Sequence[CalendarInfo]:
        """List the calendars that hold events; their `remote_id` is the collection's full address."""
        if self._principal is None:
            self.identify()
        assert self._principal is not None  # noqa: S101 - identify() has just set it
        return list_calendars(self._wire, self._principal)

    def reader(self, remote_id: str) -> DavCalendar:
        """Open one calendar for reading."""
        return self.calendar(remote_id)

    def calendar(self, remote_id: str, *, before_write: Callable[[], None] = lambda: None) -> DavCalendar:
        """Open one calendar for reading and writing; `before_write` is called right before each write leaves."""
        manners = self._manners.setdefault(remote_id, Manners())
        return DavCalendar(self._wire, remote_id, manners, self._user_addresses, before_write=before_write)

    def close(self) -> None:
        """Let go of the connections."""
        self._wire.close()
