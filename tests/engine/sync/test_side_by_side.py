"""Pieces of work side by side: as many as asked for, all of them, and what one raises is heard."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest

from sync_agent.engine.sync.side_by_side import side_by_side


@pytest.mark.parametrize("at_once", [1, 3, 10])
def test_all_is_done_begun_in_its_order(at_once: int) -> None:
    """However many at once."""
    begun: SimpleQueue[int] = SimpleQueue()

    side_by_side([lambda number=number: begun.put(number) for number in range(6)], at_once)  # type: ignore[misc]

    assert sorted(begun.get() for _ in range(6)) == list(range(6))


def test_so_many_are_under_way_at_once() -> None:
    """Three pieces wait for each other: they could not end if they were not side by side."""
    all_there = threading.Barrier(3, timeout=30)

    side_by_side([lambda: all_there.wait() and None for _ in range(6)], 3)  # type: ignore[func-returns-value]


def test_one_at_a_time_is_done_in_the_callers_thread() -> None:
    """One order is the only one: for tests and the simulation."""
    seen: list[threading.Thread] = []

    side_by_side([lambda: seen.append(threading.current_thread())] * 3, 1)

    assert seen == [threading.current_thread()] * 3


@pytest.mark.parametrize("at_once", [1, 2])
def test_what_a_piece_raises_is_heard(at_once: int) -> None:
    """Nothing is begun after it."""
    done: list[int] = []

    def break_down() -> None:
        raise SystemExit("the process dies here")

    with pytest.raises(SystemExit, match="dies here"):
        side_by_side([break_down, *[lambda: done.append(1)] * 50], at_once)

    assert len(done) < 50
