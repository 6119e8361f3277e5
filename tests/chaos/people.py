"""The people: a phone, the office at the agency, and the tutor at the laptop. None of them knows the others."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import httpx
from lxml import etree

from tests.chaos.diary import FIELDS, Diary, Edit
from tests.chaos.stage import CALENDAR, USER, ZONE, Refused, Stage, Unanswered

FENCE = "— TutorSync —"
MINUTES = 45
_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_EVERYTHING = (
    '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/></prop>'
    '<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the phone shows it."""

    href: str
    etag: str
    text: str

    def value(self, name: str) -> str:
        """Give a property of the event itself, unescaped."""
        found = re.search(rf"^{name}(?:;[^:\n]*)?:(.*)$", self.text[self.text.index("BEGIN:VEVENT") :], re.MULTILINE)
        return "" if found is None else re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], found[1])

    @property
    def session(self) -> str:
        """Whose it says it is, "" if it is none of ours."""
        told = parse_qs(self.value("X-TUTORSYNC-MARKER"))
        return told["session"][0] if told.get("uid") == [self.value("UID")] else ""

    @property
    def said(self) -> dict[str, str]:
        """What it says of the fields that people edit."""
        place, link = self.value("LOCATION"), self.value("URL")
        return {
            "title": self.value("SUMMARY"),
            "notes": self.value("DESCRIPTION").partition(FENCE)[0].strip(),
            "place": "" if place == link else place,
            "when": datetime.fromisoformat(self.value("DTSTART")).isoformat(),
        }

    @property
    def ends(self) -> str:
        return datetime.fromisoformat(self.value("DTEND")).isoformat()


class Phone:
    """A CalDAV client that reads before it writes, and never over somebody else's head."""

    def __init__(self, stage: Stage) -> None:
        self._http = stage.calendars.client(USER)
        self._root, self._path = stage.calendars.address, f"/{USER}/{CALENDAR}/"

    def close(self) -> None:
        self._http.close()

    def events(self) -> list[Event]:
        answer = self._http.request(
            "REPORT", self._root + self._path, content=_EVERYTHING, headers={"Depth": "1", "Content-Type": "text/xml"}
        ).raise_for_status()
        return [
            Event(
                response.findtext(f"{_DAV}href") or "",
                response.findtext(f".//{_DAV}getetag") or "",
                (response.findtext(f".//{_CALDAV}calendar-data") or "").replace("\r\n", "\n").replace("\n ", ""),
            )
            for response in etree.fromstring(answer.content).iter(f"{_DAV}response")
        ]

    def find(self, session: str) -> Event | None:
        return next((event for event in self.events() if event.session == session), None)

    def put(self, event: Event, text: str) -> bool:
        """Store it anew; False if somebody was quicker."""
        headers = {"If-Match": event.etag, "Content-Type": "text/calendar; charset=utf-8"}
        content = text.replace("\n", "\r\n").encode()
        return self._http.put(self._root + event.href, content=content, headers=headers).status_code in (201, 204)

    def add(self, name: str, *lines: str) -> None:
        """Add an appointment of the tutor's own."""
        text = "\n".join(
            ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Phone//EN", "BEGIN:VEVENT", f"UID:{name}",
             "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", "END:VCALENDAR", ""]
        )  # fmt: skip
        self.store(name, text)

    def store(self, name: str, text: str) -> None:
        """Store a whole object."""
        url, content = f"{self._root}{self._path}{name}.ics", text.replace("\n", "\r\n").encode()
        self._http.put(url, content=content, headers={"Content-Type": "text/calendar"}).raise_for_status()

    def delete(self, event: Event) -> bool:
        answer = self._http.delete(self._root + event.href, headers={"If-Match": event.etag})
        return answer.status_code in (200, 204)


