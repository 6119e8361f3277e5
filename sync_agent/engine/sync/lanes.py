"""Lanes: what is under way at each account. One piece of work after the other in a lane, the lanes side by side.

A pass begins work and takes in what has ended. What does not end soon is left where it is, for a later pass to take in:
a server that hangs holds up its own account and nobody else. How work is begun is an argument: at once, in the caller's
thread, where everything has to happen in one order (tests, the simulation), or in a thread of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, TypeVar

_Outcome = TypeVar("_Outcome")
Begin = Callable[[Callable[[], None]], None]


class Halted(Exception):
    """Somebody asked to end here: nothing went wrong."""


class Halt:
    """The wish to end soon, at a safe point: between two requests.

    Any thread may utter it, and a signal's handler too: it takes no lock.
    """

    __slots__ = ("is_asked",)

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self) -> None:
        """Utter it; stays uttered."""
        self.is_asked = True

    def check(self) -> None:
        """Mark a safe point.

        Raises:
            Halted: to end here.
        """
        if self.is_asked:
            raise Halted


def at_once(work: Callable[[], None]) -> None:
    """Do the work here and now: nothing is ever left under way, and one order is the only one."""
    work()


def in_a_thread(work: Callable[[], None]) -> None:
    """Do the work in a thread of its own, which does not keep the process alive."""
    Thread(target=work, name="lane", daemon=True).start()


class Task(Generic[_Outcome]):
    """One piece of work of one account, and what came of it.

    Attributes:
        outcome: what the work gave; None while it runs, and if it failed or was halted.
        error: what it raised, to be raised again by whoever takes it in.
        is_left: no pass waits for it any longer.
    """

    def __init__(self, account: str) -> None:
        self.account = account
        self.halt = Halt()
        self.outcome: _Outcome | None = None
        self.error: Exception | None = None
        self.is_left = False


class Lanes(Generic[_Outcome]):
    """The lanes of all accounts. Only passes begin and take in, and passes come one by one; the rest is for anyone."""

    def __init__(self, begin: Begin = at_once, *, came_late: Callable[[str], None] = lambda _: None) -> None:
        """Begin with nothing under way.

        Args:
            begin: how work is begun.
            came_late: called with the account when work ended that was left, from that work's thread.
        """
        self._begin, self._came_late = begin, came_late
        self._under_way: dict[str, Task[_Outcome]] = {}
        # These queues, unlike locks and events, may be filled by the handler of a signal.
        self._ended: SimpleQueue[Task[_Outcome] | None] = SimpleQueue()
        self._bells: list[SimpleQueue[None]] = []
        self._kept: list[Task[_Outcome]] = []
        self._running: set[str] = set()

    @property
    def busy(self) -> frozenset[str]:
        """The accounts whose work runs, or was not taken in yet."""
        return frozenset(self._under_way)

    def start(self, account: str, work: Callable[[Halt], _Outcome]) -> None:
        """Begin work in an account's lane, which is free."""
        task = Task[_Outcome](account)
        self._under_way[account] = task
        self._running.add(account)
        self._begin(lambda: self._run(task, work))

    def ended(self) -> list[Task[_Outcome]]:
        """Take in all that has ended, in the order in which it did."""
        self._keep()
        found, self._kept = self._kept, []
        return [self._taken_in(task) for task in found]

    def until_ended(
        self, accounts: Collection[str], *, within: timedelta | None, halt: Halt
    ) -> Iterator[Task[_Outcome]]:
        """Take in the work of these accounts as it ends, until all are free. What ends elsewhere is kept for later.

        Args:
            accounts: to wait for.
            within: how long; what still runs then is left. None: as long as it takes.
            halt: ends the waiting, too.
        """
        deadline = None if within is None else time.monotonic() + within.total_seconds()
        while not halt.is_asked and any(account in self._under_way for account in accounts):
            left_s = None if deadline is None else max(deadline - time.monotonic(), 0)
            try:
                # With nothing left to wait, what has ended meanwhile is taken in all the same.
                task = self._ended.get(timeout=left_s) if left_s != 0 else self._ended.get_nowait()
            except Empty:
                break
            if task is not None and task.account in accounts:
                yield self._taken_in(task)
            elif task is not None:
                self._kept.append(task)
        for account in accounts:
            if account in self._under_way:
                self._under_way[account].is_left = True
        # Whoever ended before being left has told nobody.
        self._keep()
        mine = [task for task in self._kept if task.account in accounts]
        self._kept = [task for task in self._kept if task not in mine]
        for task in mine:
            yield self._taken_in(task)

    def join(self, accounts: Collection[str], *, within: timedelta | None = None, halt: Halt | None = None) -> bool:
        """Wait until no work of these accounts runs any longer; takes nothing in. Any thread may call it.

        Returns:
            Whether that is so; False after a halt or when the time is over.
        """
        deadline = None if within is None else time.monotonic() + within.total_seconds()
        with self._bell() as bell:
            while self._running.intersection(accounts):
                left_s = None if deadline is None else deadline - time.monotonic()
                if (halt is not None and halt.is_asked) or (left_s is not None and left_s <= 0):
                    return False
                try:
                    bell.get(timeout=left_s)
                except Empty:
                    continue
        return True

    def halt(self, accounts: Collection[str] | None = None) -> None:
        """Ask what is under way (everywhere, or at these accounts) to end at its next safe point."""
        for task in list(self._under_way.values()):
            if accounts is None or task.account in accounts:
                task.halt.ask()

    def wake(self) -> None:
        """Let whoever waits look at their halt again."""
        self._ended.put(None)
        for bell in list(self._bells):
            bell.put(None)

    def _run(self, task: Task[_Outcome], work: Callable[[Halt], _Outcome]) -> None:
        try:
            task.outcome = work(task.halt)
        except Halted:
            task.outcome = None  # what was done so far is kept in the store, and nothing more is known
        except Exception as error:  # The edge of a thread: raised again where it is taken in.
            task.error = error
        except BaseException:
            # The process is about to end; where it does not, the lane is free.
            self._running.discard(task.account)
            self._under_way.pop(task.account, None)
            raise
        self._running.discard(task.account)
        self._ended.put(task)
        for bell in list(self._bells):
            bell.put(None)
        if task.is_left:
            self._came_late(task.account)

    def _keep(self) -> None:
        """Set aside all that has ended."""
        while True:
            try:
                task = self._ended.get_nowait()
            except Empty:
                return
            if task is not None:
                self._kept.append(task)

    def _taken_in(self, task: Task[_Outcome]) -> Task[_Outcome]:
        del self._under_way[task.account]
        return task

    @contextmanager
    def _bell(self) -> Iterator[SimpleQueue[None]]:
        bell: SimpleQueue[None] = SimpleQueue()
        self._bells.append(bell)
        try:
            yield bell
        finally:
            self._bells.remove(bell)
