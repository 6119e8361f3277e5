"""Many keys, a statement's worth at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

_Key = TypeVar("_Key")

# SQLite before 3.32 takes 999 parameters a statement, and the rest of the statement has some, too.
_CHUNK = 500


def in_chunks(keys: Iterable[_Key]) -> Iterator[list[_Key]]:
    """Give the keys in their order, in lists that fit into one IN; nothing for no keys."""
    wanted = list(keys)
    for start in range(0, len(wanted), _CHUNK):
        yield wanted[start : start + _CHUNK]
