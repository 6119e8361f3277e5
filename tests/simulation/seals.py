"""I12: a seal is no promise that nobody kept: what it calls checked was read, and what it calls free is free."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync_agent.engine.conflicts.seal import Seal
from sync_agent.engine.values import CalendarRow, Role
from tests.simulation.device import HOME_ZONE
from tests.simulation.stage import Stage
from tests.simulation.world.texts import events_of, raw_of

_CLOSE = timedelta(seconds=2)
"""A reading begins a moment after it was noted when it did."""

OWN = "own-"


@dataclass(frozen=True, slots=True)
class Appointment:
    """An appointment of the tutor's own, as a calendar has it.

    Attributes:
        since: when it was last touched.
    """

    calendar: str
    uid: str
    lo: datetime
    hi: datetime
    since: datetime


def seals_are_true(stage: Stage) -> Iterator[str]:
    """Check what the laptop that is used now says of how far the tutor's time was looked at."""
    device, now = stage.device, stage.device.clock.now()
    with device.store.read() as connection:
        rows = {row.id: row for row in device.store.accounts.calendars(connection)}
        readings = device.engine.coverage.now(connection, now)
        yield from _was_read(stage, readings, rows, now)
        mine = [one for row in rows.values() for one in _appointments(stage, row)]
        seals = device.engine.coverage.seals(connection, now, [(one.lo, one.hi) for one in mine]) if mine else []
        for one, seal in zip(mine, seals, strict=True):
            if not seal.is_whole:
                continue
            there = device.store.bookings.touching(connection, one.lo, one.hi)
            if not any(found.uid == one.uid and found.lo <= one.lo and found.hi >= one.hi for found in there):
                yield f"I12: {one.lo:%d.%m. %H:%M} is called free, and {one.uid} is in {one.calendar}"


def _was_read(stage: Stage, seal: Seal, rows: dict[str, CalendarRow], now: datetime) -> Iterator[str]:
    """What is said to have been looked at at an instant was read, from then on or later, to its end."""
    stale_after, doubt = stage.device.settings.stale_after, stage.ledger.doubt
    for one in seal.calendars:
        row = rows[one.calendar]
        place = "platform" if row.role is Role.PLATFORM else row.remote_id
        if one.read_at is None:
            if one.stale is None:
                yield f"I12: {place} was never read and counts as checked"
            continue
        if one.stale is None and now - one.read_at > stale_after:
            yield f"I12: {place} was read {now - one.read_at} ago and counts as checked"
        begun = stage.readings.get(place, [])
        if not any(at >= one.read_at - doubt - _CLOSE for at in begun):
            yield f"I12: {place} is said to have been read at {one.read_at:%d.%m. %H:%M:%S}, and was not"


def _appointments(stage: Stage, row: CalendarRow) -> Iterator[Appointment]:
    """Give what stood in a calendar when it was last read, and still does: single and timed."""
    begun = stage.readings.get(row.remote_id, [])
    server = next((one for one in stage.servers if row.remote_id in one.collections), None)
    if server is None or row.role is Role.IGNORE or row.read_at is None:
        return
    place = server.collections[row.remote_id]
    read_at = min(row.read_at - stage.device.clock.wrong_by, max(begun, default=row.read_at)) - stage.ledger.doubt
    touched = {key: at for _, key, at in place.log}
    for key, one in place.objects.items():
        if key in place.denied.get(stage.device.name, ()):
            continue  # the server itself said that it is not there
        event, at = events_of(one.body)[0], touched[key] + server.manners.visible_after
        if raw_of(one.body)["uid"].startswith(OWN) and not event.is_recurring and at < read_at - _CLOSE:
            lo = event.start.instant(HOME_ZONE)
            if lo < stage.clock.at:
                continue
            yield Appointment(row.remote_id, event.uid, lo, lo + event.duration, at)
