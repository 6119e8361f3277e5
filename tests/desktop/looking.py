"""Looking at windows as a person does who cannot see them, or reads them in a long-winded language."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QTranslator
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

_USED = {
    QAccessible.Role.PushButton,
    QAccessible.Role.RadioButton,
    QAccessible.Role.CheckBox,
    QAccessible.Role.EditableText,
    QAccessible.Role.ComboBox,
    QAccessible.Role.List,
    QAccessible.Role.Table,
    QAccessible.Role.ButtonMenu,
    QAccessible.Role.ButtonDropDown,
    QAccessible.Role.MenuItem,
    QAccessible.Role.ProgressBar,
}


def nameless(window: QWidget) -> list[str]:
    """Give the visible controls of a window that a screen reader has no name for."""
    found = []
    for widget in seen(window):
        interface = QAccessible.queryAccessibleInterface(widget)
        if interface is not None and interface.role() in _USED and widget.isEnabled():
            name = interface.text(QAccessible.Text.Name)
            if not name.strip() and not widget.objectName().startswith("qt_"):
                found.append(f"{type(widget).__name__} {widget.geometry()}")
    return found


def clipped(window: QWidget) -> list[str]:
    """Give the visible texts of a window that have less room than they need."""
    found = []
    for widget in seen(window):
        if isinstance(widget, QLabel) and widget.text():
            wide, high = widget.width(), widget.height()
            needs = widget.heightForWidth(wide) if widget.wordWrap() else widget.sizeHint().height()
            if high + 1 < needs or (not widget.wordWrap() and wide + 1 < widget.sizeHint().width()):
                found.append(f"{widget.text()!r}: {wide}x{high}, needs {widget.sizeHint()} or {needs} high")
        elif isinstance(widget, QAbstractButton) and widget.text() and widget.width() + 1 < widget.sizeHint().width():
            found.append(f"{widget.text()!r}: {widget.width()} wide, needs {widget.sizeHint().width()}")
    return found


def unreachable(window: QWidget) -> list[str]:
    """Give the visible controls that the Tab key never comes to (one of exclusive choices stands for all)."""
    reached, widget = set(), window.nextInFocusChain()
    while widget is not None and widget is not window:
        reached.add(widget)
        widget = widget.nextInFocusChain()
    controls = [one for one in seen(window) if isinstance(one, QAbstractButton) and one.isEnabled()]
    return [one.text() or one.accessibleName() for one in controls if one not in reached]


def seen(window: QWidget) -> Iterator[QWidget]:
    """Give every visible widget of a window."""
    yield from (one for one in window.findChildren(QWidget) if one.isVisible())


class LongWinded(QTranslator):
    """A language that takes 40 % more room for everything, and shows what is not translated."""

    def translate(self, context: str, text: str, comment: str | None = None, n: int = -1) -> str:
        """Give the text with brackets and more vowels."""
        del context, comment, n
        return f"[{text}{'·' * max(1, round(len(text) * 0.4) - 2)}]" if text.strip() else text

    def isEmpty(self) -> bool:
        """It has a word for everything."""
        return False

    def __enter__(self) -> LongWinded:
        QCoreApplication.installTranslator(self)
        return self

    def __exit__(self, *_: object) -> None:
        QCoreApplication.removeTranslator(self)


def texts(window: QWidget) -> str:
    """Give everything that is written on a window."""
    return "\n".join(one.text() for one in seen(window) if isinstance(one, QLabel | QAbstractButton))
