"""Which IANA zone a TZID means: what its VTIMEZONE says, then what its name says. Never silently UTC.

Order (sheet caldav-protocol, "VTIMEZONE wins"): the named zone if the definition agrees with it, at least at the moment
in question; else a known zone with the same offsets in the years that matter; else the definition's own offsets;
without a definition the name alone: IANA, Windows, a vendor's prefix, a list of cities, an offset.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from connectors.ical.errors import Unreadable
from connectors.ical.limits import MOST_DEFINED_ZONES, MOST_SEARCHED_ZONES
from connectors.ical.lines import split_line
from connectors.ical.vtimezone import Offsets, read_offsets
from connectors.vocabulary.own_zones import is_own_zone, own_zone_name
from connectors.vocabulary.times import UnknownZone, zone_named

_OFFSET_NAME = re.compile(r"\(?(?:GMT|UTC|UT)?\s*([+-])(\d{1,2}):?(\d{2})?\)?", re.IGNORECASE)
_CITIES_NAME = re.compile(r"\((?:UTC|GMT)\s*(?:([+-])(\d{1,2}):?(\d{2}))?\)\s*(.+)", re.IGNORECASE)
# Names that lie in the zone folder of an operating system and mean no place.
_NO_PLACES = frozenset({"localtime", "posixrules", "Factory", "leapseconds", "tzdata.zi"})
_MOST_NAME_LETTERS = 200
_YEARS_THAT_MATTER = 2
# How long a zone that follows no place's rules is remembered: a series may go on for so long.
_YEARS_OF_AN_OWN_ZONE = 40
_FIRST_YEAR, _LAST_YEAR = 1902, 2100
# Of several zones with the same rules these are the ones that people mean.
_PREFERRED = (
    "Europe/Berlin",
    "Europe/London",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Asia/Tokyo",
)
# Windows shows these where others show cities: "(UTC-05:00) Eastern Time (US & Canada)".
_REGIONS = {
    "eastern time": "America/New_York",
    "central time": "America/Chicago",
    "mountain time": "America/Denver",
    "pacific time": "America/Los_Angeles",
    "brasilia": "America/Sao_Paulo",
    "brasília": "America/Sao_Paulo",
}


class Effort:
    """What working out the zones of one reading may cost, and what was worked out in it."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[str | None, str, int], _Meaning] = {}
        self._searched: dict[tuple[str, int], str] = {}

    def meaning(self, named: str | None, definition: str, year: int) -> _Meaning:
        """Say what a definition declares for a year.

        Raises:
            Unreadable: one too many.
        """
        key = (named, definition, year)
        found = self._meanings.get(key)
        if found is None:
            if len(self._meanings) >= MOST_DEFINED_ZONES:
                raise Unreadable("its calendar defines more time zones than can be followed")
            found = self._meanings[key] = _meaning(*key)
        return found

    def zone(self, definition: str, year: int) -> str:
        """Give the known zone that a definition, which can be read, means in a year; else its own offsets."""
        key = (definition, year)
        found = self._searched.get(key)
        if found is None:
            may_search = len(self._searched) < MOST_SEARCHED_ZONES
            found = self._searched[key] = _searched(definition, year) if may_search else _own_zone(definition, year)
        return found


class ZoneTable:
    """The zones of one VCALENDAR: its definitions, and what they turned out to be.

    Attributes:
        unknown: TZID to why nobody knows it.
    """

    def __init__(
        self, definitions: dict[str, str], *, floating_zone: str | None = None, effort: Effort | None = None
    ) -> None:
        """Keep the definitions; nothing is worked out before it is asked for.

        Args:
            definitions: TZID to the unfolded text of its VTIMEZONE.
            floating_zone: zone of times without one (X-WR-TIMEZONE), already resolved.
            effort: of the reading that this calendar is a part of.
        """
        self.definitions = definitions
        self.floating_zone = floating_zone
        self.unknown: dict[str, str] = {}
        self._known: dict[str, str] = {}
        self._effort = effort or Effort()

    def resolve(self, tzid: str, local: datetime) -> str | None:
        """Give the zone of a TZID; None if nobody knows it: why is then in `unknown`.

        Args:
            tzid: as written.
            local: the first moment that needs it: the definition has to fit there.
        """
        zone = self._known.get(tzid)
        if zone is None and tzid not in self.unknown:
            try:
                zone = self._known[tzid] = zone_of(tzid, self.definitions.get(tzid), local, self._effort)
            except Unreadable as cause:
                self.unknown[tzid] = cause.reason
        return zone


