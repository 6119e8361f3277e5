"""Answering what was asked. An answer is remembered: no question comes twice for one cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sync_agent.engine.desk import copies, events, many, versions
from sync_agent.engine.desk.answering import Answer
from sync_agent.engine.errors import FieldWrong, QuestionUnknown
from sync_agent.engine.values import QuestionKind

if TYPE_CHECKING:
    from sync_agent.engine.desk.accounts import AccountDesk
    from sync_agent.engine.desk.context import DeskContext
    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.store.questions import Question

_CARRIED_OUT: Mapping[str, Callable[[Answer], list[Activity]]] = {
    QuestionKind.MASS_DELETION: many.mass_deletion,
    QuestionKind.MASS_SHIFT: many.mass_shift,
    QuestionKind.DELETIONS_TO_WRITE: many.deletions_to_write,
    QuestionKind.SHIFTS_TO_WRITE: many.shifts_to_write,
    QuestionKind.LATE_EDITS: many.late_edits,
    QuestionKind.FIRST_WRITE: events.first_write,
    QuestionKind.SHAPE: events.shape,
    QuestionKind.MOVED_AWAY: events.moved_away,
    QuestionKind.RESTORED: events.restored,
    QuestionKind.REPLACED: events.replaced,
    QuestionKind.TWO_VERSIONS: versions.choose,
    QuestionKind.COPY: copies.copies,
}


class QuestionDesk:
    """What waits for a person's answer."""

    def __init__(self, context: DeskContext, accounts: AccountDesk) -> None:
        self._context, self._accounts = context, accounts

    def answer(self, question_id: str, answer: str) -> Question:
        """Answer a question with one of its answers.

        Raises:
            QuestionUnknown, FieldWrong.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            connection, questions = unit.connection, context.store.questions
            question = questions.get(connection, question_id)
            if question is None or not question.is_open or question.kind not in _CARRIED_OUT:
                raise QuestionUnknown(id=question_id)
            if answer not in question.answers:
                raise FieldWrong(reason=f"An answer to this is {_either(question.answers)}.")
            questions.answer(connection, question_id, answer, at=now)
            one = Answer(context, self._accounts, unit, question, answer, now)
            one.note(answered_by={"who": context.settings().tutor, "device": context.device})
            told = _CARRIED_OUT[question.kind](one)
            after = questions.get(connection, question_id) or question
        context.notify("question.answered", [question_id])
        context.notify("session.changed", [entry.session for entry in told if entry.session])
        context.notify("activity.added", [entry.id for entry in told])
        context.notify("state.changed", [])
        return after


def _either(answers: Sequence[str]) -> str:
    quoted = [f"“{answer}”" for answer in answers]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), quoted[-1])))
