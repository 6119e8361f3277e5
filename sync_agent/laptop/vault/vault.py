"""The vault: gives an account's secrets, or says that somebody has to open it."""

from __future__ import annotations

import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from sync_agent.laptop.errors import PassphraseMissing, VaultAbsent, VaultBroken, VaultLocked
from sync_agent.laptop.profile.files import write_private
from sync_agent.laptop.vault.sealed import Lock, lock_of, new_lock, seal, unseal
from sync_agent.laptop.vault.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sync_agent.laptop.vault.secrets import Secret


class VaultState(StrEnum):
    """Where the vault stands."""

    ABSENT = "absent"
    LOCKED = "locked"
    OPEN = "open"
    SESSION_ONLY = "session_only"


class Vault(Protocol):
    """Keeps secrets by account id. Every call may raise VaultLocked or VaultAbsent."""

    @property
    def state(self) -> VaultState:
        """Where it stands; never raises."""
        ...

    def get(self, account_id: str) -> Secrets:
        """Give an account's secrets; none for an account that has none."""
        ...

    def put(self, account_id: str, secrets: Mapping[str, str]) -> None:
        """Keep an account's secrets in the place of the earlier ones; on the disk when this returns."""
        ...

    def remove(self, account_id: str) -> None:
        """Forget an account's secrets."""
        ...


class PassphraseVault:
    """A vault in a file, opened by a passphrase, or in memory for this session. May be used from any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._passphrase: Callable[[], Secret | None] = lambda: None
        self._one_at_a_time = threading.RLock()
        self._content: dict[str, dict[str, str]] | None = None
        self._lock: Lock | None = None
        self._key = b""

    @property
    def state(self) -> VaultState:
        """Where it stands; one that opens by itself when it is needed is open."""
        if self._content is not None:
            return VaultState.SESSION_ONLY if self._lock is None else VaultState.OPEN
        if self._path.exists() and self._opens_itself():
            return VaultState.OPEN
        return VaultState.LOCKED if self._path.exists() else VaultState.ABSENT

    def unlock(self, passphrase: Secret) -> None:
        """Open the vault; where there is none, make one that this passphrase opens.

        What was kept for this session only moves into it.

        Raises:
            PassphraseWrong, PassphraseMissing, VaultBroken, ProfileNotWritable, DiskFull: nothing was changed.
        """
        if not passphrase:
            raise PassphraseMissing(where="what was given")
        with self._one_at_a_time:
            kept = {} if self._content is None or self._lock is not None else self._content
            file = self._read()
            lock = new_lock() if file is None else lock_of(file)
            key = lock.key(passphrase.reveal())
            content = ({} if file is None else unseal(file, key)) | kept
            if file is None or kept:
                write_private(self._path, seal(lock, key, content))
            self._lock, self._key, self._content = lock, key, content

    def opens_with(self, passphrase: Callable[[], Secret | None]) -> None:
        """Say where a passphrase is to be had when a secret is needed and nobody opened the vault.

        Making the key takes a quarter of a second, which a command that needs no secret must not pay.
        """
        self._passphrase = passphrase

    def use_session_only(self) -> None:
        """Keep secrets in memory until this process ends. A file that is there stays as it is, closed."""
        with self._one_at_a_time:
            if self._content is None:
                self._content = {}

    def get(self, account_id: str) -> Secrets:
        """Give an account's secrets."""
        with self._one_at_a_time:
            return Secrets(self._opened().get(account_id, {}))

    def put(self, account_id: str, secrets: Mapping[str, str]) -> None:
        """Keep an account's secrets."""
        with self._one_at_a_time:
            self._store(self._opened() | {account_id: dict(secrets)})

    def remove(self, account_id: str) -> None:
        """Forget an account's secrets."""
        with self._one_at_a_time:
            self._store({key: value for key, value in self._opened().items() if key != account_id})

    def _store(self, content: dict[str, dict[str, str]]) -> None:
        if self._lock is not None:
            write_private(self._path, seal(self._lock, self._key, content))
        self._content = content

    def _opened(self) -> dict[str, dict[str, str]]:
        if self._content is None:
            given = self._passphrase()
            if given is None:
                raise VaultLocked if self._path.exists() else VaultAbsent
            self.unlock(given)
        return self._content or {}

    def _opens_itself(self) -> bool:
        try:
            return self._passphrase() is not None
        except PassphraseMissing:
            return False

    def _read(self) -> bytes | None:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as cause:
            raise VaultBroken(reason=cause.strerror or str(cause)) from cause
