"""One object of a calendar, read with the icalendar library: what it says of a session, and whether it is ours.

The engine's connectors read with a scanner of their own; this is the second opinion. Pure: text in, a value out.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from icalendar import Calendar

from sync_agent.audit.values import BROKEN, CANCELLED, Field, Thing, When

Component = Any
"""One VEVENT of the library, whose values are of thirty classes; what they lack is caught as unreadable."""

MARKER = "X-TUTORSYNC-MARKER"
_FENCE = "— TutorSync —"
_CLOSES = re.compile(r"—+[ \t]*")
_JOIN = "Join: "
_UID = re.compile(r"^UID(?:;[^:]*)?:(.*?)\s*$", re.MULTILINE)
_FOLD = re.compile(r"\r?\n[ \t]")


def uid_in(text: str) -> str:
    """Give the first UID of an object without reading the rest: most objects of a calendar are none of ours."""
    found = _UID.search(_FOLD.sub("", text))
    return found[1].replace("\\,", ",").replace("\\;", ";") if found else ""


def read_thing(place: str, version: str, text: str, *, tenants: frozenset[str]) -> Thing:
    """Read one object.

    Args:
        place: where it lies.
        version: its ETag.
        text: as the server gave it.
        tenants: our names; a marker of another installation is no marker of ours.
    """
    try:
        events = Calendar.from_ical(text).walk("VEVENT")
        return _thing(place, version, events, tenants)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        # The library raises what its parts raise. Whatever it is, the object cannot be read.
        return Thing(place, uid_in(text), version, trouble=BROKEN)


def _thing(place: str, version: str, events: list[Component], tenants: frozenset[str]) -> Thing:
    event = events[0]
    uid, title = _text(event, "UID"), _text(event, "SUMMARY")
    session = _marked_session(event, uid, tenants)
    trouble = _trouble(event, len(events))
    if trouble:
        return Thing(place, uid, version, session, title.strip(), trouble=trouble)
    description, location = _text(event, "DESCRIPTION"), _text(event, "LOCATION")
    notes, block = _without_block(description)
    said = {"block": block, "conference": _text(event, "CONFERENCE"), "url": _text(event, "URL")}
    fields = {
        Field.WHEN: _when(event).text,
        Field.TITLE: title,
        Field.PLACE: location,
        Field.NOTES: notes,
        Field.LINK: json.dumps(said, sort_keys=True),
    }
    return Thing(place, uid, version, session, title.strip(), fields)


def _text(event: Component, name: str) -> str:
    value = event.get(name)
    if isinstance(value, list):
        value = value[0]
    return "" if value is None else str(value).replace("\r\n", "\n")


def _marked_session(event: Component, uid: str, tenants: frozenset[str]) -> str:
    """Give the session that a marker of ours names; one that was copied along with a duplicate is none."""
    told = {name: values[0] for name, values in parse_qs(_text(event, MARKER)).items()}
    return told.get("session", "") if told.get("tenant") in tenants and told.get("uid") == uid else ""


def _trouble(event: Component, count: int) -> str:
    start = _moment(event, "DTSTART")
    if _text(event, "STATUS").upper() == "CANCELLED":
        return CANCELLED
    if count > 1 or "RRULE" in event or "RDATE" in event:
        return "is a series"
    if not isinstance(start, datetime):
        return "is a whole day"
    if start.tzinfo is None:
        return "has no time zone"
    return "" if _when(event).duration > timedelta(0) else "has no length"


def _when(event: Component) -> When:
    start = _moment(event, "DTSTART")
    if "DTEND" in event:
        end = _moment(event, "DTEND")
        if isinstance(end, datetime) and end.tzinfo is None:
            end = end.replace(tzinfo=start.tzinfo)
        return When(start.astimezone(UTC), end.astimezone(UTC) - start.astimezone(UTC))
    return When(start.astimezone(UTC), event["DURATION"].dt if "DURATION" in event else timedelta(0))


def _moment(event: Component, name: str) -> Any:
    return event[name].dt


def _without_block(description: str) -> tuple[str, str]:
    """Give what a person wrote, and the link in our fenced block."""
    lines = description.strip("\n").split("\n")
    if _FENCE not in lines:
        return "\n".join(lines), ""
    begins = lines.index(_FENCE)
    ends = next((at for at in range(begins + 1, len(lines)) if _CLOSES.fullmatch(lines[at])), None)
    if ends is None:
        return "\n".join(lines), ""
    inside = lines[begins + 1 : ends]
    link = next((line.removeprefix(_JOIN).strip() for line in inside if line.startswith(_JOIN)), "")
    before = "\n".join(lines[:begins]).rstrip("\n")
    return "\n".join(filter(None, (before, "\n".join(lines[ends + 1 :])))).strip("\n"), link
