"""What a command says: one JSON document, or tables and sentences for people."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

Words = Callable[[dict[str, Any]], str]


@dataclass(slots=True)
class Output:
    """How this command speaks."""

    as_json: bool = False
    quiet: bool = False

    def document(self, document: dict[str, Any], words: Words) -> None:
        """Say what came out: the document as it is, or in words."""
        if self.as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
        elif not self.quiet and (text := words(document)):
            click.echo(text)

    def error(self, error: Mapping[str, Any]) -> None:
        """Say what is wrong and what to do, once."""
        if self.as_json:
            told = {name: error.get(name, "") for name in ("code", "message", "action")}
            facts = error.get("facts")
            click.echo(json.dumps({"error": told | ({"facts": facts} if facts else {})}, ensure_ascii=False))
        else:
            click.echo(" ".join(filter(None, (str(error["message"]), str(error.get("action", ""))))), err=True)

    def aside(self, text: str) -> None:
        """Say something beside the matter, on standard error."""
        if not self.quiet:
            click.echo(text, err=True)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> str:
    """Give rows under heads in aligned columns, or a sentence if there are none.

    Args:
        heads: one a column; a column without a head is left out while it is empty.
        rows: as many cells as heads; None is an empty cell.
        empty: what to say if there is no row.
    """
    cells = [[_one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not cells:
        return empty
    used = [column for column in range(len(heads)) if heads[column] or any(line[column] for line in cells)]
    lines = [[line[column] for column in used] for line in (list(heads), *cells)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(used))]
    return "\n".join(
        "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def counted(count: int, noun: str) -> str:
    """Give "1 request", "2 requests"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _one_line(text: str) -> str:
    """Keep a title from breaking the table or driving the terminal: control characters become blanks."""
    return "".join(" " if unicodedata.category(letter) in ("Cc", "Cf") else letter for letter in text)


def _width(text: str) -> int:
    """Count the columns that a text takes: Chinese letters take two, combining marks none."""
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )
