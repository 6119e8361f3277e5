"""A deterministic calendar of a private tutor, object by object: the same text for the same number and seed.

Of every 100 objects 20 are recurring series (40 % of them with one to four moved instances, 40 % with left-out ones),
5 all-day, 2 floating, 8 in UTC, the rest zoned with their VTIMEZONE; 60 have an organizer and attendees, 50 an alarm,
30 a meeting link; names outside ASCII, folded lines, CRLF. About 1.5 KB an object.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

_FIRST_DAY = datetime(2026, 1, 5, 8, 0)
_NAMES = (
    "Ada Müller", "Bjørn Åsheim", "Chloé Dubois", "Đorđe Ilić", "Émile Zola", "Fatima Al-Sayed", "Gita Rao",
    "Hanna Weiß", "Ivo Novák", "Jiří Dvořák", "Kai Tanaka", "Łukasz Nowak", "María Peña", "Nils Holm", "Oona Virta",
)  # fmt: skip
_SUBJECTS = (
    "Maths", "Physics", "Spanish B1", "English C1", "Chemistry", "Violin", "Piano", "Latin", "Statistics",
    "Essay writing",
)  # fmt: skip
_NOTES = (
    "Bring last week's worksheet and the calculator. Parents asked for a short written summary after the lesson\\; "
    "see the shared folder for notes. Homework: pages 41-44\\, exercises 3\\, 5 and 8."
)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Zone:
    """One year's rule of a time zone; without `summer` its offset never changes."""

    name: str
    winter: tuple[str, str]
    summer: tuple[str, str] | None = None
    begins: str = ""
    ends: str = ""
    at: tuple[str, str] = ("", "")

    def lines(self) -> list[str]:
        """Its VTIMEZONE."""
        offset, name = self.winter
        rows = ["BEGIN:VTIMEZONE", f"TZID:{self.name}"]
        if self.summer is None:
            rows += ["BEGIN:STANDARD", "DTSTART:19700101T000000", *_offsets(offset, offset, name), "END:STANDARD"]
        else:
            summer_offset, summer_name = self.summer
            rule = "RRULE:FREQ=YEARLY;BYDAY="
            rows += ["BEGIN:DAYLIGHT", f"DTSTART:19700329{self.at[0]}", f"{rule}{self.begins}"]
            rows += [*_offsets(offset, summer_offset, summer_name), "END:DAYLIGHT"]
            rows += ["BEGIN:STANDARD", f"DTSTART:19701025{self.at[1]}", f"{rule}{self.ends}"]
            rows += [*_offsets(summer_offset, offset, name), "END:STANDARD"]
        return [*rows, "END:VTIMEZONE"]


def _offsets(before: str, after: str, name: str) -> list[str]:
    return [f"TZOFFSETFROM:{before}", f"TZOFFSETTO:{after}", f"TZNAME:{name}"]


_EU = ("-1SU;BYMONTH=3", "-1SU;BYMONTH=10")
_US = ("2SU;BYMONTH=3", "1SU;BYMONTH=11", ("T020000", "T020000"))
_BERLIN = _Zone("Europe/Berlin", ("+0100", "CET"), ("+0200", "CEST"), *_EU, ("T020000", "T030000"))
_LONDON = _Zone("Europe/London", ("+0000", "GMT"), ("+0100", "BST"), *_EU, ("T010000", "T020000"))
_NEW_YORK = _Zone("America/New_York", ("-0500", "EST"), ("-0400", "EDT"), *_US)
_LOS_ANGELES = _Zone("America/Los_Angeles", ("-0800", "PST"), ("-0700", "PDT"), *_US)
_SYDNEY = _Zone(
    "Australia/Sydney", ("+1000", "AEST"), ("+1100", "AEDT"),
    "1SU;BYMONTH=10", "1SU;BYMONTH=4", ("T020000", "T030000"),
)  # fmt: skip
_KOLKATA = _Zone("Asia/Kolkata", ("+0530", "IST"))
# As often as they are met.
_ZONES = (*[_BERLIN] * 6, *[_LONDON] * 2, *[_NEW_YORK] * 2, _LOS_ANGELES, _SYDNEY, _KOLKATA)


class _Time(Enum):
    DATE = 1
    FLOATING = 2
    UTC = 3
    ZONED = 4


def _time_of(slot: int) -> _Time:
    if slot in {7, 27, 47, 67, 87}:
        return _Time.DATE
    if slot in {13, 63}:
        return _Time.FLOATING
    if slot in {3, 18, 33, 48, 58, 73, 83, 98} and slot % 5:
        return _Time.UTC
    return _Time.ZONED


@dataclass(frozen=True, slots=True)
class CorpusObject:
    """One object of the calendar.

    Attributes:
        uid: its UID.
        name: the name under which it is stored, as file or resource.
        text: the iCalendar object, lines folded, with CRLF.
    """

    uid: str
    name: str
    text: str


