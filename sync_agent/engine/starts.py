"""Whether this store is the one that was used last (ARCHITECTURE.md, "Restored and copied profiles").

Each start leaves a mark in the store and one outside of it. A store that was put back from a backup, or a copy of it
that was used elsewhere, bears another mark than the one outside. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StartMark:
    """What one start leaves behind.

    Attributes:
        counter: rises with each start.
        nonce: random, so that two copies with the same counter differ.
        before: the nonce of the start before: a crash between both marks is no restored store.
    """

    counter: int
    nonce: str
    before: str = ""


def is_sound(inside: StartMark | None, outside: StartMark | None) -> bool:
    """Whether a store may be trusted to be as new as the world that it speaks of.

    Args:
        inside: the mark in the store; None: it is new, and an empty store claims nothing.
        outside: the mark beside it; None: lost, or this computer never saw the profile.
    """
    if inside is None:
        return True
    return outside is not None and outside.nonce in (inside.nonce, inside.before)


def next_mark(inside: StartMark | None, outside: StartMark | None, nonce: str) -> StartMark:
    """Give the mark of the start that begins now."""
    highest = max((mark.counter for mark in (inside, outside) if mark is not None), default=0)
    return StartMark(highest + 1, nonce, inside.nonce if inside is not None else "")
