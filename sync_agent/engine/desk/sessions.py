"""Adding, changing and cancelling sessions: works offline, the outbox is whatever the sides do not say yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from connectors.vocabulary.times import REAL_YEARS, UnknownZone, WallSpan, zone_named
from sync_agent.engine.errors import FieldWrong, SessionCancelled, SessionTimesWrong, SessionUnknown, ZoneUnknown
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import PLATFORM_GROUPS, FieldGroup, Session, Student

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.context import DeskContext, Unit

_LONGEST_TITLE = 500


@dataclass(frozen=True, slots=True)
class SessionEdit:
    """What is to change; None leaves a field as it is.

    Attributes:
        start: naive wall time.
        end: naive wall time in the same zone; instead of `duration`.
        students: ids.
    """

    start: datetime | None = None
    end: datetime | None = None
    duration: timedelta | None = None
    zone: str | None = None
    title: str | None = None
    subject: str | None = None
    place: str | None = None
    online: bool | None = None
    notes: str | None = None
    status: SessionStatus | None = None
    chargeable: bool | None = None
    students: tuple[str, ...] | None = None
    series_id: str | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A session after an action, and what the log says of it."""

    session: Session
    activity: tuple[Activity, ...]


class SessionDesk:
    """The tutor's sessions."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context

    def add(self, edit: SessionEdit, *, session_id: str | None = None) -> Changed:
        """Add a session. `start`, and `end` or `duration`, are needed.

        Raises:
            SessionTimesWrong, ZoneUnknown, FieldWrong: nothing was stored.
        """
        context, now = self._context, self._context.clock.now()
        zone = edit.zone or context.settings().home_zone
        if edit.start is None:
            raise FieldWrong(reason="A session needs a start.")
        span = _span(edit.start, _duration(edit, edit.start, timedelta(hours=1)), zone)
        origin = context.origin(now)
        session = _with_fields(Session(id=session_id or uuid7(now), when=span, title=""), edit)
        if not session.title.strip():
            session = replace(session, title=session.subject.strip() or "Session")
        session = replace(session, origins=dict.fromkeys(PLATFORM_GROUPS, origin))
        entry = self._entry("session.added", session, now, after=value_of(session, FieldGroup.WHEN))
        with context.unit() as unit:
            context.store.sessions.insert(unit.connection, session)
            context.store.activity.add(unit.connection, entry)
            self._watch(unit, session, session, now)
        self._tell(session, [entry])
        return Changed(session, (entry,))

    def change(self, session_id: str, edit: SessionEdit, *, cause: str | None = None) -> Changed:
        """Change some fields of a session.

        Raises:
            SessionUnknown, SessionCancelled, SessionTimesWrong, ZoneUnknown, FieldWrong: nothing was stored.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            before = self._get(unit.connection, session_id)
            if not before.is_live and edit.status in (None, SessionStatus.CANCELLED):
                raise SessionCancelled(title=before.title)
            after, entries = self.changed(before, edit, now, cause=cause)
            if entries:
                self._store(unit, before, after, entries, now)
        if entries:
            self._tell(after, entries)
        return Changed(after, tuple(entries))

    def cancel(self, session_id: str, *, cause: str | None = None) -> Changed:
        """Cancel a session: its events and its meeting go, and undo brings them back.

        Raises:
            SessionUnknown, SessionCancelled.
        """
        return self.change(session_id, SessionEdit(status=SessionStatus.CANCELLED), cause=cause)

    def put_student(self, name: str, *, zone: str | None = None, email: str = "") -> Student:
        """Find a student by name, or add one.

        Raises:
            ZoneUnknown, FieldWrong.
        """
        context, now = self._context, self._context.clock.now()
        if not name.strip():
            raise FieldWrong(reason="A student needs a name.")
        zone = zone or context.settings().home_zone
        _known_zone(zone)
        with context.store.write() as connection:
            for known in context.store.sessions.students(connection):
                if name in (known.id, known.name):
                    return known
            student = Student(uuid7(now), name.strip(), zone, email)
            context.store.sessions.put_student(connection, student)
        return student

    def changed(
        self, before: Session, edit: SessionEdit, now: datetime, *, cause: str | None = None
    ) -> tuple[Session, list[Activity]]:
        """Say what a session becomes, and the log entries of it. Stores nothing.

        Raises:
            SessionTimesWrong, ZoneUnknown, FieldWrong.
        """
        after = _with_fields(before, edit)
        if edit.start is not None or edit.end is not None or edit.duration is not None or edit.zone is not None:
            start = edit.start or before.when.start
            duration = _duration(edit, start, before.when.duration)
            after = replace(after, when=_span(start, duration, edit.zone or before.when.zone))
        groups = [group for group in PLATFORM_GROUPS if value_of(before, group) != value_of(after, group)]
        if not groups:
            return before, []
        origin = self._context.origin(now)
        origins = {**before.origins, **dict.fromkeys(groups, origin)}
        reason = "cancelled by you" if after.status is SessionStatus.CANCELLED else ""
        after = replace(after, version=before.version + 1, origins=origins, ended_reason=reason)
        cause = cause or f"desk:{uuid7(now)}"
        entries = [
            self._entry(
                "session.cancelled" if group is FieldGroup.STATUS and not after.is_live else "session.changed",
                after,
                now,
                group=group,
                before=value_of(before, group),
                after=value_of(after, group),
                cause=cause,
            )
            for group in groups
        ]
        return after, entries

    def _store(self, unit: Unit, before: Session, after: Session, entries: Sequence[Activity], now: datetime) -> None:
        """Store a changed session with its log entries, and keep the list of double bookings true."""
        self._context.store.sessions.update(unit.connection, after)
        typed = {group for group in PLATFORM_GROUPS if value_of(before, group) != value_of(after, group)}
        self._context.store.links.forget_retyped(
            unit.connection, after.id, {group: value_of(after, group) for group in typed}
        )
        for entry in entries:
            self._context.store.activity.add(unit.connection, entry)
        self._watch(unit, before, after, now)

    def _watch(self, unit: Unit, before: Session, after: Session, now: datetime) -> None:
        intervals = [(one.when.starts_at, one.when.ends_at) for one in (before, after)]
        self._context.watch(unit, [after.id], intervals, now)

    def _get(self, connection: Connection, session_id: str) -> Session:
        session = self._context.store.sessions.get(connection, session_id)
        if session is None:
            raise SessionUnknown(id=session_id)
        return session

    def _entry(
        self,
        kind: str,
        session: Session,
        now: datetime,
        *,
        group: FieldGroup | None = None,
        before: str | None = None,
        after: str | None = None,
        cause: str | None = None,
    ) -> Activity:
        return Activity(
            id=uuid7(now),
            at=now,
            kind=kind,
            cause=cause or f"desk:{uuid7(now)}",
            actor=self._context.settings().tutor,
            device=self._context.device,
            session=session.id,
            field_group=group.value if group else "",
            before=before,
            after=after,
            facts={"title": session.title},
        )

    def _tell(self, session: Session, entries: Sequence[Activity]) -> None:
        self._context.notify("session.changed", [session.id])
        self._context.notify("activity.added", [entry.id for entry in entries])
        self._context.notify("state.changed", [])


