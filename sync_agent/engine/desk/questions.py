"""Answering what the guards asked. An answer is remembered: no question comes twice for one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.errors import FieldWrong, QuestionUnknown
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.apply import next_incarnation
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.values import LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.context import DeskContext


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
                    self._release(connection, question, LinkState.LIVE if answer == "yes" else LinkState.WANT)
                case "shape":
                    self._shape(connection, question, answer)
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

    def _release(self, connection: Connection, question: Question, state: LinkState) -> None:
        """Yes: the deletions count. No: the events are made anew."""
        store = self._context.store
        for link_id in question.targets:
            row = store.links.get(connection, link_id)
            if row is None or row.link.state is not LinkState.HELD:
                continue
            if state is LinkState.WANT:
                self._renew(connection, link_id)
            else:
                store.links.set(connection, link_id, state=state)
            store.sessions.unsettle(connection, [row.link.session])

    def _shape(self, connection: Connection, question: Question, answer: str) -> None:
        """Yes: put the event back as the session says. No: let it be what it became; it is no longer ours."""
        store = self._context.store
        for link_id in question.targets:
            row = store.links.get(connection, link_id)
            if row is None:
                continue
            if answer == "yes":
                self._renew(connection, link_id)
            else:
                store.links.set(connection, link_id, state=LinkState.CLOSED, closed_why="unlinked")
            store.sessions.unsettle(connection, [row.link.session])

    def _renew(self, connection: Connection, link_id: str) -> None:
        row = self._context.store.links.get(connection, link_id)
        if row is not None:
            self._context.store.links.drop_bases(connection, link_id)
            next_incarnation(self._context.store, connection, row.link, self._context.tenant)
