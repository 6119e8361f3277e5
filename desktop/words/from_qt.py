"""Translation by Qt, for presenters that know only the Protocol."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from desktop.words.translation import plural


def translate(context: str, text: str, comment: str | None = None, n: int = -1) -> str:
    """Give a text in the language of the installed translators, else in English."""
    if n < 0:
        return QCoreApplication.translate(context, text, comment)
    return plural(QCoreApplication.translate(context, text, comment, n), n)
