"""Ids and secrets: how they are made, how they look, how they are stored."""

from __future__ import annotations

import hashlib
import secrets
import uuid
import zlib
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without those that people mistake for another
_RANDOM_LENGTH = 32  # 190 bits
_CHECK_LENGTH = 6


class SecretKind(StrEnum):
    """The prefix by which a scanner of leaked secrets knows ours."""

    ACCESS = "tsk"
    REFRESH = "tsr"
    API_KEY = "tsa"


def uuid7(now: datetime) -> str:
    """Make an id that sorts by its time (RFC 9562, section 5.7); Python has one from 3.14 on."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def new_secret(kind: SecretKind) -> str:
    """Make a secret: prefix, 32 random letters, 6 letters of checksum (a typing mistake is found without a look-up)."""
    body = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM_LENGTH))
    return f"{kind}_{body}{_check(f'{kind}_{body}')}"


def is_well_formed(secret: str, kind: SecretKind) -> bool:
    """Whether it can be one of ours at all."""
    return (
        len(secret) == len(kind) + 1 + _RANDOM_LENGTH + _CHECK_LENGTH
        and secret.startswith(f"{kind}_")
        and secret.isascii()
        and _check(secret[:-_CHECK_LENGTH]) == secret[-_CHECK_LENGTH:]
    )


def stored_hash(secret: str) -> str:
    """Give what is kept of a secret. A plain SHA-256: 190 random bits cannot be guessed, nothing needs to be slow."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_device_code() -> str:
    """Make a one-time code that a person can type: ten letters in two halves (50 bits, used within minutes)."""
    letters = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def normalised_code(typed: str) -> str:
    """Give a typed code as it was made: capitals, the dash in its place, spaces gone."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum())
    return f"{letters[:5]}-{letters[5:]}"


def _check(text: str) -> str:
    rest, letters = zlib.crc32(text.encode()), []
    for _ in range(_CHECK_LENGTH):
        rest, digit = divmod(rest, len(_LETTERS))
        letters.append(_LETTERS[digit])
    return "".join(reversed(letters))
