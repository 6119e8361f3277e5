"""Small types of the wire that several resources share, each with its limits and an example."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

# Python's $ lets a line end follow, that of JSON Schema (ECMA 262) does not.
END = r"(?!\n)$"
# Spelled out, because \s means other letters in Python than in ECMA 262.
_BLANK = r"\x00-\x20\x7f"
# PostgreSQL keeps no NUL in a text, so none is let in.
NO_NUL = r"^[^\x00]*$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"

Id = Annotated[
    str,
    Meta(
        pattern=UUID_PATTERN,
        max_length=36,
        description="A UUID, in small letters.",
        examples=["0192f0c1-7a3b-7cc1-9d55-3f1f0e9a2b41"],
    ),
]
Zone = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=NO_NUL, description="IANA name", examples=["Europe/Berlin"])
]
Email = Annotated[
    str,
    Meta(
        max_length=255,
        pattern=rf"^([^@{_BLANK}]+@[^@{_BLANK}]+)?{END}",
        description="Empty if unknown",
        examples=["mia@example.org"],
    ),
]
PersonName = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL, examples=["Mia Öztürk"])]
Stamp = Annotated[str, Meta(description="RFC 3339 with offset", examples=["2026-11-24T09:30:00+00:00"])]
LEASE_KEY_PATTERN = r"^[0-9a-f]{64}$"
LeaseKey = Annotated[
    str,
    Meta(
        pattern=rf"^[0-9a-f]{{64}}{END}",
        max_length=64,
        description="Names a remote calendar of the tutor's: a hash that every device of theirs makes alike.",
        examples=["7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"],
    ),
]
# Counts in a body are read as floats with multiple_of=1: in JSON Schema 60.0 is a whole number, too.
MOST = 2**31 - 1
