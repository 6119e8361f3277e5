"""Asking about edits that would be sent late: one question an account for all of them together (rules: `late`)."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.guarding import meant_for_sure
from sync_agent.engine.sync.late import LateWrite, late, may_be_late, without
from sync_agent.engine.values import GUARD_KINDS, CalendarRow, QuestionKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.guarding import Planned
    from sync_agent.engine.sync.plan import SessionPlan


class Latecomers:
    """Takes late writes out of plans, and asks about them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def look(
        self,
        connection: Connection,
        planned: Sequence[Planned],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        *,
        left_alone: Container[str] = frozenset(),
    ) -> tuple[list[SessionPlan], list[str]]:
        """Give the plans without what is late and nobody said yes to, and the ids of questions asked now.

        Of calendars that are `left_alone` nobody knows what waits there.
        """
        questions = self._store.questions.of_kinds(connection, [QuestionKind.LATE_EDITS])
        found = self._unconfirmed(connection, self._found(connection, planned, now), planned, now)
        self._close_outdated(connection, planned, found, questions, left_alone)
        if not found:
            return [one.plan for one in planned], []
        confirmed = {
            (link, edit["becomes"])
            for one in questions
            if one.answer == "yes"
            for link, edit in one.facts["edits"].items()
        }
        held = {one.link: one for one in found if (one.link, one.becomes) not in confirmed}
        by_account: dict[str, list[LateWrite]] = {}
        for one in held.values():
            by_account.setdefault(calendars[one.calendar].account, []).append(one)
        asked = []
        for account, writes in by_account.items():
            if not any(one.is_open and one.facts["account_id"] == account for one in questions):
                asked += self._ask(connection, account, writes, planned, calendars, now, questions)
        return [without(one.plan, held) for one in planned], asked

    def _unconfirmed(
        self, connection: Connection, found: Sequence[LateWrite], planned: Sequence[Planned], now: datetime
    ) -> list[LateWrite]:
        """Leave out what a guard asked about and was answered: it waited for that, and is not asked about twice."""
        if not found:
            return []
        questions = self._store.questions.of_kinds(connection, GUARD_KINDS)
        sessions = {one.session for one in found}
        meant = {
            link for one in planned if one.plan.session.id in sessions for link in meant_for_sure(one, questions, now)
        }
        return [one for one in found if one.link not in meant]

    def _found(self, connection: Connection, planned: Sequence[Planned], now: datetime) -> list[LateWrite]:
        candidates = {one.plan.session.id: may_be_late(one.plan, one.links, now) for one in planned if one.plan.writes}
        wanted = [session for session, links in candidates.items() if links]
        if not wanted:
            return []
        since = self._store.activity.last_changes(connection, wanted)
        found: list[LateWrite] = []
        for one in planned:
            session = one.plan.session.id
            if candidates.get(session):
                found += late(one.plan, one.links, candidates[session], since.get(session, {}), now)
        return found

    def _ask(
        self,
        connection: Connection,
        account_id: str,
        writes: Sequence[LateWrite],
        planned: Sequence[Planned],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
        questions: Sequence[Question],
    ) -> list[str]:
        account = self._store.accounts.get(connection, account_id)
        sessions = {one.plan.session.id: one.plan.session for one in planned}
        edits = {
            one.link: {
                "session": one.session,
                "title": sessions[one.session].title,
                "calendar": calendars[one.calendar].name,
                "verb": one.verb.value,
                "groups": sorted(group.value for group in one.groups),
                "becomes": one.becomes,
            }
            for one in sorted(writes, key=lambda one: (sessions[one.session].when.starts_at, one.link))
        }
        incident = hashlib.sha256(repr(sorted((one.link, one.becomes) for one in writes)).encode()).hexdigest()[:16]
        question = Question(
            id=uuid7(now),
            cause_key=f"late_edits:{account_id}:{incident}",
            kind=QuestionKind.LATE_EDITS.value,
            targets=tuple(edits),
            facts={"account": account.name if account else "", "account_id": account_id, "edits": edits},
            opened=now,
        )
        if self._store.questions.ask(connection, question):
            return [question.id]
        # Nobody answered it: what waited was taken back for a while, or agreed on, and waits again.
        again = [one.id for one in questions if one.cause_key == question.cause_key and one.answer is None]
        for one in again:
            self._store.questions.reopen(connection, one, question.facts)
        return again

    def _close_outdated(
        self,
        connection: Connection,
        planned: Sequence[Planned],
        found: Sequence[LateWrite],
        questions: Sequence[Question],
        left_alone: Container[str],
    ) -> None:
        """Let go of edits that no longer wait: taken back, made anew, or said there by somebody else."""
        still = {(one.link, one.becomes) for one in found}
        sessions = {one.plan.session.id for one in planned if _can_tell(one)}
        for question in questions:
            if not question.is_open:
                continue
            edits: Mapping[str, Mapping[str, Any]] = question.facts["edits"]
            rows = self._store.links.by_ids(connection, edits)
            unknown = {link for link, row in rows.items() if row.link.calendar in left_alone}
            left = {
                link: edit
                for link, edit in edits.items()
                if edit["session"] not in sessions or link in unknown or (link, edit["becomes"]) in still
            }
            if len(left) == len(edits):
                continue
            self._store.questions.set_facts(connection, question.id, {**question.facts, "edits": left})
            if not left:
                self._store.questions.close(connection, question.id, "nothing waits any more")


def _can_tell(one: Planned) -> bool:
    """Whether a plan is whole: of one that is made again in a moment, or waits, nothing is known yet."""
    plan = one.plan
    return plan.cancel is None and not plan.releases and not plan.waits