def _with_fields(session: Session, edit: SessionEdit) -> Session:
    plain: Mapping[str, object] = {
        name: value
        for name in ("title", "subject", "place", "online", "notes", "status", "chargeable", "students", "series_id")
        if (value := getattr(edit, name)) is not None
    }
    if len(edit.title or "") > _LONGEST_TITLE:
        raise FieldWrong(reason=f"A title has at most {_LONGEST_TITLE} characters.")
    return replace(session, **plain)  # type: ignore[arg-type]  # names and types are those of SessionEdit


def _known_zone(zone: str) -> None:
    try:
        zone_named(zone)
    except UnknownZone as cause:
        raise ZoneUnknown(zone=zone) from cause


def _duration(edit: SessionEdit, start: datetime, before: timedelta) -> timedelta:
    if edit.end is not None:
        return edit.end - start
    return edit.duration if edit.duration is not None else before


def _span(start: datetime, duration: timedelta, zone: str) -> WallSpan:
    _known_zone(zone)
    if start.year not in REAL_YEARS:
        raise FieldWrong(reason=f"A session lies between {REAL_YEARS.start} and {REAL_YEARS.stop - 1}.")
    try:
        return WallSpan(start.replace(second=0, microsecond=0), zone, duration)
    except ValueError as cause:
        end = start + duration
        raise SessionTimesWrong(start=start.isoformat(" ", "minutes"), end=end.isoformat(" ", "minutes")) from cause