class People:
    """All of them, and the diary that an onlooker keeps."""

    def __init__(self, stage: Stage, dice: random.Random) -> None:
        self.stage, self.dice, self.diary = stage, dice, Diary()
        self.phone = Phone(stage)
        self._day = datetime.now(UTC).date()

    # What is there at the start.

    def begin(self, sessions: int) -> None:
        """The office has planned some sessions, and the tutor has appointments of their own."""
        for number in range(sessions):
            self.office_adds(online=number % 2 == 0)
        for number in range(3):
            day = f"{self._day + timedelta(days=2 + number):%Y%m%d}"
            self.phone.add(
                f"private-{number}", f"DTSTART:{day}T0{number}0000Z", f"DTEND:{day}T0{number}3000Z",
                f"SUMMARY:Private {number}", "ATTENDEE;CN=Mia:mailto:mia@example.org", "X-ODD;A=b:c\\,d",
            )  # fmt: skip
        self.foreign = self.foreign_texts()

    def foreign_texts(self) -> dict[str, str]:
        """Give what is none of ours, byte for byte as its server has it."""
        return {event.href: event.text for event in self.phone.events() if "/private-" in event.href}

    def close(self) -> None:
        self.phone.close()

    # What they can do. Each gives a word for what was done, "" for nothing.

    def one_of(self, *sides: str) -> str:
        return self.dice.choice(sides)

    def edits(self, side: str = "", name: str = "", *, online: bool | None = None, session: str | None = None) -> str:
        """Somebody edits a field of a session."""
        side = side or self.one_of("phone", "office", "app")
        name = name or self.dice.choice(FIELDS)
        session = session or self._one(online=online)
        if session is None or session in self.diary.cancelled | self.diary.half_cancelled:
            return ""
        done = {"phone": self._phone_edits, "office": self._office_edits, "app": self._app_edits}[side](session, name)
        return f"{side} {name}" if done else ""

    def cancels(self, side: str = "", *, online: bool | None = None) -> str:
        """Somebody takes a session out that nobody has touched since everything was at rest."""
        side = side or self.one_of("phone", "office", "app")
        session = self._one(online=online, quiet=True)
        if session is None:
            return ""
        if side == "phone":
            event = self.phone.find(session)
            done = event is not None and self.phone.delete(event)
        elif side == "office":
            shown = self._office(session)
            headers = {"If-Match": f'"{shown["version"]}"'}
            path = f"/api/sessions/{session}/cancel"
            done = self.stage.agency.api.post(path, headers=headers).status_code == httpx.codes.OK
        else:
            done = self._app_cancels(session)
        if done:
            self.diary.cancelled.add(session)
        return f"{side} cancels" if done else ""

    def adds(self, side: str = "", *, online: bool | None = None) -> str:
        """Somebody plans a session."""
        side = side or self.one_of("office", "app")
        is_online = self.dice.random() < 0.5 if online is None else online
        if side == "office":
            self.office_adds(online=is_online)
            return "office adds"
        return "app adds" if self._app_adds(online=is_online) else ""

    def office_adds(self, *, online: bool) -> None:
        first = self._values()
        made = self.stage.agency.session(
            title=first["title"], notes=first["notes"], place=first["place"], start_wall=first["when"], zone=ZONE,
            duration_minutes=MINUTES, online=online,
        )  # fmt: skip
        self._added(made["id"], first, online=online)

    def _app_adds(self, *, online: bool) -> bool:
        first = self._values()
        body = {
            "title": first["title"], "notes": first["notes"], "place": first["place"], "start_wall": first["when"],
            "zone": ZONE, "duration_minutes": MINUTES, "online": online,
        }  # fmt: skip
        try:
            made = self.stage.agent.ask("POST", "/v1/sessions", body, within_s=10)
        except Refused:
            return False
        except Unanswered:
            self.diary.doubtful.add(first["title"])
            return True
        self._added(made["session"]["id"], first, online=online)
        return True

    def _added(self, session: str, first: dict[str, str], *, online: bool) -> None:
        self.diary.first[session], self.diary.online[session] = first, online
        self.diary.busy.add(session)
        self.diary.last = session

    def _values(self) -> dict[str, str]:
        number = self.diary.token()
        return {"title": f"Title {number}", "notes": f"Notes {number}", "place": "", "when": self._when(number)}

    def _when(self, number: int, day: date | None = None) -> str:
        """Give an hour on the wall that no other edit of that day names."""
        day = day or self._day + timedelta(days=2 + number % 4)
        return (datetime.combine(day, datetime.min.time()) + timedelta(hours=5, minutes=number % 1000)).isoformat()

    def _one(self, *, online: bool | None = None, quiet: bool = False) -> str | None:
        """Choose a session that is there."""
        known = [one for one in self.diary.first if one not in self.diary.cancelled | self.diary.half_cancelled]
        if quiet:
            known = [one for one in known if one not in self.diary.busy]
        if online is not None:
            known = [one for one in known if self.diary.online[one] is online]
        return self.dice.choice(known) if known else None

    def _new_value(self, name: str, seen: str) -> str:
        number = self.diary.token()
        if name != "when":
            return f"{name.capitalize()} {number}"
        return self._when(number, date.fromisoformat(seen[:10]))

    def _phone_edits(self, session: str, name: str) -> bool:
        event = self.phone.find(session)
        if event is None:
            return False
        seen = event.said[name]
        value = self._new_value(name, seen)
        if not self.phone.put(event, _changed(event, name, value)):
            return False
        self.diary.note(Edit(session, name, value, seen, "phone"))
        return True

    def _office_edits(self, session: str, name: str) -> bool:
        shown = self._office(session)
        if not shown:
            return False
        key = "start_wall" if name == "when" else name
        seen = shown[key]
        value = self._new_value(name, seen)
        headers = {"If-Match": f'"{shown["version"]}"'}
        answer = self.stage.agency.api.patch(f"/api/sessions/{session}", json={key: value}, headers=headers)
        if answer.status_code != httpx.codes.OK:
            return False
        self.diary.note(Edit(session, name, value, seen, "office"))
        return True

    def _office(self, session: str) -> dict[str, Any]:
        answer = self.stage.agency.api.get(f"/api/sessions/{session}")
        shown: dict[str, Any] = answer.json() if answer.status_code == httpx.codes.OK else {}
        return shown

    def _app_edits(self, session: str, name: str) -> bool:
        key = "start_wall" if name == "when" else name
        try:
            seen = self.stage.agent.ask("GET", f"/v1/sessions/{session}", within_s=10)["session"][key]
        except (Refused, Unanswered):
            return False
        value = self._new_value(name, seen)
        try:
            self.stage.agent.ask("PATCH", f"/v1/sessions/{session}", {key: value}, within_s=10)
        except Refused:
            return False
        except Unanswered:
            self.diary.note(Edit(session, name, value, seen, "app", is_sure=False))
            return True
        self.diary.note(Edit(session, name, value, seen, "app"))
        return True

    def _app_cancels(self, session: str) -> bool:
        try:
            self.stage.agent.ask("POST", f"/v1/sessions/{session}/cancel", within_s=10)
        except Refused:
            return False
        except Unanswered:
            self.diary.half_cancelled.add(session)
            return False
        return True

    def answer(self) -> tuple[int, list[str]]:
        """The tutor says yes to whatever the guards ask: it was meant.

        Gives to how many, and what nobody should have asked. A yes sets the agent to work again.
        """
        said, odd = 0, []
        for question in self.stage.agent.ask("GET", "/v1/questions")["questions"]:
            if question["kind"].startswith("mass_") or question["kind"].endswith("_to_write"):
                self.stage.agent.ask("POST", f"/v1/questions/{question['id']}/answer", {"answer": "yes"})
                said += 1
            else:
                odd.append(f"a question: {question['text']}")
        return said, odd


