"""What the engine refuses, each with a code that never changes, words for a tutor and what to do."""

from __future__ import annotations

from typing import ClassVar


class EngineError(Exception):
    """Anything the engine refuses to do."""

    code: ClassVar[str] = "engine.refused"
    words: ClassVar[str] = "That cannot be done."
    action: ClassVar[str] = ""

    def __init__(self, **facts: str | int) -> None:
        self.facts: dict[str, str | int] = facts
        super().__init__(self.words.format(**facts))


class SessionUnknown(EngineError):
    """No session has this id."""

    code = "session.unknown"
    words = "There is no session with the id {id}."
    action = "List the sessions with “tutorsync sessions”."


class WhyUnknown(SessionUnknown):
    """Neither a session nor a double booking has this id, and it is no time."""

    words = "“{id}” is neither a time nor the id of a session or of a double booking."
    action = "Write a time like 2026-11-26T15:00, or take an id from “tutorsync sessions” or “tutorsync conflicts”."


class SessionTimesWrong(EngineError):
    """A session that ends before it starts, lasts nothing or a day and more."""

    code = "session.times_wrong"
    words = "The session would end at {end}, which is not after its start at {start}. Nothing was changed."
    action = "Give an end after the start, on the same day or the night after."


class ZoneUnknown(EngineError):
    """No such zone in the tz database."""

    code = "session.zone_unknown"
    words = "There is no time zone called “{zone}”. Nothing was changed."
    action = "Use a name like Europe/Berlin or America/New_York."


class SessionCancelled(EngineError):
    """A cancelled session cannot be moved or changed."""

    code = "session.cancelled"
    words = "“{title}” is cancelled. Nothing was changed."
    action = "Bring it back with undo first."


class FieldWrong(EngineError):
    """A value that a field cannot take."""

    code = "session.field_wrong"
    words = "{reason} Nothing was changed."


class AccountUnknown(EngineError):
    """No account has this id or name."""

    code = "account.unknown"
    words = "There is no account “{id}”."
    action = "List the accounts with “tutorsync accounts”."


class AccountExists(EngineError):
    """The same sign-in twice."""

    code = "account.exists"
    words = "{display} is already connected."
    action = "Sign in again there instead, or disconnect it first."


class CalendarUnknown(EngineError):
    """No calendar has this id or name."""

    code = "calendar.unknown"
    words = "There is no calendar “{id}”."
    action = "List the calendars with “tutorsync calendars”."


class CalendarReadOnly(EngineError):
    """Sessions cannot be written to a calendar that is read only."""

    code = "calendar.read_only"
    words = "“{name}” can be read but not written, so sessions cannot go there."
    action = "Choose a calendar that you may change."


class ConflictUnknown(EngineError):
    """No double booking has this id."""

    code = "conflict.unknown"
    words = "There is no double booking with the id {id}."
    action = "List them with “tutorsync conflicts”."


class ConflictClosed(EngineError):
    """Somebody or something settled it already."""

    code = "conflict.closed"
    words = "This double booking is already settled ({why})."


class ChoiceWrong(EngineError):
    """A resolution that does not fit this double booking."""

    code = "conflict.choice_wrong"
    words = "{reason} Nothing was changed."


class ActivityUnknown(EngineError):
    """Nothing to undo."""

    code = "activity.unknown"
    words = "There is nothing to undo{which}."


class QuestionUnknown(EngineError):
    """No question has this id."""

    code = "question.unknown"
    words = "There is no open question with the id {id}."
    action = "List them with “tutorsync questions”."


class EventUnknown(EngineError):
    """No calendar holds an event with this UID."""

    code = "event.unknown"
    words = "No calendar holds an event with the UID {uid}."
    action = "List the events with “tutorsync events”."


class EventNotAdopted(EngineError):
    """An event of which no session can be made."""

    code = "event.not_adopted"
    words = "“{title}” cannot become a session: {reason}. Nothing was changed."


class NoMeetingProvider(EngineError):
    """No conferencing account is connected."""

    code = "meeting.no_provider"
    words = "No meeting service is connected, so there is no link to make."
    action = "Connect one with “tutorsync connect zoom”."


class NoMeetingFor(EngineError):
    """In person, past or cancelled."""

    code = "meeting.not_for_this"
    words = "“{title}” gets no meeting: it is {reason}."


class StoreTooNew(EngineError):
    """The database was written by a newer version."""

    code = "store.too_new"
    words = "This profile was written by a newer version of TutorSync ({found}). Nothing was changed."
    action = "Install the newer version again; this one ({ours}) cannot read it."


class StoreBroken(EngineError):
    """The file is no database, or a damaged one."""

    code = "store.broken"
    words = "The database of this profile cannot be read ({reason}). It was left as it is."
    action = (
        "Put a copy of the profile back, or move {file} away to begin afresh; calendars and platform keep their data."
    )


class StoreClosed(EngineError):
    """Work that outlived its program: an answer that came when the profile was no longer held."""

    code = "store.closed"
    words = "The program ended before this was done. What was sent is looked up at the next start."


class StoreFull(EngineError):
    """The disk keeps nothing more."""

    code = "store.full"
    words = "The disk is full, so nothing more can be kept. What was kept before is safe."
    action = "Free some space; TutorSync goes on by itself."
