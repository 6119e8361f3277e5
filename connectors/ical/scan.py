"""Reads the events of one VCALENDAR text: fast, tolerant, keeping nothing but our vocabulary.

No icalendar objects are built (it takes sixty times the time); the text itself stays the truth for writing.
Raises nothing but `Unreadable`, whatever the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.ical.errors import Unreadable
from connectors.ical.lines import parameters, split_line, unescaped, unfolded
from connectors.ical.marker import MARKER_PROPERTY, read_marker
from connectors.ical.moments import after, between, length, read_duration, read_moment
from connectors.ical.zones import ZoneTable, definition_of, zone_by_name
from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

# Read once; a second one in the same event is ignored. The others below may stand several times.
_SINGLE = frozenset({
    "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "STATUS", "TRANSP", "SEQUENCE",
    "RECURRENCE-ID", "CONFERENCE", "LAST-MODIFIED", "DTSTAMP", MARKER_PROPERTY,
})  # fmt: skip
_REPEATED = frozenset({"RRULE", "RDATE", "EXDATE", "ATTENDEE"})
_WANTED = _SINGLE | _REPEATED
_HEADER = frozenset({"METHOD", "X-WR-TIMEZONE"})
_STATUS = {status.value: status for status in EventStatus}
_ONE_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_MOST_SEQUENCE_DIGITS = 9


@dataclass(slots=True)
class Properties:
    """The wanted properties of one VEVENT: name to (parameters, value), or to a list of them."""

    single: dict[str, tuple[str, str]] = field(default_factory=dict)
    repeated: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Give the value as written, "" if there is none."""
        found = self.single.get(name)
        return found[1] if found is not None else ""

    def text(self, name: str) -> str:
        """Give a TEXT value, read."""
        found = self.single.get(name)
        return unescaped(found[1]) if found is not None else ""


@dataclass(slots=True)
class _Calendar:
    header: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    events: list[Properties] = field(default_factory=list)


def read_object(text: str, owners: frozenset[str] = frozenset()) -> tuple[Event, ...]:
    """Read one stored object: all events of one UID.

    Args:
        text: a VCALENDAR, any line ends, folded or not.
        owners: addresses of the calendar's owner in lower case ("mailto:anna@example.org"), for PARTSTAT=DECLINED.

    Returns:
        Master or single event first, then overrides as they stand. Empty if it holds no event (tasks, say).

    Raises:
        Unreadable: no whole calendar, or an event without what an event needs.
    """
    calendar = _walk(unfolded(text).split("\n"))
    if not calendar.events:
        return ()
    zones = ZoneTable(calendar.definitions, floating_zone=zone_by_name(calendar.header.get("X-WR-TIMEZONE", "")))
    is_cancelled = calendar.header.get("METHOD", "").strip().upper() == "CANCEL"
    events = [_event(properties, zones, owners, is_cancelled=is_cancelled) for properties in _newest(calendar.events)]
    if len({event.uid for event in events}) > 1:
        raise Unreadable("it holds events of several ids in one place")
    events.sort(key=lambda event: event.recurrence_id is not None)
    return tuple(events)


def _walk(lines: list[str]) -> _Calendar:
    """Sort the lines of a text into what is wanted."""
    calendar = _Calendar()
    is_open = is_whole = False
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        head, _, value = line.partition(":")
        head = head.partition(";")[0].strip().upper()
        if head == "BEGIN":
            component = value.strip().upper()
            if component == "VCALENDAR":
                is_open = True
            elif not is_open:
                raise Unreadable("it is no calendar")
            elif component == "VEVENT":
                properties, at = _properties(lines, at)
                calendar.events.append(properties)
            else:
                begin, at = at - 1, _behind(lines, at, component)
                if component == "VTIMEZONE":
                    tzid, definition = definition_of(lines[begin:at])
                    calendar.definitions.setdefault(tzid, definition)
        elif head == "END" and value.strip().upper() == "VCALENDAR" and is_open:
            is_whole, is_open = True, False
        elif is_open and head in _HEADER:
            calendar.header.setdefault(head, value.strip())
    if not is_whole or is_open:
        raise Unreadable("it is no whole calendar")
    return calendar


def _behind(lines: list[str], at: int, component: str) -> int:
    """Give the position behind the END of a component; what is nested in it is passed over."""
    end = f"END:{component}"
    try:
        return lines.index(end, at) + 1
    except ValueError:  # in another spelling, or not at all
        for position in range(at, len(lines)):
            if lines[position].replace(" ", "").upper() == end:
                return position + 1
    raise Unreadable("it breaks off in the middle")


def _properties(lines: list[str], at: int) -> tuple[Properties, int]:
    """Take the wanted properties of one VEVENT, whose BEGIN was read, and the position behind it."""
    found = Properties()
    single, repeated = found.single, found.repeated
    last = len(lines)
    while at < last:
        line = lines[at]
        at += 1
        head, _, value = line.partition(":")
        name, _, params = head.partition(";")
        if name not in _WANTED:
            name = name.strip().upper()
            if name == "BEGIN":
                at = _behind(lines, at, value.strip().upper())
                continue
            if name == "END":
                return found, at
            if name not in _WANTED:
                continue
        if '"' in params:  # perhaps the colon stood inside quotes
            _, params, value = split_line(line)
        if name in _REPEATED:
            repeated.setdefault(name, []).append((params, value))
        elif name not in single:
            single[name] = (params, value)
    raise Unreadable("it breaks off in the middle")


