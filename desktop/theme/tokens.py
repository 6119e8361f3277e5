"""Colours by role, distances and sizes. No Qt: a test computes every contrast from these values (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

SPACE_XS = 4
SPACE_S = 8
SPACE_M = 12
SPACE_L = 16
SPACE_XL = 24
"""Distances in device-independent pixels; nothing on screen is placed by another number."""

RADIUS = 8

BODY_TEXT_PX = 14
SMALLEST_TEXT_PX = 12


class Look(StrEnum):
    """The three sets of colours."""

    LIGHT = "light"
    DARK = "dark"
    CONTRAST = "contrast"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One set of colours, each "#rrggbb", named for what it is used for.

    Attributes:
        window: behind everything.
        surface: cards, fields and lists.
        raised: a control under the pointer, and what lies on a surface.
        text, muted: words, and words of less weight; both are read on window, surface and raised.
        line: borders that only divide.
        outline: borders that say "this is a control" (3:1).
        accent: the one main button, links, the focus ring; on_accent is written on it.
        accent_soft: behind what is chosen; on_accent_soft is written on it.
        ok, busy: signs of state.
        warn, danger: likewise; they and text are written on their soft colours.
    """

    window: str
    surface: str
    raised: str
    text: str
    muted: str
    line: str
    outline: str
    accent: str
    accent_hover: str
    on_accent: str
    accent_soft: str
    on_accent_soft: str
    ok: str
    busy: str
    warn: str
    warn_soft: str
    danger: str
    danger_soft: str

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if len(value) != len("#rrggbb") or not value.startswith("#"):
                raise ValueError(f"{one.name} is no colour: {value}")


TOKENS: Mapping[Look, Tokens] = {
    Look.LIGHT: Tokens(
        window="#f5f6f8",
        surface="#ffffff",
        raised="#f0f2f5",
        text="#1a1d24",
        muted="#586070",
        line="#e1e4ea",
        outline="#868e9c",
        accent="#3552c8",
        accent_hover="#2b45ad",
        on_accent="#ffffff",
        accent_soft="#e6ebfc",
        on_accent_soft="#22387f",
        ok="#1b7a4b",
        busy="#2561bd",
        warn="#8f4a00",
        warn_soft="#fdf0dc",
        danger="#ad1f18",
        danger_soft="#fde9e7",
    ),
    Look.DARK: Tokens(
        window="#14171c",
        surface="#1c2027",
        raised="#282d37",
        text="#e8eaef",
        muted="#a4adbb",
        line="#2e343f",
        outline="#747e8e",
        accent="#93a9fb",
        accent_hover="#b0c0ff",
        on_accent="#10152a",
        accent_soft="#29335a",
        on_accent_soft="#dbe3ff",
        ok="#62cc93",
        busy="#7fb2ff",
        warn="#f2b764",
        warn_soft="#3a2b12",
        danger="#ff9489",
        danger_soft="#44201d",
    ),
    Look.CONTRAST: Tokens(
        window="#000000",
        surface="#000000",
        raised="#1f1f1f",
        text="#ffffff",
        muted="#ffffff",
        line="#ffffff",
        outline="#ffffff",
        accent="#ffe45c",
        accent_hover="#ffffff",
        on_accent="#000000",
        accent_soft="#3a3300",
        on_accent_soft="#ffffff",
        ok="#7dffb0",
        busy="#9cccff",
        warn="#ffd479",
        warn_soft="#000000",
        danger="#ffb3ab",
        danger_soft="#000000",
    ),
}
