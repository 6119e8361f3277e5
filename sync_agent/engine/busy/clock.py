"""From the wall to the instant, for many moments of one series at little cost (RFC 5545, section 3.3.5)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from connectors.vocabulary.times import Moment, MomentKind, UnknownZone, zone_named

_NOTHING = timedelta(0)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (naive on purpose)
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(1, 1, 3)  # noqa: DTZ001 (naive on purpose)
_LATEST = datetime(9999, 12, 29)  # noqa: DTZ001 (naive on purpose)


class SeriesClock:
    """The clock on which a series runs: the zone of its DTSTART; dates and floating times run on the home zone's.

    Attributes:
        zone: None for UTC.
        is_zone_known: False: the TZID is no zone that we have, and the home zone stands in.
    """

    __slots__ = ("_home", "is_date", "is_floating", "is_zone_known", "zone")

    def __init__(self, start: Moment, home_zone: str) -> None:
        self._home = home_zone
        self.is_date = start.kind is MomentKind.DATE
        self.is_floating = start.kind is MomentKind.FLOATING
        self.is_zone_known = True
        self.zone: ZoneInfo | None = None
        if start.kind is MomentKind.ZONED:
            self.zone = _zone_or_none(start.zone or "")
            self.is_zone_known = self.zone is not None
        if self.zone is None and start.kind is not MomentKind.UTC:
            self.zone = zone_named(home_zone)

    def instant(self, local: datetime) -> datetime:
        """Give the UTC instant of a naive local time; a skipped one takes the offset before the gap."""
        return self.instants((within_calendar(local),))[0]

    def instants(self, locals_: Iterable[datetime]) -> list[datetime]:
        """Give the UTC instants of many local times that are not at the ends of the calendar."""
        if self.zone is None:
            return [_EPOCH_UTC + (local - _EPOCH) for local in locals_]
        # ZoneInfo.utcoffset reads the fields only, whatever zone is attached: a quarter of the cost of astimezone.
        offset = self.zone.utcoffset
        return [_EPOCH_UTC + (local - _EPOCH - (offset(local) or _NOTHING)) for local in locals_]

    def local(self, instant: datetime) -> datetime:
        """Give the naive local reading of an instant."""
        return instant.astimezone(self.zone or UTC).replace(tzinfo=None)

    def read(self, moment: Moment) -> datetime:
        """Give the UTC instant of any moment that stands beside this clock's DTSTART (EXDATE, RDATE, …).

        A floating time among zoned ones means the series' own clock, and so does a date (RFC 5545, 3.8.5.1).
        """
        if moment.kind is MomentKind.FLOATING or moment.is_date:
            return self.instant(moment.local)
        return instant_of(moment, self._home)


def instant_of(moment: Moment, home_zone: str) -> datetime:
    """Give a moment's UTC instant; an unknown zone is read as the home zone (the caller flags it)."""
    return SeriesClock(moment, home_zone).instant(moment.local)


def within_calendar(local: datetime) -> datetime:
    """Keep clear of the ends of the calendar, where an offset would overflow ("99991231T235959Z" occurs)."""
    return min(max(local, _EARLIEST), _LATEST)


def shifted(local: datetime, by: timedelta) -> datetime:
    """Add, stopping at the ends of the calendar."""
    try:
        return within_calendar(local + by)
    except OverflowError:
        return _EARLIEST if by < _NOTHING else _LATEST


@lru_cache(maxsize=256)
def _zone_or_none(name: str) -> ZoneInfo | None:
    try:
        return zone_named(name)
    except UnknownZone:
        return None
