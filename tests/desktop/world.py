"""A tutor's week as the agent's documents (docs/local-api.md), and what changes in it when somebody decides something.

All times are counted from one instant, so that a picture of it looks the same on every day.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
Document = dict[str, Any]

_PAST = {"moves": "moved", "cancels": "cancelled", "marks": "marked", "keeps": "kept"}


def iso(at: datetime) -> str:
    """Spell an instant as the agent does."""
    return at.astimezone(ZoneInfo(ZONE)).isoformat(timespec="seconds")


def when_words(start: datetime, end: datetime) -> str:
    """Say a time as the agent does."""
    local = start.astimezone(ZoneInfo(ZONE))
    day = f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{day}, {local:%H:%M}–{end.astimezone(ZoneInfo(ZONE)):%H:%M}, {ZONE}"


def a_session(
    key: str, title: str, start: datetime, *, minutes: int = 60, students: tuple[str, ...] = (), **other: Any
) -> Document:
    """Give a Session; online with a meeting link unless `place` says where it is."""
    end, online = start + timedelta(minutes=minutes), not other.get("place")
    meeting = {"provider": "zoom", "join_url": f"https://meet.example/{key}", "state": "ready"} if online else None
    return {
        "id": key,
        "title": title,
        "subject": other.get("subject", ""),
        "start": iso(start),
        "end": iso(end),
        "start_wall": start.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None).isoformat(timespec="seconds"),
        "zone": ZONE,
        "duration_minutes": minutes,
        "when": when_words(start, end),
        "online": online,
        "place": other.get("place", ""),
        "notes": "",
        "status": other.get("status", "planned"),
        "students": [{"id": name.lower(), "name": name} for name in students],
        "chargeable": True,
        "series_id": None,
        "version": 1,
        "ended_reason": "",
        "meeting": meeting,
        "conflicts": list(other.get("conflicts", ())),
        "coverage": {"complete": True, "checked_at": iso(start), "words": "", "stale": [], "calendars": []},
        "calendars": [{"calendar": "cal-lessons", "name": "Lessons", "state": "in_step"}],
    }


def a_side(session: Document, *, who: str, what: str, at: datetime) -> Document:
    """Give the Side of a session."""
    return {
        "kind": "session",
        "session": session,
        "id": session["id"],
        "title": session["title"],
        "start": session["start"],
        "end": session["end"],
        "when": session["when"],
        "zone": ZONE,
        "calendar": None,
        "calendar_name": "Lessons",
        "recurring": False,
        "last_change": {"who": who, "at": iso(at), "what": what},
    }


def an_event(
    key: str, title: str, start: datetime, *, minutes: int, calendar: str, recurring: bool = False
) -> Document:
    """Give the Side of a calendar's event."""
    end = start + timedelta(minutes=minutes)
    return {
        "kind": "event",
        "session": None,
        "id": key,
        "title": title,
        "start": iso(start),
        "end": iso(end),
        "when": when_words(start, end),
        "zone": ZONE,
        "calendar": f"cal-{calendar.lower()}",
        "calendar_name": calendar,
        "recurring": recurring,
        "last_change": None,
    }


def a_conflict(key: str, first: Document, second: Document, *, opened: datetime) -> Document:
    """Give an open Conflict of two sides."""
    start = max(datetime.fromisoformat(first["start"]), datetime.fromisoformat(second["start"]))
    end = min(datetime.fromisoformat(first["end"]), datetime.fromisoformat(second["end"]))
    minutes = round((end - start).total_seconds() / 60)
    where = (
        "is another session of yours"
        if second["kind"] == "session"
        else f"is in your calendar “{second['calendar_name']}”"
    )
    return {
        "id": key,
        "kind": "overlap",
        "state": "open",
        "when": when_words(start, end),
        "opened_at": iso(opened),
        "closed_at": None,
        "closed_why": None,
        "reason": "",
        "why": f"“{first['title']}” and “{second['title']}” overlap by {minutes} minutes; “{second['title']}” {where}.",
        "overlap_minutes": minutes,
        "sides": [first, second],
    }


def a_calendar(key: str, name: str, role: str, *, account: str = "acc-home", access: str = "write") -> Document:
    """Give a Calendar."""
    return {
        "id": key,
        "account": account,
        "name": name,
        "remote_id": f"/home/{key}/",
        "role": role,
        "access": access,
        "state": "ok",
        "confirmed": True,
        "all_day": "blocks",
        "last_read_at": None,
        "objects": 41,
    }


def found(name: str, role: str, *, access: str = "write") -> Document:
    """Give one calendar of what a look at a server found."""
    return {
        "remote_id": f"/dav/{name.lower()}/",
        "name": name,
        "access": access,
        "subscribed": False,
        "suggested_role": role,
    }


