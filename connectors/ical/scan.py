"""Reads the events of one VCALENDAR text: fast, tolerant, keeping nothing but our vocabulary.

No icalendar objects are built (it takes sixty times the time); the text itself stays the truth for writing. What is
not understood of one event hides nothing else of it, and no other event: it is a doubt beside what was read.
Raises nothing but `Unreadable`, whatever the text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from connectors.ical.errors import Unreadable
from connectors.ical.limits import MOST_DATES, MOST_OBJECT_LETTERS, MOST_RULES, MOST_VERSIONS
from connectors.ical.lines import hashed_id, parameters, short_id, split_line, unescaped, unfolded
from connectors.ical.marker import MARKER_PROPERTY, read_marker
from connectors.ical.moments import after, between, length, read_duration, read_moment
from connectors.ical.zones import Effort, ZoneTable, definition_of, zone_by_name
from connectors.vocabulary.events import Doubt, DoubtCode, Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind

_Date = TypeVar("_Date")

# Read once; a second one in the same event is ignored. The others below may stand several times.
_SINGLE = frozenset({
    "UID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION", "DESCRIPTION", "URL", "STATUS", "TRANSP", "SEQUENCE",
    "RECURRENCE-ID", "CONFERENCE", "LAST-MODIFIED", "DTSTAMP", MARKER_PROPERTY,
    "X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-MSNCALENDAR-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT",
})  # fmt: skip
_REPEATED = frozenset({"RRULE", "RDATE", "EXDATE", "ATTENDEE"})
_WANTED = _SINGLE | _REPEATED
_HEADER = frozenset({"METHOD", "X-WR-TIMEZONE"})
_NEXT = frozenset({"VEVENT", "VTIMEZONE", "VTODO", "VJOURNAL", "VFREEBUSY", "VCALENDAR"})
_OTHERS = _NEXT - {"VEVENT"}
_BOUNDS = frozenset({"BEGIN", "END"})
_BARE = _NEXT - {"VCALENDAR"}
# MS-OXCICAL, sections 2.1.3.1.1.20.25 and .31: "working elsewhere" is exported as transparent, too.
_FREE = frozenset({"FREE", "WORKINGELSEWHERE"})
# Without any of these an event says nothing to anybody: no title and no time is no doubt.
_TELLING = ("SUMMARY", "DTEND", "DURATION", "RECURRENCE-ID")
_STATUS = {status.value: status for status in EventStatus}
_ONE_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_MOST_SEQUENCE_DIGITS = 9
_MOST_UNCLOSED = 100


@dataclass(slots=True)
class Properties:
    """The wanted properties of one VEVENT: name to (parameters, value), or to a list of them.

    Attributes:
        is_whole: its END was found.
    """

    single: dict[str, tuple[str, str]] = field(default_factory=dict)
    repeated: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    is_whole: bool = True

    def value(self, name: str) -> str:
        """Give the value as written, "" if there is none."""
        found = self.single.get(name)
        return found[1] if found is not None else ""

    def text(self, name: str) -> str:
        """Give a TEXT value, read."""
        found = self.single.get(name)
        return unescaped(found[1]) if found is not None else ""

    @property
    def starts(self) -> str:
        """The start as spelled: value and TZID."""
        params, value = self.single.get("DTSTART", ("", ""))
        return f"{value.strip()} {parameters(params).get('TZID', '')}".strip()

    def doubt(self, code: DoubtCode, reason: str) -> Doubt:
        """Say what was not understood of this event."""
        return Doubt(code, self.text("SUMMARY").strip(), self.starts, reason, "RRULE" in self.repeated)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text holds: master or single event first, then overrides as they stand; and what was not understood."""

    events: tuple[Event, ...]
    doubts: tuple[Doubt, ...] = ()


@dataclass(slots=True)
class _Calendar:
    header: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    events: list[Properties] = field(default_factory=list)


def read_object(text: str, owners: frozenset[str] = frozenset()) -> tuple[Event, ...]:
    """Read the events of one stored object, without what was not understood of them: see `read`.

    Raises:
        Unreadable: as `read` says.
    """
    return read(text, owners).events