class _Writer:
    """Writes the number-th object; its dice fall the same way every time."""

    def __init__(self, number: int, seed: int, first_day: datetime) -> None:
        self._dice = random.Random(f"{seed}/{number}")
        self._number, self._slot = number, number % 100
        self._time = _time_of(self._slot)
        self._zone = self._dice.choice(_ZONES)
        self._start = first_day + timedelta(days=self._dice.randrange(0, 360), minutes=15 * self._dice.randrange(0, 40))
        minutes = 24 * 60 if self._time is _Time.DATE else self._dice.choice([45, 60, 60, 60, 90, 120])
        self._length = timedelta(minutes=minutes)
        self.uid = f"{self._dice.getrandbits(128):032x}@tutor.example"
        name, self._subject = self._dice.choice(_NAMES), self._dice.choice(_SUBJECTS)
        self._summary = f"{self._subject} – {name}"

    def text(self) -> str:
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tutorsync//corpus//EN", "CALSCALE:GREGORIAN"]
        if self._time is _Time.ZONED:
            lines += self._zone.lines()
        lines += self._series() if self._slot % 5 == 0 else self._event(self._start, self._summary, [])
        return "".join(f"{folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"])

    def _series(self) -> list[str]:
        kind = (self._number // 5) % 10
        rule, step = self._rule(kind)
        more = [f"RRULE:{rule}"]
        if step and kind in {1, 3, 5, 7}:
            more.append(f"EXDATE;TZID={self._zone.name}:{self._start + 3 * step:%Y%m%dT%H%M%S}")
        lines = self._event(self._start, self._summary, more)
        if step and kind % 2 == 0:
            for instance in range(1, 2 + self._dice.randrange(4)):
                planned = self._start + step * (instance + 1)
                own = [self._stamped("RECURRENCE-ID", planned)]
                lines += self._event(planned + timedelta(hours=2), f"{self._summary} (other time)", own)
        return lines

    def _rule(self, kind: int) -> tuple[str, timedelta]:
        """The rule of a series, and the time between its instances where that is always the same."""
        day, week = timedelta(days=1), timedelta(days=7)
        weekday = _WEEKDAYS[self._start.weekday()]
        match kind:
            case 0 | 1 | 2 | 3 | 4:
                return f"FREQ=WEEKLY;BYDAY={weekday}", week
            case 5 | 6:
                return "FREQ=WEEKLY;COUNT=20", week
            case 7:
                return f"FREQ=WEEKLY;INTERVAL=2;UNTIL={self._start + 300 * day:%Y%m%dT%H%M%SZ}", 2 * week
            case 8:
                nth = 1 + (self._start.day - 1) // 7 if self._start.day <= 28 else -1
                return f"FREQ=MONTHLY;BYDAY={nth}{weekday}", timedelta(0)
        return "FREQ=DAILY;COUNT=10", day

    def _event(self, start: datetime, summary: str, more: list[str]) -> list[str]:
        tenth = self._slot % 10
        lines = ["BEGIN:VEVENT", f"UID:{self.uid}", "DTSTAMP:20260101T120000Z", "CREATED:20251201T090000Z"]
        lines += ["LAST-MODIFIED:20260101T120000Z", "SEQUENCE:0", self._stamped("DTSTART", start)]
        lines += [self._stamped("DTEND", start + self._length), f"SUMMARY:{summary}", *more]
        lines.append(f"STATUS:{'TENTATIVE' if tenth == 9 else 'CONFIRMED'}")
        lines.append(f"TRANSP:{'TRANSPARENT' if self._time is _Time.DATE else 'OPAQUE'}")
        lines += self._place(tenth) + (self._people() if tenth < 6 else [])
        lines += [f"CATEGORIES:Lesson,{self._subject}", f"X-TUTOR-SESSION-ID:{1000000 + self._number}"]
        if self._slot % 2 == 0:
            lines += ["BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Reminder", "END:VALARM"]
        return [*lines, "END:VEVENT"]

    def _place(self, tenth: int) -> list[str]:
        if tenth < 3:
            link = f"https://meet.example/j/{self._dice.getrandbits(40)}?pwd={self._dice.getrandbits(64):x}"
            return [f"DESCRIPTION:{_NOTES}\\nJoin: {link}", "LOCATION:Online"]
        return [f"DESCRIPTION:{_NOTES}", f"LOCATION:Hauptstraße {self._dice.randrange(1, 99)}\\, 10827 Berlin"]

    def _people(self) -> list[str]:
        lines = ["ORGANIZER;CN=Tutor Anna:mailto:anna@tutor.example"]
        for one in range(1 + self._slot % 3):
            answer = ("ACCEPTED", "NEEDS-ACTION", "DECLINED", "TENTATIVE")[(self._number + one) % 4]
            name = _NAMES[(self._number + one * 7) % len(_NAMES)]
            lines.append(
                f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={answer};RSVP=TRUE;CN={name}"
                f":mailto:s{self._number % 97}.{one}@pupil.example"
            )
        return lines

    def _stamped(self, name: str, moment: datetime) -> str:
        match self._time:
            case _Time.DATE:
                return f"{name};VALUE=DATE:{moment:%Y%m%d}"
            case _Time.UTC:
                return f"{name}:{moment:%Y%m%dT%H%M%SZ}"
            case _Time.ZONED:
                return f"{name};TZID={self._zone.name}:{moment:%Y%m%dT%H%M%S}"
        return f"{name}:{moment:%Y%m%dT%H%M%S}"


def folded(line: str) -> str:
    """Fold a content line at 75 octets, between characters (RFC 5545, section 3.1)."""
    rows, size = [""], 0
    for character in line:
        width = len(character.encode())
        if size + width > (75 if len(rows) == 1 else 74):
            rows.append("")
            size = 0
        rows[-1] += character
        size += width
    return "\r\n ".join(rows)


def corpus(count: int, seed: int = 7, first_day: datetime = _FIRST_DAY) -> Iterator[CorpusObject]:
    """Give the first objects of the calendar, in order; all start within a year from the first day's hour on."""
    for number in range(count):
        writer = _Writer(number, seed, first_day)
        yield CorpusObject(writer.uid, f"{writer.uid.partition('@')[0]}.ics", writer.text())
