"""Carrying a plan into the store: load what stands, plan, take edits over, move bases, in one transaction.

Holds no decision about fields; what a deletion of many means is `guards`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.ids import event_uid, uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.store.origins import origin_from_json
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.guards import MassDeletion, held_back
from sync_agent.engine.sync.plan import LinkNow, PlannedWrite, SessionPlan, applied, plan
from sync_agent.engine.sync.pull_platform import platform_link_value
from sync_agent.engine.sync.spell import link_value, values_of
from sync_agent.engine.values import (
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    MeetingRow,
    Role,
    Session,
    SideWord,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store

_ROUNDS = 4
"""A cancellation or a new link asks for one more look at its session; more than this many would be a fault of ours."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What this pass may touch.

    Attributes:
        tenant: goes into UIDs and markers.
        answering: accounts that answered in this pass; only they are written to.
        complete: accounts of which all calendars were read in this pass; only there absence is believed.
    """

    tenant: str
    answering: frozenset[str]
    complete: frozenset[str]


@dataclass(slots=True)
class Outcome:
    """What planning changed and what is left to write.

    Attributes:
        changed: sessions whose hub changed, with the interval of time before and after.
    """

    writes: list[tuple[str, PlannedWrite]] = field(default_factory=list)
    changed: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=dict)
    activity: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    planned: int = 0


class Planner:
    """Plans sessions and stores the outcome."""

    def __init__(self, store: Store, reach: Reach) -> None:
        self._store, self._reach = store, reach

    def plan_all(self, connection: Connection, ids: Iterable[str], now: datetime) -> Outcome:
        """Plan some sessions and carry the plans into the store, all in the caller's transaction."""
        outcome, todo = Outcome(), list(ids)
        calendars = {row.id: row for row in self._store.accounts.calendars(connection)}
        for _ in range(_ROUNDS):
            if not todo:
                break
            plans = self._plans(connection, todo, calendars, now)
            held = self._guard(connection, plans, calendars, now, outcome)
            again: list[str] = []
            at_rest: list[tuple[str, int]] = []
            for one in plans:
                if one.cancel is not None and one.cancel.link in held:
                    continue
                after = self._store_plan(connection, one, calendars, now, outcome)
                if one.cancel is not None or one.new_links or one.renews:
                    again.append(one.session.id)
                    continue
                outcome.writes += [(one.session.id, write) for write in one.writes]
                if not one.writes and not one.holds and not one.waits:
                    at_rest.append((one.session.id, after.version))
            self._store.sessions.settle(connection, at_rest)
            todo = again
        outcome.planned = len(outcome.writes)
        return outcome

    def _plans(
        self, connection: Connection, ids: Sequence[str], calendars: Mapping[str, CalendarRow], now: datetime
    ) -> list[SessionPlan]:
        store = self._store
        sessions = store.sessions.many(connection, ids)
        links = store.links.of_sessions(connection, sessions, closed=True)
        rows = store.mirror.by_ids(
            connection, [row.link.obj for found in links.values() for row in found if row.link.obj is not None]
        )
        meetings = store.meetings.of_sessions(connection, sessions)
        blocked = store.journal.blocked_links(connection)
        standing = [row for found in links.values() for row in found if row.link.state is not LinkState.CLOSED]
        keys = [_obj_key(row.link, rows) for row in standing]
        echoes = store.journal.echoes(connection, keys, now) if keys else {}
        plans = []
        for session in sessions.values():
            mine = links.get(session.id, [])
            stand = [row for row in mine if row.link.state is not LinkState.CLOSED]
            join_url = meetings[session.id].join_url if session.id in meetings else ""
            own_links = store.meetings.links_ever(connection, session.id) if join_url or stand else frozenset[str]()
            seen = _Seen(session, rows, calendars, blocked, echoes, own_links, self._reach)
            plans.append(
                plan(
                    session,
                    [seen.link_now(row) for row in stand],
                    join_values={
                        row.link.id: _join_value(calendars[row.link.calendar], meetings.get(session.id))
                        for row in stand
                    },
                    missing=_missing(session, mine, calendars, now),
                    now=now,
                )
            )
        return plans

    def _guard(
        self,
        connection: Connection,
        plans: Sequence[SessionPlan],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
    ) -> set[str]:
        """Hold back cancellations that look like a mistake, and ask once. Gives the links that are held."""
        by_calendar: dict[str, list[str]] = {}
        for one in plans:
            if one.cancel is not None:
                row = self._store.links.get(connection, one.cancel.link)
                if row is not None:
                    by_calendar.setdefault(row.link.calendar, []).append(row.link.id)
        held: set[str] = set()
        for calendar, links in by_calendar.items():
            deletion = MassDeletion(
                calendar=calendar,
                links=tuple(sorted(links)),
                living=self._store.links.count_live(connection, calendar),
                confirmed=self._confirmed(connection),
            )
            if not held_back(deletion):
                continue
            held |= set(links)
            for link in links:
                self._store.links.set(connection, link, state=LinkState.HELD)
            question = Question(
                id=uuid7(now),
                cause_key=f"mass_deletion:{calendar}:{deletion.fingerprint}",
                kind="mass_deletion",
                targets=deletion.links,
                facts={"calendar": calendars[calendar].name, "count": len(links), "living": deletion.living},
                opened=now,
            )
            if self._store.questions.ask(connection, question):
                outcome.asked.append(question.id)
        return held

    def _confirmed(self, connection: Connection) -> frozenset[str]:
        return frozenset(
            link
            for question in self._store.questions.all(connection)
            if question.kind == "mass_deletion" and question.answer == "yes"
            for link in question.targets
        )

    def _store_plan(
        self,
        connection: Connection,
        one: SessionPlan,
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        outcome: Outcome,
    ) -> Session:
        """Carry one plan into the store. Gives the session as it is then."""
        store, before = self._store, one.session
        after = applied(one)
        if one.cancel is not None:
            after = _cancelled(after, one.cancel.origin)
        for taken in one.taken:
            self._log_taken(connection, before, taken.group, taken.value, taken.origin, calendars, outcome, now)
        if one.cancel is not None:
            self._log_cancel(connection, before, one.cancel.origin, calendars, outcome, now)
        for version in one.lost:
            self._log_lost(connection, after, version.group, version.lost.value, version.lost.origin, outcome, now)
        if after != before:
            store.sessions.update(connection, after)
            outcome.changed.setdefault(before.id, []).extend(
                [(before.when.starts_at, before.when.ends_at), (after.when.starts_at, after.when.ends_at)]
            )
        for move in one.bases:
            store.links.set_base(connection, move.link, move.group, move.base, origin=after.origins.get(move.group))
        for link, why in one.closes:
            store.links.set(connection, link, state=LinkState.CLOSED, closed_why=why)
        for link in one.renews:
            self._renew(connection, link)
        for link, shape in one.holds:
            self._hold(connection, before, link, shape, calendars, outcome, now)
        for calendar in one.new_links:
            self._new_link(connection, before, calendars[calendar], now)
        return after

    def _renew(self, connection: Connection, link_id: str) -> None:
        """Make a link ready to be filled again: the next incarnation, nothing agreed."""
        row = self._store.links.get(connection, link_id)
        if row is None:
            return
        link = row.link
        incarnation = self._store.links.last_incarnation(connection, link.session, link.calendar) + 1
        uid = event_uid(self._reach.tenant, link.session, link.calendar, incarnation)
        self._store.links.drop_bases(connection, link_id)
        self._store.links.set(connection, link_id, state=LinkState.WANT, obj=None, incarnation=incarnation, uid=uid)

    def _hold(
        self,
        connection: Connection,
        session: Session,
        link: str,
        shape: str,
        calendars: Mapping[str, CalendarRow],
        outcome: Outcome,
        now: datetime,
    ) -> None:
        self._store.links.set(connection, link, state=LinkState.HELD)
        row = self._store.links.get(connection, link)
        calendar = calendars[row.link.calendar].name if row else ""
        question = Question(
            id=uuid7(now),
            cause_key=f"shape:{link}:{shape}:{session.version}",
            kind="shape",
            targets=(link,),
            facts={"title": session.title, "shape": shape, "calendar": calendar},
            opened=now,
        )
        if self._store.questions.ask(connection, question):
            outcome.asked.append(question.id)

    def _new_link(self, connection: Connection, session: Session, calendar: CalendarRow, now: datetime) -> None:
        incarnation = self._store.links.last_incarnation(connection, session.id, calendar.id) + 1
        uid = session.id
        if not calendar.is_platform:
            uid = event_uid(self._reach.tenant, session.id, calendar.id, incarnation)
        link = Link(uuid7(now), session.id, calendar.id, incarnation, uid, LinkState.WANT)
        template = self._store.links.last_object(connection, session.id, calendar.id) if incarnation else None
        self._store.links.insert(connection, link, template=template)

    def _log_taken(
        self,
        connection: Connection,
        session: Session,
        group: FieldGroup,
        value: str,
        origin: Origin,
        calendars: Mapping[str, CalendarRow],
        outcome: Outcome,
        now: datetime,
    ) -> None:
        entry = Activity(
            id=uuid7(now),
            at=now,
            kind="session.changed",
            cause=f"sync:{session.id}:{session.version}",
            actor=_actor(origin, calendars),
            device=origin.device,
            session=session.id,
            calendar=origin.side if origin.side in calendars else None,
            field_group=group.value,
            before=value_of(session, group),
            after=value,
            facts={"title": session.title},
        )
        self._store.activity.add(connection, entry)
        outcome.activity.append(entry.id)

    def _log_cancel(
        self,
        connection: Connection,
        session: Session,
        origin: Origin,
        calendars: Mapping[str, CalendarRow],
        outcome: Outcome,
        now: datetime,
    ) -> None:
        entry = Activity(
            id=uuid7(now),
            at=now,
            kind="session.cancelled",
            cause=f"sync:{session.id}:{session.version}",
            actor=_actor(origin, calendars),
            device=origin.device,
            session=session.id,
            calendar=origin.side if origin.side in calendars else None,
            field_group=FieldGroup.STATUS.value,
            before=session.status.value,
            after=SessionStatus.CANCELLED.value,
            facts={"title": session.title},
        )
        self._store.activity.add(connection, entry)
        outcome.activity.append(entry.id)

    def _log_lost(
        self,
        connection: Connection,
        session: Session,
        group: FieldGroup,
        value: str,
        origin: Origin,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        entry = Activity(
            id=uuid7(now),
            at=now,
            kind="version.lost",
            cause=f"sync:{session.id}:{session.version}",
            actor=origin.who,
            device=origin.device,
            session=session.id,
            field_group=group.value,
            before=value,
            after=value_of(session, group),
            lost_value=value,
            facts={"title": session.title},
        )
        self._store.activity.add(connection, entry)
        outcome.activity.append(entry.id)


@dataclass(frozen=True, slots=True)
class _Seen:
    """One session's links, looked at."""

    session: Session
    rows: Mapping[str, MirrorRow]
    calendars: Mapping[str, CalendarRow]
    blocked: set[str]
    echoes: Mapping[str, set[tuple[FieldGroup, str]]]
    own_links: frozenset[str]
    reach: Reach

    def link_now(self, row: LinkRow) -> LinkNow:
        link, calendar = row.link, self.calendars[row.link.calendar]
        obj = self.rows.get(link.obj) if link.obj is not None else None
        is_gone = obj is not None and obj.gone_at is not None
        must_look = obj is not None and obj.refetch
        is_unsure = is_gone and calendar.account not in self.reach.complete
        return LinkNow(
            link=link,
            is_platform=calendar.is_platform,
            bases=row.bases,
            said=None if obj is None or is_gone or obj.shape != "single" else self._said(obj, calendar),
            shape="single" if obj is None else obj.shape,
            is_gone=is_gone and not is_unsure,
            is_writable=self._is_writable(calendar),
            is_blocked=link.id in self.blocked or must_look or is_unsure,
            echoes=frozenset(self.echoes.get(_obj_key(link, self.rows), set())),
            last_seen=calendar.read_at if is_gone else None,
        )

    def _is_writable(self, calendar: CalendarRow) -> bool:
        return (
            calendar.account in self.reach.answering
            and calendar.state == "ok"
            and calendar.access == "write"
            and calendar.confirmed
        )

    def _said(self, obj: MirrorRow, calendar: CalendarRow) -> dict[FieldGroup, SideWord]:
        groups: Mapping[str, Any] = obj.fields.get("groups", {})
        values: Mapping[FieldGroup, str] = {}
        if not calendar.is_platform:
            event = event_from_json(obj.fields["event"])
            values = values_of(event, self.session, own_links=self.own_links)
        said = {}
        for name, (words, since, until, *origin) in groups.items():
            group = FieldGroup(name)
            said[group] = SideWord(
                words=words,
                value=values.get(group, words),
                since=datetime.fromisoformat(since),
                until=datetime.fromisoformat(until),
                origin=origin_from_json(origin[0]) if origin else None,
            )
        return said


def _obj_key(link: Link, rows: Mapping[str, MirrorRow]) -> str:
    obj = rows.get(link.obj) if link.obj is not None else None
    return f"{link.calendar}/{obj.key}" if obj is not None else f"{link.calendar}/{link.uid}"


def _join_value(calendar: CalendarRow, meeting: MeetingRow | None) -> str:
    url = meeting.join_url if meeting else ""
    if calendar.is_platform:
        return platform_link_value(meeting.provider if meeting else "", url)
    return link_value(url)


def _missing(
    session: Session, links: Sequence[LinkRow], calendars: Mapping[str, CalendarRow], now: datetime
) -> list[str]:
    """Give the calendars that have no link of this session and may get one."""
    open_in = {row.link.calendar for row in links if row.link.state is not LinkState.CLOSED}
    let_go = {row.link.calendar for row in links if row.link.closed_why in _NEVER_AGAIN}
    return [
        calendar.id
        for calendar in calendars.values()
        if calendar.role in (Role.SESSIONS, Role.PLATFORM)
        and calendar.id not in open_in | let_go
        and not (session.is_over(now) and any(row.link.calendar == calendar.id for row in links))
    ]


_NEVER_AGAIN = frozenset({"not on the platform", "deleted in the past", "unlinked"})


def _cancelled(session: Session, origin: Origin) -> Session:
    return replace(
        session,
        status=SessionStatus.CANCELLED,
        version=session.version + 1,
        ended_reason="deleted in a calendar",
        origins={**session.origins, FieldGroup.STATUS: origin},
    )


def _actor(origin: Origin, calendars: Mapping[str, CalendarRow]) -> str:
    """Name who made an edit: a person if we know one, else the place where it was made."""
    if origin.who:
        return origin.who
    calendar = calendars.get(origin.side)
    return calendar.name if calendar else origin.device or "someone"
