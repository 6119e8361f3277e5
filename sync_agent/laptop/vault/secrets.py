"""Secrets as types: what prints, logs and debugs as ***."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

HIDDEN = "***"


class Secret:
    """One secret text. Only `reveal` gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text, to hand it to whom it is for."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__


class Secrets(Mapping[str, str]):
    """The secrets of one account by name ("password", "client_secret", "url"). Prints as ***."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return HIDDEN

    __str__ = __repr__
