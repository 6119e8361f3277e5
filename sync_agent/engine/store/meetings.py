"""Meetings: at most one living one a session, held by the database. No column for a host link."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.tables import meeting, session
from sync_agent.engine.values import MeetingRow

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping

_LIVE = ("wanted", "live")
_NEW = new_rows(meeting)
# Asked in every pass, so made once: putting a statement together costs more than carrying it out.
_OF_SESSIONS = Asked(
    select(meeting).where(
        meeting.c.owner == bindparam("b_owner"),
        meeting.c.session.in_(bindparam("b_sessions")),
        meeting.c.state.in_(_LIVE),
    )
)
_LINKS_EVER = Asked(
    select(meeting.c.session, meeting.c.join_url).where(
        meeting.c.session.in_(bindparam("b_sessions")), meeting.c.join_url != ""
    )
)
_TO_SWEEP = Asked(
    select(meeting.c.session)
    .where(
        meeting.c.owner == bindparam("b_owner"),
        meeting.c.account == bindparam("b_account"),
        meeting.c.sweep_after <= bindparam("b_now"),
    )
    .distinct()
    .order_by(meeting.c.session)
)
_FINISHED = select(meeting.c.session).where(meeting.c.state == "live").scalar_subquery()
_LACKING = Asked(
    select(session.c.id)
    .where(
        session.c.owner == bindparam("b_owner"),
        session.c.online.is_(True),
        session.c.status == SessionStatus.PLANNED.value,
        session.c.ends_at > bindparam("b_now"),
        session.c.starts_at <= bindparam("b_until"),
        session.c.id.not_in(_FINISHED),
    )
    .order_by(session.c.starts_at, session.c.id)
)
_STANDING = Asked(
    select(meeting.c.session)
    .join(session, session.c.id == meeting.c.session)
    .where(
        meeting.c.owner == bindparam("b_owner"),
        meeting.c.state.in_((*_LIVE, "deleting")),
        session.c.ends_at > bindparam("b_now"),
    )
    .order_by(session.c.starts_at, session.c.id)
)
_BETWEEN = Asked(
    select(meeting)
    .join(session, session.c.id == meeting.c.session)
    .where(
        meeting.c.owner == bindparam("b_owner"),
        meeting.c.account == bindparam("b_account"),
        meeting.c.state == "live",
        session.c.ends_at > bindparam("b_lo"),
        session.c.starts_at < bindparam("b_hi"),
    )
    .order_by(session.c.starts_at, session.c.id)
)
_MADE_ELSEWHERE = (
    select(meeting.c.session, meeting.c.join_url)
    .join(session, session.c.id == meeting.c.session)
    .where(
        meeting.c.owner == bindparam("b_owner"),
        meeting.c.provider == bindparam("b_provider"),
        meeting.c.state == "live",
        meeting.c.remote_id == "",
        session.c.ends_at > bindparam("b_now"),
    )
    .order_by(session.c.starts_at, session.c.id)
)


class MeetingStore:
    """All meetings of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def of_sessions(self, connection: Connection, sessions: Iterable[str]) -> dict[str, MeetingRow]:
        """Give the living meetings of some sessions."""
        found: dict[str, MeetingRow] = {}
        for part in in_chunks(sessions):
            rows = _OF_SESSIONS.named(connection, {"b_owner": self._owner, "b_sessions": part})
            found |= {row["session"]: _meeting(row) for row in rows}
        return found

    def links_ever(self, connection: Connection, session_id: str) -> frozenset[str]:
        """Give every join link that a session ever had: what we may have written somewhere."""
        return self.links_ever_of(connection, [session_id]).get(session_id, frozenset())

    def links_ever_of(self, connection: Connection, sessions: Iterable[str]) -> dict[str, frozenset[str]]:
        """Give every join link that some sessions ever had; a session without one is left out."""
        found: dict[str, frozenset[str]] = {}
        for part in in_chunks(sessions):
            for session_id, join_url in _LINKS_EVER.rows(connection, {"b_sessions": part}):
                found[session_id] = found.get(session_id, frozenset()) | {join_url}
        return found

    def all(self, connection: Connection) -> list[MeetingRow]:
        """Give the living meetings, by session start."""
        rows = connection.execute(
            select(meeting)
            .join(session, session.c.id == meeting.c.session)
            .where(meeting.c.owner == self._owner, meeting.c.state.in_(_LIVE))
            .order_by(session.c.starts_at, session.c.id)
        ).mappings()
        return [_meeting(row) for row in rows]

    def lacking(self, connection: Connection, now: datetime, until: datetime) -> list[str]:
        """Give the online, planned sessions between two instants that have no finished meeting."""
        asked = {"b_owner": self._owner, "b_now": now, "b_until": until}
        return [row[0] for row in _LACKING.rows(connection, asked)]

    def standing(self, connection: Connection, now: datetime) -> list[str]:
        """Give the sessions whose living meeting may have to move or go: those that are not over."""
        return [row[0] for row in _STANDING.rows(connection, {"b_owner": self._owner, "b_now": now})]

    def made_elsewhere(self, connection: Connection, provider: str, now: datetime) -> dict[str, str]:
        """Give session to join link for living meetings of a vendor that another device made, of sessions to come."""
        rows = connection.execute(_MADE_ELSEWHERE, {"b_owner": self._owner, "b_provider": provider, "b_now": now})
        return {row.session: row.join_url for row in rows}

    def between(self, connection: Connection, account_id: str, lo: datetime, hi: datetime) -> list[MeetingRow]:
        """Give an account's living meetings of sessions that end after one instant and start before another."""
        asked = {"b_owner": self._owner, "b_account": account_id, "b_lo": lo, "b_hi": hi}
        return [_meeting(row) for row in _BETWEEN.named(connection, asked)]

    def leaving(self, connection: Connection) -> list[MeetingRow]:
        """Give the meetings that are still to be removed at their vendor."""
        rows = connection.execute(
            select(meeting).where(meeting.c.owner == self._owner, meeting.c.state == "deleting").order_by(meeting.c.id)
        ).mappings()
        return [_meeting(row) for row in rows]

    def to_sweep(self, connection: Connection, account_id: str, now: datetime) -> list[str]:
        """Give the sessions for which an account may have made a meeting late, and it is time to look."""
        asked = {"b_owner": self._owner, "b_account": account_id, "b_now": now}
        return [row[0] for row in _TO_SWEEP.rows(connection, asked)]

    def sweep_again(self, connection: Connection, session_id: str, after: datetime | None) -> None:
        """Say when to look again for what was made late for a session, also if it has no meeting now; None: never."""
        mine = (meeting.c.owner == self._owner, meeting.c.session == session_id, meeting.c.sweep_after.is_not(None))
        connection.execute(update(meeting).where(*mine).values(sweep_after=after))

    def insert(self, connection: Connection, meeting_id: str, new: MeetingRow) -> None:
        """Store a new meeting."""
        _NEW.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": meeting_id,
                    "session": new.session,
                    "provider": new.provider,
                    "account": new.account,
                    "remote_id": new.remote_id,
                    "join_url": new.join_url,
                    "topic": new.topic,
                    "when_value": new.when_value,
                    "state": new.state,
                }
            ],
        )

    def set(self, connection: Connection, session_id: str, state: str | None = None, **values: Any) -> None:
        """Set columns of the living meeting of a session, or of the leaving one if none lives."""
        if state is not None:
            values["state"] = state
        connection.execute(
            update(meeting)
            .where(
                meeting.c.owner == self._owner,
                meeting.c.session == session_id,
                meeting.c.state.in_((*_LIVE, "deleting")),
            )
            .values(**values)
        )


def _meeting(row: RowMapping | Mapping[str, Any]) -> MeetingRow:
    return MeetingRow(
        session=row["session"],
        provider=row["provider"],
        account=row["account"],
        state=row["state"],
        remote_id=row["remote_id"],
        join_url=row["join_url"],
        topic=row["topic"],
        when_value=row["when_value"],
    )
