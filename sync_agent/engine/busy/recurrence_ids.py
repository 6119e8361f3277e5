"""Reading back what names an instance of a series (`Busy.recurrence_id`). Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.vocabulary.times import zone_named

_DATE, _TIME = "%Y%m%d", "%Y%m%dT%H%M%S"


def original_start(recurrence_id: str, home_zone: str) -> datetime | None:
    """Give the instant at which an instance began before anybody moved it; None for a single event.

    Args:
        recurrence_id: "20261126" (a whole day), "20261126T150000" (floating) or "20261126T140000Z".
        home_zone: IANA zone in which whole days and floating times are read.
    """
    if not recurrence_id:
        return None
    try:
        if recurrence_id.endswith("Z"):
            return datetime.strptime(recurrence_id, _TIME + "Z").replace(tzinfo=UTC)
        spelled = _TIME if "T" in recurrence_id else _DATE
        local = datetime.strptime(recurrence_id, spelled)  # noqa: DTZ007 (the zone is put there below)
        return local.replace(tzinfo=zone_named(home_zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