def _changed(event: Event, name: str, value: str) -> str:
    """Change a field in an event's text, as a phone does: the property anew, everything else as it was."""
    begin = event.text.index("BEGIN:VEVENT")
    head, body = event.text[:begin], event.text[begin:]

    def having(prop: str, line: str, text: str) -> str:
        if re.search(rf"^{prop}[;:]", text, re.MULTILINE):
            return re.sub(rf"^{prop}[;:].*$", lambda _: line, text, count=1, flags=re.MULTILINE)
        return text.replace("END:VEVENT", f"{line}\nEND:VEVENT", 1)

    match name:
        case "title":
            body = having("SUMMARY", f"SUMMARY:{value}", body)
        case "place":
            body = having("LOCATION", f"LOCATION:{value}", body)
        case "notes":
            block = event.value("DESCRIPTION").partition(FENCE)
            whole = value + (f"\n\n{FENCE}{block[2]}" if block[1] else "")
            escaped = whole.replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;").replace("\n", "\\n")
            body = having("DESCRIPTION", f"DESCRIPTION:{escaped}", body)
        case _:
            start = datetime.fromisoformat(value)
            for prop, at in (("DTSTART", start), ("DTEND", start + timedelta(minutes=MINUTES))):
                body = having(prop, f"{prop};TZID={ZONE}:{at:%Y%m%dT%H%M%S}", body)
    return head + body


def instant(wall: str) -> datetime:
    """Give the instant of an hour on the wall."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
