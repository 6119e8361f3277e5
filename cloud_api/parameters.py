"""Path and query parameters that several resources share."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Annotated

from fastapi import Path, Query

from cloud_api.problems import Fault, Invalid, NotFound
from cloud_api.shapes import LEASE_KEY_PATTERN, UUID_PATTERN

_UUID = re.compile(UUID_PATTERN)
# Only days that there are: what fits the pattern is accepted.
_DAY = (
    r"((19|20)\d{2}-((0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    r"|((19|20)(0[48]|[2468][048]|[13579][26])|2000)-02-29)"
)
INSTANT_PATTERN = (
    rf"^{_DAY}"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-3]):[0-5]\d))?$"
)

PathId = Annotated[str, Path(max_length=36, description="A UUID.", examples=["0192f0c1-7a3b-7cc1-9d55-3f1f0e9a2b41"])]
PathLeaseKey = Annotated[
    str,
    Path(
        pattern=LEASE_KEY_PATTERN,
        max_length=64,
        description="Names a remote calendar.",
        examples=["7c9fa136d4413fa6173637e883b6998d32e1d675f88cddff9dcbcf331820f4b8"],
    ),
]
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
    moment = _read(text)
    if moment is not None:
        return moment
    detail = "This is a date (2026-11-24) or an instant with its offset (2026-11-24T15:00:00+01:00)."
    raise Invalid("query.invalid", detail, errors=[Fault(detail, parameter=name)])


def _read(text: str) -> datetime | None:
    """Read a date or an instant with its offset; None if it is neither."""
    try:
        if "T" not in text:
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        moment = datetime.fromisoformat(text)
        return None if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
