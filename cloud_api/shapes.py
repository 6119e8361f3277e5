"""Small types of the wire that several resources share, each with its limits and an example."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import Path, Query
from msgspec import Meta

from cloud_api.problems import Fault, Invalid, NotFound

# PostgreSQL keeps no NUL in a text, so none is let in.
# Python's $ lets a line end follow, that of JSON Schema (ECMA 262) does not.
END = r"(?!\n)$"
# Spelled out, because \s means other letters in Python than in ECMA 262.
_BLANK = r"\x00-\x20\x7f"
NO_NUL = r"^[^\x00]*$"
UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_UUID = re.compile(UUID_PATTERN)
INSTANT_PATTERN = (
    r"^(19|20)\d{2}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-3]):[0-5]\d))?$"
)

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

PathId = Annotated[str, Path(max_length=36, description="A UUID.", examples=["0192f0c1-7a3b-7cc1-9d55-3f1f0e9a2b41"])]
Limit = Annotated[int, Query(ge=1, le=200, description="How many at most.")]
CursorText = Annotated[str | None, Query(max_length=2000, description="`next_cursor` of the page before.")]


def known_id(text: str, what: str) -> str:
    """Give the id of a path as it is stored.

    Raises:
        NotFound: it is no UUID, so nothing is there.
    """
    if not _UUID.fullmatch(text.lower()):
        raise NotFound(f"{what}.unknown", f"There is no {what} with this id.")
    return text.lower()


def instant_named(text: str | None, name: str) -> datetime | None:
    """Read a query parameter that is an instant, or a date (its beginning in UTC).

    Raises:
        Invalid: neither.
    """
    if text is None:
        return None
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    detail = "This is a date (2026-11-24) or an instant with its offset (2026-11-24T15:00:00+01:00)."
    raise Invalid("query.invalid", detail, errors=[Fault(detail, parameter=name)])