def read(text: str, owners: frozenset[str] = frozenset(), effort: Effort | None = None) -> Reading:
    """Read one stored object: all events of one UID.

    Args:
        text: a VCALENDAR, or a bare VEVENT; any line ends, folded or not.
        owners: addresses of the calendar's owner in lower case ("mailto:anna@example.org"), for PARTSTAT=DECLINED.
        effort: of the whole reading that this object is a part of.

    Returns:
        No events if it holds none (tasks, say), or if none of them says when it is.

    Raises:
        Unreadable: no whole calendar, or not one of its events can be read.
    """
    if len(text) > MOST_OBJECT_LETTERS:
        raise Unreadable("it is too large")
    calendar = _walk(unfolded(text).split("\n"))
    if not calendar.events:
        return Reading(())
    home = zone_by_name(calendar.header.get("X-WR-TIMEZONE", ""))
    zones = ZoneTable(calendar.definitions, floating_zone=home, effort=effort)
    reader = _Reader(zones, owners, calendar.header.get("METHOD", "").strip().upper())
    events = [event for one in _newest(calendar.events) if (event := reader.event(one)) is not None]
    if reader.lost and not events:
        one, reason = reader.lost[0]
        lost = one.doubt(DoubtCode.UNREADABLE, reason)
        raise Unreadable(reason, title=lost.title, starts=lost.starts, repeats=lost.repeats)
    events.sort(key=lambda event: event.recurrence_id is not None)
    doubts = [one.doubt(DoubtCode.UNREADABLE, reason) for one, reason in reader.lost]
    return Reading(tuple(events), tuple(doubts + reader.doubts))


def _walk(lines: list[str]) -> _Calendar:
    """Sort the lines of a text into what is wanted."""
    calendar = _Calendar()
    is_bare = _is_bare(lines)
    is_open = is_whole = is_bare
    at = unclosed = 0
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
                if len(calendar.events) > MOST_VERSIONS:
                    raise Unreadable("it holds more events than anybody has", **_told(calendar.events))
            else:
                behind = _behind(lines, at, component) if unclosed < _MOST_UNCLOSED else None
                unclosed += behind is None
                if component == "VTIMEZONE" and behind is not None:
                    tzid, definition = definition_of(lines[at - 1 : behind])
                    calendar.definitions.setdefault(tzid, definition)
                at = behind or at
        elif head == "END" and value.strip().upper() == "VCALENDAR" and is_open:
            is_whole, is_open = True, False
        elif is_open and head in _HEADER:
            calendar.header.setdefault(head, value.strip())
    if not is_whole or (is_open and not is_bare):
        raise Unreadable("it is no whole calendar", **_told(calendar.events))
    return calendar


def _is_bare(lines: list[str]) -> bool:
    """Whether an object stands there without the calendar around it (RFC 5545, section 3.4, asks for one)."""
    first = lines[0].strip().upper()
    return first.startswith("BEGIN:") and first.removeprefix("BEGIN:").strip() in _BARE


def _behind(lines: list[str], at: int, component: str) -> int | None:
    """Give the position behind the END of a component, nested ones passed over; None if it has none."""
    end = f"END:{component}"
    try:
        return lines.index(end, at) + 1
    except ValueError:  # in another spelling, or not at all
        for position in range(at, len(lines)):
            if lines[position].replace(" ", "").upper() == end:
                return position + 1
    return None


def _behind_nested(lines: list[str], at: int, component: str) -> int:
    """The same for a component of an event, which ends with the event at the latest."""
    behind = _behind(lines, at, component)
    of_event = _behind(lines, at, "VEVENT") if behind is None or "END:VEVENT" in lines[at:behind] else None
    return of_event - 1 if of_event is not None else len(lines) if behind is None else behind


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
            if name in _BOUNDS:
                component = value.strip().upper()
                if name == "BEGIN" and component not in _NEXT:
                    at = _behind_nested(lines, at, component)
                    continue
                if name == "BEGIN" or component in _OTHERS:
                    found.is_whole = False  # it lost its own END, and hides nothing of what follows
                    return found, at - 1
                return found, at
            if name not in _WANTED:
                continue
        if '"' in params:  # perhaps the colon stood inside quotes
            _, params, value = split_line(line)
        if name in _REPEATED:
            repeated.setdefault(name, []).append((params, value))
        elif name not in single:
            single[name] = (params, value)
    raise Unreadable("it breaks off in the middle", **_told([found]))


