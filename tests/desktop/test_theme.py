"""Colours that can be read, in all three themes (WCAG 2.2: 1.4.3 for text, 1.4.11 for controls)."""

from __future__ import annotations

import pytest

from desktop.theme.contrast import contrast
from desktop.theme.tokens import BODY_TEXT_PX, SMALLEST_TEXT_PX, TOKENS, Look, Tokens

_TEXT, _CONTROL = 4.5, 3.0
_WRITTEN = [
    *((ink, ground) for ink in ("text", "muted") for ground in ("window", "surface", "raised")),
    ("text", "warn_soft"),
    ("text", "danger_soft"),
    ("warn", "warn_soft"),
    ("danger", "danger_soft"),
    *((sign, ground) for sign in ("ok", "busy", "warn", "danger", "accent") for ground in ("window", "surface")),
    ("on_accent", "accent"),
    ("on_accent", "accent_hover"),
    ("on_accent_soft", "accent_soft"),
]
_SEEN = [(line, ground) for line in ("outline", "accent") for ground in ("window", "surface")]


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize(("ink", "ground"), _WRITTEN)
def test_every_text_can_be_read(look: Look, ink: str, ground: str) -> None:
    """A tutor reads the small window on the train, in the sun, at night."""
    assert contrast(getattr(TOKENS[look], ink), getattr(TOKENS[look], ground)) >= _TEXT


@pytest.mark.parametrize("look", Look)
@pytest.mark.parametrize(("line", "ground"), _SEEN)
def test_controls_and_the_focus_ring_are_seen(look: Look, line: str, ground: str) -> None:
    """The outline of a field and the ring of the keyboard's focus stand out from what is around."""
    assert contrast(getattr(TOKENS[look], line), getattr(TOKENS[look], ground)) >= _CONTROL


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        pytest.param("#000000", "#ffffff", 21.0, id="black on white"),
        pytest.param("#777777", "#ffffff", 4.48, id="the grey that just fails"),
        pytest.param("#123456", "#123456", 1.0, id="the same"),
    ],
)
def test_contrast_is_computed_as_the_guidelines_say(one: str, other: str, ratio: float) -> None:
    """Known pairs, in both directions."""
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(one, other) == contrast(other, one)


def test_a_colour_is_a_colour_from_birth() -> None:
    """A slip in a token is told when it is made, not when a window is painted black."""
    good = TOKENS[Look.LIGHT]
    values = {name: getattr(good, name) for name in good.__slots__}

    with pytest.raises(ValueError, match="accent is no colour: blue"):
        Tokens(**{**values, "accent": "blue"})


def test_letters_are_large_enough() -> None:
    """Nothing is written smaller than twelve pixels."""
    assert BODY_TEXT_PX >= SMALLEST_TEXT_PX >= 12
