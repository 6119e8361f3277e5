"""Writes iCalendar: a whole object for a new event, and patches that change our fields and not one byte more.

Decides, never acts: text in, text out; the instant comes as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.ical.errors import Unreadable
from connectors.ical.lines import escaped, folded, logical_lines, split_line, unescaped, unfolded
from connectors.ical.marker import MARKER_PROPERTY, marker_text
from connectors.ical.moments import local_text, utc_text
from connectors.ical.scan import read_object
from connectors.ical.series import ended_rule, without_later
from connectors.ical.vtimezone import vtimezone_for
from connectors.ical.zones import definition_of, zone_of

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event, EventDraft, OwnFields
    from connectors.vocabulary.times import Moment, WallSpan

PRODUCT = "-//TutorSync//TutorSync//EN"
_OWN_ZONE_PREFIX = "/tutorsync.org/"


def new_object(draft: EventDraft, *, now: datetime) -> str:
    """Give the text of a new object.

    Args:
        draft: complete; with a template (what we deleted before) everything foreign in it comes back.
        now: this instant, for DTSTAMP and LAST-MODIFIED.

    Raises:
        ValueError: `when` or `summary` is missing.
        Unreadable: the template is no calendar.
    """
    fields = draft.fields
    if fields.when is None or fields.summary is None:
        msg = "a new event has a time and a title"
        raise ValueError(msg)
    if draft.template is not None:
        return patched(_with_uid(draft.template, draft.uid), fields, now=now)
    stamp = utc_text(now)
    texts = {"SUMMARY": fields.summary, "LOCATION": fields.location, "DESCRIPTION": fields.description}
    addresses = {"URL": fields.url, "CONFERENCE;VALUE=URI;FEATURE=VIDEO": fields.conference}
    zone = fields.when.zone
    before = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN"]
    event = [
        "BEGIN:VEVENT",
        f"UID:{escaped(draft.uid)}",
        f"DTSTAMP:{stamp}",
        f"CREATED:{stamp}",
        "SEQUENCE:0",
        f"DTSTART;TZID={zone}:{local_text(fields.when.start)}",
        _end_line(fields.when, zone),
        "TRANSP:OPAQUE",
        *(f"{name}:{text}" for name, value in texts.items() if (text := escaped(value or ""))),
        *(f"{name}:{address}" for name, value in addresses.items() if (address := _address(value or ""))),
        *([f"{MARKER_PROPERTY}:{marker_text(fields.marker)}"] if fields.marker is not None else []),
        f"LAST-MODIFIED:{stamp}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    definition = vtimezone_for(zone, fields.when.start.year)
    return "".join((*map(folded, before), definition, *map(folded, event)))


def patched(text: str, fields: OwnFields, *, now: datetime) -> str:
    """Change only the given fields of the single event or master in a text.

    Every other content line stays byte for byte, in its place, folded as it was. If the time changes, SEQUENCE rises;
    if anything does, DTSTAMP and LAST-MODIFIED become `now`. A value that is there already changes nothing.

    Args:
        text: the object as read.
        fields: None leaves a field, "" takes it out.
        now: this instant.

    Raises:
        Unreadable: the text holds no event that could be changed.
    """
    if fields.whole is not None:
        return fields.whole
    if fields.ends_before is not None:
        text = without_later(text, fields.ends_before)
    event = next(iter(read_object(text)), None)
    if event is None:
        raise Unreadable("it holds no event")
    sheet = _Sheet.of(text)
    has_moved = fields.when is not None and sheet.set_when(event, fields.when)
    before = list(sheet.lines)
    sheet.set_own(fields)
    if fields.ends_before is not None:
        sheet.end_rules(fields.ends_before)
        has_moved = True
    if not has_moved and sheet.lines == before:
        return text
    if has_moved:
        sheet.set_value("SEQUENCE", "", str(event.sequence + 1))
    sheet.set_value("DTSTAMP", "", utc_text(now))
    sheet.set_value("LAST-MODIFIED", "", utc_text(now))
    return "".join(sheet.lines)


def _address(value: str) -> str:
    """A URI value is never escaped (section 3.3.13); what would break the line is left out."""
    return "".join(letter for letter in value.strip() if letter > " " and letter != "\x7f")


def _with_uid(template: str, uid: str) -> str:
    lines = logical_lines(template)
    return "".join(
        folded(f"UID:{escaped(uid)}", _end_of(line)) if split_line(unfolded(line))[0] == "UID" else line
        for line in lines
    )


def _end_of(line: str) -> str:
    return "\r\n" if line.endswith("\r\n") else "\n" if line.endswith("\n") else "\r\n"


@dataclass(slots=True)
class _Sheet:
    """The content lines of an object as they stand, and where the event's own ones are among them."""

    lines: list[str]
    begin: int
    line_end: str

    @classmethod
    def of(cls, text: str) -> _Sheet:
        lines = logical_lines(text)
        begin = _main_event(lines)
        return cls(lines, begin, _end_of(lines[begin]))

    def own_lines(self) -> list[tuple[int, str, str, str]]:
        """Position, name, parameters and value of the event's own properties; nested components are passed over."""
        found: list[tuple[int, str, str, str]] = []
        depth = 0
        for position in range(self.begin + 1, len(self.lines)):
            name, params, value = split_line(_plain(self.lines[position]))
            if name == "BEGIN":
                depth += 1
            elif name == "END":
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0 and name:
                found.append((position, name, params, value))
        return found

    def find(self, name: str) -> tuple[int, str, str] | None:
        return next(((at, params, value) for at, other, params, value in self.own_lines() if other == name), None)

    def set_own(self, fields: OwnFields) -> None:
        """Set our fields but the time."""
        texts = {"SUMMARY": fields.summary, "LOCATION": fields.location, "DESCRIPTION": fields.description}
        for name, value in texts.items():
            if value is not None:
                self.set_text(name, value)
        if fields.url is not None:
            self.set_value("URL", "", _address(fields.url))
        if fields.conference is not None:
            self.set_value("CONFERENCE", ";VALUE=URI;FEATURE=VIDEO", _address(fields.conference))
        if fields.marker is not None:
            self.set_value(MARKER_PROPERTY, "", marker_text(fields.marker))
        elif fields.gives_up:
            self.set_value(MARKER_PROPERTY, "", "")

    def set_text(self, name: str, value: str) -> None:
        """Set a TEXT property; its other parameters (a language, say) stay."""
        there = self.find(name)
        # A text that reads the same stays as it is, whatever its escapes.
        if there is not None and value and unescaped(there[2]) == unescaped(escaped(value)):
            return
        self.set_value(name, "", escaped(value), keeps_parameters=True)

    def set_value(self, name: str, params: str, value: str, *, keeps_parameters: bool = False) -> None:
        """Put a value into the first property of that name, add it before the event's end, or take it out for ""."""
        there = self.find(name)
        if there is None:
            if value:
                self.lines.insert(self._end(), folded(f"{name}{params}:{value}", self.line_end))
            return
        position, old_params, old_value = there
        if not value:
            del self.lines[position]
        elif old_value != value:
            kept = f";{old_params}" if keeps_parameters and old_params else params
            self.lines[position] = folded(f"{name}{kept}:{value}", _end_of(self.lines[position]))

    def set_when(self, event: Event, when: WallSpan) -> bool:
        """Move the event; says whether anything changed."""
        is_same_start = _is_at(event.start, when.start, when.zone)
        if is_same_start and event.duration == when.duration:
            return False
        tzid = event.start.tzid if event.start.zone == when.zone else None
        if tzid is None:
            tzid = self._tzid_for(when)
        start = folded(f"DTSTART;TZID={_quoted(tzid)}:{local_text(when.start)}", self.line_end)
        end = folded(_end_line(when, tzid), self.line_end)
        # From the last to the first, so that the positions stay true.
        for position, name, _, _ in reversed(self.own_lines()):
            if name == "DTSTART":
                self.lines[position : position + 1] = [start, end]
            elif name in {"DTEND", "DURATION"}:
                del self.lines[position]
        return True

    def end_rules(self, before: datetime) -> None:
        """Let a series end before an instant."""
        for position, name, params, value in self.own_lines():
            if name == "RRULE":
                kept = f";{params}" if params else ""
                line = f"RRULE{kept}:{ended_rule(value, before)}"
                self.lines[position] = folded(line, _end_of(self.lines[position]))

    def _end(self) -> int:
        """Where the event's own properties end: before its first nested component or its END."""
        own = self.own_lines()
        return own[-1][0] + 1 if own else self.begin + 1

    def _tzid_for(self, when: WallSpan) -> str:
        """Give a TZID that means the zone here, adding its definition if there is none."""
        definitions = _definitions(self.lines)
        for tzid in (when.zone, _OWN_ZONE_PREFIX + when.zone):
            if tzid not in definitions:
                zone = vtimezone_for(when.zone, when.start.year, line_end=self.line_end)
                zone = zone.replace(f"TZID:{when.zone}", f"TZID:{tzid}", 1)
                added = logical_lines(zone)
                at = next(i for i, line in enumerate(self.lines) if _plain(line).upper().strip() == "BEGIN:VEVENT")
                self.lines[at:at] = added
                self.begin += len(added)
                return tzid
            if _means(tzid, definitions[tzid], when):
                return tzid
        raise Unreadable("its time zones contradict each other")