@dataclass
class World:
    """What the agent knows. Tests change it as they like; the server answers from it.

    Attributes:
        state: overrides what the state follows from; "" to have it follow.
        found: what a look at any server finds.
        problems: (method, path) to (status, error) that is answered instead.
        unread: name of a calendar that could not be read since eight o'clock, "" if all could.
    """

    now: datetime
    sessions: list[Document] = field(default_factory=list)
    conflicts: list[Document] = field(default_factory=list)
    questions: list[Document] = field(default_factory=list)
    accounts: list[Document] = field(default_factory=list)
    activity: list[Document] = field(default_factory=list)
    found: list[Document] = field(default_factory=list)
    state: str = ""
    reason: str = ""
    banner: Document | None = None
    paused_until: str | None = None
    last_sync_at: datetime | None = None
    waiting: int = 0
    vault: str = "open"
    unread: str = ""
    problems: dict[tuple[str, str], tuple[int, Document]] = field(default_factory=dict)
    _before: dict[str, tuple[list[Document], list[Document]]] = field(default_factory=dict)

    @property
    def coverage(self) -> Document:
        """The Coverage of everything."""
        words = f"{self.unread} not checked since Tue 24 Nov 2026, 08:00, Europe/Berlin (its password is not accepted)."
        stale = {"calendar": "cal-unread", "name": self.unread, "last_read_at": None, "why": "refused", "but_for": []}
        entries = [stale | {"words": words[:-1]}] if self.unread else []
        return {
            "complete": not self.unread,
            "checked_at": None,
            "words": words if self.unread else "",
            "stale": entries,
            "calendars": entries,
        }

    def cannot_read(self, name: str) -> None:
        """A calendar cannot be read any more: every session says so."""
        self.unread = name
        for one in self.sessions:
            one["coverage"] = self.coverage | {"stale": [name]}

    @property
    def open_conflicts(self) -> list[Document]:
        """The double bookings that wait for a decision."""
        return [one for one in self.conflicts if one["state"] == "open"]

    def status(self) -> Document:
        """Give the Status."""
        state, reason = self._state()
        banner = self.banner or self._banner()
        coming = [s for s in self.sessions if s["end"] > iso(self.now) and s["status"] == "planned"]
        return {
            "state": self.state or state,
            "reason": self.reason or reason,
            "offline_since": iso(self.now - timedelta(hours=2)) if self.state == "offline" else None,
            "paused_until": self.paused_until,
            "last_sync_at": iso(self.last_sync_at) if self.last_sync_at else None,
            "waiting_changes": self.waiting,
            "open_conflicts": len(self.open_conflicts),
            "open_questions": len([q for q in self.questions if q["answer"] is None]),
            "coverage": self.coverage,
            "doubts": 0,
            "next_session": min(coming, key=lambda s: str(s["start"]), default=None),
            "banner": banner,
            "vault": self.vault,
            "platform": False,
            "zone": ZONE,
            "version": "0.1.0",
        }

    def _state(self) -> tuple[str, str]:
        if count := len(self.open_conflicts):
            return "needs_you", f"{count} double booking{'' if count == 1 else 's'} to settle."
        if self.paused_until:
            return "paused", "Paused until you resume."
        return "ok", "Everything agrees." if self.accounts else "No calendar is connected yet."

    def _banner(self) -> Document:
        if self.vault == "locked":
            text = "Your passwords are locked. Unlock them, and syncing goes on."
            return {"kind": "vault", "text": text, "action": "unlock", "target": None}
        if self.open_conflicts:
            first, more = self.open_conflicts[0], len(self.open_conflicts)
            text = first["why"] if more == 1 else f"{more} double bookings. The first: {first['why']}"
            return {"kind": "conflict", "text": text, "action": "resolve", "target": first["id"]}
        for one in self.questions:
            if one["answer"] is None:
                return {"kind": "question", "text": one["text"], "action": "answer", "target": one["id"]}
        return {"kind": "none", "text": "", "action": "none", "target": None}

    def conflict(self, key: str) -> Document | None:
        """Give one double booking."""
        return next((one for one in self.conflicts if one["id"] == key), None)

    def slots(self, key: str, session: str) -> list[Document]:
        """Give five free times for a session of a double booking."""
        conflict = self.conflict(key)
        side = next(s for s in (conflict or {"sides": []})["sides"] if s["id"] == session)
        start, end = datetime.fromisoformat(side["start"]), datetime.fromisoformat(side["end"])
        shifts = (
            (timedelta(hours=2), ["same day", "inside your working hours"]),
            (timedelta(days=1), ["same week", "same time of day"]),
            (timedelta(days=2, hours=-1), ["same week", "inside your working hours"]),
            (timedelta(days=7), ["usual weekday", "same time of day"]),
            (timedelta(days=7, hours=1), ["usual weekday", "inside your working hours"]),
        )
        unread = [f"{self.unread} not checked since 08:00"] if self.unread else []
        return [
            _slot(rank, start + shift, end + shift, reasons + unread) | {"known_free": not self.unread}
            for rank, (shift, reasons) in enumerate(shifts, 1)
        ]

    def preview(self, key: str, body: Document) -> list[Document]:
        """Say what a decision would write."""
        conflict = self.conflict(key) or {}
        side = self._side(conflict, body)
        names = [one["name"] for one in (side["session"] or {}).get("students", ())]
        told = [f"{name} by e-mail" for name in names]
        match body["action"]:
            case "move":
                start = datetime.fromisoformat(body["start_wall"]).replace(tzinfo=ZoneInfo(ZONE))
                when = when_words(start, start + timedelta(hours=1)).rpartition(",")[0]
                return [
                    {"where": "Lessons", "what": f"moves “{side['title']}” to {when}", "told": told},
                    {"where": "Zoom", "what": f"moves the meeting of “{side['title']}”; its link stays", "told": []},
                ]
            case "cancel":
                return [{"where": "Lessons", "what": f"cancels “{side['title']}”", "told": told}]
            case "mark_free":
                other = conflict["sides"][1]
                what = f"marks “{other['title']}” as free, so that it no longer blocks your sessions"
                return [{"where": other["calendar_name"], "what": what, "told": []}]
            case _:
                return [{"where": "TutorSync", "what": "keeps both and does not ask again about these two", "told": []}]

    def settle(self, key: str, body: Document) -> Document:
        """Carry a decision out; gives the activity."""
        conflict = self.conflict(key) or {}
        activity = f"act-{len(self.activity) + 1}"
        self._before[activity] = (deepcopy(self.sessions), deepcopy(self.conflicts))
        side = self._side(conflict, body)
        what = self.preview(key, body)[0]["what"]
        verb, _, rest = what.partition(" ")
        session = next((s for s in self.sessions if s["id"] == side["id"]), None)
        if session and body["action"] == "move":
            start = datetime.fromisoformat(body["start_wall"]).replace(tzinfo=ZoneInfo(ZONE))
            end = start + timedelta(minutes=session["duration_minutes"])
            session |= {"start": iso(start), "end": iso(end), "when": when_words(start, end)}
        if session and body["action"] == "cancel":
            session["status"] = "cancelled"
        for one in self.sessions:
            one["conflicts"] = [other for other in one["conflicts"] if other != key]
        conflict |= {"state": "closed", "closed_at": iso(self.now), "closed_why": f"You decided: {what}."}
        entry = _activity(activity, self.now, f"You {_PAST[verb]} {rest}.", side["id"])
        self.activity.insert(0, entry)
        return entry

    def undo(self, activity: str | None) -> list[Document]:
        """Take a decision back; gives what was done for it."""
        taken = activity or next((one["id"] for one in self.activity if one["undoable"]), None)
        if taken not in self._before:
            return []
        self.sessions, self.conflicts = self._before.pop(taken)
        for one in self.activity:
            one["undoable"] = one["undoable"] and one["id"] != taken
        entry = _activity(f"act-{len(self.activity) + 1}", self.now, "You took a decision back.", None)
        self.activity.insert(0, entry | {"undoable": False, "undo_of": taken})
        return [self.activity[0]]

    def connect(self, body: Document) -> Document:
        """Add an account with the calendars that were found."""
        key = f"acc-{len(self.accounts) + 1}"
        calendars = [
            a_calendar(
                f"cal-{key}-{n}",
                one["name"],
                body.get("roles", {}).get(one["remote_id"], one["suggested_role"]),
                account=key,
                access=one["access"],
            )
            | {"remote_id": one["remote_id"], "confirmed": bool(body.get("confirmed"))}
            for n, one in enumerate(self.found)
        ]
        account = an_account(key, body.get("name") or "New calendar", body["provider"], calendars)
        self.accounts.append(account)
        return account

    def calendar(self, key: str) -> Document | None:
        """Give one calendar."""
        return next((c for account in self.accounts for c in account["calendars"] if c["id"] == key), None)

    def _side(self, conflict: Document, body: Document) -> Document:
        wanted = body.get("session") or conflict["sides"][0]["id"]
        side: Document = next(one for one in conflict["sides"] if one["id"] == wanted)
        return side


