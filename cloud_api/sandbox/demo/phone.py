"""The phone: another CalDAV client, on the `caldav` library, in an environment of its own (see pyproject, "phone").

Reads one JSON request a line from stdin, answers one JSON document a line on stdout. Started by `handset.py`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import zoneinfo

import caldav
import icalendar


def main() -> None:
    """Answer until stdin ends."""
    calendars: dict[str, caldav.Calendar] = {}
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": HANDLERS[request.pop("do")](calendars, **request)}
        except Exception as error:  # the edge of a process: told to the caller
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)  # noqa: T201


def sign_in(calendars: dict[str, caldav.Calendar], url: str, username: str, password: str) -> list[str]:
    """Find the calendars; gives their names."""
    client = caldav.DAVClient(url=url, username=username, password=password)
    for calendar in client.principal().calendars():
        calendars[calendar.get_display_name()] = calendar
    return sorted(calendars)


def events(calendars: dict[str, caldav.Calendar], calendar: str) -> list[dict[str, object]]:
    """Give every event of a calendar as its server holds it now."""
    return [_told(item) for item in calendars[calendar].events()]


def busy(calendars: dict[str, caldav.Calendar], calendar: str, start: str, end: str) -> list[dict[str, str]]:
    """Give every occurrence between two instants, repeating events expanded by the library."""
    found = calendars[calendar].search(
        start=dt.datetime.fromisoformat(start), end=dt.datetime.fromisoformat(end), event=True, expand=True
    )
    told = []
    for item in found:
        for event in item.icalendar_instance.walk("VEVENT"):
            lo, hi = event["DTSTART"].dt, event["DTEND"].dt
            told.append({"uid": str(event["UID"]), "start": _instant(lo), "end": _instant(hi)})
    return told


def add(calendars: dict[str, caldav.Calendar], calendar: str, text: str) -> str:
    """Store a new event, given as iCalendar text; gives its href."""
    return str(calendars[calendar].add_event(text).url)


def edit(
    calendars: dict[str, caldav.Calendar],
    calendar: str,
    uid: str,
    *,
    minutes: int = 0,
    summary: str | None = None,
    note: str | None = None,
    alarm: bool = False,
) -> dict[str, object]:
    """Change an event as a phone does: read it, change it, store the whole of it."""
    item = calendars[calendar].event_by_uid(uid)
    instance = item.icalendar_instance
    event = next(iter(instance.walk("VEVENT")))
    if minutes:
        for name in ("DTSTART", "DTEND"):
            event[name].dt = event[name].dt + dt.timedelta(minutes=minutes)
    if summary is not None:
        event["SUMMARY"] = icalendar.vText(summary)
    if note is not None:
        text = str(event.get("DESCRIPTION", ""))
        event["DESCRIPTION"] = icalendar.vText(f"{note}\n\n{text}" if text else note)
    if alarm:
        bell = icalendar.Alarm()
        bell.add("action", "DISPLAY")
        bell.add("trigger", dt.timedelta(minutes=-15))
        bell.add("description", "Soon")
        event.add_component(bell)
    item.icalendar_instance = instance
    item.save()
    return _told(calendars[calendar].event_by_uid(uid))


def remove(calendars: dict[str, caldav.Calendar], calendar: str, uid: str) -> bool:
    """Delete an event."""
    calendars[calendar].event_by_uid(uid).delete()
    return True


def _told(item: caldav.Event) -> dict[str, object]:
    instance = item.icalendar_instance
    event = next(iter(instance.walk("VEVENT")))
    return {
        "href": str(item.url),
        "uid": str(event["UID"]),
        "summary": str(event.get("SUMMARY", "")),
        "location": str(event.get("LOCATION", "")),
        "description": str(event.get("DESCRIPTION", "")),
        "url": str(event.get("URL", "")),
        "conference": str(event.get("CONFERENCE", "")),
        "start": _instant(event["DTSTART"].dt),
        "end": _instant(event["DTEND"].dt),
        "repeats": "RRULE" in event,
    }


def _instant(moment: dt.datetime | dt.date) -> str:
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time(), zoneinfo.ZoneInfo("UTC"))
    return moment.astimezone(dt.UTC).isoformat()


HANDLERS = {"sign_in": sign_in, "events": events, "busy": busy, "add": add, "edit": edit, "remove": remove}

if __name__ == "__main__":
    main()
