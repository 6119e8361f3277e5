"""The story: what happens to a tutor's sessions in a week, one chapter a fact, each read back from outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from cloud_api.sandbox.demo.agreement import compare, entry, event_of, mirrored, overlapping, upcoming
from cloud_api.sandbox.demo.fact import Fact
from cloud_api.sandbox.demo.outside import instant
from cloud_api.sandbox.demo.stage import CALENDAR, PRIVATE, ProgramFailed
from cloud_api.sandbox.tap_record import Outcome

if TYPE_CHECKING:
    from cloud_api.sandbox.demo.stage import Stage
    from cloud_api.sandbox.tap_record import Record

_CALDAV = "the calendar server, over CalDAV, by the phone"
_REST = "the platform, over its REST API"
_BOTH = f"{_REST}; {_CALDAV}"
_IDLE_POLLS = 10


class Chapter(Protocol):
    """One fact of the story. `act` lets it happen, `read` reads it back; nothing is remembered but ids."""

    name: str
    told: str

    def act(self, stage: Stage) -> None:
        """Let it happen."""
        ...

    def read(self, stage: Stage) -> Fact:
        """Read it back from outside."""
        ...


def chapters() -> Sequence[Chapter]:
    """Give the story in order."""
    return (
        SessionsWritten(),
        PhoneMoves(),
        PlatformMoves(),
        BothChange(),
        DoubleBooking(),
        OneMeetingEach(),
        NetworkGone(),
        KilledWhileWriting(),
        NothingToDo(),
    )


class SessionsWritten:
    """The first sync."""

    name = "sessions_in_calendar"
    told = "The sessions of the platform appear in the calendar"

    def act(self, stage: Stage) -> None:
        """Let the agent sync."""
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Compare both sides."""
        seen = compare(stage)
        return Fact(self.name, self.told, seen.holds, seen.words, _BOTH)


class PhoneMoves:
    """A phone, which knows nothing of us, moves an event."""

    name = "phone_move_reaches_platform"
    told = "A phone moves an event, and the platform's session follows"

    def act(self, stage: Stage) -> None:
        """Move an event half an hour later."""
        session = upcoming(stage)[0]
        event = _needed(event_of(stage, session))
        stage.phone.edit(CALENDAR, event["uid"], minutes=30, alarm=True)
        self._id, self._wanted = session["id"], instant(session["start"]) + timedelta(minutes=30)
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Read the session's new hour on the platform."""
        session = stage.platform.session(self._id)
        start = instant(session["start"])
        return Fact(self.name, self.told, start == self._wanted, f"“{session['title']}” now starts {_at(start)}", _REST)


class PlatformMoves:
    """Somebody at the agency moves a session."""

    name = "platform_move_reaches_calendar"
    told = "The platform moves a session, and the calendar's event follows"

    def act(self, stage: Stage) -> None:
        """Move a session half an hour later."""
        session = upcoming(stage)[1]
        later = datetime.fromisoformat(session["start_wall"]) + timedelta(minutes=30)
        moved = stage.platform.change(session["id"], start_wall=later.isoformat(timespec="seconds"))
        self._session = moved
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Look for the event at its new hour."""
        event = event_of(stage, self._session)
        title, start, _ = entry(self._session)
        seen = f"“{title}” starts {_at(start)}" if event else f"no event “{title}” at {_at(start)}"
        return Fact(self.name, self.told, event is not None, seen, _CALDAV)


class BothChange:
    """Two people edit one session at the same time, different parts of it."""

    name = "different_fields_both_survive"
    told = "Both sides change different fields of one session, and both survive"

    _note = "Bring the blue folder."

    def act(self, stage: Stage) -> None:
        """The phone adds a note while the platform gives another title."""
        session = upcoming(stage)[2]
        event = _needed(event_of(stage, session))
        stage.phone.edit(CALENDAR, event["uid"], note=self._note)
        self._title = f"{session['title']} (exam)"
        self._id = session["id"]
        stage.platform.change(self._id, title=self._title)
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Both sides have both."""
        session = stage.platform.session(self._id)
        event = event_of(stage, session)
        here = session["title"] == self._title and self._note in session["notes"]
        there = event is not None and event["summary"] == self._title and self._note in event["description"]
        seen = f"platform: title {_yes(session['title'] == self._title)}, note {_yes(self._note in session['notes'])}; "
        seen += f"calendar: title and note {_yes(there)}"
        return Fact(self.name, self.told, here and there, seen, _BOTH)


