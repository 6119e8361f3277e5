"""Carrying out what the guards decide: count, hold the links, ask once (ENGINE rules: `guards`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import span_of
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.guards import SPAN, Batch, Change, as_confirmed, changes_of, held_back
from sync_agent.engine.values import GUARD_KINDS, IN_APP, CalendarRow, FieldGroup, LinkState, QuestionKind, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.link_now import LinkNow
    from sync_agent.engine.sync.plan import SessionPlan
    from sync_agent.engine.values import Link


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with the links that it was made for."""

    plan: SessionPlan
    links: Mapping[str, LinkNow]


def stamp_of(link: Link, obj: MirrorRow | None) -> str:
    """Name the state in which a link's object is now: which incarnation, and since when gone or with which ETag."""
    if obj is None:
        return str(link.incarnation)
    return f"{link.incarnation} {obj.gone_at.isoformat() if obj.gone_at is not None else obj.etag}"


@dataclass(slots=True)
class Guarded:
    """What the guard made of some plans.

    Attributes:
        passed: plans that may be carried out.
        again: sessions whose plan was stopped: they are planned again without what is held.
        waiting: links that look suspicious while the same is being asked already; they are left alone meanwhile.
        asked: ids of questions asked now.
    """

    passed: list[Planned] = field(default_factory=list)
    again: list[str] = field(default_factory=list)
    waiting: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)


