"""The vault's file: a header that may be read by anyone, and what only the passphrase opens.

scrypt (RFC 7914) makes the key, AES-256-GCM seals (NIST SP 800-38D); the header is authenticated with the content, so
nobody can weaken it unseen. Each sealing takes a fresh nonce. Pure but for the random bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_agent.laptop.errors import PassphraseWrong, VaultBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT, VERSION = "tutorsync-vault", 1
_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12
# 32 MiB and some 80 ms: OWASP's second choice for scrypt, affordable on an old laptop.
_COST, _BLOCK, _LANES = 2**15, 8, 3
_MOST_COST, _MOST_BLOCK, _MOST_LANES = 2**20, 16, 16
_MOST_MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Lock:
    """How the key is made of the passphrase."""

    salt: bytes
    cost: int = _COST
    block: int = _BLOCK
    lanes: int = _LANES

    def key(self, passphrase: str) -> bytes:
        """Make the key: slow on purpose.

        Args:
            passphrase: as typed; not empty.
        """
        return hashlib.scrypt(
            passphrase.encode(),
            salt=self.salt,
            n=self.cost,
            r=self.block,
            p=self.lanes,
            maxmem=_MOST_MEMORY,
            dklen=_KEY_BYTES,
        )

    @property
    def header(self) -> dict[str, Any]:
        """What stands before the sealed part."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "kdf": {
                "name": "scrypt",
                "salt": b64encode(self.salt).decode(),
                "n": self.cost,
                "r": self.block,
                "p": self.lanes,
            },
        }


def new_lock() -> Lock:
    """Make a lock with a salt of its own."""
    return Lock(os.urandom(_SALT_BYTES))


def seal(lock: Lock, key: bytes, content: Mapping[str, Mapping[str, str]]) -> bytes:
    """Give the file's bytes: account id to its secrets, sealed."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = _cipher(key).encrypt(nonce, _spelled(content), _spelled(lock.header))
    document = lock.header | {"nonce": b64encode(nonce).decode(), "sealed": b64encode(sealed).decode()}
    return json.dumps(document, indent=1).encode() + b"\n"


def lock_of(file: bytes) -> Lock:
    """Read the header.

    Raises:
        VaultBroken: no vault, of a newer version, or with a lock that nobody in their right mind would make.
    """
    document = _document(file)
    if document.get("version") != VERSION:
        raise VaultBroken(reason="a newer version of TutorSync wrote it")
    try:
        kdf = document["kdf"]
        lock = Lock(b64decode(kdf["salt"], validate=True), int(kdf["n"]), int(kdf["r"]), int(kdf["p"]))
    except (KeyError, TypeError, ValueError) as cause:
        raise VaultBroken(reason="its header is damaged") from cause
    within = lock.cost <= _MOST_COST and lock.block <= _MOST_BLOCK and lock.lanes <= _MOST_LANES
    # Bounds, so that a foreign file cannot make us work for hours or take all memory.
    if not within or min(lock.cost - 1, lock.block, lock.lanes) < 1 or lock.cost & (lock.cost - 1):
        raise VaultBroken(reason="its header is damaged")
    return lock


def unseal(file: bytes, key: bytes) -> dict[str, dict[str, str]]:
    """Open what `seal` made.

    Raises:
        PassphraseWrong: another passphrase made it, or somebody changed it; both look the same.
        VaultBroken.
    """
    from cryptography.exceptions import InvalidTag

    document = _document(file)
    header = {name: document.get(name) for name in ("format", "version", "kdf")}
    try:
        nonce, sealed = (b64decode(document[name], validate=True) for name in ("nonce", "sealed"))
    except (KeyError, TypeError, ValueError) as cause:
        raise VaultBroken(reason="its sealed part is damaged") from cause
    try:
        content: dict[str, dict[str, str]] = json.loads(_cipher(key).decrypt(nonce, sealed, _spelled(header)))
    except (InvalidTag, ValueError) as cause:
        raise PassphraseWrong from cause
    return content


def _document(file: bytes) -> dict[str, Any]:
    try:
        document = json.loads(file)
    except ValueError as cause:
        raise VaultBroken(reason="it is damaged") from cause
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise VaultBroken(reason="it is no vault")
    return document


def _spelled(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def _cipher(key: bytes) -> Any:
    # Loaded here: half of the commands never touch a secret.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)
