"""I14, looked at while histories run: the plan does not depend on the order in which links come, nor rows.

A store's rows come in whatever order an index gives, which a new index or a new SQLite may change. What no query asks
to be sorted can be turned round: the same history has to come of it, word by word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from sync_agent.engine.sync import planning

_SHARE = 0.2
_turned: list[bool] = []


@contextmanager
def watched(seed: int) -> Iterator[list[str]]:
    """Plan now and then a second time with the links shuffled; give what differed."""
    broken: list[str] = []
    random, before = Random(seed), planning.plan

    def plan(session: Any, links: Sequence[Any], **rest: Any) -> Any:
        planned = before(session, links, **rest)
        if len(links) > 1 and random.random() < _SHARE:
            shuffled = list(links)
            random.shuffle(shuffled)
            missing = list(reversed(rest.pop("missing")))
            if before(session, shuffled, missing=missing, **rest) != planned:
                broken.append(f"I14: the plan of {session.id} depends on the order of its links")
        return planned

    planning.plan = plan  # type: ignore[assignment]
    try:
        yield broken
    finally:
        planning.plan = before


@contextmanager
def rows_turned_round() -> Iterator[None]:
    """Let rows that no query asks to be sorted come the other way round, in every store that is opened meanwhile."""
    _turned.append(True)
    try:
        yield
    finally:
        _turned.pop()


def is_turned() -> bool:
    """Whether rows come the other way round in what is opened now."""
    return bool(_turned)


def set_order(connection: sqlite3.Connection, record: object) -> None:
    """Tell a connection that was just opened in which order its rows come."""
    connection.execute(f"PRAGMA reverse_unordered_selects = {int(is_turned())}")
