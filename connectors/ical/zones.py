"""Which IANA zone a TZID means: what its VTIMEZONE says, then what its name says. Never silently UTC.

Order (sheet caldav-protocol, "VTIMEZONE wins"): the named zone if the definition agrees with it or is only a part of it
(many clients send the half that matters); else a known zone with the same offsets in the years that matter; without a
definition the name alone: IANA, Windows, a vendor's prefix, a list of cities, an offset.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from connectors.ical.errors import Unreadable
from connectors.ical.lines import split_line
from connectors.ical.vtimezone import Offsets, read_offsets
from connectors.vocabulary.times import UnknownZone, zone_named

_OFFSET_NAME = re.compile(r"(?:GMT|UTC|UT)?\s*([+-])(\d{1,2}):?(\d{2})?", re.IGNORECASE)
_CITIES_NAME = re.compile(r"\((?:UTC|GMT)\s*(?:([+-])(\d{1,2}):?(\d{2}))?\)\s*(.+)", re.IGNORECASE)
# Names that lie in the zone folder of an operating system and mean no place.
_NO_PLACES = frozenset({"localtime", "posixrules", "Factory", "leapseconds", "tzdata.zi"})
_YEARS_THAT_MATTER = 2


class ZoneTable:
    """The zones of one VCALENDAR: its definitions, and what they turned out to be."""

    def __init__(self, definitions: dict[str, str], *, floating_zone: str | None = None) -> None:
        """Keep the definitions; nothing is worked out before it is asked for.

        Args:
            definitions: TZID to the unfolded text of its VTIMEZONE.
            floating_zone: zone of times without one (X-WR-TIMEZONE), already resolved.
        """
        self.definitions = definitions
        self.floating_zone = floating_zone
        self._known: dict[str, str] = {}

    def resolve(self, tzid: str, year: int) -> str:
        """Give the IANA zone of a TZID.

        Args:
            tzid: as written.
            year: of the first moment that needs it: the definition has to fit from there on.

        Raises:
            Unreadable: a zone that nobody knows.
        """
        zone = self._known.get(tzid)
        if zone is None:
            definition = self.definitions.get(tzid)
            zone = self._known[tzid] = zone_of(tzid, definition, year if definition else 0)
        return zone


@lru_cache(maxsize=1024)
def zone_of(tzid: str, definition: str | None, year: int) -> str:
    """Give the IANA zone of a TZID with its definition, if there is one.

    Raises:
        Unreadable: neither the definition nor the name leads to a known zone.
    """
    named = zone_by_name(tzid)
    offsets = _offsets(definition, year) if definition else None
    if offsets is None:
        if named is None:
            raise Unreadable(f"its time zone “{tzid[:60]}” is not known")
        return named
    if named is not None and (_agrees(named, offsets, year) or _is_part_of(named, offsets, year)):
        return named
    zone = _zone_like(offsets, year)
    if zone is None:
        raise Unreadable(f"its time zone “{tzid[:60]}” follows rules of its own")
    return zone


def _offsets(definition: str, year: int) -> Offsets | None:
    """Read a definition; None if it is not to be understood: then its name has to do."""
    try:
        return read_offsets(definition, year, years=_YEARS_THAT_MATTER)
    except Unreadable:
        return None


def definition_of(lines: list[str]) -> tuple[str, str]:
    """Give TZID and text of the unfolded lines of one VTIMEZONE."""
    tzid = next((value for name, _, value in map(split_line, lines) if name == "TZID"), "")
    return tzid.strip(), "\n".join(lines)


@lru_cache(maxsize=1024)
def zone_by_name(tzid: str) -> str | None:
    """Give the IANA zone that a name means, or None."""
    name = tzid.strip().strip('"').strip()
    return _iana(name) or _windows(name) or _behind_prefix(name) or _by_cities(name) or _by_offset(name)


def _iana(name: str) -> str | None:
    name = name.removeprefix("posix/").removeprefix("right/")
    if not name or name in _NO_PLACES:
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
        zone = _zones_by_city().get(city.strip().lower().replace(" ", "_"))
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
    return None


def _offset_of(sign: str, hours: str, minutes: str | None) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return -offset if sign == "-" else offset


def _standard_offset(zone: str) -> timedelta | None:
    instants = (datetime(2026, month, 1, tzinfo=UTC).astimezone(zone_named(zone)) for month in (1, 7))
    return min(instant.utcoffset() or timedelta(0) for instant in instants)


@cache
def _all_zones() -> tuple[str, ...]:
    """Every zone, places first and the well-known ones (those with a Windows name) before all others."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    well_known = dict.fromkeys(WINDOWS_TO_OLSON.values())
    others = sorted(available_timezones() - set(well_known) - _NO_PLACES, key=lambda zone: ("/" not in zone, zone))
    return tuple(zone for zone in (*well_known, *others) if _iana(zone) == zone)


@cache
def _zones_by_lower_case() -> dict[str, str]:
    return {zone.lower(): zone for zone in available_timezones() - _NO_PLACES}


@cache
def _zones_by_city() -> dict[str, str]:
    return {zone.rsplit("/", 1)[-1].lower(): zone for zone in sorted(available_timezones()) if "/" in zone}


def _agrees(zone: str, offsets: Offsets, year: int) -> bool:
    info = ZoneInfo(zone)
    return all(info.utcoffset(noon.astimezone(info)) == offset for noon, offset in offsets.at_noons(year))


def _is_part_of(zone: str, offsets: Offsets, year: int) -> bool:
    """Whether a definition names one unchanging offset that the zone has, too, in a part of the year."""
    info = ZoneInfo(zone)
    declared = {offset for _, offset in offsets.at_noons(year)}
    return len(declared) == 1 and declared <= {
        info.utcoffset(noon.astimezone(info)) for noon, _ in offsets.at_noons(year)
    }


def _zone_like(offsets: Offsets, year: int) -> str | None:
    noons = offsets.at_noons(year)
    # Most zones differ on the first day or after the first change: those days are asked first.
    turns = [later for earlier, later in pairwise(noons) if earlier[1] != later[1]]
    probes = [noons[0], *turns, *noons]
    for zone in _all_zones():
        info = ZoneInfo(zone)
        if all(info.utcoffset(noon.astimezone(info)) == offset for noon, offset in probes):
            return zone
    return None
