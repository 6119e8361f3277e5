"""Answering what the guards asked. An answer is remembered: no question comes twice for one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.errors import FieldWrong, QuestionUnknown
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.values import Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.context import DeskContext
    from sync_agent.engine.store.links import LinkRow


class QuestionDesk:
    """The guards' questions."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context

    def answer(self, question_id: str, answer: str) -> Question:
        """Answer a question with "yes" or "no".

        Raises:
            QuestionUnknown, FieldWrong.
        """
        if answer not in ("yes", "no"):
            raise FieldWrong(reason="An answer is “yes” or “no”.")
        context, now = self._context, self._context.clock.now()
        with context.store.write() as connection:
            question = context.store.questions.get(connection, question_id)
            if question is None or question.answer is not None or question.closed_why:
                raise QuestionUnknown(id=question_id)
            context.store.questions.answer(connection, question_id, answer, at=now)
            match question.kind:
                case "mass_deletion":
                    self._release(connection, question, answer)
                case "shape":
                    self._shape(connection, question, answer)
                case "moved_away":
                    self._moved_away(connection, question, answer)
                case "first_write" if answer == "yes":
                    for calendar in question.targets:
                        context.store.accounts.update_calendar(connection, calendar, confirmed=True)
                    context.store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
                case _:
                    pass
            after = context.store.questions.get(connection, question_id) or question
        context.notify("question.answered", [question_id])
        context.notify("state.changed", [])
        return after

    def _release(self, connection: Connection, question: Question, answer: str) -> None:
        """Yes: the deletions count. No: the events are made anew, but for those that came back by themselves."""
        store = self._context.store
        for row in self._held(connection, question):
            if answer == "yes" or self._is_there(connection, row.link):
                store.links.set(connection, row.link.id, state=LinkState.LIVE)
            else:
                renew(store, connection, row.link, self._context.naming(connection))

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

    def _is_there(self, connection: Connection, link: Link) -> bool:
        obj = self._context.store.mirror.by_ids(connection, [link.obj] if link.obj else []).get(link.obj or "")
        return obj is not None and obj.gone_at is None
