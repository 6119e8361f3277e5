"""Which field groups a change touches, and whose edit each of them was. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from cloud_api.problems import Fault
from cloud_api.sessions.schemas import FieldGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cloud_api.sessions.schemas import Origin
    from cloud_api.sessions.store import StoredSession

GROUPS: Mapping[FieldGroup, tuple[str, ...]] = {
    "when": ("start_wall", "zone", "duration_minutes"),
    "where": ("online", "place", "meeting_provider", "join_url"),
    "title": ("title",),
    "notes": ("notes",),
    "status": ("status",),
    "subject": ("subject",),
    "students": ("student_ids",),
    "chargeable": ("chargeable", "chargeable_reason"),
}
# A device's clock may be a little ahead; further ahead it would win every edit of the next hours.
_AHEAD_AT_MOST = timedelta(minutes=5)
_decoder = msgspec.json.Decoder(dict[FieldGroup, dict[str, str]])


def written(origins: Mapping[FieldGroup, Mapping[str, str]]) -> str:
    """Give origins as they are stored and sent."""
    return msgspec.json.encode(origins).decode()


def read(text: str) -> dict[FieldGroup, dict[str, str]]:
    """Read origins as they are stored."""
    return _decoder.decode(text)


def changed_groups(before: StoredSession, after: StoredSession) -> list[FieldGroup]:
    """Name the field groups whose values differ."""
    return [
        group for group, names in GROUPS.items() if any(getattr(before, name) != getattr(after, name) for name in names)
    ]


def stamp(who: str, device: str, now: datetime) -> dict[str, str]:
    """Give the origin of an edit that is made here, now."""
    at = now.isoformat()
    return {"who": who, "device": device, "side": "platform", "since": at, "until": at}


def faults_in(origins: Mapping[FieldGroup, Origin]) -> list[Fault]:
    """Name what no origin can be: an instant without offset, an interval that ends before it begins."""
    faults = []
    for group, origin in origins.items():
        since, until = _instant(origin.since), _instant(origin.until)
        if since is None or until is None:
            faults.append(Fault("since and until are instants with their offset.", pointer=f"/origins/{group}"))
        elif until < since:
            faults.append(Fault("until is not before since.", pointer=f"/origins/{group}/until"))
    return faults


def merged(
    before: Mapping[FieldGroup, dict[str, str]],
    changed: Iterable[FieldGroup],
    *,
    given: Mapping[FieldGroup, Origin],
    stamped: dict[str, str],
    now: datetime,
) -> dict[FieldGroup, dict[str, str]]:
    """Give the origins after a change: of an untouched group the old one, of a touched one what was given or the stamp.

    Args:
        before: by field group.
        changed: field groups whose values are new.
        given: from a device, for the edits that it carries.
        stamped: for an edit that is made here.
        now: no edit is later than this, whatever a device's clock says.
    """
    after = dict(before)
    for group in changed:
        origin = given.get(group)
        after[group] = dict(stamped) if origin is None else _not_later(origin, now)
    return after


def _not_later(origin: Origin, now: datetime) -> dict[str, str]:
    since, until = origin.since, origin.until
    if datetime.fromisoformat(until) > now + _AHEAD_AT_MOST:
        until = now.isoformat()
        since = min(datetime.fromisoformat(since), now).isoformat()
    return {"who": origin.who, "device": origin.device, "side": origin.side, "since": since, "until": until}


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
