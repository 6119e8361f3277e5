"""A tutor's week, full of everything that can be in the way: one profile, calendars in files, and questions about it.

The week is the one after next week's Monday, so that it lies ahead of whoever runs this; all hours are Berlin's.
"""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sync_agent.laptop.cli.main import run

_TODAY = datetime.now(UTC).date()
MONDAY = _TODAY + timedelta(days=14 - _TODAY.weekday())
DAYS: Mapping[str, date] = {
    name: MONDAY + timedelta(days=number)
    for number, name in enumerate(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))
}


def day_of(name: str) -> date:
    """Give the day that "Wed" is, or "Wed+7" in the week after."""
    day, _, later = name.partition("+")
    return DAYS[day] + timedelta(days=int(later or 0))


def last_sunday(month: int) -> date:
    """Give the next last Sunday of a month after these weeks: when Europe changes its clocks."""
    for year in (_TODAY.year, _TODAY.year + 1, _TODAY.year + 2):
        end = date(year, month, 31)
        found = end - timedelta(days=(end.weekday() + 1) % 7)
        if found > MONDAY + timedelta(days=21):
            return found
    raise AssertionError


def timed(day: str, hours: str, *, zone: str = "Europe/Berlin") -> tuple[str, str]:
    """DTSTART and DTEND of "Wed", "15:30-16:30"."""
    lo, hi = (part.replace(":", "") for part in hours.split("-"))
    until = day_of(day) + timedelta(days=1 if hi <= lo else 0)
    return f"DTSTART;TZID={zone}:{day_of(day):%Y%m%d}T{lo}00", f"DTEND;TZID={zone}:{until:%Y%m%d}T{hi}00"


def in_berlin(day: str, hours: str, zone: str) -> str:
    """Give hours of another zone in Berlin's: its clocks change on other days."""
    local = [datetime.fromisoformat(f"{day_of(day)}T{part}") for part in hours.split("-")]
    here = [one.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo("Europe/Berlin")) for one in local]
    return "-".join(f"{one:%H:%M}" for one in here)


def whole(day: str) -> tuple[str, str]:
    """DTSTART and DTEND of a whole day."""
    return f"DTSTART;VALUE=DATE:{day_of(day):%Y%m%d}", f"DTEND;VALUE=DATE:{day_of(day) + timedelta(days=1):%Y%m%d}"


def event(title: str, *lines: str, uid: str = "") -> str:
    """The text of an event."""
    head = ("BEGIN:VEVENT", f"UID:{uid or title.lower()}", "DTSTAMP:20260101T000000Z", f"SUMMARY:{title}")
    return "\n".join((*head, *lines, "END:VEVENT", ""))


def calendar(name: str, *events: str) -> str:
    """The text of a calendar."""
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//t//EN\nX-WR-CALNAME:{name}\n{''.join(events)}END:VCALENDAR\n"


_GYM_START = f"DTSTART;TZID=Europe/Berlin:{DAYS['Thu'] - timedelta(days=21):%Y%m%d}T180000"
_GYM_END = f"DTEND;TZID=Europe/Berlin:{DAYS['Thu'] - timedelta(days=21):%Y%m%d}T190000"


def _gym_of(day: str) -> str:
    return f"RECURRENCE-ID;TZID=Europe/Berlin:{day_of(day):%Y%m%d}T180000"


PRIVATE = (
    event("Dentist", *timed("Wed", "15:30-16:30")),
    event("Haircut", *timed("Wed", "09:00-10:00")),
    event("Lunch", *timed("Wed", "12:00-13:00"), "TRANSP:TRANSPARENT"),
    event("Concert", *timed("Sat", "10:00-11:00"), "STATUS:CANCELLED"),
    event("Talk", *timed("Thu", "14:00-15:00"), "STATUS:TENTATIVE"),
    event("New York call", *timed("Tue", "04:00-05:00", zone="America/New_York")),
    event("Outlook meeting", *timed("Tue", "12:00-13:00", zone="W. Europe Standard Time")),
    event("Walk", f"DTSTART:{DAYS['Mon']:%Y%m%d}T080000", f"DTEND:{DAYS['Mon']:%Y%m%d}T090000"),
    event("Night train", *timed("Mon", "23:00-01:00")),
    event(
        "Trip", f"DTSTART;TZID=Europe/Berlin:{DAYS['Sat']:%Y%m%d}T200000",
        f"DTEND;TZID=Europe/Berlin:{day_of('Mon+7'):%Y%m%d}T060000",
    ),
    event("Gym", _GYM_START, _GYM_END, "RRULE:FREQ=WEEKLY",
          f"EXDATE;TZID=Europe/Berlin:{day_of('Thu+7'):%Y%m%d}T180000"),
    event("Gym", _gym_of("Thu"), *timed("Fri", "20:00-21:00")),
    event("Yoga", *timed("Mon", "07:00-07:30"), "RRULE:FREQ=DAILY"),
    event("Yoga", f"RECURRENCE-ID;TZID=Europe/Berlin:{DAYS['Tue']:%Y%m%d}T070000", *timed("Tue", "07:00-07:30"),
          "STATUS:CANCELLED"),
    event("Meeting", *timed("Thu", "10:30-11:30")),
    event("Choir", *timed("Fri", "10:00-11:00")),
)  # fmt: skip
INVITED = (
    event("Party", *timed("Wed", "19:00-20:00"), "ATTENDEE;PARTSTAT=DECLINED:mailto:anna@example.org"),
    event("Board", *timed("Wed", "17:00-18:00"), "ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org"),
)
FAIRS = (event("Book fair", *whole("Fri")),)
BIRTHDAYS = (event("Mia's birthday", *whole("Tue+7")),)
HOLIDAYS = (event("Local holiday", *whole("Wed+7")),)
CLUB = (event("Chess", *timed("Thu+14", "15:00-16:00", zone="Mars/Olympus")),)
FEEDS = {
    "Private": PRIVATE,
    "anna@example.org": INVITED,
    "Fairs": FAIRS,
    "Birthdays": BIRTHDAYS,
    "Holidays": HOLIDAYS,
    "Club": CLUB,
}


