"""The activity log: append only. What was done, by whom, why, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, select

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import activity
from sync_agent.engine.values import FieldGroup

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class Activity:
    """One thing that was done.

    Attributes:
        kind: "session.added", "session.changed", "version.lost", "session.cancelled", "event.written",
            "conflict.kept", "conflict.marked_free", "meeting.created", "undo", …
        actor: who ("tutor", a calendar's name, "TutorSync").
        before, after: values of `field_group`, for undo.
        lost_value: the version that lost, if one did.
        undo_of: the activity that this one takes back.
        facts: what the sentence is made of.
    """

    id: str
    at: datetime
    kind: str
    cause: str
    actor: str
    device: str = ""
    session: str | None = None
    calendar: str | None = None
    field_group: str = ""
    before: str | None = None
    after: str | None = None
    lost_value: str | None = None
    undo_of: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    seq: int = 0


_NEW = new_rows(activity)
_NEWEST = Asked(
    select(activity)
    .where(activity.c.owner == bindparam("b_owner"))
    .order_by(activity.c.seq.desc())
    .limit(bindparam("b_limit"))
)
_OF_CAUSE = Asked(
    select(activity)
    .where(activity.c.owner == bindparam("b_owner"), activity.c.cause == bindparam("b_cause"))
    .order_by(activity.c.seq)
)
_SESSIONS_OF = Asked(
    select(activity.c.session).where(
        activity.c.owner == bindparam("b_owner"),
        activity.c.calendar == bindparam("b_calendar"),
        activity.c.kind == bindparam("b_kind"),
        activity.c.field_group == bindparam("b_group"),
        activity.c.at >= bindparam("b_since"),
    )
)
_LAST_CHANGES = Asked(
    select(activity.c.session, activity.c.field_group, func.max(activity.c.at).label("at"))
    .where(
        activity.c.owner == bindparam("b_owner"),
        activity.c.session.in_(bindparam("b_sessions")),
        activity.c.kind.in_(["session.changed", "session.cancelled"]),
        activity.c.field_group != "",
    )
    .group_by(activity.c.session, activity.c.field_group)
)
_UNDONE = Asked(
    select(activity.c.undo_of).where(activity.c.owner == bindparam("b_owner"), activity.c.undo_of.is_not(None))
)


class ActivityStore:
    """The log of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def add(self, connection: Connection, new: Activity) -> None:
        """Append."""
        _NEW.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": new.id,
                    "at": new.at,
                    "kind": new.kind,
                    "cause": new.cause,
                    "actor": new.actor,
                    "device": new.device,
                    "session": new.session,
                    "calendar": new.calendar,
                    "field_group": new.field_group,
                    "before": new.before,
                    "after": new.after,
                    "lost_value": new.lost_value,
                    "undo_of": new.undo_of,
                    "facts": dict(new.facts),
                }
            ],
        )

    def get(self, connection: Connection, activity_id: str) -> Activity | None:
        """Give one, or None."""
        row = connection.execute(select(activity).where(activity.c.id == activity_id)).mappings().first()
        return None if row is None else _activity(row)

    def newest(
        self, connection: Connection, *, since: datetime | None = None, limit: int = 200, session: str | None = None
    ) -> list[Activity]:
        """Give the newest first."""
        if since is None and session is None:
            asked = {"b_owner": self._owner, "b_limit": limit}
            return [_activity(row) for row in _NEWEST.named(connection, asked)]
        query = select(activity).where(activity.c.owner == self._owner)
        if since is not None:
            query = query.where(activity.c.at >= since)
        if session is not None:
            query = query.where(activity.c.session == session)
        return [
            _activity(row) for row in connection.execute(query.order_by(activity.c.seq.desc()).limit(limit)).mappings()
        ]

    def of_cause(self, connection: Connection, cause: str) -> list[Activity]:
        """Give everything that one action did, in order."""
        rows = _OF_CAUSE.named(connection, {"b_owner": self._owner, "b_cause": cause})
        return [_activity(row) for row in rows]

    def of_run(self, connection: Connection, run: str) -> list[Activity]:
        """Give everything that one pass took over, in order."""
        # The column spells JSON in one way, and a title's own quotes are escaped there.
        said = activity.c.facts.cast(Text).contains(f'"run":"{run}"', autoescape=True)
        rows = connection.execute(
            select(activity).where(activity.c.owner == self._owner, said).order_by(activity.c.seq)
        ).mappings()
        return [_activity(row) for row in rows]

    def sessions_of(
        self, connection: Connection, calendar_id: str, kind: str, group: FieldGroup, *, since: datetime
    ) -> set[str]:
        """Give the sessions of which one group was changed in this calendar, by the kind of entry."""
        asked = {"b_owner": self._owner, "b_calendar": calendar_id, "b_kind": kind, "b_group": group.value}
        rows = _SESSIONS_OF.rows(connection, {**asked, "b_since": since})
        return {session for (session,) in rows if session is not None}

    def last_changes(self, connection: Connection, sessions: Iterable[str]) -> dict[str, dict[FieldGroup, datetime]]:
        """Give when each field group of some sessions was last given another value here."""
        found: dict[str, dict[FieldGroup, datetime]] = {}
        for part in in_chunks(sessions):
            rows = _LAST_CHANGES.rows(connection, {"b_owner": self._owner, "b_sessions": part})
            for session, group, at in rows:
                found.setdefault(session, {})[FieldGroup(group)] = at
        return found

    def last_lost(self, connection: Connection, sessions: Iterable[str]) -> dict[str, datetime]:
        """Give when an edit of each of some sessions was last replaced by another, of which its author knew nothing."""
        found: dict[str, datetime] = {}
        for part in in_chunks(sessions):
            rows = connection.execute(
                select(activity.c.session, func.max(activity.c.at).label("at"))
                .where(
                    activity.c.owner == self._owner,
                    activity.c.session.in_(part),
                    activity.c.kind == "version.lost",
                    activity.c.field_group != FieldGroup.STATUS.value,
                )
                .group_by(activity.c.session)
            )
            found |= {row.session: row.at for row in rows}
        return found

    def undone(self, connection: Connection) -> set[str]:
        """Give the ids of all that was taken back."""
        return {row[0] for row in _UNDONE.rows(connection, {"b_owner": self._owner})}


def _activity(row: RowMapping | Mapping[str, Any]) -> Activity:
    return Activity(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        cause=row["cause"],
        actor=row["actor"],
        device=row["device"],
        session=row["session"],
        calendar=row["calendar"],
        field_group=row["field_group"],
        before=row["before"],
        after=row["after"],
        lost_value=row["lost_value"],
        undo_of=row["undo_of"],
        facts=row["facts"],
        seq=row["seq"],
    )
