"""A session's field groups as canonical values, there and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, assert_never

from connectors.vocabulary.sessions import SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.values import FieldGroup, Session

# Made once: `json.dumps` with these options makes an encoder for every value, and takes three times as long.
_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def canonical(value: Any) -> str:
    """Spell a JSON value in its one canonical way."""
    return _ENCODE(value)


# A plan asks several times for the same value, and JSON is most of what it costs.
@lru_cache(maxsize=4096)
def when_value(span: WallSpan) -> str:
    """Spell a wall span. Minutes may be fractional where a calendar had seconds."""
    seconds = int(span.duration.total_seconds())
    return canonical({"start": span.start.isoformat(timespec="seconds"), "zone": span.zone, "seconds": seconds})


def span_of(value: str) -> WallSpan:
    """Read what `when_value` wrote."""
    raw = json.loads(value)
    return WallSpan(datetime.fromisoformat(raw["start"]), raw["zone"], timedelta(seconds=raw["seconds"]))


@lru_cache(maxsize=1024)
def where_value(*, online: bool, place: str) -> str:
    """Spell where a session is."""
    return canonical({"online": online, "place": place})


def is_no_place(value: str) -> bool:
    """Whether a value of `where_value` names no place."""
    return not json.loads(value)["place"]


@lru_cache(maxsize=1024)
def _students_value(students: tuple[str, ...]) -> str:
    return canonical(sorted(students))


def value_of(session: Session, group: FieldGroup) -> str:
    """Give the value of one authored group of a session.

    Raises:
        ValueError: of LINK, which nobody authors.
    """
    match group:
        case FieldGroup.WHEN:
            return when_value(session.when)
        case FieldGroup.WHERE:
            return where_value(online=session.online, place=session.place)
        case FieldGroup.TITLE:
            return session.title
        case FieldGroup.NOTES:
            return session.notes
        case FieldGroup.STATUS:
            return session.status.value
        case FieldGroup.SUBJECT:
            return session.subject
        case FieldGroup.STUDENTS:
            return _students_value(session.students)
        case FieldGroup.CHARGEABLE:
            return "true" if session.chargeable else "false"
        case FieldGroup.LINK:
            msg = "the link is derived from the meeting, not a field of the session"
            raise ValueError(msg)
        case _:
            assert_never(group)


def with_value(session: Session, group: FieldGroup, value: str) -> Session:
    """Give the session with one group set. `value_of(with_value(s, g, v), g) == v`.

    Raises:
        ValueError: of LINK, which nobody authors.
    """
    match group:
        case FieldGroup.WHEN:
            return replace(session, when=span_of(value))
        case FieldGroup.WHERE:
            raw = json.loads(value)
            return replace(session, online=raw["online"], place=raw["place"])
        case FieldGroup.TITLE:
            return replace(session, title=value)
        case FieldGroup.NOTES:
            return replace(session, notes=value)
        case FieldGroup.STATUS:
            return replace(session, status=SessionStatus(value))
        case FieldGroup.SUBJECT:
            return replace(session, subject=value)
        case FieldGroup.STUDENTS:
            return replace(session, students=tuple(json.loads(value)))
        case FieldGroup.CHARGEABLE:
            return replace(session, chargeable=json.loads(value))
        case FieldGroup.LINK:
            msg = "the link is derived from the meeting, not a field of the session"
            raise ValueError(msg)
        case _:
            assert_never(group)
