"""The mirror: what every side's objects said when last read. Never goes back, covers its cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, delete, or_, select, true, update

from sync_agent.engine.ids import made_at
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.sessions import OF_OWNER
from sync_agent.engine.store.tables import CLOSED, NOBODYS, busy, calendar, cursor, link, remote_obj, session
from sync_agent.engine.values import GIVEN_UP, LET_GO, STRAY

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import Connection

# Not "IS 1": only "= 1" is answered from the partial index.
_TO_REFETCH = remote_obj.c.refetch == true()
_PLATFORMS = select(calendar.c.id).where(calendar.c.role == "platform").scalar_subquery()
_CALENDARS_TO_LOOK_AT = Asked(select(remote_obj.c.calendar).where(_TO_REFETCH).distinct())
_NEW, _CHANGED = new_rows(remote_obj), changed_rows(remote_obj, "id")


@dataclass(frozen=True, slots=True)
class MirrorRow:
    """One object as last read.

    Attributes:
        fields: for an object that is ours {"event": …, "groups": {group: [words, since, until, origin?]}}, else {}.
        shape: "single", or what else it has become.
    """

    id: str
    calendar: str
    key: str
    href: str
    uid: str
    etag: str | None
    body: str
    fields: Mapping[str, Any]
    marks_session: str
    shape: str
    refetch: bool
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One occurrence that a calendar holds, as last read; `is_ours` for a session's event."""

    calendar: str
    uid: str
    href: str
    etag: str | None
    summary: str
    lo: datetime
    hi: datetime
    recurrence_id: str
    is_ours: bool


# What a row is made of, in the order of its fields.
_READ = (
    remote_obj.c.id,
    remote_obj.c.calendar,
    remote_obj.c.href_norm,
    remote_obj.c.href_raw,
    remote_obj.c.uid,
    remote_obj.c.etag,
    remote_obj.c.body,
    remote_obj.c.fields,
    remote_obj.c.marks_session,
    remote_obj.c.shape,
    remote_obj.c.refetch,
    remote_obj.c.gone_at,
)
_BY_IDS = Asked(select(*_READ).where(remote_obj.c.id.in_(bindparam("b_ids"))))
_BY_KEYS = Asked(
    select(*_READ).where(
        remote_obj.c.calendar == bindparam("b_calendar"), remote_obj.c.href_norm.in_(bindparam("b_keys"))
    )
)
_BY_UIDS = Asked(
    select(*_READ).where(
        # An expression, so that SQLite finds them by UID, and does not read the whole calendar.
        remote_obj.c.calendar.concat("") == bindparam("b_calendar"),
        remote_obj.c.uid.in_(bindparam("b_uids")),
        remote_obj.c.gone_at.is_(None),
    )
)
_KNOWN_ETAGS = Asked(
    select(remote_obj.c.href_norm, remote_obj.c.etag).where(
        remote_obj.c.calendar == bindparam("b_calendar"),
        remote_obj.c.gone_at.is_(None),
        remote_obj.c.refetch.is_(False),
    )
)
_LIVING = update(remote_obj).where(
    remote_obj.c.calendar == bindparam("b_calendar"),
    remote_obj.c.href_norm.in_(bindparam("b_keys")),
    remote_obj.c.gone_at.is_(None),
)
_REFETCH, _GONE = Asked(_LIVING.values(refetch=True)), Asked(_LIVING.values(gone_at=bindparam("b_at"), refetch=False))
_LIVING_KEYS = Asked(
    select(remote_obj.c.href_norm).where(
        remote_obj.c.calendar == bindparam("b_calendar"), remote_obj.c.gone_at.is_(None)
    )
)
_ANY_LIVING = Asked(
    select(remote_obj.c.id)
    .where(remote_obj.c.calendar == bindparam("b_calendar"), remote_obj.c.gone_at.is_(None))
    .limit(1)
)
_TO_LOOK_AT = Asked(
    select(*_READ).where(remote_obj.c.calendar == bindparam("b_calendar"), _TO_REFETCH).order_by(remote_obj.c.id)
)
_KNOWN_SESSIONS = Asked(select(session.c.id).where(OF_OWNER, session.c.id.in_(bindparam("b_ids"))))
_HOLDS = and_(link.c.obj == remote_obj.c.id, link.c.state != CLOSED)
_TAKES_OUT = link.alias()
"""The link of an event that is one too many: it is stored as closed, and found by its session."""
_IS_STRAY = and_(_TAKES_OUT.c.obj == remote_obj.c.id, _TAKES_OUT.c.closed_why == STRAY)
_UNLINKED_MARKED = Asked(
    select(*_READ)
    .outerjoin(link, _HOLDS)
    .outerjoin(_TAKES_OUT, and_(_IS_STRAY, _TAKES_OUT.c.session == remote_obj.c.marks_session))
    .where(
        _TAKES_OUT.c.id.is_(None),
        remote_obj.c.owner == bindparam("b_owner"),
        remote_obj.c.marks_session.in_(bindparam("b_sessions")),
        remote_obj.c.marks_session != NOBODYS,
        remote_obj.c.gone_at.is_(None),
        remote_obj.c.calendar.not_in(_PLATFORMS),
        remote_obj.c.shape != "cancelled",
        link.c.id.is_(None),
    )
    # What a phone made something else of is the last to be a session's event.
    .order_by(remote_obj.c.shape != "single", remote_obj.c.id)
)
_MARKED = (
    remote_obj.c.owner == bindparam("b_owner"),
    remote_obj.c.marks_session.in_(bindparam("b_sessions")),
    remote_obj.c.marks_session != NOBODYS,
    remote_obj.c.gone_at.is_(None),
    # Kept as a foreign one: without its text.
    remote_obj.c.body == "",
    remote_obj.c.calendar.not_in(_PLATFORMS),
)
_MARKED_UIDS = Asked(select(remote_obj.c.calendar, remote_obj.c.uid).where(*_MARKED))
_REFETCH_MARKED = Asked(update(remote_obj).where(*_MARKED).values(refetch=True))
_SAME_ELSEWHERE = Asked(
    select(*_READ)
    .join(calendar, calendar.c.id == remote_obj.c.calendar)
    .outerjoin(link, _HOLDS)
    .outerjoin(_TAKES_OUT, and_(_IS_STRAY, _TAKES_OUT.c.session == bindparam("b_session")))
    .where(
        _TAKES_OUT.c.id.is_(None),
        calendar.c.account == bindparam("b_account"),
        remote_obj.c.gone_at.is_(None),
        link.c.id.is_(None),
        or_(remote_obj.c.uid == bindparam("b_uid"), remote_obj.c.marks_session == bindparam("b_session")),
    )
    # Another that bears the session's marker may have been moved there before.
    .order_by(remote_obj.c.uid != bindparam("b_uid"), remote_obj.c.id)
    .limit(1)
)
_OWN_UIDS = Asked(
    select(link.c.uid, link.c.closed_why, link.c.state != "closed").where(link.c.uid.in_(bindparam("b_uids")))
)


