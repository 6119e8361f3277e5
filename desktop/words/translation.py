"""How a presenter, which knows no Qt, has its words translated: a function is given to it."""

from __future__ import annotations

from typing import Protocol


class Translate(Protocol):
    """Gives a whole sentence in the tutor's language."""

    def __call__(self, context: str, text: str, comment: str | None = None, n: int = -1) -> str:
        """Translate a text of a context (a window's or presenter's name).

        Args:
            context: where the text belongs, so that one word may be translated in two ways.
            text: in English; `%n` in it becomes the number, and "(s)" is left out where the number is one.
            comment: for the translator.
            n: the number, from 0; without one the text is given as it is.
        """
        ...


def in_english(context: str, text: str, comment: str | None = None, n: int = -1) -> str:
    """Translate into the language that the words are written in; for tests, and where Qt is not at hand."""
    return text if n < 0 else plural(text, n)


def plural(text: str, n: int) -> str:
    """Fill in a number in English: "%n change(s)" becomes "1 change" or "3 changes"."""
    return text.replace("%n", str(n)).replace("(s)", "" if n == 1 else "s")
