"""Answering what the guards asked. An answer is remembered: no question comes twice for one cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.desk.putting_back import put_back
from sync_agent.engine.desk.versions import choose
from sync_agent.engine.errors import FieldWrong, QuestionUnknown
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.guarding import stamp_of
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.sync.replaced import go_on
from sync_agent.engine.values import Base, FieldGroup, Link, LinkState, QuestionKind, Role, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.accounts import AccountDesk
    from sync_agent.engine.desk.context import DeskContext, Unit
    from sync_agent.engine.store.links import LinkRow


class QuestionDesk:
    """The guards' questions."""

    def __init__(self, context: DeskContext, accounts: AccountDesk) -> None:
        self._context, self._accounts = context, accounts

    def answer(self, question_id: str, answer: str) -> Question:
        """Answer a question with one of its answers.

        Raises:
            QuestionUnknown, FieldWrong.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            connection = unit.connection
            question = context.store.questions.get(connection, question_id)
            if question is None or not question.is_open:
                raise QuestionUnknown(id=question_id)
            if answer not in question.answers:
                raise FieldWrong(reason=f"An answer to this is {_either(question.answers)}.")
            context.store.questions.answer(connection, question_id, answer, at=now)
            by = {"who": context.settings().tutor, "device": context.device}
            self._note(connection, question, answered_by=by)
            entries = self._carry_out(unit, question, answer, now)
            after = context.store.questions.get(connection, question_id) or question
        context.notify("question.answered", [question_id])
        context.notify("session.changed", [one.session for one in entries if one.session])
        context.notify("activity.added", [one.id for one in entries])
        context.notify("state.changed", [])
        return after

    def _carry_out(self, unit: Unit, question: Question, answer: str, now: datetime) -> list[Activity]:
        """Do what an answer says. Gives what is told of it."""
        store, connection = self._context.store, unit.connection
        match question.kind:
            case QuestionKind.MASS_DELETION:
                self._mass_deletion(connection, question, answer)
            case QuestionKind.MASS_SHIFT:
                self._keep_or_take(connection, question, FieldGroup.WHEN, answer)
            case QuestionKind.DELETIONS_TO_WRITE:
                return self._write_or_put_back(unit, question, FieldGroup.STATUS, answer, now)
            case QuestionKind.SHIFTS_TO_WRITE:
                return self._write_or_put_back(unit, question, FieldGroup.WHEN, answer, now)
            case QuestionKind.SHAPE:
                self._shape(connection, question, answer)
            case QuestionKind.MOVED_AWAY:
                self._moved_away(connection, question, answer)
            case QuestionKind.TWO_VERSIONS:
                return choose(self._context, unit, question, answer, now)
            case QuestionKind.LATE_EDITS:
                return self._late_edits(unit, question, answer, now)
            case QuestionKind.REPLACED:
                return self._replaced(unit, question, answer, now)
            case QuestionKind.FIRST_WRITE if answer == "yes":
                for calendar in question.targets:
                    store.accounts.update_calendar(connection, calendar, confirmed=True)
                store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
            case _:
                pass
        return []

    def _mass_deletion(self, connection: Connection, question: Question, answer: str) -> None:
        """Yes: the deletions count. No: the events are made anew, but for those that came back by themselves."""
        store = self._context.store
        if question.facts.get("platform"):
            self._keep_or_take(connection, question, FieldGroup.STATUS, answer)
            return
        for row in self._held(connection, question):
            if answer == "yes" or self._is_there(connection, row.link):
                store.links.set(connection, row.link.id, state=LinkState.LIVE)
            else:
                renew(store, connection, row.link, self._context.naming(connection))

    def _keep_or_take(self, connection: Connection, question: Question, group: FieldGroup, answer: str) -> None:
        """Yes: what the side says counts. No: what we say is written there again."""
        store = self._context.store
        for row in self._held(connection, question):
            store.links.set(connection, row.link.id, state=LinkState.LIVE)
            words = self._words(connection, row.link, group)
            if answer == "no" and words is not None:
                store.links.set_base(connection, row.link.id, group, Base(hub=None, side=words))

    def _write_or_put_back(
        self, unit: Unit, question: Question, group: FieldGroup, answer: str, now: datetime
    ) -> list[Activity]:
        """Yes: it is written. No: the sessions become again what this calendar still says, as the tutor's own edit."""
        store, entries = self._context.store, list[Activity]()
        for row in self._held(unit.connection, question):
            store.links.set(unit.connection, row.link.id, state=LinkState.LIVE)
            before = SessionStatus.PLANNED.value if group is FieldGroup.STATUS else _agreed(row, group)
            if answer == "no" and before is not None:
                cause = f"answer:{question.id}"
                entries += put_back(self._context, unit, row.link.session, group, before, now=now, cause=cause)
        return entries

    def _late_edits(self, unit: Unit, question: Question, answer: str, now: datetime) -> list[Activity]:
        """Yes: they are sent now. No: the sessions become again what that side still says, as an edit of now."""
        store, connection, entries = self._context.store, unit.connection, list[Activity]()
        for link, edit in question.facts["edits"].items():
            row = store.links.get(connection, link)
            if row is None or answer == "yes":
                continue
            if edit["verb"] == Verb.CREATE.value:
                store.links.set(connection, link, state=LinkState.CLOSED, closed_why="unlinked")
            for name in edit["groups"]:
                group = FieldGroup(name)
                before = SessionStatus.PLANNED.value if edit["verb"] == Verb.DELETE.value else _agreed(row, group)
                if before is not None:
                    cause = f"answer:{question.id}"
                    entries += put_back(self._context, unit, edit["session"], group, before, now=now, cause=cause)
        # More may wait that came late while this was asked.
        store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
        return entries

    def _replaced(self, unit: Unit, question: Question, answer: str, now: datetime) -> list[Activity]:
        """Fill: its events are made anew. Stop: it takes no sessions any more. Cancel: the deletions count."""
        context, store, connection = self._context, self._context.store, unit.connection
        calendar = self._accounts.calendar(connection, question.targets[0])
        go_on(store, connection, calendar)
        links = store.links.of_calendar(connection, calendar.id)
        sessions = store.sessions.many(connection, [link.session for link in links])
        store.sessions.unsettle(connection, sessions)
        store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
        match answer:
            case "stop":
                return [self._accounts.change_role(unit, calendar, Role.BUSY, now)]
            case "fill":
                naming = context.naming(connection)
                for link in links:
                    if sessions[link.session].is_over(now):
                        store.links.set(connection, link.id, state=LinkState.CLOSED, closed_why="deleted in the past")
                    else:
                        renew(store, connection, link, naming)
            case _:
                rows = store.mirror.by_ids(connection, [link.obj for link in links if link.obj is not None])
                changes = {link.id: stamp_of(link, rows.get(link.obj or "")) for link in links}
                self._note(connection, question, changes=changes)
        return []

    def _note(self, connection: Connection, question: Question, **facts: object) -> None:
        """Keep with a question what its answer means."""
        questions = self._context.store.questions
        fresh = questions.get(connection, question.id) or question
        questions.set_facts(connection, question.id, {**fresh.facts, **facts})

    def _shape(self, connection: Connection, question: Question, answer: str) -> None:
        """Yes: put the event back as the session says. No: let it be what it became; it is no longer ours."""
        store = self._context.store
        for row in self._held(connection, question):
            if answer == "yes":
                # What it became is removed, never patched; then the session lacks an event and gets one.
                store.links.set(connection, row.link.id, state=LinkState.CLOSING)
            else:
                store.links.set(connection, row.link.id, state=LinkState.CLOSED, closed_why="unlinked")

    def _moved_away(self, connection: Connection, question: Question, answer: str) -> None:
        """Yes: the event stays where it was moved to, and follows its session there. No: it is made anew here."""
        store = self._context.store
        for row in self._held(connection, question):
            if answer == "yes":
                to, obj = str(question.facts["to_calendar"]), str(question.facts["obj"])
                store.links.set(connection, row.link.id, state=LinkState.LIVE, calendar=to, obj=obj)
            else:
                renew(store, connection, row.link, self._context.naming(connection))

    def _held(self, connection: Connection, question: Question) -> list[LinkRow]:
        """Give the links that a question still holds; their sessions are planned again."""
        store = self._context.store
        found = [store.links.get(connection, link) for link in question.targets]
        held = [row for row in found if row is not None and row.link.state is LinkState.HELD]
        store.sessions.unsettle(connection, {row.link.session for row in held})
        return held

    def _words(self, connection: Connection, link: Link, group: FieldGroup) -> str | None:
        """Give what a link's object says of a group now, in its own words."""
        obj = self._context.store.mirror.by_ids(connection, [link.obj] if link.obj else []).get(link.obj or "")
        found = obj.fields.get("groups", {}).get(group.value) if obj is not None and obj.gone_at is None else None
        return None if found is None else str(found[0])

    def _is_there(self, connection: Connection, link: Link) -> bool:
        obj = self._context.store.mirror.by_ids(connection, [link.obj] if link.obj else []).get(link.obj or "")
        return obj is not None and obj.gone_at is None


def _agreed(row: LinkRow, group: FieldGroup) -> str | None:
    base = row.bases.get(group)
    return base.hub if base is not None else None


def _either(answers: Sequence[str]) -> str:
    quoted = [f"“{answer}”" for answer in answers]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
