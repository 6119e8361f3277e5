"""Zones that have no name in the tz database: their offsets are their name.

Calendars define zones of their own (VTIMEZONE, RFC 5545, section 3.6.5) that follow the rules of no place. What such a
definition says goes along in the name of the zone, so that a moment in it is whole by itself, wherever it is stored.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_PREFIX = "own:"
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive on purpose: UTC)
_SECOND = timedelta(seconds=1)
_MOST_TURNS = 500
_DAY_S = 86_400
# TZif (RFC 8536): magic and version, then how many of each there are.
_HEADER = struct.Struct(">5s15x6I")
_TYPE = struct.Struct(">iBB")
_LETTERS = b"-\0"


def is_own_zone(name: str) -> bool:
    """Whether a zone's name is its offsets."""
    return name.startswith(_PREFIX)


def own_zone_name(onsets: Sequence[datetime], offsets: Sequence[timedelta]) -> str:
    """Name a zone by its offsets.

    Args:
        onsets: UTC instants, naive, rising, at which an offset begins.
        offsets: one more than onsets: the first holds before them all, the last after them.
    """
    turns = [
        f"{(onset - _EPOCH) // _SECOND}={after // _SECOND}"
        for onset, before, after in zip(onsets, offsets, offsets[1:], strict=False)
        if before != after
    ]
    return _PREFIX + ",".join([str(offsets[0] // _SECOND), *turns[:_MOST_TURNS]])


@lru_cache(maxsize=256)
def own_zone(name: str) -> ZoneInfo:
    """Give the zone that such a name is.

    Raises:
        ValueError: it is none.
    """
    first, *turns = name.removeprefix(_PREFIX).split(",")
    offsets = [int(first)]
    instants: list[int] = []
    for turn in turns:
        instant, _, offset = turn.partition("=")
        instants.append(int(instant))
        offsets.append(int(offset))
    if any(abs(offset) >= _DAY_S for offset in offsets):
        raise ValueError(name)
    types = list(dict.fromkeys(offsets))
    counts = (len(instants), len(types), len(_LETTERS))
    try:
        data = b"".join(
            [
                _HEADER.pack(b"TZif2", 0, 0, 0, 0, 0, 0),
                _HEADER.pack(b"TZif2", 0, 0, 0, *counts),
                struct.pack(f">{len(instants)}q", *instants),
                bytes(types.index(offset) for offset in offsets[1:]),
                *(_TYPE.pack(offset, 0, 0) for offset in types),
                _LETTERS,
                b"\n\n",
            ]
        )
    except struct.error as cause:
        raise ValueError(name) from cause
    return ZoneInfo.from_file(io.BytesIO(data), key=name)
