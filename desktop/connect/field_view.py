"""A labelled field with the sentence that says what is wrong with it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from desktop.parts.layout import column
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_XS
from desktop.theme.type import Type


class FieldView(QWidget):
    """One line to type into."""

    edited = Signal(str)

    def __init__(self, label: str, *, placeholder: str = "", is_secret: bool = False) -> None:
        """Lay it out.

        Args:
            label: with its mnemonic.
            placeholder: an example.
            is_secret: what is typed is not shown.
        """
        super().__init__()
        self._edit = QLineEdit()
        self._edit.setPlaceholderText(placeholder)
        if is_secret:
            self._edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._edit.textEdited.connect(self._on_edited)
        # QLabel shows the mnemonic itself only where it may read it from the text.
        self._label = QLabel(label)
        self._label.setBuddy(self._edit)
        self._name = label.replace("&", "")
        self._edit.setAccessibleName(self._name)
        self._wrong = Text(kind=Type.SMALL, tone="danger")
        self._wrong.tell("")
        self.setLayout(column(self._label, self._edit, self._wrong, gap=SPACE_XS))

    @property
    def text(self) -> str:
        """What is typed."""
        return self._edit.text()

    def set_text(self, text: str) -> None:
        """Type something into it."""
        if self._edit.text() != text:
            self._edit.setText(text)

    def show_error(self, words: str) -> None:
        """Say what is wrong; "" says that nothing is."""
        if words == self._wrong.text():
            return
        self._wrong.tell(words)
        self._edit.setProperty("wrong", "true" if words else "false")
        self._edit.setAccessibleDescription(words)
        self._edit.style().unpolish(self._edit)
        self._edit.style().polish(self._edit)

    def take_focus(self) -> None:
        """Let it be typed into, the old text marked."""
        self._edit.setFocus()
        self._edit.selectAll()

    def _on_edited(self, text: str) -> None:
        # A mended field is no longer wrong; the agent says so again if it is.
        self.show_error("")
        self.edited.emit(text)
