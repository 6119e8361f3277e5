"""The short questions: how to quit, the passphrase, what a guard asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication

from desktop.prompts.prompt import Prompt
from desktop.prompts.questions import Questions
from desktop.prompts.unlocking import UnlockPrompt
from tests.desktop.fake_agent import FakeAgent

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.agent.client import AgentClient
    from desktop.theme.theme import Theme

_Prompt = TypeVar("_Prompt", bound=Prompt)


@pytest.fixture
def questions(client: AgentClient, theme: Theme) -> Iterator[Questions]:
    """The questions of an agent; whatever is still open is closed."""
    owner = QObject()
    yield Questions(client, theme, owner)
    for window in QApplication.topLevelWidgets():
        if isinstance(window, Prompt):
            window.close()
    owner.deleteLater()


def opened(qtbot: QtBot, kind: type[_Prompt]) -> _Prompt:
    """The prompt that comes up."""

    def found() -> list[_Prompt]:
        return [one for one in QApplication.topLevelWidgets() if isinstance(one, kind) and one.isVisible()]

    qtbot.waitUntil(lambda: found() != [])
    return found()[0]


@pytest.mark.parametrize(
    ("key", "stops"),
    [
        pytest.param("window", False, id="syncing goes on"),
        pytest.param("stop", True, id="syncing stops as well"),
    ],
)
def test_quitting_asks_what_is_meant(key: str, stops: bool, questions: Questions, qtbot: QtBot) -> None:
    """Nobody stops syncing without knowing it."""
    questions.ask_to_quit()
    prompt = opened(qtbot, Prompt)

    with qtbot.waitSignal(questions.quit_wished) as wished:
        qtbot.keyClick(prompt.buttons[key], Qt.Key.Key_Space)

    assert wished.args == [stops]


def test_enter_keeps_syncing_and_escape_does_nothing(questions: Questions, qtbot: QtBot) -> None:
    """The hasty key is the harmless one."""
    questions.ask_to_quit()
    with qtbot.assertNotEmitted(questions.quit_wished):
        qtbot.keyClick(opened(qtbot, Prompt), Qt.Key.Key_Escape)

    questions.ask_to_quit()
    with qtbot.waitSignal(questions.quit_wished) as wished:
        qtbot.keyClick(opened(qtbot, Prompt), Qt.Key.Key_Return)

    assert wished.args == [False]


def test_the_same_question_is_open_once(questions: Questions, qtbot: QtBot) -> None:
    """Quit, quit, quit: one window."""
    for _ in range(3):
        questions.ask_to_quit()

    opened(qtbot, Prompt)
    assert len([one for one in QApplication.topLevelWidgets() if isinstance(one, Prompt) and one.isVisible()]) == 1


def test_a_wrong_passphrase_says_so_beside_the_field(questions: Questions, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """The window stays, with what was typed marked to be typed anew; the right one closes it."""
    fake_agent.world.vault = "locked"
    questions.ask_to_unlock()
    prompt = opened(qtbot, UnlockPrompt)

    qtbot.keyClicks(prompt.field, "wrong")
    qtbot.keyClick(prompt.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: prompt.problem == "That passphrase does not open the vault. Nothing was changed.")
    assert prompt.field.selectedText() == "wrong"

    qtbot.keyClicks(prompt.field, "right")
    qtbot.keyClick(prompt.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: fake_agent.world.vault == "open")
    assert [one.body["passphrase"] for one in fake_agent.asked_for("POST", "/v1/vault")] == ["wrong", "right"]


def test_a_guards_question_is_asked_in_its_own_words(questions: Questions, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """Twelve sessions vanished at once; "no" puts them back."""
    text = "12 of 14 sessions vanished from “Lessons” at once. Were they really deleted?"
    fake_agent.world.questions.append({"id": "q-1", "kind": "mass_deletion", "text": text, "answer": None})
    questions.ask("q-1")

    prompt = opened(qtbot, Prompt)
    assert text in prompt.text
    with qtbot.waitSignal(questions.outdated):
        qtbot.keyClick(prompt.buttons["no"], Qt.Key.Key_Space)

    assert fake_agent.world.questions[0]["answer"] == "no"


def test_a_question_names_its_own_answers(questions: Questions, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """Not everything is yes or no. What goes on is the button at the end, and each has a key of its own."""
    answers = [{"answer": "fill", "text": "Fill it again"}, {"answer": "stop", "text": "Stop writing to it"}]
    asked = {"id": "q-1", "kind": "replaced", "text": "Well?", "answer": None, "answers": answers}
    fake_agent.world.questions.append(asked)
    questions.ask("q-1")

    prompt = opened(qtbot, Prompt)
    words = {key: button.text() for key, button in prompt.buttons.items()}
    assert words == {"later": "&Later", "stop": "&Stop writing to it", "fill": "&Fill it again"}
    assert [key for key, button in prompt.buttons.items() if button.isDefault()] == ["fill"]
    with qtbot.waitSignal(questions.outdated):
        qtbot.keyClick(prompt.buttons["stop"], Qt.Key.Key_Space)

    assert fake_agent.world.questions[0]["answer"] == "stop"


def test_later_answers_nothing(questions: Questions, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """A guard waits; nothing is written meanwhile."""
    fake_agent.world.questions.append({"id": "q-1", "kind": "shape", "text": "Well?", "answer": None})
    questions.ask("q-1")

    qtbot.keyClick(opened(qtbot, Prompt).buttons["later"], Qt.Key.Key_Space)

    assert fake_agent.asked_for("POST", ".*answer") == []


def test_a_question_that_was_answered_elsewhere_is_not_asked(questions: Questions, qtbot: QtBot) -> None:
    """The phone was faster."""
    with qtbot.waitSignal(questions.outdated):
        questions.ask("q-gone")
