"""Why a time, a session or a double booking is as it is (`GET /v1/why?about=`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.times import UnknownZone, WallSpan, zone_named
from sync_agent.engine.errors import ZoneUnknown
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office

_LONGEST_MINUTES = 1439


def explain(office: Office, request: Request) -> Reply:
    """`GET /v1/why?about=`: a time (with `minutes` and `zone`), or the id of a session or double booking."""
    about = request.query.get("about", "").strip()
    if not about:
        raise RequestWrong(reason="“about” is needed: a time, or the id of a session or a double booking.")
    when = _slot(about, request.query.get("minutes", "60"), request.query.get("zone") or "", home=office.home_zone)
    if when is None:
        found = office.engine.why.known(about)
    else:
        is_in_person = request.query.get("in_person") == "true"
        found = office.engine.why.slot(when, in_person=is_in_person, place=request.query.get("place", ""))
    return Reply(
        {
            "about": about,
            "title": found.title,
            "when": found.when,
            "verdict": found.why.verdict.value,
            "text": found.text,
            "sentences": list(found.why.sentences),
            "facts": [{"code": str(fact.code), "facts": dict(fact.facts)} for fact in found.why.facts],
        }
    )


def _slot(about: str, minutes: str, zone: str, *, home: str) -> WallSpan | None:
    """Read a time: "2026-11-26T15:00" (so many minutes), "2026-11-26T15:00/16:00", or either with offsets.

    Gives None for what is no time, and so may be an id.
    """
    first, slash, last = about.partition("/")
    start = _moment(first)
    if start is None:
        return None
    if not {"T", " "} & set(first.strip()):
        raise RequestWrong(reason=f"“{about}” is a whole day; ask for an hour, like {first}T15:00/16:00.")
    zone = zone or home
    begins = _on_the_wall(start, zone)
    if not slash:
        if not minutes.isdecimal() or not 0 < int(minutes[:5]) <= _LONGEST_MINUTES:
            raise RequestWrong(reason=f"A time lasts 1 to {_LONGEST_MINUTES} minutes.")
        return _span(begins, timedelta(minutes=int(minutes)), zone)
    end = _end(last, begins)
    if end is None:
        raise RequestWrong(reason=f"“{last}” is no time; write it like 16:00.")
    if start.tzinfo is not None and end.tzinfo is not None:
        return _span(begins, end - start, zone)
    return _span(begins, _on_the_wall(end, zone) - begins, zone)


def _moment(text: str) -> datetime | None:
    text = text.strip()
    # Where the hour is known by its "T", a blank is the "+" of an offset that somebody did not encode.
    text = text.replace(" ", "+") if "T" in text else text.replace(" ", "T", 1)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _end(text: str, begins: datetime) -> datetime | None:
    """Read an end: a whole moment, or an hour of the same day or the night after."""
    found = _moment(text)
    if found is not None:
        return found
    found = _moment(f"{begins.date()}T{text.strip()}")
    if found is not None and found.tzinfo is None and found <= begins:
        return found + timedelta(days=1)
    return found


def _on_the_wall(moment: datetime, zone: str) -> datetime:
    """Give what the clock of a zone shows then; a moment without an offset is that already."""
    if moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(zone_named(zone)).replace(tzinfo=None)
    except UnknownZone as cause:
        raise ZoneUnknown(zone=zone) from cause


def _span(start: datetime, lasts: timedelta, zone: str) -> WallSpan:
    try:
        return WallSpan(start, zone, lasts)
    except UnknownZone as cause:
        raise ZoneUnknown(zone=zone) from cause
    except ValueError as cause:
        raise RequestWrong(reason=f"{str(cause).capitalize()}.") from cause
