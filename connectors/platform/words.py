"""Between the platform's JSON and our vocabulary. Pure: values in, values out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.sessions import Origin, SessionRecord, SessionStatus, StudentRecord
from connectors.vocabulary.times import WallSpan

if TYPE_CHECKING:
    from collections.abc import Mapping

GROUPS: tuple[str, ...] = ("when", "where", "title", "notes", "status", "subject", "students", "chargeable")
_MINUTE = timedelta(minutes=1)


def record_in(told: Mapping[str, Any]) -> SessionRecord:
    """Read one session.

    Raises:
        KeyError, TypeError, ValueError: it is none (a zone that this device's tz database lacks is a ValueError, too).
    """
    meeting = told["meeting"] or {"provider": "", "join_url": ""}
    return SessionRecord(
        id=told["id"],
        version=int(told["version"]),
        when=WallSpan(
            start=datetime.fromisoformat(told["start_wall"]),
            zone=told["zone"],
            duration=timedelta(minutes=int(told["duration_minutes"])),
        ),
        title=told["title"],
        subject=told["subject"],
        place=told["place"],
        online=bool(told["online"]),
        notes=told["notes"],
        status=SessionStatus(told["status"]),
        chargeable=bool(told["chargeable"]),
        students=tuple(told["student_ids"]),
        series_id=told["series_id"],
        meeting_provider=meeting["provider"],
        join_url=meeting["join_url"],
        origins={group: _origin_in(origin) for group, origin in told["origins"].items()},
    )


def student_in(told: Mapping[str, Any]) -> StudentRecord:
    """Read one student.

    Raises:
        KeyError: it is none.
    """
    return StudentRecord(id=told["id"], name=told["name"], zone=told["zone"], email=told["email"])


def wish_of(record: SessionRecord, *, tutor_id: str, at: datetime) -> dict[str, Any]:
    """Write a session as the platform reads it.

    The platform counts whole minutes: a phone's 45 minutes and 20 seconds become 45. A field group without a known
    origin is given this instant; the platform uses the origins of those groups only whose values are new to it.
    """
    meeting = {"provider": record.meeting_provider, "join_url": record.join_url} if record.join_url else None
    return {
        "tutor_id": tutor_id,
        "student_ids": list(record.students),
        "title": record.title,
        "subject": record.subject,
        "start_wall": record.when.start.replace(microsecond=0).isoformat(),
        "zone": record.when.zone,
        "duration_minutes": max(1, round(record.when.duration / _MINUTE)),
        "online": record.online,
        "place": record.place,
        "status": str(record.status),
        "notes": record.notes,
        "chargeable": record.chargeable,
        "series_id": record.series_id,
        "meeting": meeting,
        "origins": {group: _told(record.origins.get(group) or _edited_now(at)) for group in GROUPS},
    }


def _edited_now(at: datetime) -> Origin:
    return Origin(who="", device="", side="platform", since=at, until=at)


def _told(origin: Origin) -> dict[str, str]:
    return {
        "who": origin.who,
        "device": origin.device,
        "side": origin.side,
        "since": origin.since.astimezone(UTC).isoformat(),
        "until": origin.until.astimezone(UTC).isoformat(),
    }


def _origin_in(told: Mapping[str, str]) -> Origin:
    return Origin(
        who=told["who"],
        device=told["device"],
        side=told["side"],
        since=datetime.fromisoformat(told["since"]).astimezone(UTC),
        until=datetime.fromisoformat(told["until"]).astimezone(UTC),
    )
