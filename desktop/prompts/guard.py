"""Asks what a guard of the agent asks: many sessions vanished at once, a first write, a strange event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.prompts.prompt import Choice, Prompt

if TYPE_CHECKING:
    from desktop.agent.documents import Question
    from desktop.theme.theme import Theme

YES, NO, LATER = "yes", "no", "later"


def question_prompt(theme: Theme, question: Question) -> Prompt:
    """Make the question; the text is the agent's own."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Question", text)

    answers = [(one.answer, "&" + one.text.replace("&", "&&")) for one in question.answers]
    answers = answers or [(YES, tr("&Yes")), (NO, tr("&No"))]
    choices = [Choice(answer, text, is_main=answer == answers[0][0]) for answer, text in reversed(answers)]
    return Prompt(
        theme,
        title=tr("TutorSync asks before it goes on"),
        text=question.text,
        glyph="question",
        choices=(Choice(LATER, tr("&Later")), *choices),
    )