def an_account(key: str, name: str, provider: str, calendars: list[Document]) -> Document:
    """Give an Account that is well."""
    health = {"account": key, "name": name, "state": "ok", "code": "", "message": "", "remedy": "none"}
    health |= {"last_success_at": None, "failing_since": None, "next_try_at": None, "latency_ms": 84}
    return {"id": key, "provider": provider, "name": name, "display": name, "health": health, "calendars": calendars}


def _slot(rank: int, start: datetime, end: datetime, reasons: list[str]) -> Document:
    wall = start.astimezone(ZoneInfo(ZONE)).replace(tzinfo=None).isoformat(timespec="seconds")
    return {
        "rank": rank,
        "start": iso(start),
        "end": iso(end),
        "start_wall": wall,
        "zone": ZONE,
        "when": when_words(start, end),
        "reasons": reasons,
        "known_free": True,
    }


def _activity(key: str, at: datetime, what: str, session: str | None) -> Document:
    return {
        "id": key,
        "at": iso(at),
        "kind": "session.changed",
        "actor": "you",
        "what": what,
        "session": session,
        "calendar": None,
        "field_group": "when",
        "before": None,
        "after": None,
        "lost_value": None,
        "undoable": True,
        "undo_of": None,
        "cause": None,
    }


def an_ordinary_week(now: datetime) -> World:
    """Give a tutor with two calendars, eight sessions and two double bookings (tomorrow, and the day after)."""
    zone = ZoneInfo(ZONE)
    local = now.astimezone(zone).replace(second=0, microsecond=0)
    soon = local + timedelta(minutes=50 - local.minute % 30)

    def at(days: int, hour: int, minute: int = 0) -> datetime:
        return (local + timedelta(days=days)).replace(hour=hour, minute=minute)

    ana = a_session("s-ana", "Maths", soon, students=("Ana Weber",), subject="Maths")
    tom = a_session("s-tom", "English", soon + timedelta(minutes=90), minutes=45, students=("Tom Hill",))
    ben = a_session(
        "s-ben", "Physics", at(1, 16), students=("Ben Okafor",), place="Library, room 2", conflicts=("c-ben",)
    )
    mia = a_session("s-mia", "Maths", at(2, 15), students=("Mia Roth", "Leo Roth"), conflicts=("c-mia",))
    noor = a_session("s-noor", "Chemistry", at(2, 15, 30), students=("Noor Haddad",), conflicts=("c-mia",))
    rest = [
        a_session("s-chloe", "French", at(3, 10), minutes=90, students=("Chloé Martin",)),
        a_session("s-finn", "Biology", at(6, 17), students=("Finn Sauer",), place="At the Sauers’"),
        a_session("s-ana2", "Maths", soon + timedelta(days=7), students=("Ana Weber",), subject="Maths"),
    ]
    dentist = an_event("e-dentist", "Dentist", at(1, 16, 30), minutes=45, calendar="Private")
    hour_ago = now - timedelta(hours=1)
    conflicts = [
        a_conflict(
            "c-ben",
            a_side(ben, who="you", what="You moved “Physics” from 14:00.", at=hour_ago),
            dentist,
            opened=hour_ago,
        ),
        a_conflict(
            "c-mia",
            a_side(
                mia, who="Carla in “Lessons”", what="Carla moved “Maths” from Wednesday, in “Lessons”.", at=hour_ago
            ),
            a_side(noor, who="you", what="You added “Chemistry”.", at=now - timedelta(days=4)),
            opened=hour_ago,
        ),
    ]
    home = [a_calendar("cal-lessons", "Lessons", "sessions"), a_calendar("cal-private", "Private", "busy")]
    return World(
        now=now,
        sessions=[ana, tom, ben, mia, noor, *rest],
        conflicts=conflicts,
        accounts=[an_account("acc-home", "Home", "caldav", home)],
        found=[
            found("Lessons", "sessions"),
            found("Private", "busy"),
            found("School timetable", "busy", access="read"),
            found("Birthdays", "ignore", access="read"),
        ],
        last_sync_at=now - timedelta(minutes=4),
    )


def a_quiet_week(now: datetime) -> World:
    """Give the same tutor after everything was settled."""
    world = an_ordinary_week(now)
    for conflict in list(world.conflicts):
        world.conflicts.remove(conflict)
    for session in world.sessions:
        session["conflicts"] = []
    world.sessions = [one for one in world.sessions if one["id"] != "s-noor"]
    return world


def nothing_connected(now: datetime) -> World:
    """Give the first start: no calendar, no session, no vault."""
    world = an_ordinary_week(now)
    return World(now=now, found=world.found, vault="absent")
