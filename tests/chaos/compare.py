"""All sides side by side, from outside: the platform over REST, the calendar over CalDAV, Zoom's own list, the app."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.diary import FIELDS
from tests.chaos.people import MINUTES, Event, People, instant
from tests.chaos.stage import Stage

Said = dict[str, dict[str, str]]


def differences(stage: Stage, people: People) -> list[str]:
    """Say what is lost, doubled, left over or different; empty if all is well."""
    office = {one["id"]: one for one in office_sessions(stage)}
    events = people.phone.events()
    living = {one: shown for one, shown in office.items() if shown["status"] != "cancelled"}
    found = [
        *_there(people, office),
        *_events(people, living, events),
        *_meetings(stage, living),
        *_app(stage, office),
    ]
    final = {session: office_said(shown) for session, shown in living.items()}
    found += people.diary.lost(final, _log(stage))
    if people.foreign_texts() != people.foreign:
        found.append("an appointment of the tutor's own was touched")
    return found


def office_sessions(stage: Stage) -> list[dict[str, Any]]:
    """Read every session as the office sees it."""
    sessions: list[dict[str, Any]] = []
    query = {"limit": "100"}
    while True:
        page = stage.agency.api.get("/api/sessions", params=query).raise_for_status().json()
        sessions += page["data"]
        if page["next_cursor"] is None:
            return sessions
        query["cursor"] = page["next_cursor"]


def office_said(shown: dict[str, Any]) -> dict[str, str]:
    return {name: shown["start_wall" if name == "when" else name] for name in FIELDS}


def _there(people: People, office: dict[str, dict[str, Any]]) -> list[str]:
    """Every session that was made is on the platform, is cancelled if somebody cancelled it, and nothing else is."""
    diary, found = people.diary, []
    for session in diary.first:
        shown = office.get(session)
        is_cancelled = shown is not None and shown["status"] == "cancelled"
        if shown is None:
            found.append(f"{session}: lost on the platform")
        elif is_cancelled is not (session in diary.cancelled) and session not in diary.half_cancelled:
            found.append(f"{session}: {shown['status']} on the platform")
    for session, shown in office.items():
        if session not in diary.first and shown["title"] not in diary.doubtful:
            found.append(f"{session}: nobody made it")
    titles = Counter(one["title"] for one in office.values() if one["title"] in diary.doubtful)
    return found + [f"“{title}” was made {count} times" for title, count in titles.items() if count > 1]


def _events(people: People, living: dict[str, dict[str, Any]], events: list[Event]) -> list[str]:
    """Each living session has one event, which says the same; no other event is ours."""
    found, by_session = [], defaultdict(list)
    for event in events:
        if event.href not in people.foreign:
            by_session[event.session].append(event)
    for session, mine in by_session.items():
        if session not in living:
            found.append(f"{session or 'nobody'}: {len(mine)} events too many")
    for session, shown in living.items():
        mine = by_session.get(session, [])
        if len(mine) != 1:
            found.append(f"{session}: {len(mine)} events")
            continue
        said, wanted = mine[0].said, office_said(shown)
        found += [
            f"{session}: {name} is {wanted[name]!r} on the platform and {said[name]!r} in the calendar"
            for name in FIELDS
            if said[name] != wanted[name]
        ]
        ends = datetime.fromisoformat(wanted["when"]) + timedelta(minutes=MINUTES)
        if mine[0].ends != ends.isoformat():
            found.append(f"{session}: its event ends {mine[0].ends}")
        link = (shown["meeting"] or {}).get("join_url", "")
        if mine[0].value("URL") != link:
            found.append(f"{session}: its event's link is not the platform's")
    return found


def _meetings(stage: Stage, living: dict[str, dict[str, Any]]) -> list[str]:
    """Each online session has one meeting at the vendor, at its hour, with the link that everybody has; no more."""
    found = []
    meetings = {_room(str(one["join_url"])): one for one in stage.zoom.meetings()}
    online = {session: shown for session, shown in living.items() if shown["online"]}
    if len(stage.zoom.meetings()) != len(online):
        found.append(f"{len(stage.zoom.meetings())} meetings for {len(online)} online sessions")
    for session, shown in online.items():
        meeting = meetings.get(_room((shown["meeting"] or {}).get("join_url", "")))
        if meeting is None:
            found.append(f"{session}: its link leads to no meeting")
            continue
        starts = datetime.fromisoformat(str(meeting["start_time"])).astimezone(UTC)
        if (meeting["topic"], starts) != (shown["title"], instant(shown["start_wall"])):
            found.append(f"{session}: its meeting is “{meeting['topic']}” at {starts}")
    return found


def _room(link: str) -> str:
    return urlsplit(link).path


def _app(stage: Stage, office: dict[str, dict[str, Any]]) -> list[str]:
    """The app shows what the platform shows."""
    days = [f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d}" for days in (-1, 20)]
    listed = stage.agent.ask("GET", f"/v1/sessions?from={days[0]}&to={days[1]}")["sessions"]
    here = {one["id"]: (one["status"], office_said(one)) for one in listed}
    there = {one["id"]: (one["status"], office_said(one)) for one in office.values()}
    return [
        f"{session}: {here.get(session)} in the app, {there.get(session)} on the platform"
        for session in here.keys() | there.keys()
        if here.get(session) != there.get(session)
    ]


def _log(stage: Stage) -> dict[str, str]:
    rows = stage.agent.rows("SELECT session, before, after, lost_value FROM activity WHERE session IS NOT NULL")
    told: dict[str, str] = defaultdict(str)
    for session, *values in rows:
        told[session] += "\n".join(["", *(str(value) for value in values if value is not None), ""])
    return dict(told)
