"""The short questions and what follows from their answers, as far as it is the agent's business."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.agent.documents import Question, many
from desktop.windows import raise_window
from desktop.words.from_qt import translate
from desktop.words.problems import problem_words

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDialog

    from desktop.agent.client import AgentClient
    from desktop.agent.documents import AgentProblem, Json
    from desktop.prompts.unlocking import UnlockPrompt
    from desktop.theme.theme import Theme


class Questions(QObject):
    """Asks each at most once at a time."""

    refused = Signal(str)
    """The agent refused an answer; in words."""

    outdated = Signal()
    """What was to be asked has been answered elsewhere."""

    quit_wished = Signal(bool)
    """Whether syncing is to stop as well."""

    def __init__(self, client: AgentClient, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._client, self._theme = client, theme
        self._open: dict[str, QDialog] = {}

    def ask_to_quit(self) -> None:
        """Ask what quitting means."""
        from desktop.prompts.quitting import quit_prompt

        prompt = quit_prompt(self._theme)
        prompt.chosen.connect(self._on_quit_chosen)
        self._keep("quit", prompt)

    def ask_to_unlock(self) -> None:
        """Ask for the vault's passphrase until it fits."""
        from desktop.prompts.unlocking import UnlockPrompt

        prompt = UnlockPrompt(self._theme)
        prompt.passphrase_given.connect(partial(self._on_passphrase, prompt))
        self._keep("unlock", prompt)

    def ask(self, question: str) -> None:
        """Show what a guard asks."""
        self._client.get("/v1/questions?state=open", partial(self._on_questions, question), self._on_refused)

    def _on_quit_chosen(self, key: str) -> None:
        from desktop.prompts.quitting import STAY, STOP_SYNCING

        if key != STAY:
            self.quit_wished.emit(key == STOP_SYNCING)

    def _on_questions(self, wanted: str, document: Json) -> None:
        from desktop.prompts.guard import question_prompt

        question = next((one for one in many(Question.read, document["questions"]) if one.id == wanted), None)
        if question is None:
            self.outdated.emit()
            return
        prompt = question_prompt(self._theme, question)
        prompt.chosen.connect(partial(self._on_answered, question.id))
        self._keep("question", prompt)

    def _on_answered(self, question: str, answer: str) -> None:
        from desktop.prompts.guard import LATER

        if answer != LATER:
            path = f"/v1/questions/{question}/answer"
            self._client.post(path, {"answer": answer}, lambda _: self.outdated.emit(), self._on_refused)

    def _on_passphrase(self, prompt: UnlockPrompt, passphrase: str) -> None:
        self._client.post(
            "/v1/vault",
            {"passphrase": passphrase},
            lambda _: prompt.accept(),
            lambda problem: prompt.show_problem(problem_words(problem, translate)),
        )

    def _on_refused(self, problem: AgentProblem) -> None:
        self.refused.emit(problem_words(problem, translate))

    def _keep(self, name: str, prompt: QDialog) -> None:
        before = self._open.pop(name, None)
        if before is not None:
            before.close()
        self._open[name] = prompt
        prompt.finished.connect(lambda _result: self._forget(name, prompt))
        raise_window(prompt)

    def _forget(self, name: str, prompt: QDialog) -> None:
        if self._open.get(name) is prompt:
            del self._open[name]
