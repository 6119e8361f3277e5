"""I14, looked at while histories run: the plan does not depend on the order in which links come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from sync_agent.engine.sync import planning

_SHARE = 0.2


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
