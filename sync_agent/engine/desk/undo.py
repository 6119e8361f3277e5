"""Undo compares: it resets only what still says what the action wrote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.conflicts.watch import event_key
from sync_agent.engine.errors import ActivityUnknown
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of, with_value
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.adopting import ADOPTED, DONE
from sync_agent.engine.sync.giving_up import bears_ours, is_adopted
from sync_agent.engine.sync.letting_go import given_up
from sync_agent.engine.sync.series import ENDED, put_back_soon
from sync_agent.engine.values import APP, GIVING_UP, FieldGroup, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.context import DeskContext, Unit
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.values import Link, Session

UNDOABLE = frozenset(
    {
        "session.changed",
        "session.cancelled",
        "session.added",
        ADOPTED,
        ENDED,
        "version.lost",
        "conflict.kept",
        "conflict.marked_free",
    }
)


_CHANGES = frozenset({"session.changed", "session.cancelled"})
_WORDS = {
    FieldGroup.WHEN: "its time",
    FieldGroup.WHERE: "its place",
    FieldGroup.TITLE: "its title",
    FieldGroup.NOTES: "its notes",
    FieldGroup.STATUS: "whether it takes place",
    FieldGroup.SUBJECT: "its subject",
    FieldGroup.STUDENTS: "its students",
    FieldGroup.CHARGEABLE: "whether it is charged",
}


class Extent(StrEnum):
    """How much is taken back along with an action."""

    FIELD = "field"
    """Nothing: this one field only."""
    ACTION = "action"
    """All that was done to the session, or by the answer, at once."""
    RUN = "run"
    """All that the same run of the sync took over, in every session."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What could not be taken back, and why."""

    activity: str
    message: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What was taken back, and what was not."""

    undone: tuple[Activity, ...]
    refused: tuple[Refusal, ...]


class UndoDesk:
    """Takes actions back."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context

    def undo(self, activity_id: str | None = None, *, extent: Extent = Extent.ACTION) -> Undone:
        """Take one action back; without an id the last one.

        Taking back what was taken back does it again: an undo is an action like any other.

        Raises:
            ActivityUnknown: nothing to undo.
        """
        context, now = self._context, self._context.clock.now()
        undone: list[Activity] = []
        refused: list[Refusal] = []
        with context.unit() as unit:
            connection = unit.connection
            first = self._target(connection, activity_id)
            taken_back = context.store.activity.undone(connection)
            for entry in reversed(self._along_with(connection, first, extent)):
                if entry.kind not in UNDOABLE or entry.id in taken_back:
                    continue
                made = self._undo_one(unit, entry, now)
                if isinstance(made, Activity):
                    context.store.activity.add(connection, made)
                    undone.append(made)
                else:
                    refused.append(made)
        sessions = [entry.session for entry in undone if entry.session]
        context.notify("session.changed", sessions)
        context.notify("activity.added", [entry.id for entry in undone])
        context.notify("state.changed", [])
        return Undone(tuple(undone), tuple(refused))

    def _target(self, connection: Connection, activity_id: str | None) -> Activity:
        store = self._context.store
        if activity_id is not None:
            entry = store.activity.get(connection, activity_id)
            if entry is None or entry.kind not in UNDOABLE:
                raise ActivityUnknown(which=f" with the id {activity_id}")
            return entry
        taken_back = store.activity.undone(connection)
        for entry in store.activity.newest(connection, limit=100):
            if entry.kind in UNDOABLE and entry.id not in taken_back and entry.undo_of is None:
                return entry
        raise ActivityUnknown(which="")

    def _along_with(self, connection: Connection, first: Activity, extent: Extent) -> list[Activity]:
        store = self._context.store
        if extent is Extent.FIELD:
            return [first]
        run = first.facts.get("run")
        if extent is Extent.RUN and run:
            return store.activity.of_run(connection, run)
        return store.activity.of_cause(connection, first.cause)

    def _undo_one(self, unit: Unit, entry: Activity, now: datetime) -> Activity | Refusal:
        match entry.kind:
            case "conflict.kept":
                return self._undo_kept(unit, entry, now)
            case "conflict.marked_free":
                return self._undo_marked_free(unit, entry, now)
            case kind if kind == ENDED:
                return self._undo_ended(unit, entry, now)
            case kind if kind == ADOPTED:
                return self._undo_adopted(unit, entry, now)
            case _:
                return self._undo_field(unit, entry, now)

    def _undo_field(self, unit: Unit, entry: Activity, now: datetime, *, side: str = APP) -> Activity | Refusal:
        store = self._context.store
        session = store.sessions.get(unit.connection, entry.session or "")
        if session is None:
            return Refusal(entry.id, "The session is no longer there.")
        group = FieldGroup(entry.field_group) if entry.field_group else FieldGroup.STATUS
        before, after = entry.before, entry.after
        if entry.kind in ("session.added", ADOPTED):
            before, after, group = SessionStatus.CANCELLED.value, SessionStatus.PLANNED.value, FieldGroup.STATUS
        if before is None:
            return Refusal(entry.id, "What it was before is not known.")
        held = value_of(session, group)
        if held != after:
            return Refusal(entry.id, self._changed_since(unit.connection, session, entry, group))
        changed = with_value(session, group, before)
        origins = {**session.origins, group: replace(self._context.origin(now), side=side)}
        changed = replace(changed, version=session.version + 1, origins=origins)
        if changed.is_live:
            changed = replace(changed, ended_reason="")
        store.sessions.update(unit.connection, changed)
        store.links.forget_retyped(unit.connection, session.id, {group: before})
        self._context.watch(unit, [session.id], [], now)
        is_ending = group is FieldGroup.STATUS and not changed.is_live
        kind = "session.cancelled" if is_ending else "session.changed"
        return self._made(entry, now, kind=kind, group=group.value, before=held, after=before)

    def _undo_adopted(self, unit: Unit, entry: Activity, now: datetime) -> Activity | Refusal:
        """Give an adopted event up: the session goes, the event stays where it is without our marker.

        The event does so whatever becomes of the session: an edit that did not know of it may let that take place.
        Where nothing of ours ever came into it, it is an appointment at once, whoever looks after its calendar.
        """
        store, connection, session = self._context.store, unit.connection, entry.session or ""
        done = self._undo_field(unit, entry, now, side=GIVING_UP)
        if isinstance(done, Refusal):
            return done
        links = [row.link for row in store.links.of_sessions(connection, [session]).get(session, [])]
        objects = store.mirror.by_ids(connection, [one.obj for one in links if one.obj is not None])
        remote = {one.id for one in store.accounts.calendars(connection) if not one.is_platform}
        for link in links:
            if link.calendar in remote and link.obj in objects and is_adopted(link, objects[link.obj].key):
                self._give_up(connection, link, objects[link.obj], now)
        return done

    def _give_up(self, connection: Connection, link: Link, obj: MirrorRow, now: datetime) -> None:
        store, key = self._context.store, f"{link.calendar}/{obj.key}"
        own_links = store.meetings.links_ever_of(connection, [link.session]).get(link.session, frozenset())
        is_sent = link.id in store.journal.blocked_links(connection) or store.journal.echoes(connection, [key], now)
        if is_sent or bears_ours(obj.fields, own_links):
            store.links.set(connection, link.id, state=LinkState.CLOSING)
        else:
            given_up(store, connection, link)

    def _undo_ended(self, unit: Unit, entry: Activity, now: datetime) -> Activity | Refusal:
        """Let a series that was adopted be put back as it was, unless somebody changes it first."""
        store, connection = self._context.store, unit.connection
        wish = store.questions.get(connection, entry.facts["wish"])
        if wish is None or wish.closed_why not in ("", DONE):
            return Refusal(entry.id, f"The series “{entry.facts['title']}” was not ended, so it stays as it is.")
        put_back_soon(store, connection, wish)
        return self._made(entry, now, kind="undo", group="", before=entry.after, after=None)

    def _changed_since(self, connection: Connection, session: Session, entry: Activity, group: FieldGroup) -> str:
        """Say who changed what since, as far as the log knows."""
        later = [
            one
            for one in self._context.store.activity.newest(connection, session=session.id)
            if one.seq > entry.seq and one.field_group == group.value and one.kind in _CHANGES and one.actor
        ]
        if not later:
            return f"“{session.title}” was changed since, so it stays as it is."
        return f"“{session.title}” stays as it is: {later[0].actor} changed {_WORDS[group]} since."

    def _undo_kept(self, unit: Unit, entry: Activity, now: datetime) -> Activity:
        bookings = self._context.store.bookings
        bookings.set_conflict(unit.connection, entry.before or "", kept_times=None, reason="")
        self._context.watch(unit, [entry.session or ""], [], now)
        return self._made(entry, now, kind="undo", group="", before=entry.after, after=None)

    def _undo_marked_free(self, unit: Unit, entry: Activity, now: datetime) -> Activity:
        bookings, key = self._context.store.bookings, event_key(entry.after or "")
        bookings.unmark_free(unit.connection, *key)
        blocking = [(one.lo, one.hi) for one in bookings.busy_at(unit.connection, *key)]
        self._context.watch(unit, [entry.session or ""], blocking, now)
        return self._made(entry, now, kind="undo", group="", before=entry.after, after=None)

    def _made(
        self, entry: Activity, now: datetime, *, kind: str, group: str, before: str | None, after: str | None
    ) -> Activity:
        return Activity(
            id=uuid7(now),
            at=now,
            kind=kind,
            cause=f"undo:{entry.id}",
            actor=self._context.settings().tutor,
            device=self._context.device,
            session=entry.session,
            field_group=group,
            before=before,
            after=after,
            undo_of=entry.id,
            facts=entry.facts,
        )
