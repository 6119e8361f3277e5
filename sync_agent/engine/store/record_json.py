"""Sessions as they were sent to the platform, as JSON: what is sent once more has to be the very same."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.store.origins import origin_from_json, origin_to_json


def record_to_json(record: SessionRecord) -> dict[str, Any]:
    """Spell a session as it goes to the platform."""
    return {
        "id": record.id,
        "version": record.version,
        "start": record.when.start.isoformat(),
        "zone": record.when.zone,
        "duration": record.when.duration.total_seconds(),
        "title": record.title,
        "subject": record.subject,
        "place": record.place,
        "online": record.online,
        "notes": record.notes,
        "status": record.status.value,
        "chargeable": record.chargeable,
        "students": list(record.students),
        "series_id": record.series_id,
        "meeting_provider": record.meeting_provider,
        "join_url": record.join_url,
        "origins": {group: origin_to_json(origin) for group, origin in record.origins.items()},
    }


def record_from_json(raw: dict[str, Any]) -> SessionRecord:
    """Read what `record_to_json` wrote."""
    return SessionRecord(
        id=raw["id"],
        version=raw["version"],
        when=WallSpan(datetime.fromisoformat(raw["start"]), raw["zone"], timedelta(seconds=raw["duration"])),
        title=raw["title"],
        subject=raw["subject"],
        place=raw["place"],
        online=raw["online"],
        notes=raw["notes"],
        status=SessionStatus(raw["status"]),
        chargeable=raw["chargeable"],
        students=tuple(raw["students"]),
        series_id=raw["series_id"],
        meeting_provider=raw["meeting_provider"],
        join_url=raw["join_url"],
        origins={group: origin_from_json(origin) for group, origin in raw["origins"].items()},
    )