def _newest(events: list[Properties]) -> list[Properties]:
    """Of several events for one instance keep one: the higher SEQUENCE, then the later stamp, then the later in text.

    They occur in Google's and Exchange's exports (sheet ics-feeds, "Key").
    """
    if len(events) == 1:
        return events
    best: dict[tuple[str, str], Properties] = {}
    for event in events:
        key = (event.value("UID").strip(), event.value("RECURRENCE-ID").strip())
        if key not in best or age_of(event) >= age_of(best[key]):
            best[key] = event
    return list(best.values())


def age_of(event: Properties) -> tuple[int, str]:
    """Give what orders two versions of one event."""
    return _sequence(event), event.value("LAST-MODIFIED").strip() or event.value("DTSTAMP").strip()


def _sequence(event: Properties) -> int:
    value = event.value("SEQUENCE").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _MOST_SEQUENCE_DIGITS else 0


def _event(properties: Properties, zones: ZoneTable, owners: frozenset[str], *, is_cancelled: bool) -> Event:
    uid = properties.text("UID").strip()
    if not uid:
        raise Unreadable("it has no id")
    if "DTSTART" not in properties.single:
        raise Unreadable("it has no start")
    start = read_moment(*properties.single["DTSTART"], zones)
    end, duration = _end(properties, start, zones)
    repeated = properties.repeated
    recurrence_id, this_and_future = _recurrence_id(properties, zones)
    rdates = tuple(_rdates(repeated["RDATE"], zones)) if "RDATE" in repeated else ()
    status = EventStatus.CANCELLED if is_cancelled else _STATUS.get(properties.value("STATUS").strip().upper())
    marker = properties.text(MARKER_PROPERTY)
    return Event(
        uid=uid,
        start=start,
        end=end,
        duration=duration,
        summary=properties.text("SUMMARY"),
        location=properties.text("LOCATION"),
        description=properties.text("DESCRIPTION"),
        url=properties.value("URL").strip(),
        conference=properties.value("CONFERENCE").strip(),
        status=status or EventStatus.CONFIRMED,
        opaque=properties.value("TRANSP").strip().upper() != "TRANSPARENT",
        declined="ATTENDEE" in repeated and _has_declined(repeated["ATTENDEE"], owners),
        sequence=_sequence(properties),
        recurrence_id=recurrence_id,
        this_and_future=this_and_future,
        rrule=tuple(value.strip() for _, value in repeated["RRULE"] if value.strip()) if "RRULE" in repeated else (),
        rdates=tuple(moment for moment, _ in rdates),
        rdate_durations=tuple(length for _, length in rdates),
        exdates=tuple(_exdates(repeated["EXDATE"], zones)) if "EXDATE" in repeated else (),
        marker=read_marker(marker, uid) if marker else None,
    )


def _end(properties: Properties, start: Moment, zones: ZoneTable) -> tuple[Moment, timedelta]:
    """Give end and duration (section 3.6.1: a date without an end lasts a day, a time none)."""
    if "DTEND" in properties.single and properties.value("DTEND").strip():
        end = read_moment(*properties.single["DTEND"], zones)
        if start.is_date and not end.is_date:  # against the RFC, but its meaning is plain
            end = Moment(MomentKind.DATE, end.local.replace(hour=0, minute=0, second=0))
        elif (end.is_date and not start.is_date) or (end.kind is MomentKind.FLOATING and start.zone is not None):
            end = Moment(start.kind, end.local, start.zone, start.tzid)
        duration = between(start, end)
        if start.is_date and duration <= _ZERO:  # several producers give the same day as first and last
            return Moment(MomentKind.DATE, start.local + _ONE_DAY), _ONE_DAY
    elif "DURATION" in properties.single:
        nominal, exact = read_duration(properties.value("DURATION"))
        if start.is_date:
            nominal, exact = timedelta(days=(nominal + exact).days), _ZERO
        end, duration = after(start, nominal, exact), length(start, nominal, exact)
    else:
        duration = _ONE_DAY if start.is_date else _ZERO
        end = after(start, duration, _ZERO)
    if duration < _ZERO:
        # Against the RFC. Kept as a moment without length: refusing it would lose a whole series for one instance.
        return start, _ZERO
    return end, duration


def _recurrence_id(properties: Properties, zones: ZoneTable) -> tuple[Moment | None, bool]:
    if "RECURRENCE-ID" not in properties.single:
        return None, False
    params, value = properties.single["RECURRENCE-ID"]
    return read_moment(params, value, zones), parameters(params).get("RANGE", "").upper() == "THISANDFUTURE"


def _exdates(lines: list[tuple[str, str]], zones: ZoneTable) -> Iterator[Moment]:
    for params, values in lines:
        for value in values.split(","):
            if value.strip():
                yield read_moment(params, value, zones)


def _rdates(lines: list[tuple[str, str]], zones: ZoneTable) -> Iterator[tuple[Moment, timedelta | None]]:
    """Read RDATE: dates, times, and periods (section 3.3.9) with an end or a duration."""
    for params, values in lines:
        for value in values.split(","):
            if not value.strip():
                continue
            first, _, last = value.partition("/")
            start = read_moment(params.replace("PERIOD", "DATE-TIME"), first, zones)
            yield start, _period_length(params, start, last.strip(), zones) if last else None


def _period_length(params: str, start: Moment, last: str, zones: ZoneTable) -> timedelta:
    if last[:1] in "Pp+-":
        return length(start, *read_duration(last))
    return between(start, read_moment(params.replace("PERIOD", "DATE-TIME"), last, zones))


def _has_declined(attendees: list[tuple[str, str]], owners: frozenset[str]) -> bool:
    return any(
        value.strip().lower() in owners and parameters(params).get("PARTSTAT", "").upper() == "DECLINED"
        for params, value in attendees
    )