class Guardian:
    """Looks at plans before they are carried out."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(
        self, connection: Connection, planned: Sequence[Planned], calendars: Mapping[str, CalendarRow], now: datetime
    ) -> Guarded:
        """Hold back what looks like a mistake, ask about it once, and let all else pass."""
        guarded = Guarded()
        by_kind = _counted(planned, now)
        if not by_kind:
            guarded.passed = list(planned)
            return guarded
        questions = self._store.questions.of_kinds(connection, GUARD_KINDS | {QuestionKind.REPLACED})
        confirmed = _confirmed(questions)
        if confirmed:
            # What was confirmed is a person's edit from here on, in what it writes elsewhere, too.
            planned = [_with_confirmations(one, confirmed, now) for one in planned]
            by_kind = _counted(planned, now)
        stopped: set[str] = set()
        # What is read comes first: a session that is stopped there is planned again, and writes something else then.
        for (kind, calendar), found in sorted(by_kind.items(), key=lambda one: one[0][0] in _WRITTEN):
            changes = [change for change in found if kind not in _WRITTEN or change.session not in stopped]
            batch = self._batch(connection, kind, calendars[calendar], changes, questions, confirmed, now)
            if not held_back(batch):
                continue
            stopped |= {change.session for change in batch.asked}
            if any(one.is_open and _is_about(one, kind, calendar) for one in questions):
                guarded.waiting |= {change.link for change in batch.asked}
                continue
            self._ask(connection, batch, planned, calendars[calendar], guarded, now)
        for one in planned:
            if one.plan.session.id in stopped:
                guarded.again.append(one.plan.session.id)
            else:
                guarded.passed.append(one)
        return guarded

    def _batch(
        self,
        connection: Connection,
        kind: QuestionKind,
        calendar: CalendarRow,
        changes: Sequence[Change],
        questions: Sequence[Question],
        confirmed: Mapping[str, _Yes],
        now: datetime,
    ) -> Batch:
        is_deletion = kind in (QuestionKind.MASS_DELETION, QuestionKind.DELETIONS_TO_WRITE)
        held = {
            session
            for one in questions
            if one.is_open and _is_about(one, kind, calendar.id) and one.opened >= now - SPAN
            for session in one.facts.get("sessions", ())
        }
        before = self._before(connection, kind, calendar, now - SPAN) | held
        return Batch(
            changes=tuple(changes),
            living=self._store.links.count_live(connection, calendar.id, after=now if is_deletion else None),
            confirmed={link: yes.becomes for link, yes in confirmed.items()},
            recent=len(before - {change.session for change in changes}),
        )

    def _before(self, connection: Connection, kind: QuestionKind, calendar: CalendarRow, since: datetime) -> set[str]:
        """Give the sessions to which the same happened in this calendar since then, without being asked."""
        read, written = self._store.activity.sessions_of, self._store.journal.sessions_of
        match kind:
            case QuestionKind.MASS_DELETION:
                return read(connection, calendar.id, "session.cancelled", FieldGroup.STATUS, since=since)
            case QuestionKind.MASS_SHIFT:
                return read(connection, calendar.id, "session.changed", FieldGroup.WHEN, since=since)
            case QuestionKind.DELETIONS_TO_WRITE if calendar.is_platform:
                found = written(connection, calendar.id, Verb.UPDATE, FieldGroup.STATUS, since=since)
                return self._unexplained(connection, found, FieldGroup.STATUS)
            case QuestionKind.DELETIONS_TO_WRITE:
                found = written(connection, calendar.id, Verb.DELETE, since=since)
                return self._unexplained(connection, found, FieldGroup.STATUS)
            case _:
                found = written(connection, calendar.id, Verb.UPDATE, FieldGroup.WHEN, since=since)
                return self._unexplained(connection, found, FieldGroup.WHEN)

    def _unexplained(self, connection: Connection, sessions: set[str], group: FieldGroup) -> set[str]:
        """Give those sessions whose value no person made in the app."""
        found = self._store.sessions.many(connection, sessions)
        origins = {one.id: one.origins.get(group) for one in found.values()}
        return {session for session, origin in origins.items() if origin is None or origin.side not in IN_APP}

    def _ask(
        self,
        connection: Connection,
        batch: Batch,
        planned: Sequence[Planned],
        calendar: CalendarRow,
        guarded: Guarded,
        now: datetime,
    ) -> None:
        asked = batch.asked
        for change in asked:
            self._store.links.set(connection, change.link, state=LinkState.HELD)
        kind = asked[0].kind
        question = Question(
            id=uuid7(now),
            cause_key=f"{kind.value}:{calendar.id}:{batch.fingerprint}",
            kind=kind.value,
            targets=tuple(change.link for change in asked),
            facts={
                "calendar": calendar.name,
                "calendar_id": calendar.id,
                "platform": calendar.is_platform,
                "count": len(asked),
                "living": max(batch.living, len(asked)),
                "changes": {change.link: change.becomes for change in asked},
                "sessions": [change.session for change in asked],
                "shift_s": _common_shift(asked, planned),
            },
            opened=now,
        )
        if self._store.questions.ask(connection, question):
            guarded.asked.append(question.id)


_GOES_ON = frozenset({"yes", "cancel"})
_WRITTEN = frozenset({QuestionKind.DELETIONS_TO_WRITE, QuestionKind.SHIFTS_TO_WRITE})


@dataclass(frozen=True, slots=True)
class _Yes:
    """What the tutor said yes to, of one link."""

    becomes: str
    who: str
    device: str


def meant_for_sure(one: Planned, questions: Sequence[Question], now: datetime) -> set[str]:
    """Give the links whose write the tutor said yes to when a guard asked, however long the answer took."""
    confirmed = _confirmed(questions)
    return {
        change.link
        for change in changes_of(one.plan, one.links, now)
        if change.kind in _WRITTEN and (yes := confirmed.get(change.link)) is not None and yes.becomes == change.becomes
    }


def _confirmed(questions: Sequence[Question]) -> dict[str, _Yes]:
    """Give what was said yes to, by link; the latest yes counts. A no to what was read is a yes to putting it back."""
    found: dict[str, _Yes] = {}
    for one in questions:
        by = one.facts.get("answered_by", {})
        meant = one.facts.get("changes" if one.answer in _GOES_ON else "put_back", {})
        for link, becomes in meant.items():
            found[link] = _Yes(becomes, by.get("who", ""), by.get("device", ""))
    return found


def _counted(planned: Sequence[Planned], now: datetime) -> dict[tuple[QuestionKind, str], list[Change]]:
    found: dict[tuple[QuestionKind, str], list[Change]] = {}
    for one in planned:
        for change in changes_of(one.plan, one.links, now):
            found.setdefault((change.kind, change.calendar), []).append(change)
    return found


def _with_confirmations(one: Planned, confirmed: Mapping[str, _Yes], now: datetime) -> Planned:
    plan = one.plan
    for change in changes_of(one.plan, one.links, now):
        yes = confirmed.get(change.link)
        if yes is not None and yes.becomes == change.becomes and change.kind not in _WRITTEN:
            plan = as_confirmed(plan, {change.link}, who=yes.who, device=yes.device)
    return replace(one, plan=plan)


def _is_about(question: Question, kind: QuestionKind, calendar: str) -> bool:
    return question.kind == kind.value and question.facts.get("calendar_id") == calendar


def _common_shift(asked: Sequence[Change], planned: Sequence[Planned]) -> int | None:
    """Give by how many seconds all were shifted, if all were by the same: the mark of a zone mistake."""
    plans = {one.plan.session.id: one.plan for one in planned}
    shifts: set[timedelta] = set()
    for change in asked:
        plan = plans[change.session]
        shifts |= {
            span_of(taken.value).starts_at - plan.session.when.starts_at
            for taken in plan.taken
            if taken.link == change.link and taken.group is FieldGroup.WHEN
        }
    return int(shifts.pop().total_seconds()) if len(shifts) == 1 else None