class DoubleBooking:
    """A private weekly appointment overlaps a session; it is settled in the terminal."""

    name = "double_booking_settled"
    told = "A private weekly appointment overlaps a session; the double booking is settled by a suggested slot"

    def act(self, stage: Stage) -> None:
        """Book the appointment, see the double booking, move the session to the first free slot."""
        session = upcoming(stage)[3]
        _, start, _ = entry(session)
        self._id = session["id"]
        stage.phone.add(PRIVATE, weekly("Swimming", start - timedelta(days=7) + timedelta(minutes=15), times=2))
        stage.sync()
        conflicts = stage.tutorsync("conflicts")["conflicts"]
        mine = [one for one in conflicts if one["sides"][0]["id"] == self._id]
        self._was_raised = len(mine) == 1 and bool(overlapping(stage, session))
        self._suggested = ""
        if not mine:
            return
        slot = stage.tutorsync("conflicts", "suggest", mine[0]["id"])["suggestions"][0]
        self._suggested = slot["start"]
        stage.tutorsync("conflicts", "resolve", mine[0]["id"], "--move", self._id, "--start", slot["start_wall"])
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """The session is where it was suggested, on both sides, and overlaps nothing."""
        session = stage.platform.session(self._id)
        _, start, _ = entry(session)
        is_there = bool(self._suggested) and start == instant(self._suggested) and event_of(stage, session) is not None
        left = overlapping(stage, session)
        seen = (
            f"a double booking was {'' if self._was_raised else 'not '}raised; “{session['title']}” is now {_at(start)}"
        )
        seen += ", which overlaps nothing" if not left else f", which overlaps {len(left)} other"
        return Fact(self.name, self.told, self._was_raised and is_there and not left, seen, _BOTH)