@dataclass(frozen=True)
class Profile:
    """A profile, asked through the command line's own code.

    Attributes:
        sessions: title to id; double bookings by the same names.
    """

    folder: Path
    feeds: Path
    environment: Mapping[str, str]
    sessions: dict[str, str]
    conflicts: dict[str, str]

    def __call__(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Run a command; gives its exit code and what it said."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run(["--profile", str(self.folder), *arguments], {**self.environment, **variables})
        return code, out.getvalue() or err.getvalue()

    def json(self, *arguments: str, **variables: str) -> dict[str, Any]:
        """Run a command that goes well."""
        code, said = self("--json", *arguments, **variables)
        assert code == 0, said
        return json.loads(said)

    def copy(self, folder: Path) -> Profile:
        """A profile of its own, which a case may change."""
        shutil.copytree(self.folder, folder / "profile")
        shutil.copytree(self.feeds, folder / "feeds")
        made = Profile(folder / "profile", folder / "feeds", self.environment, self.sessions, self.conflicts)
        with made.database() as database:
            database.execute(
                "UPDATE account SET settings = replace(settings, ?, ?)", (str(self.feeds), str(folder / "feeds"))
            )
        return made

    def database(self) -> Any:
        """The store itself, for what no command can do: let time pass."""
        return sqlite3.connect(self.folder / "tutorsync.db")

    def calendar(self, name: str) -> str:
        """The id of a calendar."""
        return next(one["id"] for one in self.json("calendars")["calendars"] if one["name"] == name)

    def add(self, title: str, day: str, hours: str, *more: str) -> None:
        """Add a session."""
        lo, hi = (f"{day_of(day)}T{part}" for part in hours.split("-"))
        told = self.json("sessions", "add", "--title", title, "--start", lo, "--end", hi, *more)
        self.sessions[title] = told["session"]["id"]

    def note_conflict(self, title: str) -> str:
        """Remember the one open double booking of a session under its title."""
        [found] = self.json("sessions", "show", self.sessions[title])["session"]["conflicts"]
        self.conflicts[title] = found
        return str(found)


def write_feed(folder: Path, name: str, *events: str) -> Path:
    """Publish a calendar as a file."""
    path = folder / f"{name.split('@')[0].lower()}.ics"
    path.write_text(calendar(name, *events), encoding="utf-8")
    return path


def make_week(folder: Path, environment: Mapping[str, str]) -> Iterator[Profile]:
    """Make the profile, with its sessions and with what the tutor decided about them."""
    feeds = folder / "feeds"
    feeds.mkdir()
    made = Profile(folder / "profile", feeds, environment, {}, {})
    for name, events in FEEDS.items():
        made.json("connect", "ics", "--file", str(write_feed(feeds, name, *events)), "--name", name)
    made.json("calendars", "set", made.calendar("Birthdays"), "--all-day", "free")
    made.json("calendars", "set", made.calendar("Holidays"), "--role", "ignore")
    made.add("Maths", "Wed", "15:00-16:00")
    made.add("Latin", "Mon", "10:00-11:00", "--in-person", "--place", "Library")
    made.add("Physics", "Mon", "14:00-15:00")
    made.add("Group", "Tue", "17:00-18:00", "--student", "Mia", "--student", "Ben", "--student", "Lea")
    made.add("Chemistry", "Thu", "10:00-11:00")
    made.add("Art", "Fri+7", "10:00-11:00")
    made.add("Greek", "Sat+7", "10:00-11:00")
    made.add("Overseas", "Tue+7", "11:00-12:00", "--zone", "America/New_York")
    made.json("sessions", "cancel", made.sessions["Physics"])
    made.json("sync", "--wait")
    _decide(made)
    yield made


def _decide(made: Profile) -> None:
    """Keep one double booking, let another end by itself, and mark an appointment as free."""
    made.note_conflict("Maths")
    kept = made.note_conflict("Chemistry")
    made.json("conflicts", "resolve", kept, "--keep-both", "--reason", "it is by phone")
    made.json("sessions", "move", made.sessions["Greek"], "--start", f"{DAYS['Wed']}T09:30")
    ended = made.note_conflict("Greek")
    made.json("sessions", "move", made.sessions["Greek"], "--start", f"{day_of('Sat+7')}T10:00")
    assert ended
    made.json("sessions", "move", made.sessions["Art"], "--start", f"{DAYS['Fri']}T10:00")
    beside = [row for row in made.json("conflicts")["conflicts"] if row["sides"][1]["title"] == "Choir"]
    made.json("conflicts", "resolve", beside[0]["id"], "--mark-free")
    made.conflicts["Art"] = beside[0]["id"]
    made.json("sessions", "move", made.sessions["Art"], "--start", f"{day_of('Fri+7')}T10:00")