class KnownEtags(Mapping[str, "str | None"]):
    """Key to etag of every living object of a calendar, read only when somebody asks (an idle poll does not)."""

    def __init__(self, read: Callable[[], AbstractContextManager[Connection]], calendar_id: str) -> None:
        self._read, self._calendar = read, calendar_id
        self._loaded: dict[str, str | None] | None = None

    def _all(self) -> dict[str, str | None]:
        if self._loaded is None:
            with self._read() as connection:
                rows = _KNOWN_ETAGS.rows(connection, {"b_calendar": self._calendar})
            self._loaded = {key: etag for key, etag in rows}  # noqa: C416 (a row may be longer, as mypy sees it)
        return self._loaded

    def __getitem__(self, key: str) -> str | None:
        return self._all()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class MirrorStore:
    """All remote objects of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def by_keys(self, connection: Connection, calendar_id: str, keys: Iterable[str]) -> dict[str, MirrorRow]:
        """Give the rows of some keys, living or gone."""
        found: dict[str, MirrorRow] = {}
        for part in in_chunks(keys):
            rows = _BY_KEYS.rows(connection, {"b_calendar": calendar_id, "b_keys": part})
            found |= {one.key: one for one in map(_row, rows)}
        return found

    def by_uids(self, connection: Connection, calendar_id: str, uids: Iterable[str]) -> dict[str, MirrorRow]:
        """Give the living rows of some UIDs in a calendar."""
        found: dict[str, MirrorRow] = {}
        for part in in_chunks(uids):
            rows = _BY_UIDS.rows(connection, {"b_calendar": calendar_id, "b_uids": part})
            found |= {one.uid: one for one in map(_row, rows)}
        return found

    def by_ids(self, connection: Connection, ids: Iterable[str]) -> dict[str, MirrorRow]:
        """Give some rows by id."""
        found: dict[str, MirrorRow] = {}
        for part in in_chunks(ids):
            found |= {one.id: one for one in map(_row, _BY_IDS.rows(connection, {"b_ids": part}))}
        return found

    def single_body(self, connection: Connection, obj_id: str) -> str | None:
        """Give the text of an object as last read, if it was a single event; living or gone.

        None also where the text was not kept: it was read while nobody knew that it is ours.
        """
        query = select(remote_obj.c.body).where(
            remote_obj.c.id == obj_id, remote_obj.c.shape == "single", remote_obj.c.body != ""
        )
        return connection.execute(query).scalar()

    def living_keys(self, connection: Connection, calendar_id: str) -> set[str]:
        """Give the keys of all living objects of a calendar."""
        return {row[0] for row in _LIVING_KEYS.rows(connection, {"b_calendar": calendar_id})}

    def is_empty(self, connection: Connection, calendar_id: str) -> bool:
        """Whether a calendar holds nothing at all, as last read."""
        return not _ANY_LIVING.rows(connection, {"b_calendar": calendar_id})

    def living_before(self, connection: Connection, calendar_id: str, at: datetime) -> set[str]:
        """Give the keys of the living objects of a calendar that were known before an instant."""
        rows = connection.execute(
            select(remote_obj.c.id, remote_obj.c.href_norm).where(
                remote_obj.c.calendar == calendar_id, remote_obj.c.gone_at.is_(None)
            )
        )
        # Ids tell milliseconds.
        since = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return {row.href_norm for row in rows if made_at(row.id) < since}

    def insert(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store new objects (columns as in the table)."""
        if rows:
            _NEW.run(connection, [{"owner": self._owner, **row} for row in rows])

    def update(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store changed objects; each row names its `id`. A sighting: no longer gone, no longer to be fetched."""
        _CHANGED.run(connection, rows)

    def read_foreign_anew(self, connection: Connection) -> None:
        """Forget where reading goes on, and the ETags of foreign objects: each is fetched once more, none is missed."""
        read = select(calendar.c.id).where(
            calendar.c.owner == self._owner, calendar.c.role.not_in(("platform", "ignore"))
        )
        is_foreign = and_(remote_obj.c.body == "", remote_obj.c.calendar.in_(read.scalar_subquery()))
        connection.execute(update(remote_obj).where(is_foreign).values(etag=None))
        connection.execute(delete(cursor).where(cursor.c.calendar.in_(read.scalar_subquery())))

    def mark_refetch(self, connection: Connection, calendar_id: str, keys: Iterable[str]) -> None:
        """Say that some objects must be looked at directly before anything is believed of them."""
        for part in in_chunks(keys):
            _REFETCH.do(connection, {"b_calendar": calendar_id, "b_keys": part})

    def look_again(self, connection: Connection, calendar_id: str, key: str) -> None:
        """Say that an object must be looked at, also where it was gone."""
        mine = (remote_obj.c.calendar == calendar_id, remote_obj.c.href_norm == key)
        connection.execute(update(remote_obj).where(*mine).values(refetch=True, gone_at=None))

    def calendars_to_look_at(self, connection: Connection) -> set[str]:
        """Give the calendars that have objects which must be looked at."""
        return {row[0] for row in _CALENDARS_TO_LOOK_AT.rows(connection, {})}

    def to_refetch(self, connection: Connection, calendar_id: str) -> list[MirrorRow]:
        """Give the objects that must be looked at."""
        return [_row(row) for row in _TO_LOOK_AT.rows(connection, {"b_calendar": calendar_id})]

    def mark_gone(self, connection: Connection, calendar_id: str, keys: Iterable[str], *, at: datetime) -> None:
        """Believe that some objects are gone."""
        for part in in_chunks(keys):
            _GONE.do(connection, {"b_calendar": calendar_id, "b_keys": part, "b_at": at})

    def own_uids(self, connection: Connection, uids: Iterable[str]) -> tuple[set[str], set[str]]:
        """Give those UIDs that are of events of ours, in whatever calendar they show, and those that were let go."""
        own, let_go, held = set[str](), set[str](), set[str]()
        for part in in_chunks(uids):
            for uid, why, is_open in _OWN_UIDS.rows(connection, {"b_uids": part}):
                (let_go if why in (LET_GO, GIVEN_UP) and not is_open else own).add(uid)
                if is_open:
                    held.add(uid)
        # One that was let go and is held again was adopted since.
        return own, let_go - held

    def known_sessions(self, connection: Connection, ids: Iterable[str]) -> set[str]:
        """Give those ids that are sessions of this owner."""
        found: set[str] = set()
        for part in in_chunks(ids):
            found |= {row[0] for row in _KNOWN_SESSIONS.rows(connection, {"b_owner": self._owner, "b_ids": part})}
        return found

    def between(
        self, connection: Connection, lo: datetime, hi: datetime, *, account: str | None = None
    ) -> list[HeldEvent]:
        """Give what the calendars hold between two instants, by start: foreign events, and ours."""
        columns = (remote_obj.c.calendar, remote_obj.c.uid, remote_obj.c.href_raw, remote_obj.c.etag)
        living = [remote_obj.c.owner == self._owner, remote_obj.c.gone_at.is_(None)]
        if account is not None:
            living.append(remote_obj.c.calendar.in_(select(calendar.c.id).where(calendar.c.account == account)))
        foreign = connection.execute(
            select(*columns, busy.c.summary, busy.c.lo, busy.c.hi, busy.c.recurrence_id)
            .join(busy, and_(busy.c.calendar == remote_obj.c.calendar, busy.c.uid == remote_obj.c.uid))
            .where(*living, busy.c.lo < hi, busy.c.hi > lo)
        )
        ours = connection.execute(
            select(*columns, session.c.title, session.c.starts_at, session.c.ends_at)
            .join(link, and_(link.c.obj == remote_obj.c.id, link.c.state != CLOSED))
            .join(session, session.c.id == link.c.session)
            .join(calendar, and_(calendar.c.id == remote_obj.c.calendar, calendar.c.role != "platform"))
            .where(*living, session.c.starts_at < hi, session.c.ends_at > lo)
        )
        found = [HeldEvent(*row, is_ours=False) for row in foreign]
        found += [HeldEvent(*row, recurrence_id="", is_ours=True) for row in ours]
        return sorted(found, key=lambda event: (event.lo, event.calendar, event.uid))

    def unlinked_marked(self, connection: Connection, sessions: Iterable[str]) -> dict[tuple[str, str], MirrorRow]:
        """Give the living objects that bear these sessions' markers and that no link holds, by calendar and session.

        Of several in one place one that a session can be, if there is one; none that is marked as cancelled.
        """
        found: dict[tuple[str, str], MirrorRow] = {}
        for part in in_chunks(sessions):
            rows = _UNLINKED_MARKED.rows(connection, {"b_owner": self._owner, "b_sessions": part})
            for one in map(_row, rows):
                found.setdefault((one.calendar, one.marks_session), one)
        return found

    def marked(self, connection: Connection, sessions: Iterable[str]) -> dict[str, list[str]]:
        """Give the UIDs of living objects that bear these sessions' markers and were kept as foreign, by calendar."""
        found: dict[str, list[str]] = {}
        for part in in_chunks(sessions):
            for calendar_id, uid in _MARKED_UIDS.rows(connection, {"b_owner": self._owner, "b_sessions": part}):
                found.setdefault(calendar_id, []).append(uid)
        return found

    def refetch_marked(self, connection: Connection, sessions: Iterable[str]) -> None:
        """Say that objects which bear these sessions' markers must be looked at: until now nobody knew the sessions."""
        for part in in_chunks(sessions):
            _REFETCH_MARKED.do(connection, {"b_owner": self._owner, "b_sessions": part})

    def same_elsewhere(self, connection: Connection, account_id: str, uid: str, session_id: str) -> MirrorRow | None:
        """Find the living, unlinked copy of an object of ours in another place of the same account."""
        asked = {"b_account": account_id, "b_uid": uid, "b_session": session_id}
        found = _SAME_ELSEWHERE.rows(connection, asked)
        return _row(found[0]) if found else None


def mirror_row(columns: Mapping[str, Any]) -> MirrorRow:
    """Read what was just stored, from the columns that were given."""
    return MirrorRow(*(columns[column.name] for column in _READ))


def _row(row: Sequence[Any]) -> MirrorRow:
    # Taken in one go, in the order of `_READ`: a column at a time takes five times as long.
    return MirrorRow(*row)
