"""What a pass did to a session, as entries of the activity log: undo reads them, people read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.blocking import PUT_BACK
from sync_agent.engine.sync.plan import LostVersion, Taken
from sync_agent.engine.values import ON_PLATFORM, CalendarRow, FieldGroup, Session


def taken_entry(
    before: Session, taken: Taken, calendars: Mapping[str, CalendarRow], now: datetime, *, run: str
) -> Activity:
    """Tell that an edit made at a side was taken over, in which pass."""
    is_cancelled = taken.group is FieldGroup.STATUS and taken.value == SessionStatus.CANCELLED.value
    return _entry(
        "session.cancelled" if is_cancelled else "session.changed", before, taken.group, taken.origin, calendars, now,
        before=value_of(before, taken.group), after=taken.value, run=run,
    )  # fmt: skip


def cancelled_entry(
    before: Session, origin: Origin, calendars: Mapping[str, CalendarRow], now: datetime, *, run: str
) -> Activity:
    """Tell that a session was cancelled because its event was deleted."""
    return _entry(
        "session.cancelled", before, FieldGroup.STATUS, origin, calendars, now,
        before=before.status.value, after=SessionStatus.CANCELLED.value, run=run,
    )  # fmt: skip


def lost_entry(
    before: Session, after: Session, version: LostVersion, calendars: Mapping[str, CalendarRow], now: datetime
) -> Activity:
    """Keep a version that lost: shown as one of two, and undo brings it back."""
    return _entry(
        "version.lost", before, version.group, version.lost.origin, calendars, now,
        before=version.lost.value, after=value_of(after, version.group), lost=version.lost.value,
    )  # fmt: skip


def put_back_entry(session: Session, calendar: CalendarRow, now: datetime) -> Activity:
    """Tell that what somebody did to a session's block was put back."""
    return Activity(
        id=uuid7(now),
        at=now,
        kind=PUT_BACK,
        cause=f"sync:{session.id}:{session.version}",
        actor="TutorSync",
        session=session.id,
        calendar=calendar.id,
        field_group=FieldGroup.WHEN.value,
        facts={"title": session.title, "calendar": calendar.name},
    )


def _entry(
    kind: str,
    session: Session,
    group: FieldGroup,
    origin: Origin,
    calendars: Mapping[str, CalendarRow],
    now: datetime,
    *,
    before: str,
    after: str,
    lost: str | None = None,
    run: str = "",
) -> Activity:
    entry_id = uuid7(now)
    # One save on a phone is one action, and is taken back as one. A version that lost is a choice of its own.
    cause = f"sync:{session.id}:{session.version}" + (f":lost:{entry_id}" if lost is not None else "")
    return Activity(
        id=entry_id,
        at=now,
        kind=kind,
        cause=cause,
        actor=_actor(origin, calendars),
        device=origin.device,
        session=session.id,
        calendar=_place(origin, calendars),
        field_group=group.value,
        before=before,
        after=after,
        lost_value=lost,
        facts={"title": session.title} | ({"run": run} if run else {}),
    )


def _place(origin: Origin, calendars: Mapping[str, CalendarRow]) -> str | None:
    """Give the calendar in which an edit was made; the platform is one, too."""
    if origin.side == ON_PLATFORM:
        return next((one.id for one in calendars.values() if one.is_platform), None)
    return origin.side if origin.side in calendars else None


def _actor(origin: Origin, calendars: Mapping[str, CalendarRow]) -> str:
    """Name who made an edit: a person if we know one, else the place where it was made."""
    if origin.who:
        return origin.who
    calendar = calendars.get(origin.side)
    return calendar.name if calendar else origin.device or "someone"
