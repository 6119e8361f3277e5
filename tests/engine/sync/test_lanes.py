"""The lanes: what is under way at each account, what is taken in when, and what is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from queue import SimpleQueue

import pytest

from sync_agent.engine.sync.lanes import Halt, Halted, Lanes, in_a_thread

SOON, LONG = timedelta(milliseconds=20), timedelta(seconds=20)


class Gate:
    """Work that waits until a test lets it through."""

    def __init__(self, gives: str = "done") -> None:
        self._open, self._gives = threading.Event(), gives

    def __call__(self, halt: Halt) -> str:
        assert self._open.wait(20)
        halt.check()
        return self._gives

    def open(self) -> None:
        self._open.set()


def gathered(lanes: Lanes[str], *accounts: str, within: timedelta = LONG) -> list[str | None]:
    return [task.outcome for task in lanes.until_ended(accounts, within=within, halt=Halt())]


def test_at_once_means_in_this_thread_and_in_order() -> None:
    """Where everything has to happen in one order, it does."""
    lanes, seen = Lanes[str](), list[tuple[str, str]]()

    def work(name: str) -> Callable[[Halt], str]:
        def done(halt: Halt) -> str:
            seen.append((name, threading.current_thread().name))
            return name

        return done

    for name in ("a", "b"):
        lanes.start(name, work(name))

    here = threading.current_thread().name
    assert seen == [("a", here), ("b", here)]
    assert gathered(lanes, "a", "b") == ["a", "b"]
    assert not lanes.busy


def test_who_is_late_is_left_and_tells_when_it_is_done() -> None:
    """The fast one is taken in, the slow one stays busy until somebody takes in what it brings."""
    came_late: SimpleQueue[str] = SimpleQueue()
    lanes, slow, fast = Lanes[str](in_a_thread, came_late=came_late.put), Gate("slow"), Gate("fast")
    lanes.start("slow", slow)
    lanes.start("fast", fast)
    fast.open()

    assert gathered(lanes, "fast") == ["fast"]
    assert gathered(lanes, "slow", within=SOON) == []
    assert lanes.busy == {"slow"}

    slow.open()
    assert came_late.get(timeout=20) == "slow"
    assert lanes.busy == {"slow"}
    assert [task.outcome for task in lanes.ended()] == ["slow"]
    assert not lanes.busy


def test_who_ends_just_when_it_is_left_is_taken_in_all_the_same() -> None:
    """With no time left to wait, what has ended is not passed over."""
    lanes = Lanes[str](in_a_thread)
    lanes.start("a", lambda halt: "done")
    assert lanes.join(["a"], within=LONG)

    assert gathered(lanes, "a", within=timedelta(0)) == ["done"]


def test_what_ends_elsewhere_meanwhile_is_kept_for_the_next_pass() -> None:
    """A pass takes in what it waits for; what an earlier one left is for the next to begin with."""
    lanes, other, mine = Lanes[str](in_a_thread), Gate("other"), Gate("mine")
    lanes.start("other", other)
    lanes.start("mine", mine)
    other.open()
    assert lanes.join(["other"], within=LONG)
    mine.open()

    assert gathered(lanes, "mine") == ["mine"]
    assert lanes.busy == {"other"}
    assert [task.outcome for task in lanes.ended()] == ["other"]


def test_a_halt_ends_the_waiting_at_once_and_the_work_at_its_safe_point() -> None:
    """Whoever presses Ctrl+C waits for no server."""
    lanes, gate, halt = Lanes[str](in_a_thread), Gate(), Halt()
    lanes.start("a", gate)
    threading.Timer(0.01, lambda: (halt.ask(), lanes.halt(), lanes.wake())).start()

    assert list(lanes.until_ended(["a"], within=None, halt=halt)) == []

    gate.open()
    assert lanes.join(["a"], within=LONG)
    assert [(task.outcome, task.error) for task in lanes.ended()] == [(None, None)]


def test_a_halt_ends_joining_too() -> None:
    lanes, gate, halt = Lanes[str](in_a_thread), Gate(), Halt()
    lanes.start("a", gate)
    threading.Timer(0.01, lambda: (halt.ask(), lanes.wake())).start()

    assert not lanes.join(["a"], halt=halt)
    gate.open()


def test_a_fault_is_handed_to_whoever_takes_it_in() -> None:
    """A thread's end hides nothing."""
    lanes = Lanes[str](in_a_thread)

    def fails(halt: Halt) -> str:
        raise ZeroDivisionError

    lanes.start("a", fails)
    (task,) = lanes.until_ended(["a"], within=LONG, halt=Halt())

    assert isinstance(task.error, ZeroDivisionError)
    assert not lanes.busy


def test_a_process_that_dies_leaves_the_lane_free() -> None:
    """What nothing catches goes through, and the lane can be used again."""
    lanes = Lanes[str]()

    def dies(halt: Halt) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lanes.start("a", dies)

    assert not lanes.busy


def test_a_safe_point_is_one_only_when_somebody_asked() -> None:
    halt = Halt()

    halt.check()
    halt.ask()
    with pytest.raises(Halted):
        halt.check()
