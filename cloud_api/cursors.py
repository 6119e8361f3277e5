"""Cursors: opaque and signed, so that nobody builds one, and one of another list is found out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

from cloud_api.problems import Fault, Invalid

_SIGNATURE_BYTES = 12


class CursorSigner:
    """Writes and reads cursors under one key of this installation."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def write(self, place: list[Any]) -> str:
        """Give a text for a place in a list (plain JSON values)."""
        body = msgspec.json.encode(place)
        return base64.urlsafe_b64encode(self._signature(body) + body).rstrip(b"=").decode()

    def read(self, cursor: str) -> list[Any]:
        """Give the place back.

        Raises:
            Invalid: it is none of ours, or was changed.
        """
        try:
            raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as cause:
            raise _not_ours() from cause
        signature, body = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        if not hmac.compare_digest(signature, self._signature(body)):
            raise _not_ours()
        return msgspec.json.decode(body, type=list[Any])

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, hashlib.sha256)[:_SIGNATURE_BYTES]


def filters_digest(filters: dict[str, str | None]) -> str:
    """Give a short name for a set of filters, so that a cursor stays with the list it came from."""
    text = msgspec.json.encode(sorted((name, value) for name, value in filters.items() if value is not None))
    return hashlib.sha256(text).hexdigest()[:12]


def _not_ours() -> Invalid:
    detail = "This cursor is not one that this list gave. Begin without a cursor."
    return Invalid("cursor.invalid", detail, errors=[Fault(detail=detail, parameter="cursor")])