def _end_line(when: WallSpan, tzid: str) -> str:
    """Give DTEND; DURATION where it is the second of two equal wall times and would be read as the first."""
    end = when.end
    if not end.fold:
        return f"DTEND;TZID={_quoted(tzid)}:{local_text(end)}"
    return f"DURATION:PT{int(when.duration.total_seconds())}S"


def _plain(line: str) -> str:
    return unfolded(line).rstrip("\n")


def _main_event(lines: list[str]) -> int:
    """Position of the BEGIN of the single event or the master; of the first override if there is no other."""
    begins: list[tuple[bool, int]] = []
    is_inside, depth = False, 0
    for position, line in enumerate(lines):
        name, _, value = split_line(_plain(line))
        if name == "BEGIN":
            if is_inside:
                depth += 1
            elif value.strip().upper() == "VEVENT":
                is_inside = True
                begins.append((False, position))
        elif name == "END" and is_inside:
            is_inside, depth = depth > 0, depth - 1 if depth else 0
        elif name == "RECURRENCE-ID" and is_inside and depth == 0:
            begins[-1] = (True, begins[-1][1])
    if not begins:
        raise Unreadable("it holds no event")
    return min(begins)[1]


def _definitions(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    block: list[str] = []
    for line in lines:
        plain = _plain(line)
        if plain.strip().upper() == "BEGIN:VTIMEZONE":
            block = [plain]
        elif block:
            block.append(plain)
            if plain.strip().upper() == "END:VTIMEZONE":
                tzid, definition = definition_of(block)
                found.setdefault(tzid, definition)
                block = []
    return found


def _means(tzid: str, definition: str, when: WallSpan) -> bool:
    try:
        return zone_of(tzid, definition, when.start) == when.zone
    except Unreadable:
        return False


def _is_at(moment: Moment, local: datetime, zone: str) -> bool:
    return moment.zone == zone and moment.local == local


def _quoted(tzid: str) -> str:
    return f'"{tzid}"' if any(letter in tzid for letter in ":;,") else tzid