def _newest(events: list[Properties]) -> list[Properties]:
    """Of several events for one instance keep one: the higher SEQUENCE, then the later stamp, then the later in text.

    They occur in Google's and Exchange's exports (sheet ics-feeds, "Key").
    """
    if len(events) == 1:
        return events
    best: dict[tuple[str, str], Properties] = {}
    for number, event in enumerate(events):
        key = (event.value("UID").strip() or str(number), event.value("RECURRENCE-ID").strip())
        if key not in best or age_of(event) >= age_of(best[key]):
            best[key] = event
    return list(best.values())


def age_of(event: Properties) -> tuple[int, str]:
    """Give what orders two versions of one event."""
    return _sequence(event), event.value("LAST-MODIFIED").strip() or event.value("DTSTAMP").strip()


def _sequence(event: Properties) -> int:
    value = event.value("SEQUENCE").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= _MOST_SEQUENCE_DIGITS else 0


class _Reader:
    """Reads the events of one calendar, and keeps what it could not understand.

    Attributes:
        lost: events that could not be read at all, and why.
        doubts: what else was not understood.
    """

    def __init__(self, zones: ZoneTable, owners: frozenset[str], method: str) -> None:
        self._zones, self._owners, self._method = zones, owners, method
        self.lost: list[tuple[Properties, str]] = []
        self.doubts: list[Doubt] = []

    def event(self, properties: Properties) -> Event | None:
        """Read one event; None if it cannot be, or says nothing of when it is."""
        unknown = len(self._zones.unknown)
        try:
            event = self._event(properties)
        except Unreadable as cause:
            self.lost.append((properties, cause.reason))
            return None
        if len(self._zones.unknown) > unknown:
            reason = list(self._zones.unknown.values())[unknown]
            self.doubts.append(properties.doubt(DoubtCode.ZONE_UNKNOWN, reason))
        return event

    def _event(self, properties: Properties) -> Event | None:
        if not properties.is_whole:
            raise Unreadable("it breaks off in the middle")
        if "DTSTART" not in properties.single:
            if self._takes_no_time(properties):
                return None
            raise Unreadable("it has no start")
        zones, repeated = self._zones, properties.repeated
        start = read_moment(*properties.single["DTSTART"], zones)
        if properties.value("X-MICROSOFT-CDO-ALLDAYEVENT").strip().upper() == "TRUE":
            start = _whole_day(start)
        recurrence_id, this_and_future = _recurrence_id(properties, zones)
        end, duration = self._end(properties, start)
        rdates = self._dates(properties, "RDATE", _rdate) if "RDATE" in repeated else ()
        uid = short_id(properties.text("UID").strip()) or _made_uid(properties)
        is_cancelled = self._method == "CANCEL"
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
            opaque=_is_opaque(properties),
            declined="ATTENDEE" in repeated and _has_declined(repeated["ATTENDEE"], self._owners),
            sequence=_sequence(properties),
            recurrence_id=recurrence_id,
            this_and_future=this_and_future,
            rrule=self._rules(properties) if "RRULE" in repeated else (),
            rdates=tuple(moment for moment, _ in rdates),
            rdate_durations=tuple(length for _, length in rdates),
            exdates=self._dates(properties, "EXDATE", read_moment) if "EXDATE" in repeated else (),
            marker=read_marker(marker, uid) if marker else None,
        )

    def _takes_no_time(self, properties: Properties) -> bool:
        """Whether an event needs no start: in a message (section 3.6.1), or if it says nothing at all."""
        if self._method:
            return True
        return not properties.repeated.keys() & {"RRULE", "RDATE"} and not any(properties.value(n) for n in _TELLING)

    def _end(self, properties: Properties, start: Moment) -> tuple[Moment, timedelta]:
        """Give end and duration; those of an event without an end where they cannot be understood."""
        try:
            return _end(properties, start, self._zones)
        except Unreadable as cause:
            self.doubts.append(properties.doubt(DoubtCode.END_UNREADABLE, cause.reason))
            return _without_end(start)

    def _rules(self, properties: Properties) -> tuple[str, ...]:
        rules = [rule for _, value in properties.repeated["RRULE"] if (rule := value.strip())]
        if len(rules) > MOST_RULES:
            self.doubts.append(properties.doubt(DoubtCode.DATE_UNREADABLE, "it has more rules than can be followed"))
        return tuple(rules[:MOST_RULES])

    def _dates(
        self, properties: Properties, name: str, read_one: Callable[[str, str, ZoneTable], _Date]
    ) -> tuple[_Date, ...]:
        """Read a list of dates; one that is none is left out."""
        found: list[_Date] = []
        for params, values in properties.repeated[name]:
            for value in values.split(",", MOST_DATES + 1)[: MOST_DATES + 1]:
                if not value.strip():
                    continue
                if len(found) >= MOST_DATES:
                    self.doubts.append(properties.doubt(DoubtCode.DATE_UNREADABLE, "it names more dates than are kept"))
                    return tuple(found)
                try:
                    found.append(read_one(params, value, self._zones))
                except Unreadable as cause:
                    self.doubts.append(properties.doubt(DoubtCode.DATE_UNREADABLE, cause.reason))
        return tuple(found)


