"""The one style sheet: resources/styles/app.qss with the tokens filled in."""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING

from desktop.theme.tokens import RADIUS

if TYPE_CHECKING:
    from desktop.theme.tokens import Tokens


def style_sheet(tokens: Tokens) -> str:
    """Give the style sheet of a set of colours.

    Raises:
        KeyError: the file names a token that there is not.
    """
    source = files("resources").joinpath("styles", "app.qss").read_text(encoding="utf-8")
    return Template(source).substitute(asdict(tokens), radius=RADIUS)
