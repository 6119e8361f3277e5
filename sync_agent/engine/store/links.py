"""Links and their bases. A base moves only with a settled intent or an adoption, never by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, kept_rows, new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.origins import origin_to_json
from sync_agent.engine.store.tables import CLOSED, UNSETTLED, calendar, intent, link, link_base, remote_obj, session
from sync_agent.engine.values import GROUPS, STRAY, Base, FieldGroup, Link, LinkState, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.sessions import Origin


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link with its bases.

    Attributes:
        template: the object as it was when we deleted it, so that undo brings alarms and attendees back.
    """

    link: Link
    bases: Mapping[FieldGroup, Base]
    template: str | None


@dataclass(frozen=True, slots=True)
class BaseRow:
    """One base to be moved; `settled_by` is the journal row that did it, None for an adoption, TOLD for a take-over."""

    link: str
    group: FieldGroup
    base: Base
    origin: Origin | None = None
    etag: str | None = None
    settled_by: str | None = None


_NEW, _CHANGED = new_rows(link), changed_rows(link, "id")
_KEPT_BASES = kept_rows(link_base, "link", "field_group")


# What a link is made of, in the order in which `_link` takes it.
_READ = (
    link.c.id,
    link.c.session,
    link.c.calendar,
    link.c.incarnation,
    link.c.uid,
    link.c.state,
    link.c.obj,
    link.c.recurrence_id,
    link.c.closed_why,
)
TOLD = "told"
"""By whom a base was settled that another device told, or that was known before that one looked after its event."""
WITH_SESSION = ("session cancelled", "deleted there")
_STATES = {state.value: state for state in LinkState}
_IS_OPEN = link.c.state != CLOSED
# An expression, so that SQLite finds them by what is looked for there, and does not read the whole calendar.
_OF_CALENDAR = link.c.calendar.concat("") == bindparam("b_calendar")
_BY_IDS = Asked(select(*_READ, link.c.template).where(link.c.id.in_(bindparam("b_ids"))))
_BY_UIDS = Asked(select(*_READ).where(_OF_CALENDAR, link.c.uid.in_(bindparam("b_uids")), _IS_OPEN))
_GIVEN_UP = Asked(
    select(*_READ).where(
        _OF_CALENDAR,
        link.c.uid.in_(bindparam("b_uids")),
        link.c.state == LinkState.CLOSED.value,
        link.c.obj.is_(None),
    )
)
_KEEPS = Asked(
    select(link.c.id)
    .join(link_base, link_base.c.link == link.c.id)
    .where(
        link.c.calendar == bindparam("b_calendar"),
        link_base.c.field_group == bindparam("b_group"),
        link_base.c.side_words != "",
    )
    .limit(1)
)
_TOLD = Asked(select(link.c.id, link.c.told).where(link.c.id.in_(bindparam("b_ids"))))
_LAST_INCARNATIONS = Asked(
    select(link.c.session, link.c.calendar, func.max(link.c.incarnation))
    .where(link.c.session.in_(bindparam("b_sessions")))
    .group_by(link.c.session, link.c.calendar)
)
_CALENDARS = Asked(select(link.c.id, link.c.calendar).where(link.c.id.in_(bindparam("b_ids"))))
_SESSIONS = Asked(select(link.c.session).where(link.c.id.in_(bindparam("b_ids"))))
_SESSIONS_CLOSED = Asked(
    select(link.c.session).where(
        _OF_CALENDAR,
        link.c.uid.in_(bindparam("b_uids")),
        link.c.closed_why.in_(WITH_SESSION),
    )
)
_HELD_THERE = select(func.count()).where(
    link.c.calendar == bindparam("b_calendar"), link.c.state.in_([LinkState.LIVE.value, LinkState.HELD.value])
)
_HOLDS = Asked(_HELD_THERE)
_HOLDS_AFTER = Asked(
    _HELD_THERE.join_from(link, session, session.c.id == link.c.session).where(session.c.ends_at > bindparam("b_after"))
)
_HOLDER = link.alias()
_RETURNED = Asked(
    select(link.c.id, link.c.session, link.c.calendar, remote_obj.c.id, remote_obj.c.etag)
    .join(remote_obj, and_(remote_obj.c.calendar == link.c.calendar, remote_obj.c.uid == link.c.uid))
    .outerjoin(_HOLDER, and_(_HOLDER.c.obj == remote_obj.c.id, _HOLDER.c.state != CLOSED))
    .where(
        link.c.owner.concat("") == bindparam("b_owner"),
        link.c.session.in_(bindparam("b_sessions")),
        link.c.state == LinkState.CLOSED.value,
        link.c.closed_why.in_(WITH_SESSION),
        remote_obj.c.gone_at.is_(None),
        remote_obj.c.refetch.is_(False),
        remote_obj.c.shape == "single",
        _HOLDER.c.id.is_(None),
    )
    .order_by(link.c.id)
)
_OF_OBJECTS = Asked(select(link.c.obj, link.c.session).where(link.c.obj.in_(bindparam("b_objects")), _IS_OPEN))
_BASES = Asked(
    select(
        link_base.c.link,
        link_base.c.field_group,
        link_base.c.hub_value,
        link_base.c.side_words,
        func.coalesce(link_base.c.settled_by, "") == TOLD,
    ).where(link_base.c.link.in_(bindparam("b_links")))
)

# Held in by an index on calendar and state: the calendars are few, and nearly none of them has one.
_FOLLOWED = Asked(
    select(calendar.c.id).where(
        calendar.c.role.in_([Role.BUSY.value, Role.IGNORE.value]),
        or_(
            calendar.c.id.in_(select(intent.c.calendar).where(UNSETTLED)),
            select(link.c.id)
            .where(
                link.c.calendar == calendar.c.id,
                link.c.state.in_([state.value for state in LinkState if state is not LinkState.CLOSED]),
            )
            .exists(),
        ),
    )
)
_DROPPED_BASES = Asked(delete(link_base).where(link_base.c.link == bindparam("b_link")))
_FORGET = Asked(
    update(link_base)
    .where(
        link_base.c.link.in_(select(link.c.id).where(link.c.session == bindparam("b_session"), _IS_OPEN)),
        link_base.c.field_group == bindparam("b_group"),
        link_base.c.hub_value == bindparam("b_value"),
    )
    .values(hub_value=None)
)


@dataclass(frozen=True, slots=True)
class Returned:
    """An event that is there again although the link that held it was closed with its session.

    Attributes:
        obj: its id in the mirror.
    """

    link: str
    session: str
    calendar: str
    obj: str
    etag: str | None


class LinkStore:
    """All links of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        mine = select(*_READ, link.c.template).where(link.c.owner == owner, link.c.session.in_(bindparam("b_sessions")))
        self._of_sessions, self._open_of_sessions = Asked(mine), Asked(mine.where(_IS_OPEN))

    def of_sessions(
        self, connection: Connection, sessions: Iterable[str], *, closed: bool = False
    ) -> dict[str, list[LinkRow]]:
        """Give the links of some sessions by session id, with bases. Closed ones only if asked."""
        found: dict[str, list[LinkRow]] = {}
        query = self._of_sessions if closed else self._open_of_sessions
        for part in in_chunks(sessions):
            for row in self._rows(connection, query, {"b_sessions": part}):
                found.setdefault(row.link.session, []).append(row)
        return found

    def get(self, connection: Connection, link_id: str) -> LinkRow | None:
        """Give one link, or None."""
        return self.by_ids(connection, [link_id]).get(link_id)

    def by_ids(self, connection: Connection, ids: Iterable[str]) -> dict[str, LinkRow]:
        """Give some links by id, with bases."""
        found: dict[str, LinkRow] = {}
        for part in in_chunks(ids):
            found |= {row.link.id: row for row in self._rows(connection, _BY_IDS, {"b_ids": part})}
        return found

    def sessions_of_objects(self, connection: Connection, objects: Iterable[str]) -> dict[str, str]:
        """Give object id to session id for objects that are linked."""
        found: dict[str, str] = {}
        for part in in_chunks(objects):
            found |= {row[0]: row[1] for row in _OF_OBJECTS.rows(connection, {"b_objects": part})}
        return found

    def sessions_of(self, connection: Connection, links: Iterable[str]) -> set[str]:
        """Give the sessions of some links, closed ones too."""
        found: set[str] = set()
        for part in in_chunks(links):
            found |= {row[0] for row in _SESSIONS.rows(connection, {"b_ids": part})}
        return found

    def by_uids(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> dict[str, Link]:
        """Give the open links of a calendar by the UID of their event."""
        found: dict[str, Link] = {}
        for part in in_chunks(uids):
            rows = _BY_UIDS.rows(connection, {"b_calendar": calendar_id, "b_uids": part})
            found |= {one.uid: one for one in map(_link, rows)}
        return found

    def given_up(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> dict[str, Link]:
        """Give the links, by UID, that were closed without their event ever having been seen."""
        found: dict[str, Link] = {}
        for part in in_chunks(uids):
            rows = _GIVEN_UP.rows(connection, {"b_calendar": calendar_id, "b_uids": part})
            found |= {one.uid: one for one in map(_link, rows)}
        return found

    def count_live(self, connection: Connection, calendar_id: str, *, after: datetime | None = None) -> int:
        """Count the links that hold an event in a calendar; of sessions that end after an instant, if one is given."""
        if after is None:
            counted = _HOLDS.rows(connection, {"b_calendar": calendar_id})
        else:
            counted = _HOLDS_AFTER.rows(connection, {"b_calendar": calendar_id, "b_after": after})
        return int(counted[0][0])

    def objects_seen(self, connection: Connection, calendar_id: str) -> tuple[int, int]:
        """Count the events of ours in a calendar that were seen with the last look, and those still to be looked at."""
        rows = connection.execute(
            select(remote_obj.c.refetch, func.count())
            .select_from(link)
            .join(remote_obj, remote_obj.c.id == link.c.obj)
            .where(
                link.c.calendar == calendar_id,
                link.c.state != LinkState.CLOSED.value,
                remote_obj.c.gone_at.is_(None),
            )
            .group_by(remote_obj.c.refetch)
        )
        found = {bool(refetch): int(count) for refetch, count in rows}
        return found.get(False, 0), found.get(True, 0)

    def returned(self, connection: Connection, sessions: Iterable[str]) -> list[Returned]:
        """Give the events of cancelled sessions that are there again: living, looked at, and held by no link."""
        found: list[Returned] = []
        for part in in_chunks(sessions):
            rows = _RETURNED.rows(connection, {"b_owner": self._owner, "b_sessions": part})
            found += [Returned(*row) for row in rows]
        return found

    def sessions_closed(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> set[str]:
        """Give the sessions whose link to these events of a calendar was closed with them."""
        found: set[str] = set()
        for part in in_chunks(uids):
            found |= {row[0] for row in _SESSIONS_CLOSED.rows(connection, {"b_calendar": calendar_id, "b_uids": part})}
        return found

    def of_calendar(self, connection: Connection, calendar_id: str) -> list[Link]:
        """Give the open links of a calendar that have had an event there."""
        query = select(*_READ).where(link.c.calendar == calendar_id, _IS_OPEN, link.c.obj.is_not(None))
        return [_link(tuple(row)) for row in connection.execute(query)]

    def count_wanted(self, connection: Connection, calendar_id: str) -> int:
        """Count the links that wait for their event in a calendar."""
        return int(
            connection.execute(
                select(func.count()).where(link.c.calendar == calendar_id, link.c.state == LinkState.WANT.value)
            ).scalar_one()
        )

    def calendars_of(self, connection: Connection, links: Iterable[str]) -> dict[str, str]:
        """Give the calendars of some links."""
        found: dict[str, str] = {}
        for part in in_chunks(links):
            found |= {row[0]: row[1] for row in _CALENDARS.rows(connection, {"b_ids": part})}
        return found

    def told(self, connection: Connection, links: Iterable[str]) -> dict[str, str]:
        """Give the hashes of what the platform was last told of some links."""
        found: dict[str, str] = {}
        for part in in_chunks(links):
            found |= {row[0]: row[1] for row in _TOLD.rows(connection, {"b_ids": part})}
        return found

    def last_incarnation(self, connection: Connection, session_id: str, calendar_id: str) -> int:
        """Give the highest incarnation so far, -1 if there never was a link."""
        return self.last_incarnations(connection, [session_id]).get((session_id, calendar_id), -1)

    def last_object(self, connection: Connection, session_id: str, calendar_id: str) -> str | None:
        """Give the text of the last event of a session in a calendar, whoever removed it, for bringing it back."""
        return connection.execute(
            select(remote_obj.c.body)
            .join(link, link.c.obj == remote_obj.c.id)
            .where(
                link.c.session == session_id,
                link.c.calendar == calendar_id,
                link.c.state == LinkState.CLOSED.value,
                # What became a series or was marked as cancelled would come back as just that.
                remote_obj.c.shape == "single",
                # Of what was read while nobody knew that it is ours no text was kept.
                remote_obj.c.body != "",
            )
            .order_by(link.c.incarnation.desc())
            .limit(1)
        ).scalar()

    def last_incarnations(self, connection: Connection, sessions: Iterable[str]) -> dict[tuple[str, str], int]:
        """Give the highest incarnation so far by session and calendar; nothing where there never was a link."""
        found: dict[tuple[str, str], int] = {}
        for part in in_chunks(sessions):
            rows = _LAST_INCARNATIONS.rows(connection, {"b_sessions": part})
            found |= {(session_id, calendar_id): highest for session_id, calendar_id, highest in rows}
        return found

    def insert(self, connection: Connection, new: Link, *, template: str | None = None) -> None:
        """Store a new link."""
        self.insert_many(connection, [(new, template)])

    def insert_many(self, connection: Connection, new: Sequence[tuple[Link, str | None]]) -> None:
        """Store new links, each with the object that it is to bring back, if there was one."""
        _NEW.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": one.id,
                    "session": one.session,
                    "calendar": one.calendar,
                    "obj": one.obj,
                    "recurrence_id": one.recurrence_id,
                    "incarnation": one.incarnation,
                    "uid": one.uid,
                    "state": one.state.value,
                    "template": template,
                }
                for one, template in new
            ],
        )

    def tie(self, connection: Connection, pairs: Sequence[tuple[Link, str, str]]) -> None:
        """Tie links to their objects (link, object id, its UID); they live from now on."""
        live = LinkState.LIVE.value
        _CHANGED.run(
            connection, [{"id": one.id, "obj": obj, "state": live} for one, obj, uid in pairs if uid == one.uid]
        )
        # Only these, or an index is written anew for each.
        renamed = [{"id": one.id, "obj": obj, "uid": uid, "state": live} for one, obj, uid in pairs if uid != one.uid]
        _CHANGED.run(connection, renamed)

    def set(self, connection: Connection, link_id: str, **values: Any) -> None:
        """Set columns: obj, state, uid, incarnation, calendar, closed_why, template, told."""
        if isinstance(values.get("state"), LinkState):
            values["state"] = values["state"].value
        _CHANGED.run(connection, [{"id": link_id, **values}])

    def followed(self, connection: Connection) -> frozenset[str]:
        """Give the calendars that are not for sessions and hold an event of one, or perhaps will, all the same."""
        return frozenset(row[0] for row in _FOLLOWED.rows(connection, {}))

    def close_calendar(self, connection: Connection, calendar_id: str, *, now: datetime) -> None:
        """End all links of a calendar that no longer takes sessions: events of future sessions are to be removed.

        `closing` is committed before the first deletion, so that no other reader of this store takes the deletions for
        a person's. Events of the past stay.
        """
        future = select(session.c.id).where(session.c.ends_at > now).scalar_subquery()
        mine = (link.c.calendar == calendar_id, link.c.state != LinkState.CLOSED.value)
        connection.execute(
            update(link)
            .where(*mine, link.c.session.in_(future), link.c.obj.is_not(None))
            .values(state=LinkState.CLOSING.value)
        )
        connection.execute(
            update(link)
            .where(*mine, link.c.state != LinkState.CLOSING.value)
            .values(state=LinkState.CLOSED.value, closed_why="role changed")
        )

    def let_go_of_doomed(self, connection: Connection, why: str) -> frozenset[str]:
        """Close the links whose event is to be removed, without removing it. Gives their sessions."""
        dead = select(session.c.id).where(
            session.c.owner == self._owner, session.c.status == SessionStatus.CANCELLED.value
        )
        doomed = (
            link.c.owner == self._owner,
            link.c.state != LinkState.CLOSED.value,
            link.c.calendar.not_in(select(calendar.c.id).where(calendar.c.role == Role.PLATFORM.value)),
            or_(link.c.state == LinkState.CLOSING.value, link.c.session.in_(dead)),
        )
        found = frozenset(connection.execute(select(link.c.session).where(*doomed)).scalars())
        connection.execute(update(link).where(*doomed).values(state=LinkState.CLOSED.value, closed_why=why))
        return found

    def set_base(
        self,
        connection: Connection,
        link_id: str,
        group: FieldGroup,
        base: Base,
        *,
        origin: Origin | None = None,
        etag: str | None = None,
        settled_by: str | None = None,
    ) -> None:
        """Move one base."""
        self.set_bases(connection, [BaseRow(link_id, group, base, origin, etag, settled_by)])

    def set_bases(self, connection: Connection, rows: Sequence[BaseRow]) -> None:
        """Move many bases at once; a later row for the same link and group wins."""
        _KEPT_BASES.run(
            connection,
            [
                {
                    "link": row.link,
                    "field_group": row.group.value,
                    "hub_value": row.base.hub,
                    "hub_origin": None if row.origin is None else origin_to_json(row.origin),
                    "side_words": row.base.side,
                    "side_etag": row.etag,
                    "settled_by": row.settled_by,
                }
                for row in rows
            ],
        )

    def forget_hub(self, connection: Connection, calendar_id: str) -> None:
        """Forget what we said when the links of a calendar last agreed, not what it said."""
        mine = select(link.c.id).where(link.c.calendar == calendar_id, link.c.state != LinkState.CLOSED.value)
        connection.execute(update(link_base).where(link_base.c.link.in_(mine)).values(hub_value=None))

    def forget_retyped(self, connection: Connection, session_id: str, values: Mapping[FieldGroup, str]) -> None:
        """Forget what we said when a session's links last agreed, where a person has now typed the very same again.

        It is another edit, and newer: whatever somebody changed at a side meanwhile has a rival in it.
        """
        for one, value in values.items():
            _FORGET.do(connection, {"b_session": session_id, "b_group": one.value, "b_value": value})

    def keeps(self, connection: Connection, calendar_id: str, group: FieldGroup) -> bool:
        """Whether a calendar was ever agreed with on any words of a group: then its server keeps them."""
        return bool(_KEEPS.rows(connection, {"b_calendar": calendar_id, "b_group": group.value}))

    def drop_bases(self, connection: Connection, link_id: str) -> None:
        """Forget what was agreed: the object is to be made anew."""
        _DROPPED_BASES.do(connection, {"b_link": link_id})

    def _rows(self, connection: Connection, query: Asked, asked: Mapping[str, Any]) -> list[LinkRow]:
        """Give the links that a query for `_READ` and the template finds, with bases."""
        # In the order of their making, whichever index they were found by.
        rows = sorted(query.rows(connection, asked), key=itemgetter(0))
        bases = self._bases(connection, [row[0] for row in rows])
        return [LinkRow(_link(row[:-1]), bases.get(row[0], {}), row[-1]) for row in rows]

    def _bases(self, connection: Connection, links: list[str]) -> dict[str, dict[FieldGroup, Base]]:
        found: dict[str, dict[FieldGroup, Base]] = {}
        for part in in_chunks(links):
            for link_id, group, hub_value, side_words, is_told in _BASES.rows(connection, {"b_links": part}):
                found.setdefault(link_id, {})[GROUPS[group]] = Base(hub_value, side_words, bool(is_told))
        return found


def _link(columns: Sequence[Any]) -> Link:
    link_id, session_id, calendar_id, incarnation, uid, state, obj, recurrence_id, closed_why = columns
    is_stray = closed_why == STRAY and obj is not None
    told = LinkState.CLOSING if is_stray else _STATES[state]
    return Link(link_id, session_id, calendar_id, incarnation, uid, told, obj, recurrence_id, closed_why)