def zone_of(tzid: str, definition: str | None, local: datetime, effort: Effort | None = None) -> str:
    """Give the zone of a TZID with its definition, if there is one: an IANA name, or the offsets of a made-up zone.

    The name is right if both agree, in the years that matter or at least at that moment: definitions are cut to one
    half-year by some clients, and outdated in others. So it is if the definition is not to be understood. Else whatever
    known zone has the same offsets, for two years if there is one, for one year if not; else the definition's own.

    Raises:
        Unreadable: neither the definition nor the name leads to a known zone.
    """
    named = zone_by_name(tzid[:_MOST_NAME_LETTERS])
    if definition is None:
        if named is None:
            raise Unreadable(f"its time zone “{tzid[:60]}” is not known")
        return named
    effort = effort or Effort()
    year = _year_that_matters(local)
    meaning = effort.meaning(named, definition, year)
    if named is not None and meaning.agrees_with(named, local):
        return named
    if meaning.offsets is None:
        raise Unreadable(f"its time zone “{tzid[:60]}” is not to be understood")
    return effort.zone(definition, year)


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a definition declares.

    Attributes:
        offsets: for the years that matter; None if it is not to be understood.
        is_plain: it says what its name says.
    """

    offsets: Offsets | None
    is_plain: bool

    def agrees_with(self, named: str, local: datetime) -> bool:
        """Whether its name is right at a moment."""
        if self.is_plain or self.offsets is None:
            return True
        return local.replace(tzinfo=ZoneInfo(named)).utcoffset() == self.offsets.at_local(local)


# Remembered from one reading to the next: the same few definitions come again and again.
@lru_cache(maxsize=256)
def _meaning(named: str | None, definition: str, year: int) -> _Meaning:
    try:
        offsets = read_offsets(definition, year, years=_YEARS_THAT_MATTER)
    except Unreadable:
        return _Meaning(None, is_plain=False)
    return _Meaning(offsets, named is not None and _agrees(named, offsets, year, years=_YEARS_THAT_MATTER))


@lru_cache(maxsize=256)
def _searched(definition: str, year: int) -> str:
    """Compare with every known zone, which takes longer than reading a hundred events."""
    offsets = read_offsets(definition, year, years=_YEARS_THAT_MATTER)
    known = _zone_like(offsets, year, years=_YEARS_THAT_MATTER) or _zone_like(offsets, year, years=1)
    return known or _own_zone(definition, year)


def _own_zone(definition: str, year: int) -> str:
    lasting = read_offsets(definition, year, years=_YEARS_OF_AN_OWN_ZONE)
    return own_zone_name(lasting.onsets, lasting.offsets)


def _year_that_matters(local: datetime) -> int:
    """Outside of these years nothing is known of any zone but how it is today."""
    return min(max(local.year, _FIRST_YEAR), _LAST_YEAR)


def definition_of(lines: list[str]) -> tuple[str, str]:
    """Give TZID and text of the unfolded lines of one VTIMEZONE."""
    tzid = next((value for name, _, value in map(split_line, lines) if name == "TZID"), "")
    return tzid.strip(), "\n".join(lines)


@lru_cache(maxsize=1024)
def zone_by_name(tzid: str) -> str | None:
    """Give the IANA zone that a name means, or None."""
    name = tzid.strip().strip('"').strip()
    if not name:  # nearly always asked of a calendar as such: no reason to load what knows Windows' names (8 MiB)
        return None
    return _iana(name) or _windows(name) or _behind_prefix(name) or _by_cities(name) or _by_offset(name)


def _iana(name: str) -> str | None:
    name = name.removeprefix("posix/").removeprefix("right/")
    if not name or name in _NO_PLACES or is_own_zone(name):
        return None
    try:
        # Asked by its own spelling first: listing every zone of the system takes some 50 ms.
        return zone_named(name).key
    except UnknownZone:
        return _zones_by_lower_case().get(name.lower().replace(" ", "_"))


def _windows(name: str) -> str | None:
    # On first use: importing icalendar takes longer than the rest of a poll.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return WINDOWS_TO_OLSON.get(name) or (_iana("UTC") if name in {"Coordinated Universal Time", "Z"} else None)


def _behind_prefix(name: str) -> str | None:
    """Read "/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires" and the like."""
    parts = [part for part in name.split("/") if part]
    for length in (3, 2):
        if len(parts) >= length and (zone := _iana("/".join(parts[-length:]))) is not None:
            return zone
    return _iana(parts[-1]) if name.startswith("/") and parts and parts[-1] in {"UTC", "GMT"} else None


def _by_cities(name: str) -> str | None:
    """Read "(UTC+01:00) Amsterdam, Berlin, Bern": the first city that lies at that offset."""
    match = _CITIES_NAME.fullmatch(name)
    if match is None:
        return None
    wanted = _offset_of(match[1], match[2], match[3]) if match[1] else timedelta(0)
    for city in match[4].split(","):
        place = city.partition("(")[0].strip().lower()
        zone = _REGIONS.get(place) or _zones_by_city().get(place.replace(" ", "_"))
        if zone is not None and _standard_offset(zone) == wanted:
            return zone
    return None


def _by_offset(name: str) -> str | None:
    match = _OFFSET_NAME.fullmatch(name)
    if match is None:
        return None
    offset = _offset_of(match[1], match[2], match[3])
    hours, rest = divmod(int(offset.total_seconds()), 3600)
    if rest == 0 and -12 <= hours <= 14:
        return "UTC" if hours == 0 else f"Etc/GMT{-hours:+d}"  # the sign in these names is turned round
    return next((zone for zone in _all_zones() if _offsets_of(zone) == {offset}), None)


def _offset_of(sign: str, hours: str, minutes: str | None) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -offset if sign == "-" else offset


def _standard_offset(zone: str) -> timedelta:
    return min(_offsets_of(zone))


def _offsets_of(zone: str) -> set[timedelta]:
    """The offsets of a zone in winter and in summer."""
    instants = (datetime(2026, month, 1, tzinfo=UTC).astimezone(zone_named(zone)) for month in (1, 7))
    return {instant.utcoffset() or timedelta(0) for instant in instants}


@cache
def _all_zones() -> tuple[str, ...]:
    """Every zone, places first and the well-known ones (those with a Windows name) before all others."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    well_known = dict.fromkeys((*_PREFERRED, *WINDOWS_TO_OLSON.values()))
    others = sorted(available_timezones() - set(well_known) - _NO_PLACES, key=lambda zone: ("/" not in zone, zone))
    return tuple(zone for zone in (*well_known, *others) if _iana(zone) == zone)


@cache
def _zones_by_lower_case() -> dict[str, str]:
    return {zone.lower(): zone for zone in available_timezones() - _NO_PLACES}


@cache
def _zones_by_city() -> dict[str, str]:
    return {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(available_timezones()) if "/" in zone}


def _agrees(zone: str, offsets: Offsets, year: int, *, years: int) -> bool:
    info = ZoneInfo(zone)
    return all(info.utcoffset(noon.astimezone(info)) == offset for noon, offset in offsets.at_noons(year, years))


def _zone_like(offsets: Offsets, year: int, *, years: int) -> str | None:
    noons = offsets.at_noons(year, years)
    # Most zones differ on the first day or after the first change: those days are asked first.
    turns = [later for earlier, later in pairwise(noons) if earlier[1] != later[1]]
    probes = [noons[0], *turns, *noons]
    for zone in _all_zones():
        info = ZoneInfo(zone)
        if all(info.utcoffset(noon.astimezone(info)) == offset for noon, offset in probes):
            return zone
    return None
