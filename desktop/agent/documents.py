"""What the agent answers, as frozen values (docs/local-api.md). A field that is new is left alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

Json = Mapping[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class AgentProblem:
    """A request that was refused, or got no answer.

    Attributes:
        code: never changes; "agent.no_answer" where none came.
        message: one clear sentence of the agent, in English.
        action: what to do about it, or "".
    """

    code: str
    message: str
    action: str = ""
    facts: Json = field(default_factory=dict)

    @property
    def is_silence(self) -> bool:
        """No answer came."""
        return self.code == NO_ANSWER


NO_ANSWER = "agent.no_answer"


@dataclass(frozen=True, slots=True)
class Meeting:
    """The meeting of an online session."""

    provider: str
    join_url: str
    state: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """When a time was last checked for double bookings.

    Attributes:
        complete: all calendars were read and understood; else nothing may be called free.
        words: which were read when, and which were not, in a sentence or two.
    """

    complete: bool = True
    words: str = ""

    @classmethod
    def read(cls, document: Json | None) -> Coverage:
        """Read a Coverage document; an agent that tells none is an older one."""
        return cls() if document is None else cls(bool(document.get("complete", True)), _text(document, "words"))

    @property
    def missing(self) -> str:
        """What was not checked, "" if all was."""
        return "" if self.complete else self.words


@dataclass(frozen=True, slots=True)
class Session:
    """A tutoring appointment. `start` and `end` are aware instants in the session's own zone."""

    id: str
    title: str
    start: datetime
    end: datetime
    zone: str
    when: str
    online: bool = False
    place: str = ""
    subject: str = ""
    status: str = "planned"
    students: tuple[str, ...] = ()
    meeting: Meeting | None = None
    conflicts: tuple[str, ...] = ()
    not_checked: tuple[str, ...] = ()
    """Names of the calendars whose last reading cannot be believed."""

    @classmethod
    def read(cls, document: Json) -> Session:
        """Read a Session document."""
        meeting = document.get("meeting")
        return cls(
            id=str(document["id"]),
            title=_text(document, "title"),
            start=_instant(document["start"]),
            end=_instant(document["end"]),
            zone=_text(document, "zone"),
            when=_text(document, "when"),
            online=bool(document.get("online")),
            place=_text(document, "place"),
            subject=_text(document, "subject"),
            status=_text(document, "status") or "planned",
            students=tuple(str(one["name"]) for one in document.get("students") or () if one.get("name")),
            meeting=Meeting(_text(meeting, "provider"), _text(meeting, "join_url"), _text(meeting, "state"))
            if meeting
            else None,
            conflicts=tuple(str(one) for one in document.get("conflicts") or ()),
            not_checked=tuple(str(one) for one in (document.get("coverage") or {}).get("stale") or ()),
        )


@dataclass(frozen=True, slots=True)
class Banner:
    """The one thing to do now; kind and action are "none" where there is nothing."""

    kind: str = "none"
    text: str = ""
    action: str = "none"
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand, by the agent's own judgement."""

    state: str
    reason: str
    offline_since: datetime | None = None
    paused_until: datetime | None = None
    last_sync_at: datetime | None = None
    waiting_changes: int = 0
    open_conflicts: int = 0
    open_questions: int = 0
    next_session: Session | None = None
    banner: Banner = Banner()
    vault: str = "open"
    zone: str = "UTC"
    coverage: Coverage = Coverage()

    @classmethod
    def read(cls, document: Json) -> Status:
        """Read a Status document."""
        following, banner = document.get("next_session"), document.get("banner") or {}
        return cls(
            state=str(document["state"]),
            reason=_text(document, "reason"),
            offline_since=_instant_or_none(document.get("offline_since")),
            paused_until=_instant_or_none(document.get("paused_until")),
            last_sync_at=_instant_or_none(document.get("last_sync_at")),
            waiting_changes=int(document.get("waiting_changes") or 0),
            open_conflicts=int(document.get("open_conflicts") or 0),
            open_questions=int(document.get("open_questions") or 0),
            next_session=Session.read(following) if following else None,
            banner=Banner(
                kind=str(banner.get("kind") or "none"),
                text=_text(banner, "text"),
                action=str(banner.get("action") or "none"),
                target=banner.get("target"),
            ),
            vault=_text(document, "vault") or "open",
            zone=_text(document, "zone") or "UTC",
            coverage=Coverage.read(document.get("coverage")),
        )


