"""Moments as calendars write them (RFC 5545, section 3.3.5), and wall time with its zone.

A moment keeps what it was: a date, a floating time, a UTC time or a zoned time. It becomes an instant only when
asked, so that new tzdata moves the instant and never the hour on the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.vocabulary.own_zones import is_own_zone, own_zone

REAL_YEARS = range(1900, 2100)
"""In which a session can lie: before and after them zones have no rules and instants run out of numbers."""


class MomentKind(StrEnum):
    """The four spellings of a DTSTART (RFC 5545, sections 3.3.4 and 3.3.5)."""

    DATE = "date"
    FLOATING = "floating"
    UTC = "utc"
    ZONED = "zoned"


# Asked for every moment; the tz database keeps its zones, too, but behind a slower door.
@lru_cache(maxsize=128)
def zone_named(name: str) -> ZoneInfo:
    """Give the zone of that name: of the tz database, or one that a calendar made up (own_zones.py).

    Raises:
        UnknownZone: no such zone.
    """
    try:
        return own_zone(name) if is_own_zone(name) else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise UnknownZone(name) from cause


class UnknownZone(ValueError):
    """A zone name that the tz database does not have."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"There is no time zone called “{name}”.")


@dataclass(frozen=True, slots=True)
class Moment:
    """One DTSTART, DTEND, RECURRENCE-ID or EXDATE, with its kind kept.

    Attributes:
        kind: how it was written.
        local: naive; midnight for a date; the UTC reading for a UTC time.
        zone: IANA name for a zoned moment, or the offsets of a made-up zone (own_zones.py); else None.
        tzid: the TZID as the server spelled it ("W. Europe Standard Time"); never compared as an instant.
    """

    kind: MomentKind
    local: datetime
    zone: str | None = None
    tzid: str | None = None

    def __post_init__(self) -> None:
        if self.local.tzinfo is not None:
            msg = "a moment's local time is naive"
            raise ValueError(msg)
        if (self.kind is MomentKind.ZONED) != (self.zone is not None):
            msg = "a zoned moment has a zone, and no other has"
            raise ValueError(msg)

    @property
    def is_date(self) -> bool:
        """Whether this is a whole day (VALUE=DATE)."""
        return self.kind is MomentKind.DATE

    def instant(self, home: str) -> datetime:
        """Give the UTC instant.

        A zoned time that a clock change skips takes the offset before the gap, one that occurs twice is the first
        (RFC 5545, section 3.3.5): that is what fold=0 means.

        Args:
            home: IANA zone in which dates and floating times are read.
        """
        match self.kind:
            case MomentKind.UTC:
                return self.local.replace(tzinfo=UTC)
            case MomentKind.ZONED:
                return self.local.replace(tzinfo=zone_named(self.zone or "UTC")).astimezone(UTC)
            case MomentKind.DATE | MomentKind.FLOATING:
                return self.local.replace(tzinfo=zone_named(home)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WallSpan:
    """When a session is: the hour on the wall, its zone, how long. The instant is derived, never stored.

    Attributes:
        start: naive wall time.
        zone: IANA name.
        duration: exact; more than zero, less than 24 hours.
    """

    start: datetime
    zone: str
    duration: timedelta

    def __post_init__(self) -> None:
        if self.start.tzinfo is not None:
            msg = "a wall time is naive; its zone stands beside it"
            raise ValueError(msg)
        if is_own_zone(self.zone):
            raise UnknownZone(self.zone)
        zone_named(self.zone)
        if self.start.year not in REAL_YEARS:
            msg = "a session lies between 1900 and 2099"
            raise ValueError(msg)
        if not timedelta(0) < self.duration < timedelta(days=1):
            msg = "a session lasts more than nothing and less than a day"
            raise ValueError(msg)

    @property
    def starts_at(self) -> datetime:
        """The UTC instant of the start."""
        return self.start.replace(tzinfo=zone_named(self.zone)).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        """The UTC instant of the end: the duration is exact, also across a clock change."""
        return self.starts_at + self.duration

    @property
    def end(self) -> datetime:
        """Naive wall time of the end in the same zone."""
        return self.ends_at.astimezone(zone_named(self.zone)).replace(tzinfo=None)