def _told(events: list[Properties]) -> dict[str, Any]:
    """Give what is known of the first event, to tell which one an error is about."""
    if not events:
        return {}
    one = events[0].doubt(DoubtCode.UNREADABLE, "")
    return {"title": one.title, "starts": one.starts, "repeats": one.repeats}


def _made_uid(properties: Properties) -> str:
    """Make a stable id where there is none (sheet ics-feeds, "Key")."""
    return hashed_id(f"{properties.starts}\n{properties.value('SUMMARY')}", "no-uid")


def _is_opaque(properties: Properties) -> bool:
    """Whether an event takes time: TRANSP says so, or Exchange's own property does; either may say that it takes none.

    TRANSP:TRANSPARENT is always somebody's wish (a phone that changes it knows no Exchange property); OPAQUE is also
    what is written without one.
    """
    if properties.value("TRANSP").strip().upper() == "TRANSPARENT":
        return False
    single = properties.single
    shown = single.get("X-MICROSOFT-CDO-BUSYSTATUS") or single.get("X-MICROSOFT-MSNCALENDAR-BUSYSTATUS")
    return shown is None or shown[1].strip().upper() not in _FREE


def _whole_day(moment: Moment) -> Moment:
    """Exchange's midnight of a whole day, in the zone of whoever made it, means the day."""
    is_midnight = (moment.local.hour, moment.local.minute, moment.local.second) == (0, 0, 0)
    if not is_midnight or moment.kind is MomentKind.UTC:
        return moment
    return Moment(MomentKind.DATE, moment.local)


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
        return _without_end(start)
    if duration < _ZERO:
        # Against the RFC. Kept as a moment without length: refusing it would lose a whole series for one instance.
        return start, _ZERO
    return end, duration


def _without_end(start: Moment) -> tuple[Moment, timedelta]:
    duration = _ONE_DAY if start.is_date else _ZERO
    return after(start, duration, _ZERO), duration


def _recurrence_id(properties: Properties, zones: ZoneTable) -> tuple[Moment | None, bool]:
    if "RECURRENCE-ID" not in properties.single:
        return None, False
    params, value = properties.single["RECURRENCE-ID"]
    return read_moment(params, value, zones), parameters(params).get("RANGE", "").upper() == "THISANDFUTURE"


def _rdate(params: str, value: str, zones: ZoneTable) -> tuple[Moment, timedelta | None]:
    """Read one RDATE: a date, a time, or a period (section 3.3.9) with an end or a duration."""
    first, _, last = value.partition("/")
    start = read_moment(params.replace("PERIOD", "DATE-TIME"), first, zones)
    return start, _period_length(params, start, last.strip(), zones) if last else None


def _period_length(params: str, start: Moment, last: str, zones: ZoneTable) -> timedelta:
    if last[:1] in "Pp+-":
        return length(start, *read_duration(last))
    return between(start, read_moment(params.replace("PERIOD", "DATE-TIME"), last, zones))


def _has_declined(attendees: list[tuple[str, str]], owners: frozenset[str]) -> bool:
    return any(
        value.strip().lower() in owners and parameters(params).get("PARTSTAT", "").upper() == "DECLINED"
        for params, value in attendees
    )
