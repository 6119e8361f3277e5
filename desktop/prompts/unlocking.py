"""Asks for the vault's passphrase, and stays open with the reason beside the field while it is a wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit

from desktop.parts.layout import box, column
from desktop.parts.text import Text
from desktop.prompts.prompt import Choice, Prompt
from desktop.theme.tokens import SPACE_XS
from desktop.theme.type import Type

if TYPE_CHECKING:
    from desktop.theme.theme import Theme

_UNLOCK, _CANCEL = "unlock", "cancel"


class UnlockPrompt(Prompt):
    """A field for the passphrase."""

    passphrase_given = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(
            theme,
            title=_tr("Unlock your passwords"),
            text=_tr("Syncing waits until you give the passphrase that protects your calendar passwords."),
            glyph="lock",
            choices=(Choice(_CANCEL, _tr("&Cancel")), Choice(_UNLOCK, _tr("&Unlock"), is_main=True)),
        )
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        label = Text(_tr("&Passphrase"), Type.SMALL)
        label.setBuddy(self.field)
        self.field.setAccessibleName(_tr("Passphrase"))
        self._problem = Text(kind=Type.SMALL, tone="danger")
        self._problem.hide()
        self.add(box(column(label, self.field, self._problem, gap=SPACE_XS)))
        self.field.textChanged.connect(self._on_typed)
        self._on_typed("")

    def choose(self, key: str) -> None:
        """Give the passphrase and wait for the answer, or close."""
        if key != _UNLOCK:
            self.close()
            return
        self._wait(waits=True)
        self.passphrase_given.emit(self.field.text())

    def show_problem(self, words: str) -> None:
        """Say why it is still locked."""
        self._wait(waits=False)
        self._problem.tell(words)
        self.field.selectAll()
        self.field.setFocus()

    @property
    def problem(self) -> str:
        """What stands beside the field."""
        return self._problem.text()

    def _wait(self, *, waits: bool) -> None:
        self.field.setEnabled(not waits)
        self.buttons[_UNLOCK].setEnabled(not waits)

    def _on_typed(self, text: str) -> None:
        self._problem.tell("")
        self.buttons[_UNLOCK].setEnabled(bool(text))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Unlock", text)
