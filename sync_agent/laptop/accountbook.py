"""Opens connections for the engine: the account's row, its secrets from the vault, the settings in force."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.http import HttpRules
from connectors.registry import Credentials, open_calendars, open_meetings, open_platform
from connectors.vocabulary.errors import ConnectorError, Remedy
from sync_agent.laptop.errors import VaultAbsent, VaultLocked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from connectors.vocabulary.protocols import CalendarAccount, MeetingProvider, Platform
    from sync_agent.engine.values import Account
    from sync_agent.laptop.profile.config import Config
    from sync_agent.laptop.vault.vault import Vault

_Connection = TypeVar("_Connection")


class SecretsLocked(ConnectorError):
    """The vault is locked: nothing can be signed in to, and nothing is lost."""

    code = "vault.locked"
    remedy = Remedy.UNLOCK
    words = "The vault with your passwords is locked, so {where} cannot be looked at. Unlock it, and it goes on."


class AccountBook:
    """One open connection an account, made anew when its credentials or the settings change, and after a sleep.

    A connection that is replaced may still be in use by a request that hangs: it is closed when the one after it is
    replaced, or at the end.
    """

    def __init__(self, vault: Vault, config: Config) -> None:
        self._vault, self._config = vault, config
        self._lock = threading.Lock()
        self._open: dict[str, tuple[object, Any]] = {}
        self._retired: dict[str, Any] = {}
        self._requests: dict[str, int] = {}

    def calendars(self, account: Account) -> CalendarAccount:
        """Open a calendar account.

        Raises:
            SecretsLocked: the vault is locked.
        """
        opened: CalendarAccount = self._opened(account, lambda given: open_calendars(account.provider, given))
        return opened

    def meetings(self, account: Account) -> MeetingProvider:
        """Open a host account."""
        opened: MeetingProvider = self._opened(account, lambda given: open_meetings(account.provider, given))
        return opened

    def platform(self, account: Account) -> Platform:
        """Open the platform."""
        opened: Platform = self._opened(account, open_platform)
        return opened

    def platform_apart(self, account: Account) -> Platform:
        """Open the platform once more, for requests that it keeps for long."""
        opened: Platform = self._opened(account, open_platform, apart="listening")
        return opened

    def credentials_of(self, account: Account) -> Credentials:
        """Give what an account's connector gets: its row, its secrets, the settings in force.

        Raises:
            SecretsLocked: the vault is locked.
        """
        try:
            # A feed that lies in a file has no secret, so it is read whatever the vault does.
            secrets = {} if account.settings.get("file") else dict(self._vault.get(account.id))
        except (VaultLocked, VaultAbsent) as cause:
            raise SecretsLocked(account.name) from cause
        return self.credentials(account.provider, account.base_url, account.settings, secrets)

    def requests(self, account_id: str) -> int:
        """Give how many requests were made for this account so far."""
        with self._lock:
            found = self._open.get(account_id)
            before = self._requests.get(account_id, 0)
        return before + (int(getattr(found[1], "requests", 0)) if found else 0)

    def renew(self) -> None:
        """Trust no open connection any longer: each is opened anew when it is next needed."""
        with self._lock:
            former = [self._retire(key) for key in list(self._open)]
        for connection in former:
            let_go(connection)

    def forget(self, account_id: str) -> None:
        """Close an account's connection: it was disconnected, or signed in anew."""
        with self._lock:
            keys = [key for key in self._open if key.partition("/")[0] == account_id]
            former = [self._retire(key) for key in keys]
        for connection in former:
            let_go(connection)

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            connections = [*(connection for _, connection in self._open.values()), *self._retired.values()]
            self._open.clear()
            self._retired.clear()
        for connection in connections:
            let_go(connection)

    def credentials(
        self, provider: str, base_url: str, settings: Mapping[str, str], secrets: Mapping[str, str]
    ) -> Credentials:
        """Put together what a connector needs; what the account does not say, the settings in force do."""
        config = self._config
        merged = dict(settings)
        for name in ("api_base", "token_url"):
            value = self._optional(f"connectors.{provider}.{name}")
            if value:
                merged[name] = value
        ca_file = merged.get("ca_file") or self._optional(f"connectors.{provider}.ca_file")
        rules = HttpRules(
            ca_file=Path(ca_file) if ca_file else None,
            connect_within=config.seconds("network.connect_seconds"),
            answer_within=config.seconds("network.answer_seconds"),
        )
        return Credentials(base_url, merged, secrets, rules)

    def _optional(self, key: str) -> str:
        values = self._config.all()
        return str(values.get(key, ""))

    def _opened(self, account: Account, how: Callable[[Credentials], Any], *, apart: str = "") -> Any:
        key = f"{account.id}/{apart}" if apart else account.id
        given = self.credentials_of(account)
        fingerprint = (given.base_url, tuple(sorted(given.settings.items())), tuple(sorted(given.secrets.items())))
        with self._lock:
            found = self._open.get(key)
            if found is not None and found[0] == fingerprint:
                return found[1]
        made = how(given)
        with self._lock:
            former = self._retire(key)
            self._open[key] = (fingerprint, made)
        let_go(former)
        return made

    def _retire(self, key: str) -> Any:
        """Take a connection out of use. Gives the one that was retired before it, which nobody uses any longer."""
        _, connection = self._open.pop(key, (None, None))
        if connection is None:
            return None
        self._requests[key] = self._requests.get(key, 0) + int(getattr(connection, "requests", 0))
        former, self._retired[key] = self._retired.get(key), connection
        return former


def let_go(connection: Any) -> None:
    """Close a connection, of whatever kind it is."""
    close = getattr(connection, "close", None)
    if close is not None:
        close()


@contextmanager
def looked_at(connection: _Connection) -> Iterator[_Connection]:
    """Use a connection for one look, and let go of it."""
    try:
        yield connection
    finally:
        let_go(connection)