class OneMeetingEach:
    """Every online session has its meeting."""

    name = "one_meeting_each"
    told = "Every online session has exactly one meeting, and its link is in the calendar"

    def act(self, stage: Stage) -> None:
        """Nothing to do: it happened by itself."""
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Count the host's meetings, and look for each link in the session's event."""
        now = _now(stage)
        online = [
            one for one in mirrored(stage) if one["online"] and one["status"] == "planned" and instant(one["end"]) > now
        ]
        meetings = stage.zoom_reader.meetings()
        starts: dict[tuple[str, datetime], list[str]] = {}
        for meeting in meetings:
            starts.setdefault((meeting["topic"], instant(meeting["start_time"])), []).append(meeting["join_url"])
        events = {(event["summary"], instant(event["start"])): event for event in stage.phone.events(CALENDAR)}
        without = [one for one in online if not self._is_linked(one, starts, events)]
        holds = bool(online) and not without and len(meetings) == len(online)
        seen = f"{len(online)} online sessions, {len(meetings)} meetings"
        seen += ", each link in its event" if not without else f", {len(without)} without their one link"
        return Fact(self.name, self.told, holds, seen, f"Zoom, over its API; {_CALDAV}")

    def _is_linked(
        self,
        session: dict[str, Any],
        meetings: dict[tuple[str, datetime], list[str]],
        events: dict[tuple[str, datetime], dict[str, Any]],
    ) -> bool:
        title, start, _ = entry(session)
        links, event = meetings.get((title, start), []), events.get((title, start))
        return len(links) == 1 and event is not None and links[0] in event["description"] and links[0] == event["url"]


class NetworkGone:
    """The train enters a tunnel."""

    name = "network_gone_and_back"
    told = "The network goes, two sessions are edited, the network returns, both arrive once"

    def act(self, stage: Stage) -> None:
        """Edit two sessions with every wire cut."""
        before = upcoming(stage)[4:6]
        self._ids = [one["id"] for one in before]
        stage.cut_network()
        stage.sync()
        self._wanted = {}
        for session in before:
            later = datetime.fromisoformat(session["start_wall"]) + timedelta(minutes=45)
            stage.tutorsync("sessions", "move", session["id"], "--start", later.isoformat(timespec="minutes"))
            self._wanted[session["id"]] = (instant(session["start"]) + timedelta(minutes=45), session["version"] + 1)
        stage.heal_network()
        stage.calendar_tap.reset()
        stage.sync()
        self._puts = sum(record.method == "PUT" for record in stage.calendar_tap.log)

    def read(self, stage: Stage) -> Fact:
        """Each is at its new hour on both sides, one version on, and one event was written for each."""
        sessions = [stage.platform.session(one) for one in self._ids]
        moved = sum((instant(one["start"]), one["version"]) == self._wanted[one["id"]] for one in sessions)
        events = sum(event_of(stage, one) is not None for one in sessions)
        holds = moved == events == len(sessions) == self._puts == 2
        seen = f"{moved} of 2 moved once on the platform, {events} of 2 in the calendar, {self._puts} events written"
        return Fact(self.name, self.told, holds, seen, _BOTH)


class KilledWhileWriting:
    """The laptop's battery dies."""

    name = "killed_while_writing"
    told = "The agent is killed while a write is on the wire, starts again, and nothing is lost or doubled"

    def act(self, stage: Stage) -> None:
        """Hold the answer to a write back, kill the agent, start it again."""
        session = upcoming(stage)[6]
        self._id = session["id"]
        later = datetime.fromisoformat(session["start_wall"]) + timedelta(minutes=30)
        self._wanted = instant(session["start"]) + timedelta(minutes=30)
        stage.calendar_tap.reset()
        stage.calendar_tap.hold(method="PUT")
        stage.tutorsync("sessions", "move", self._id, "--start", later.isoformat(timespec="minutes"))
        self._record = stage.calendar_tap.wait_held()
        stage.kill_agent()
        self._record = stage.calendar_tap.wait_for(self._is_abandoned)
        stage.calendar_tap.release()
        stage.start_agent()
        stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Both sides agree on everything, the killed write included."""
        seen = compare(stage)
        session = stage.platform.session(self._id)
        arrived = instant(session["start"]) == self._wanted
        was_killed = self._record.outcome is Outcome.CLIENT_GONE and self._record.was_carried_out
        words = f"killed after the server had stored the write ({_yes(was_killed)}); {seen.words}"
        return Fact(self.name, self.told, was_killed and arrived and seen.holds, words, f"the wire's record; {_BOTH}")

    def _is_abandoned(self, record: Record) -> bool:
        return record.number == self._record.number and record.outcome is Outcome.CLIENT_GONE


class NothingToDo:
    """An idle evening."""

    name = "idle_polls_write_nothing"
    told = f"{_IDLE_POLLS} more polls write nothing"

    def act(self, stage: Stage) -> None:
        """Poll ten times."""
        for tap in stage.taps():
            tap.reset()
        for _ in range(_IDLE_POLLS):
            stage.sync()

    def read(self, stage: Stage) -> Fact:
        """Count the writes on every wire."""
        writes = [
            f"{record.method} {record.target}"
            for tap in stage.taps()
            for record in tap.log
            if record.is_write and not _is_sign_in(record)
        ]
        polls = sum(len(tap.log) for tap in stage.taps())
        seen = f"{polls} requests in {_IDLE_POLLS} polls, {len(writes)} writes"
        if writes:
            seen += f" ({writes[0]})"
        return Fact(self.name, self.told, not writes and polls >= _IDLE_POLLS, seen, "the record of every wire")


def weekly(summary: str, start: datetime, *, times: int) -> str:
    """Give an appointment of an hour, repeated weekly so many times, as iCalendar text."""
    end = start + timedelta(hours=1)
    repeats = (f"RRULE:FREQ=WEEKLY;COUNT={times}",) if times > 1 else ()
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Phone//EN", "BEGIN:VEVENT",
        f"UID:{summary.lower()}-{start:%Y%m%dT%H%M%S}@phone.example", f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}", f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        *repeats, f"SUMMARY:{summary}", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines)


def _needed(event: dict[str, Any] | None) -> dict[str, Any]:
    if event is None:
        msg = "the session's event is not in the calendar"
        raise ProgramFailed(msg)
    return event


def _is_sign_in(record: Record) -> bool:
    return "/oauth/token" in record.target or "/api/auth/" in record.target


def _now(stage: Stage) -> datetime:
    return stage.zoom.clock.now()


def _at(moment: datetime) -> str:
    return f"{moment:%a %d %b %Y, %H:%M} UTC"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