@dataclass(frozen=True, slots=True)
class LastChange:
    """Who changed something last."""

    who: str
    at: datetime | None
    what: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two things of a double booking."""

    is_session: bool
    id: str
    title: str
    start: datetime
    end: datetime
    when: str
    zone: str
    calendar_name: str = ""
    recurring: bool = False
    last_change: LastChange | None = None
    session: Session | None = None

    @classmethod
    def read(cls, document: Json) -> Side:
        """Read a Side document."""
        session, change = document.get("session"), document.get("last_change")
        return cls(
            is_session=document.get("kind") == "session",
            id=str(document["id"]),
            title=_text(document, "title"),
            start=_instant(document["start"]),
            end=_instant(document["end"]),
            when=_text(document, "when"),
            zone=_text(document, "zone"),
            calendar_name=_text(document, "calendar_name"),
            recurring=bool(document.get("recurring")),
            last_change=LastChange(_text(change, "who"), _instant_or_none(change.get("at")), _text(change, "what"))
            if change
            else None,
            session=Session.read(session) if session else None,
        )


@dataclass(frozen=True, slots=True)
class Conflict:
    """A double booking. The first side is always a session."""

    id: str
    is_open: bool
    when: str
    why: str
    overlap_minutes: int
    sides: tuple[Side, Side]

    @classmethod
    def read(cls, document: Json) -> Conflict:
        """Read a Conflict document."""
        first, second = document["sides"]
        return cls(
            id=str(document["id"]),
            is_open=document.get("state") == "open",
            when=_text(document, "when"),
            why=_text(document, "why"),
            overlap_minutes=int(document.get("overlap_minutes") or 0),
            sides=(Side.read(first), Side.read(second)),
        )


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time to move a session to."""

    rank: int
    start: datetime
    end: datetime
    start_wall: str
    when: str
    reasons: tuple[str, ...]
    is_known_free: bool = True

    @classmethod
    def read(cls, document: Json) -> Slot:
        """Read a Slot document."""
        return cls(
            rank=int(document["rank"]),
            start=_instant(document["start"]),
            end=_instant(document["end"]),
            start_wall=str(document["start_wall"]),
            when=_text(document, "when"),
            reasons=tuple(str(one) for one in document.get("reasons") or ()),
            is_known_free=bool(document.get("known_free", True)),
        )


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision writes somewhere, and who is told."""

    where: str
    what: str
    told: tuple[str, ...]

    @classmethod
    def read(cls, document: Json) -> Effect:
        """Read an Effect document."""
        return cls(_text(document, "where"), _text(document, "what"), tuple(map(str, document.get("told") or ())))


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that was done and may be undone."""

    id: str
    what: str
    undoable: bool

    @classmethod
    def read(cls, document: Json) -> Activity:
        """Read an Activity document."""
        return cls(str(document["id"]), _text(document, "what"), bool(document.get("undoable")))


@dataclass(frozen=True, slots=True)
class FoundCalendar:
    """A calendar that a server offers, before it is connected."""

    remote_id: str
    name: str
    writable: bool
    suggested_role: str

    @classmethod
    def read(cls, document: Json) -> FoundCalendar:
        """Read an entry of `found`."""
        return cls(
            remote_id=str(document["remote_id"]),
            name=_text(document, "name"),
            writable=document.get("access") == "write",
            suggested_role=_text(document, "suggested_role") or "busy",
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """A connected calendar."""

    id: str
    account: str
    name: str
    remote_id: str
    role: str

    @classmethod
    def read(cls, document: Json) -> Calendar:
        """Read a Calendar document."""
        return cls(
            id=str(document["id"]),
            account=str(document.get("account") or ""),
            name=_text(document, "name"),
            remote_id=_text(document, "remote_id"),
            role=_text(document, "role"),
        )


@dataclass(frozen=True, slots=True)
class Account:
    """One sign-in at one vendor."""

    id: str
    name: str
    calendars: tuple[Calendar, ...]

    @classmethod
    def read(cls, document: Json) -> Account:
        """Read an Account document."""
        return cls(str(document["id"]), _text(document, "name"), many(Calendar.read, document.get("calendars")))


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """One of the answers to a question, with what it does in a few words."""

    answer: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked once.

    Attributes:
        answers: what may be answered, the first that goes on; empty from an agent that knows yes and no only.
    """

    id: str
    kind: str
    text: str
    targets: tuple[str, ...]
    answers: tuple[QuestionAnswer, ...] = ()

    @classmethod
    def read(cls, document: Json) -> Question:
        """Read a Question document."""
        return cls(
            id=str(document["id"]),
            kind=_text(document, "kind"),
            text=_text(document, "text"),
            targets=tuple(str(one) for one in document.get("targets") or ()),
            answers=tuple(
                QuestionAnswer(str(one["answer"]), str(one["text"])) for one in document.get("answers") or ()
            ),
        )


@dataclass(frozen=True, slots=True)
class DryRun:
    """What the first write into a calendar would do."""

    add: int
    change: int
    delete: int

    @classmethod
    def read(cls, document: Json) -> DryRun:
        """Read the answer of a dry run."""
        return cls(int(document.get("add") or 0), int(document.get("change") or 0), int(document.get("delete") or 0))


def many(read: Callable[[Json], _T], documents: Sequence[Json] | None) -> tuple[_T, ...]:
    """Read a list of documents."""
    return tuple(read(one) for one in documents or ())


def problem(document: Json) -> AgentProblem:
    """Read an error document."""
    error = document.get("error")
    if not isinstance(error, Mapping):
        return AgentProblem("agent.strange_answer", "")
    return AgentProblem(
        code=_text(error, "code") or "agent.strange_answer",
        message=_text(error, "message"),
        action=_text(error, "action"),
        facts=error.get("facts") or {},
    )


def _text(document: Json, key: str) -> str:
    value = document.get(key)
    return "" if value is None else str(value)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"a time without an offset: {text}")
    return found


def _instant_or_none(text: str | None) -> datetime | None:
    return _instant(text) if text else None
